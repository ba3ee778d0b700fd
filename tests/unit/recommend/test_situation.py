from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from schemas.events import DaySum, Mix
from services.recommend.domain.situation import situation_of

NOW = datetime(2026, 6, 28, 22, 30, tzinfo=UTC)
"""In Amsterdam it is the 29th already: the window is 2 to 29 June."""
VISIBLE = {"formal": True, "social": True, "experiential": False}


def day(on: date, events: dict[str, int] | None = None, **minutes: int) -> DaySum:
    counted = events if events is not None else dict.fromkeys(minutes, 1)
    sums: Any = {mode: each * 60_000_000 for mode, each in minutes.items()}
    return DaySum(day=on, microseconds=sums, events=counted)


def mix(*days: DaySum) -> Mix:
    return Mix(
        tenant="t", person=UUID(int=1), version=1, as_of=NOW, time_zone="Europe/Amsterdam", days=days, visible=VISIBLE
    )


def test_minutes_are_those_of_28_local_days():
    known = situation_of(
        mix(
            day(date(2026, 6, 1), formal=1000),
            day(date(2026, 6, 2), formal=30, social=2),
            day(date(2026, 6, 29), experiential=8, social=3),
            day(date(2026, 6, 30), formal=1000),
        ),
        NOW,
        [],
    )
    assert known.has_data
    assert known.minutes == {"formal": 30, "social": 5, "experiential": 8}
    assert known.visible == VISIBLE
    assert known.gap is None


def test_the_zone_decides_which_day_it_is():
    utc = mix(day(date(2026, 6, 1), formal=7)).model_copy(update={"time_zone": "UTC"})
    assert situation_of(utc, NOW, []).minutes == {"formal": 7, "social": 0, "experiential": 0}


@pytest.mark.parametrize(
    ("known", "has_data"),
    [
        (None, False),
        (mix(), False),
        (mix(day(date(2026, 6, 28), events={"not_learning": 4})), False),
        (mix(day(date(2026, 6, 28), events={"social": 0, "unclassified": 0}, social=0)), False),
        (mix(day(date(2026, 6, 28), events={"unclassified": 1})), True),
        (mix(day(date(2026, 6, 28), events={"social": 1})), True),
        (mix(day(date(2026, 1, 1), formal=20)), True),  # long ago is not nothing
    ],
)
def test_a_starter_is_for_whom_no_learning_is_recorded(known, has_data):
    assert situation_of(known, NOW, []).has_data is has_data


def test_what_was_offered_is_passed_on():
    assert situation_of(None, NOW, ["b", "a", "a"]).offered == {"a", "b"}

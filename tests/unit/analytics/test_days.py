"""Days of the first pipeline; what a day is, is tested in minutes/test_days.py."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.analytics.domain.claims import Claim, to_us
from services.analytics.domain.days import by_day, days_touched
from services.analytics.domain.stretches import Stretch

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR = 3_600_000_000
MINUTE = 60_000_000


def at(text):
    return to_us(datetime.fromisoformat(text))


def stretch(start, end, mode="formal"):
    return Stretch(start, end, mode, "reported", "s")


def test_a_claim_over_midnight_is_cut_there():
    end = at("2026-11-03T00:20:00+01:00")
    assert by_day([stretch(end - 30 * MINUTE, end)], AMSTERDAM) == {
        date(2026, 11, 2): {"formal": 10 * MINUTE},
        date(2026, 11, 3): {"formal": 20 * MINUTE},
    }


def test_minutes_are_elapsed_time_when_the_clock_goes_back():
    end = at("2026-10-25T02:30:00+01:00")
    assert by_day([stretch(end - 2 * HOUR, end)], AMSTERDAM) == {date(2026, 10, 25): {"formal": 120 * MINUTE}}


def test_modes_add_up_apart():
    start = at("2026-11-02T09:00:00+01:00")
    pieces = [stretch(start, start + 5), stretch(start + 9, start + 10), stretch(start + 5, start + 9, "social")]
    assert by_day(pieces, AMSTERDAM) == {date(2026, 11, 2): {"formal": 6, "social": 4}}


def test_a_claim_touches_the_days_of_its_interval_and_of_its_moment():
    t_us = at("2026-11-03T00:00:00+01:00")
    timed = Claim("a", "p", "formal", t_us, t_us - MINUTE, t_us, "reported")
    moment = Claim("b", "p", "social", t_us + HOUR, t_us + HOUR, t_us + HOUR, "none")
    assert days_touched([timed], AMSTERDAM) == {date(2026, 11, 2), date(2026, 11, 3)}
    assert days_touched([moment], AMSTERDAM) == {date(2026, 11, 3)}
    assert days_touched([], AMSTERDAM) == set()

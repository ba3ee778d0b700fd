"""Contributions: what one person's statements add to a month, divided over leaves, and month after month."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.groups import calendar
from services.analytics.domain.groups.contribution import Leaf, Part, contribution, dumped, loaded, plus
from services.analytics.domain.minutes.days import day_bounds, first_instant
from services.analytics.domain.minutes.facts import Claimed, Fact, Held, footprints
from services.analytics.domain.minutes.sums import window_sums

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MINUTE = 60_000_000
MARCH = first_instant(date(2026, 3, 1), AMSTERDAM), first_instant(date(2026, 4, 1), AMSTERDAM)


def held(number=0, mode="formal", at=100, minutes=30, known="reported", role="learner", tags=(), **more):
    """A statement, `at` minutes after the beginning of March."""
    t_us = MARCH[0] + at * MINUTE
    given = {"source": "lms", "rule": "rule", "entry": None, "part": "other", "tags": tags, "thread": number} | more
    fact = Fact(
        statement=f"s{number:04}",
        learner="x",
        alias=None,
        role=role,
        mode=mode,
        t_us=t_us,
        flags=frozenset(),
        duration_us=0,
        default_us=0,
        default_from="",
        session_us=0,
        object=0,
        discrete=False,
        **given,
    )
    length = minutes * MINUTE if known != "none" else 0
    return Held(fact, Claimed(t_us - length, t_us, known, None, True))


def test_minutes_statements_and_moments_go_to_their_leaves():
    made = contribution(
        [
            held(0),
            held(1, "experiential", at=95, minutes=3, source="aid", entry="id=x", tags=("support:extrinsic",)),
            held(2, "social", at=500, role="coach"),
            held(3, "not_learning", at=600, known="none"),
        ],
        *MARCH,
    )
    assert made.leaves == {
        Leaf("formal", "lms", "rule"): Part(27 * MINUTE, 1, 1),
        Leaf("experiential", "aid", "id=x", support=True): Part(3 * MINUTE, 1, 1),
        Leaf("not_learning", "lms", "rule"): Part(0, 1, 0),
        Leaf("given"): Part(30 * MINUTE, 1, 0),
        Leaf("people"): Part(0, 1, 0),
        Leaf("reached"): Part(0, 1, 0),
    }
    assert made.certainty["formal"].reported_us == 27 * MINUTE
    assert contribution([], *MARCH) is None
    assert contribution([held(at=-100, minutes=10)], *MARCH) is None


def test_a_month_cuts_a_stretch_and_a_statement_counts_where_it_lies():
    each = held(at=20, minutes=30)
    february = first_instant(date(2026, 2, 1), AMSTERDAM), MARCH[0]
    assert contribution([each], *february).leaves[Leaf("formal", "lms", "rule")] == Part(10 * MINUTE, 0, 0)
    assert contribution([each], *MARCH).leaves[Leaf("formal", "lms", "rule")] == Part(20 * MINUTE, 1, 1)
    by_month = calendar.contributions([each], date(2025, 12, 1), date(2026, 4, 1), MARCH[1], AMSTERDAM)
    assert list(by_month) == [date(2026, 2, 1), date(2026, 3, 1)]
    assert by_month[date(2026, 3, 1)] == contribution([each], *MARCH)


def test_nothing_counts_from_the_horizon_on():
    horizon = day_bounds(date(2026, 3, 1), AMSTERDAM)[1]
    tomorrow = held(at=24 * 60 + 10, minutes=30)
    found = calendar.contributions([tomorrow], date(2026, 3, 1), date(2026, 3, 1), horizon, AMSTERDAM)
    assert found[date(2026, 3, 1)].leaves == {
        Leaf("formal", "lms", "rule"): Part(20 * MINUTE, 0, 0),
        Leaf("people"): Part(0, 1, 0),
    }


several = st.lists(
    st.builds(
        held,
        st.integers(0, 5000),
        st.sampled_from(["formal", "social", "experiential", "unclassified", "not_learning"]),
        st.integers(-100, 300),
        st.integers(0, 120),
        st.sampled_from(["reported", "session", "default", "none"]),
        st.sampled_from(["learner", "peer", "coach"]),
        source=st.sampled_from(["lms", "aid"]),
        rule=st.sampled_from(["one", "two"]),
    ),
    max_size=12,
    unique_by=lambda each: each.fact.statement,
)


@given(several)
def test_leaves_add_up_to_the_sums_of_the_fold(found):
    made = contribution(found, *MARCH)
    sums = window_sums(footprints(found), *MARCH, MARCH[1])
    for cls, of in sums.items():
        total = plus(part for leaf, part in made.leaves.items() if leaf.kind == cls) if made else Part()
        assert total == (of.minutes_us, of.events, of.moments)
        if of.minutes_us:
            assert sum(made.certainty[cls][:3]) == of.minutes_us
    if made:
        assert loaded(dumped(made)) == made


@pytest.mark.parametrize(("month", "number", "expected"), [((2026, 3), 3, (2025, 12)), ((2026, 12), 11, (2026, 1))])
def test_months_before_and_after(month, number, expected):
    first, then = date(*month, 1), date(*expected, 1)
    assert calendar.before(first, number) == then
    assert len(calendar.months(then, first)) == number + 1
    assert calendar.before(calendar.following(first)) == first

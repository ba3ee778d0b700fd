"""Pages of the why hold everything once; day sums are the mix of those days."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.claims import Claim
from services.analytics.domain.days import day_bounds
from services.analytics.domain.events import Derived, Event
from services.analytics.domain.mix import minutes_in, tally
from services.analytics.domain.stretches import stretches
from services.analytics.domain.sums import day_sums
from services.analytics.domain.visible import visible_modes
from services.analytics.domain.why import page

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MODES = ("formal", "social", "experiential", "unclassified")


def event(number, end, length, mode):
    claim = Claim(str(number), "p", mode, end, end - length, end, "reported" if length else "none")
    return Event("t", 0, 1, False, Derived("k", claim, "rule", "set", "app"))


events = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20), st.sampled_from(MODES)), max_size=25).map(
    lambda rows: [event(number, *row) for number, row in enumerate(rows)]
)


@given(events, st.integers(1, 6), st.sampled_from([frozenset(MODES), frozenset({"social"})]))
def test_the_pages_hold_every_microsecond_and_every_event_once(recorded, limit, modes):
    since, until = 5, 50
    minutes, seen, at = {}, [], since
    for _ in range(200):
        shown = page(recorded, since_us=at, until_us=until, modes=modes, limit=limit)
        for stretch, of in shown.stretches:
            assert at <= stretch.start_us < stretch.end_us <= shown.until_us
            assert of.claim.statement_id == stretch.statement_id
            minutes[stretch.mode] = minutes.get(stretch.mode, 0) + stretch.end_us - stretch.start_us
        seen += [each.claim.statement_id for each in shown.events]
        at = shown.until_us
        if not shown.more:
            break
    expected = minutes_in(stretches(each.claim for each in recorded), since, until)
    assert minutes == {mode: length for mode, length in expected.items() if length and mode in modes}
    inside = [e.claim.statement_id for e in recorded if since <= e.claim.t_us < until and e.claim.mode in modes]
    assert sorted(seen) == sorted(inside)
    assert at == until


def test_a_page_is_about_as_long_as_asked():
    recorded = [event(number, number * 10 + 5, 5, "formal") for number in range(9)]
    shown = page(recorded, since_us=0, until_us=100, modes=frozenset(MODES), limit=3)
    assert (len(shown.stretches), len(shown.events), shown.until_us, shown.more) == (3, 3, 30, True)


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 25)])
def test_a_days_sums_are_the_mix_of_that_day(day):
    since, until = day_bounds(day, AMSTERDAM)
    hour = 3_600_000_000
    claims = [
        Claim("a", "p", "formal", since + hour, since - hour, since + hour, "reported"),
        Claim("b", "p", "social", until, until - 5 * hour, until, "reported"),
        Claim("c", "p", "unclassified", since + 3 * hour, since, since + 3 * hour, "reported"),
        Claim("d", "p", "not_learning", since, since, since, "none"),
    ]
    sums = day_sums(claims, [day], AMSTERDAM)
    assert set(sums) == {day}
    minutes = minutes_in(stretches(claims), since, until)
    counted = tally(claims, since, until, until).events
    assert {cls: of.microseconds for cls, of in sums[day].items() if of.microseconds} == {
        cls: length for cls, length in minutes.items() if length
    }
    assert {cls: of.events for cls, of in sums[day].items() if of.events} == dict(counted)
    assert sums[day]["social"] == (5 * hour, 0)


def test_what_some_source_can_show_is_visible():
    assert visible_modes([], []) == {"formal": False, "social": False, "experiential": False}
    assert visible_modes(["lms", "job_aid"], []) == {"formal": True, "social": False, "experiential": True}
    assert visible_modes(["lms"], ["social", "not_learning"])["social"] is True
    assert all(visible_modes(["other"], []).values())

"""Laws 4 and 5 in random worlds, against an oracle that paints each second and shares no code with the product."""

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.domain.claims import Claim, from_us
from services.analytics.domain.days import by_day, day_bounds, days_touched
from services.analytics.domain.mix import minutes_in, mix
from services.analytics.domain.stretches import stretches

SECOND = 1_000_000
MODES = ["formal", "social", "experiential", "unclassified", "not_learning"]
# Two Amsterdam nights in which the clock changes, in seconds since the epoch.
SPRING, AUTUMN = 1_774_738_800, 1_792_879_200
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@st.composite
def claims(draw, origin=0, span=400, longest=150):
    end = draw(st.integers(origin, origin + span))
    mode = draw(st.sampled_from(MODES))
    length = 0 if mode == "not_learning" else draw(st.integers(0, longest))
    known = draw(st.sampled_from(["reported", "session", "default"])) if length else "none"
    sid = draw(st.text("abcdef0123", min_size=1, max_size=3))
    return Claim(sid, "p", mode, end * SECOND, (end - length) * SECOND, end * SECOND, known)


def worlds(**bounds):
    return st.lists(claims(**bounds), max_size=14, unique_by=lambda c: c.statement_id)


def over_midnight(origin):
    """Claims of up to six hours, over two days that begin at `origin`."""
    return worlds(origin=origin, span=2 * 86_400, longest=6 * 3600)


def painted(world):
    """Give every second to one claim, by asking the rules of MIX.md 1.12 one after the other."""
    canvas = {}
    seconds = {s for c in world for s in range(c.start_us // SECOND, c.end_us // SECOND)}
    for second in seconds:
        here = [c for c in world if c.start_us <= second * SECOND < c.end_us]
        for question in (
            lambda c: c.mode == "unclassified",
            lambda c: c.end_us - c.start_us,
            lambda c: ["reported", "session", "default"].index(c.known),
            lambda c: ["experiential", "social", "formal", "unclassified"].index(c.mode),
            lambda c: c.statement_id,
        ):
            best = min(question(c) for c in here)
            here = [c for c in here if question(c) == best]
        (winner,) = here
        peers = [c.known for c in world if c.mode == winner.mode and c.start_us <= second * SECOND < c.end_us]
        known = next(k for k in ("reported", "session", "default") if k in peers)
        canvas[second] = (winner.mode, known, winner.statement_id)
    return canvas


@settings(max_examples=300, deadline=None)
@given(worlds())
def test_stretches_are_what_painting_each_second_gives(world):
    found = {
        second: (s.mode, s.known, s.statement_id)
        for s in stretches(world)
        for second in range(s.start_us // SECOND, s.end_us // SECOND)
    }
    assert found == painted(world)
    assert sum(s.end_us - s.start_us for s in stretches(world)) == len(painted(world)) * SECOND


@settings(max_examples=150, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(world, chance: random.Random):
    arrived = world + [c for c in world if chance.random() < 0.5]
    chance.shuffle(arrived)
    assert stretches(arrived) == stretches(world)
    window = {"since_us": 100 * SECOND, "until_us": 300 * SECOND, "horizon_us": 250 * SECOND}
    assert mix(arrived, **window) == mix(world, **window)


@settings(max_examples=150, deadline=None)
@given(worlds(), st.integers(-200 * SECOND, 500 * SECOND), st.integers(-200 * SECOND, 500 * SECOND))
def test_two_windows_that_meet_add_up_to_the_whole(world, one, other):
    cut, end = sorted((one, other))
    folded = stretches(world)
    parts = [minutes_in(folded, *bounds) for bounds in ((-(10**9), cut), (cut, end))]
    whole = minutes_in(folded, -(10**9), end)
    assert {mode: sum(part[mode] for part in parts) for mode in whole} == whole


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([SPRING, AUTUMN]).flatmap(over_midnight))
def test_days_add_up_to_the_whole_over_nights_in_which_the_clock_changes(world):
    folded = stretches(world)
    days = by_day(folded, AMSTERDAM)
    assert sum(us for modes in days.values() for us in modes.values()) == sum(s.end_us - s.start_us for s in folded)
    for day, modes in days.items():
        start, end = day_bounds(day, AMSTERDAM)
        assert modes == {mode: us for mode, us in minutes_in(folded, start, end).items() if us}
        assert from_us(start).astimezone(AMSTERDAM).date() == day
        assert from_us(start - 1).astimezone(AMSTERDAM).date() == day - timedelta(days=1)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([SPRING, AUTUMN]).flatmap(over_midnight))
def test_a_day_recomputed_from_the_claims_that_touch_it_equals_the_whole(world):
    whole = by_day(stretches(world), AMSTERDAM)
    touched = days_touched(world, AMSTERDAM)
    assert set(whole) <= touched
    for day in touched:
        alone = [c for c in world if day in days_touched([c], AMSTERDAM)]
        assert by_day(stretches(alone), AMSTERDAM).get(day, {}) == whole.get(day, {})

"""What must hold of any set of statements: order, repetition and the way of reckoning change nothing (laws 4 and 5)."""

import itertools
import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.domain.minutes.days import day_bounds
from services.analytics.domain.minutes.facts import Fact, footprints
from services.analytics.domain.minutes.stretches import claims_of, stretches
from services.analytics.domain.minutes.sums import DaySum, day_sums, touched, window_sums
from services.analytics.domain.minutes.threads import alone, claimed, held, together
from tests.unit.analytics.minutes.worded import AMSTERDAM, MINUTE, at

PARTS = ["opener", "closer", "outcome", "other", "other"]
MODES = ["formal", "social", "experiential", "unclassified", "not_learning"]
MIDNIGHT = at("2026-10-25T00:00:00+02:00")
FOREVER = at("2030-01-01T00:00:00+00:00")


@st.composite
def facts(draw, sid):
    default = draw(st.sampled_from([0, 0, 2 * MINUTE + 1, 60 * MINUTE]))
    return Fact(
        statement=sid,
        learner="p",
        alias=None,
        role=draw(st.sampled_from(["learner", "learner", "learner", "peer", "coach"])),
        mode=draw(st.sampled_from(MODES)),
        rule="r",
        entry=None,
        source="s",
        t_us=MIDNIGHT + draw(st.integers(-40, 40)) * draw(st.sampled_from([MINUTE, 3 * MINUTE + 7, 50 * MINUTE])),
        flags=frozenset(draw(st.sampled_from([(), (), (), ("arrival",), ("disbelieved",)]))),
        duration_us=draw(st.sampled_from([0, 0, 1, 7 * MINUTE, 31 * MINUTE + 3, 9 * 60 * MINUTE])),
        default_us=default,
        default_from="ours" if default else "",
        session_us=240 * MINUTE,
        thread=draw(st.integers(1, 2)),
        object=draw(st.integers(1, 2)),
        part=draw(st.sampled_from(PARTS)),
        discrete=draw(st.integers(0, 5)) == 0,
    )


@st.composite
def worlds(draw, most=14):
    return [draw(facts(f"{number:02}")) for number in range(draw(st.integers(0, most)))]


def all_days(world):
    return day_sums(footprints(held(world)), touched(footprints(held(world)), AMSTERDAM), AMSTERDAM)


def total(sums_of_days):
    found = {}
    for sums in sums_of_days.values():
        for mode, row in sums.items():
            found.setdefault(mode, DaySum()).__iadd__(row)
    return found


def union(intervals):
    length, reach = 0, None
    for start, end in sorted(intervals):
        start = start if reach is None else max(start, reach)
        if end > start:
            length += end - start
            reach = end
    return length


@given(worlds(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(world, rng: random.Random):
    other = [*world, *rng.choices(world, k=5)] if world else []
    rng.shuffle(other)
    once = list({fact.statement: fact for fact in other}.values())
    assert sorted(held(once), key=lambda h: h.fact.statement) == sorted(held(world), key=lambda h: h.fact.statement)
    assert all_days(once) == all_days(world)
    for thread in {(fact.mode, fact.thread, fact.given) for fact in world}:
        mine = [fact for fact in other if (fact.mode, fact.thread, fact.given) == thread]
        assert claimed(mine) == claimed([fact for fact in world if fact in mine])


@given(facts("s1"))
def test_a_statement_that_is_alone_claims_what_a_thread_of_one_does(fact):
    assert together([fact]) == {"s1": alone(fact)}


@given(worlds())
def test_a_persons_minutes_are_the_length_of_the_union_of_all_claims(world):
    everything, sums = held(world), total(all_days(world))
    for gave, figure in ((False, "minutes_us"), (True, "given_us")):
        intervals = [claim[:2] for each in everything if each.fact.given is gave for claim in claims_of(each.footprint)]
        assert sum(getattr(row, figure) for row in sums.values()) == union(intervals)
    measured = [
        claim[:2]
        for each in everything
        if not each.fact.given
        for claim in claims_of(each.footprint)
        if claim.known != "default"
    ]
    assert sum(row.measured_us for row in sums.values()) == union(measured)


@given(worlds())
def test_figures_stand_in_their_order(world):
    sums = total(all_days(world)).values()
    measured, minutes = sum(row.measured_us for row in sums), sum(row.minutes_us for row in sums)
    halved, doubled = sum(row.halved_us for row in sums), sum(row.doubled_us for row in sums)
    assert measured <= halved <= minutes <= doubled
    for row in sums:
        assert row.reported_us + row.session_us + row.default_us == row.minutes_us
        assert row.moments <= row.events
        assert row.untimed + row.defaults <= row.events


@given(worlds())
def test_stretches_add_up_to_the_sums(world):
    everything, sums = held(world), total(all_days(world))
    for fold, given_, figure in (
        ("minutes", False, "minutes_us"),
        ("measured", False, "measured_us"),
        ("minutes", True, "given_us"),
    ):
        found = stretches(everything, fold, given=given_)
        assert all(one.end_us <= other.start_us for one, other in itertools.pairwise(found))
        for mode in MODES:
            length = sum(each.end_us - each.start_us for each in found if each.mode == mode)
            assert length == getattr(sums.get(mode, DaySum()), figure)


@given(worlds())
def test_each_day_from_what_touches_it_alone_equals_the_whole(world):
    everything, whole = held(world), all_days(world)
    for day, sums in whole.items():
        mine = [each for each in everything if day in touched([each.footprint], AMSTERDAM)]
        assert day_sums(footprints(mine), [day], AMSTERDAM) == {day: sums}


@given(worlds(), st.integers(0, 14))
def test_without_some_threads_only_the_days_that_these_touch_change(world, less):
    gone = {(fact.mode, fact.thread, fact.given) for fact in world[:less]}
    rest = [fact for fact in world if (fact.mode, fact.thread, fact.given) not in gone]
    taken = [each for each in held(world) if (each.fact.mode, each.fact.thread, each.fact.given) in gone]
    before, after = all_days(world), all_days(rest)
    for day in before.keys() | after.keys():
        if day not in touched(footprints(taken), AMSTERDAM):
            assert before.get(day) == after.get(day)


@settings(max_examples=60)
@given(worlds(), st.lists(st.integers(-3000 * MINUTE, 3000 * MINUTE), min_size=1, max_size=4))
def test_windows_cut_exactly(world, cuts):
    everything = held(world)
    bounds = sorted({MIDNIGHT - 10_000 * MINUTE, *(MIDNIGHT + cut for cut in cuts), MIDNIGHT + 10_000 * MINUTE})
    whole = window_sums(footprints(everything), bounds[0], bounds[-1], FOREVER)
    pieces = [window_sums(footprints(everything), start, end, FOREVER) for start, end in itertools.pairwise(bounds)]
    assert total(dict(enumerate(pieces))) == whole
    assert whole == total(all_days(world))
    stopped = window_sums(footprints(everything), bounds[0], bounds[-1], bounds[1])
    assert stopped == pieces[0]


@given(worlds())
def test_a_window_of_a_day_is_that_day(world):
    everything, whole = held(world), all_days(world)
    for day, sums in whole.items():
        assert window_sums(footprints(everything), *day_bounds(day, AMSTERDAM), FOREVER) == sums
        assert window_sums(footprints(everything), *day_bounds(day + timedelta(days=30), AMSTERDAM), FOREVER) == {}

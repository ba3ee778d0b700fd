"""Nobody can be singled out: by rank, over every number that any answer gives on any of some days (law 9; MIX.md 3)."""

from collections import defaultdict
from collections.abc import Collection

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from schemas.events import MODES
from services.analytics.domain.groups.contribution import Kind, Part, ReadBy, plus
from services.analytics.domain.groups.month import Month
from services.analytics.domain.groups.release import release
from services.analytics.domain.groups.rows import HEADS
from tests.unit.analytics.groups.reckoning import Term, few
from tests.unit.analytics.groups.worlds import Firm, answers, sums


def released(month: Month | None, firm: Firm, k: int, day: int) -> Month:
    """The month runs on its first days, and then it is over."""
    at, running = f"2026-03-{day + 1:02}", day < firm.running
    places, tree = firm.known_places(day)
    return release(month, firm.contributions(), places, tree, read_by=firm.read_by, k=k, at=at, running=running)


def told_over(
    firm: Firm, days: int, k: int, months: list[Month] | None = None, *, anew: Collection[int] = ()
) -> dict[tuple[str, int], list[int]]:
    """Everything that is told on so many days, by kind and figure: unknowns of one are in no other."""
    told: dict[tuple[str, int], list[int]] = defaultdict(list)
    month = None
    for day in range(days):
        if day:
            firm.day()
        if day in anew:
            firm.read_anew()
        month = released(month, firm, k, day)
        for kind, figure, number in answers(month, firm.tree, k):
            told[kind, figure].append(number)
        if months is not None:
            months.append(month)
    return told


def told_to_who_knows(
    seed: int, size: tuple[int, int, int], days: int, *, quiet: bool
) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """All numbers of all modes by figure, before the release under another registry, and with it."""
    k, people, teams = size
    firm = Firm(seed, people, teams, quiet=quiet)
    firm.known = True
    told: dict[int, list[int]] = defaultdict(list)
    before: dict[int, list[int]] = {}
    month = None
    for day in range(days + 1):
        if day:
            firm.day()
        if day == days:
            before = defaultdict(list, {figure: list(numbers) for figure, numbers in told.items()})
            firm.read_anew()
        month = released(month, firm, k, day)
        for kind, figure, number in answers(month, firm.tree, k):
            if kind not in HEADS:
                told[figure].append(number)
    return before, told


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([(3, 25, 5), (3, 40, 6), (2, 20, 6), (5, 22, 3)]), st.integers(1, 5))
def test_no_sum_of_what_is_told_is_of_fewer_than_k_people(seed, size, days):
    k, people, teams = size
    for (kind, figure), numbers in told_over(Firm(seed, people, teams), days, k).items():
        assert few(numbers, k) is None, (kind, figure)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 12), st.integers(0, 3))
def test_nor_when_people_leave_together(seed, leaving, days):
    k = 3
    firm = Firm(seed, 24, 3)
    told: dict[tuple[str, int], list[int]] = defaultdict(list)
    month = None
    for day in range(2 + days):
        if day == 1:
            firm.leave_together(leaving)
        elif day:
            firm.day()
        month = released(month, firm, k, day)
        for kind, figure, number in answers(month, firm.tree, k):
            told[kind, figure].append(number)
    for (kind, figure), numbers in told.items():
        assert few(numbers, k) is None, (kind, figure)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 3), st.sampled_from([2, 3]), st.integers(1, 2))
def test_nor_when_teams_are_known_only_later(seed, unplaced, k, sources):
    firm = Firm(seed, 30, 4)
    firm.unplaced, firm.sources = unplaced, sources
    for (kind, figure), numbers in told_over(firm, 4, k).items():
        assert few(numbers, k) is None, (kind, figure)


REGISTRIES = st.sets(st.integers(1, 4), min_size=1, max_size=2)
"""The days on which another version of the registry is there."""


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([(3, 25, 5), (3, 40, 6), (5, 22, 1)]), REGISTRIES, st.booleans())
def test_nor_when_the_registry_changes_between_releases(seed, size, anew, quiet):
    k, people, teams = size
    firm = Firm(seed, people, teams, quiet=quiet)
    for (kind, figure), numbers in told_over(firm, 5, k, anew=anew).items():
        assert few(numbers, k) is None, (kind, figure)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([(3, 25, 5), (3, 40, 6), (5, 22, 1)]), st.integers(1, 3), st.booleans())
def test_no_sum_of_modes_tells_of_few_because_the_registry_changes(seed, size, days, quiet):
    k, people, teams = size
    months: list[Month] = []
    told_over(Firm(seed, people, teams, quiet=quiet), days + 1, k, months, anew={days})
    told: dict[tuple[tuple[Kind, ...], int], list[int]] = defaultdict(list)
    for month in months[:-1]:
        for kinds, figure, number in sums(month):
            told[kinds, figure].append(number)
    assume(not any(few(numbers, k) for numbers in told.values()))
    last = f"2026-03-{days + 1:02}"
    moved = {mode for mode in MODES if any(row.released == last for row in months[-1].rows[mode])}
    for kinds, figure, number in sums(months[-1]):
        if len(moved & set(kinds)) > 1:  # of one that moves alone its own figures tell, and are held to it above
            told[kinds, figure].append(number)
    for (kinds, figure), numbers in told.items():
        assert few(numbers, k) is None, (kinds, figure)


# The same worlds each time, for a few others give something away: see below.
@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 2**32), st.sampled_from([(3, 25, 5), (3, 40, 2)]), st.integers(1, 3), st.booleans())
def test_nor_to_who_knows_what_the_registry_takes_from_mode_to_mode(seed, size, days, quiet):
    """Whoever knows it reckons with minutes and moments of all modes at once, up to the release that goes over."""
    before, after = told_to_who_knows(seed, size, days, quiet=quiet)
    assume(not any(few(before[figure], size[0]) for figure in (0, 2)))
    for figure in (0, 2):
        assert few(after[figure], size[0]) is None, figure


@pytest.mark.parametrize("seed", [1071, 1111])
def test_but_in_a_few_worlds_it_tells_who_knows_that_of_few(seed):
    """A gap that is known (docs/groups.md), kept in sight: whoever closes it takes this test away."""
    before, after = told_to_who_knows(seed, (3, 40, 2), 2, quiet=True)
    assert few(before[0], 3) is None
    assert few(after[0], 3) is not None


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([(3, 25, 5), (5, 40, 3)]), st.sets(st.integers(1, 4), min_size=1))
@example(4703, (3, 25, 5), {1})  # somebody does nothing while a block goes over, and then something again
def test_no_more_is_told_of_anybody_than_is_recorded_under_whatever_registry(seed, size, anew):
    """Nothing is taken back in this world, and another registry only takes from one class to another."""
    k, people, teams = size
    firm = Firm(seed, people, teams, corrects=False)
    month = None
    for day in range(5):
        if day:
            firm.day()
        if day in anew:
            firm.read_anew()
        month = released(month, firm, k, day)
        readings: dict[str, set[ReadBy]] = {}
        for row in (row for mode in MODES for row in month.rows[mode]):
            for block in row.blocks:
                readings.setdefault(block, set()).add(row.read_by)
        assert all(len(each) == 1 for each in readings.values())
        for person, record in month.people.items():
            told = plus(each.total for kind, (_, each) in record.told.items() if kind not in HEADS)
            recorded = plus(Part(*each) for each in firm.values[person].values())
            assert all(one <= other for one, other in zip(told, recorded, strict=True)), person


def test_the_worlds_tell_something_and_move():
    """A test of the tests: numbers are told, on all days, and not the same ones."""
    moved = several = split = 0
    for seed in range(30):
        months: list[Month] = []
        told = told_over(Firm(seed, 40, 6), 4, 3, months)
        moved += any(row.moves for row in months[-1].rows["formal"])
        several += len(months[-1].blocks) > 2
        split += len(months[-1].blocks) > len(months[0].blocks) > 0
        assert told
    assert moved > 10
    assert several > 3
    assert split > 1


def test_registries_are_gone_over_to_and_waited_for():
    """A test of the tests: blocks do either, and some figures move as they go over."""
    gone = moved = waiting = 0
    for seed in range(40):
        firm, months = Firm(seed, 60, 3), list[Month]()
        told_over(firm, 2, 3, months, anew={1})
        rows = [row for mode in MODES for row in months[-1].rows[mode]]
        gone += any(row.read_by == firm.read_by for row in rows)
        moved += any(row.read_by == firm.read_by and row.released == "2026-03-02" for row in rows)
        waiting += any(row.read_by != firm.read_by for row in rows)
    assert min(gone, moved, waiting) > 5


@pytest.mark.parametrize(
    ("forms", "found"),
    [
        ([{"a": 1, "b": 1, "c": 1}], None),
        ([{"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 1, "d": 1}], ("c", "d")),
        ([{"a": 1, "b": 1, "c": 1, "d": 1}, {"c": 1, "d": 1, "e": 1}, {"a": 1, "b": 1, "e": 2}], ("d", "e")),
    ],
)
def test_the_reckoning_finds_what_can_be_reckoned(forms, found):
    numbers = [Term(1, {(person, 0): factor for person, factor in form.items()}) for form in forms]
    few_people = few(numbers, 3)
    assert (few_people is None) == (found is None)

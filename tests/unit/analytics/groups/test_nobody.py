"""Nobody can be singled out: by rank, over every number that any answer gives on any of some days (law 9; MIX.md 3)."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.domain.groups.month import Month
from services.analytics.domain.groups.release import release
from tests.unit.analytics.groups.reckoning import Term, few
from tests.unit.analytics.groups.worlds import Firm, answers


def released(month: Month | None, firm: Firm, k: int, day: int) -> Month:
    """The month runs on its first days, and then it is over."""
    at, running = f"2026-03-{day + 1:02}", day < firm.running
    places, tree = firm.known_places(day)
    return release(month, firm.contributions(), places, tree, k=k, at=at, running=running)


def told_over(firm: Firm, days: int, k: int, months: list[Month] | None = None) -> dict[tuple[str, int], list[int]]:
    """Everything that is told on so many days, by kind and figure: unknowns of one are in no other."""
    told: dict[tuple[str, int], list[int]] = defaultdict(list)
    month = None
    for day in range(days):
        if day:
            firm.day()
        month = released(month, firm, k, day)
        for kind, figure, number in answers(month, firm.tree, k):
            told[kind, figure].append(number)
        if months is not None:
            months.append(month)
    return told


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

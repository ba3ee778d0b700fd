"""One team per person per month: the one with most days, of equals the later (MIX.md 3.1)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.people import months
from services.analytics.domain.people.wanted import Membership

MONTH = date(2026, 4, 1)


def held(team: str, since: str, until: str | None = None, role: str | None = None, location: str | None = None):
    return Membership(
        team, role, location, None, date.fromisoformat(since), None if until is None else date.fromisoformat(until)
    )


@pytest.mark.parametrize(
    ("memberships", "team"),
    [
        ([], None),
        ([held("a", "2020-01-01")], "a"),
        ([held("a", "2020-01-01", "2026-04-01")], None),
        ([held("a", "2026-04-30")], "a"),
        ([held("a", "2026-05-01")], None),
        ([held("a", "2020-01-01", "2026-04-10"), held("b", "2026-04-10")], "b"),
        ([held("a", "2020-01-01", "2026-04-20"), held("b", "2026-04-20")], "a"),
        ([held("a", "2020-01-01", "2026-04-16"), held("b", "2026-04-16")], "b"),
        ([held("b", "2020-01-01", "2026-04-16"), held("a", "2026-04-16")], "a"),
        ([held("a", "2026-04-01", "2026-04-08"), held("b", "2026-04-08", "2026-04-20"), held("a", "2026-04-20")], "a"),
        ([held("a", "2026-04-01", "2026-04-11"), held("a", "2026-04-05", "2026-04-11"), held("b", "2026-04-19")], "b"),
        ([held("", "2020-01-01", "2026-04-29"), held("a", "2026-04-29")], "a"),
        ([held("a", "2020-01-01"), held("b", "2025-01-01")], "b"),
    ],
)
def test_the_team_of_a_month(memberships, team) -> None:
    assert months.team_of_month(memberships, MONTH) == team
    assert months.team_of_month(memberships[::-1], MONTH) == team


def test_role_and_location_are_told_by_their_own_days() -> None:
    memberships = [
        held("a", "2026-04-01", "2026-04-12", "nurse", "north"),
        held("a", "2026-04-12", "2026-04-22", "coach", "south"),
        held("b", "2026-04-22", None, "coach", "north"),
    ]
    assert months.team_of_month(memberships, MONTH) == "a"
    assert months.role_of_month(memberships, MONTH) == "coach"
    assert months.location_of_month(memberships, MONTH) == "north"


def test_who_belongs_on_a_day_and_in_a_month() -> None:
    memberships = [held("a", "2026-03-10", "2026-04-01"), held("b", "2026-04-30")]
    assert months.membership_on(memberships, date(2026, 3, 31)) == memberships[0]
    assert months.membership_on(memberships, date(2026, 4, 1)) is None
    assert [months.belongs_in(memberships, date(2026, number, 1)) for number in (2, 3, 4, 5)] == [
        False, True, True, True,
    ]  # fmt: skip
    assert not months.belongs_in(memberships[:1], MONTH)


days = st.integers(0, 400).map(lambda number: date(2025, 11, 1) + timedelta(days=number))
memberships = st.lists(
    st.builds(
        lambda team, since, length: Membership(
            team, None, None, None, since, None if length is None else since + timedelta(days=length)
        ),
        st.sampled_from(["a", "b", "c", ""]), days, st.none() | st.integers(1, 90),
    ),
    max_size=6,
)  # fmt: skip


@given(memberships, st.integers(1, 12), st.randoms())
def test_it_is_the_team_of_most_days_whatever_the_order(held_by, number: int, dice) -> None:
    month = date(2026, number, 1)
    dates = [month + timedelta(days=day) for day in range(31) if (month + timedelta(days=day)).month == number]
    counted = {
        team: sum(any(each.team == team and each.holds_on(day) for each in held_by) for day in dates) for team in "abc"
    }
    found = months.team_of_month(held_by, month)
    if found is None:
        assert not any(counted.values())
    else:
        assert counted[found] == max(counted.values())
    shuffled = list(held_by)
    dice.shuffle(shuffled)
    assert months.team_of_month(shuffled, month) == found

"""Memberships in time: a picture of today over what was known of yesterday."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.people.periods import as_of, as_told, ended
from services.analytics.domain.people.wanted import Membership, Place, Stay

TODAY = date(2026, 3, 20)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def held(team: str, since: int, until: int | None = None, role: str | None = None) -> Membership:
    return Membership(team, role, None, None, day(since), None if until is None else day(until))


def stay(team: str, since: int | None = None, until: int | None = None, role: str | None = None) -> Stay:
    return Stay(
        Place(team, role), None if since is None else day(since), None if until is None else day(until)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("known", "said", "then"),
    [
        ([], [stay("a")], [held("a", 0)]),
        ([], [stay("a", -90)], [held("a", -90)]),
        ([], [stay("a", -90, -10)], [held("a", -90, -10)]),
        ([], [stay("a", None, -10)], []),
        ([held("a", -90)], [stay("a")], [held("a", -90)]),
        ([held("a", -90)], [stay("a", -200)], [held("a", -200)]),
        ([held("a", -90)], [stay("a", -30)], [held("a", -30)]),
        ([held("a", -90)], [stay("a", None, 30)], [held("a", -90, 30)]),
        ([held("a", -90, 30)], [stay("a")], [held("a", -90)]),
        ([held("a", -90)], [stay("b")], [held("a", -90, 0), held("b", 0)]),
        ([held("a", -90)], [stay("b", -10)], [held("a", -90, -10), held("b", -10)]),
        ([held("a", -90)], [stay("b", -90)], [held("a", -90, 0), held("b", 0)]),
        ([held("a", -90)], [stay("b", 10)], [held("a", -90, 10), held("b", 10)]),
        ([held("a", 0)], [stay("b", -90)], [held("b", -90)]),
        ([held("a", -90)], [stay("a", -90, role="nurse")], [held("a", -90, 0), held("a", 0, role="nurse")]),
        ([held("a", -90, -50)], [stay("a", -90)], [held("a", -90, -50), held("a", 0)]),
        ([held("a", -90, -50)], [stay("a", -20)], [held("a", -90, -50), held("a", -20)]),
        ([held("a", -9), held("b", -9)], [stay("b")], [held("a", -9, 0), held("b", -9)]),
        ([held("a", -9, 5), held("b", 5)], [stay("a")], [held("a", -9)]),
        ([held("a", -9)], [stay("a"), stay("c")], [held("a", -9), held("c", 0)]),
    ],
)
def test_a_picture_of_today(known: list[Membership], said: list[Stay], then: list[Membership]) -> None:
    after = as_of(known, said, TODAY, TODAY)
    assert list(after) == then
    assert as_of(after, said, TODAY, TODAY) == after


def test_who_is_told_of_for_the_first_time_began_when_the_file_is_said_to_begin() -> None:
    assert as_of([], [stay("a")], TODAY, day(-50)) == (held("a", -50),)
    assert as_of([held("a", -90)], [stay("b")], TODAY, day(-50)) == (held("a", -90, 0), held("b", 0))


def test_all_of_it_at_once_and_the_end_of_all() -> None:
    told = as_told([stay("b", -5), stay("a", -50, -5)], TODAY)
    assert told == (held("a", -50, -5), held("b", -5))
    assert ended(told, TODAY) == (held("a", -50, -5), held("b", -5, 0))
    assert ended([held("a", 0), held("b", 9)], TODAY) == ()


days = st.integers(-40, 40)
places = st.tuples(st.sampled_from("ab"), st.sampled_from([None, "nurse"]))
stays = st.builds(
    lambda place, since, length: stay(place[0], since, length and (since or 0) + length, place[1]),
    places, st.none() | days, st.none() | st.integers(1, 50),
)  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 5), st.lists(stays, min_size=1, max_size=1)), max_size=8), days)
def test_any_row_of_pictures_is_without_overlap_and_each_again_changes_nothing(pictures, first: int) -> None:
    today, known = TODAY, ()
    for later, said in pictures:
        today += timedelta(days=later)
        over = [each for each in known if each.until and each.until <= today]
        after = as_of(known, said, today, min(today, day(first)))
        assert as_of(after, said, today, min(today, day(first))) == after
        assert as_of(after, said, today + timedelta(days=1), today) == after or _turned(after, said, today)
        assert set(over) <= set(after)
        for one, next_one in pairwise(after):
            assert one.until is not None
            assert one.until <= next_one.since
        assert all(each.until is None or each.since < each.until for each in after)
        known = after


def _turned(after: tuple[Membership, ...], said: list[Stay], today: date) -> bool:
    """Whether the next day makes a difference: something begins or ends on it."""
    tomorrow = today + timedelta(days=1)
    return any(tomorrow in (each.since, each.until) for each in (*after, *said))

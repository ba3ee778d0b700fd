"""Targets: bands over a window, and how far a share is from one (MIX.md 4)."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import MODES
from services.analytics.domain.targets import (
    REFERENCE,
    Band,
    Target,
    against,
    bands_over,
    gap,
    in_context,
    unreachable,
)

FIRST = date(2026, 3, 1)
PERCENT = st.fractions(0, 100, max_denominator=50)


def band(low: float, high: float, days: int = 0) -> Band:
    return Band(Fraction(str(low)), Fraction(str(high)), days)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def target(since: int, until: int, made: int = 0, scope="organisation", of="", **bands) -> Target:
    held = {mode: band(*edges) for mode, edges in bands.items()}
    return Target(scope, of, held, day(since), day(until), made)


@st.composite
def targets(draw) -> Target:
    since = draw(st.integers(-5, 20))
    edges = {mode: sorted((draw(PERCENT), draw(PERCENT))) for mode in draw(st.sets(st.sampled_from(MODES), min_size=1))}
    held = {mode: Band(*of) for mode, of in edges.items()}
    made = draw(st.integers(0, 9))
    return Target("organisation", "", held, day(since), day(since + draw(st.integers(1, 20))), made)


def day_by_day(found: list[Target], mode, since: int, until: int) -> Band | None:
    """The same by looking at each day: the last made of those that stand and speak of the mode."""
    held = []
    for number in range(since, until):
        standing = [each for each in found if each.holds(day(number)) and mode in each.bands]
        if standing:
            held.append(max(standing, key=lambda each: each.made).bands[mode])
    if not held:
        return None
    low, high = (sum((getattr(b, edge) for b in held), Fraction(0)) / len(held) for edge in ("low", "high"))
    return Band(low, high, len(held))


@given(st.lists(targets(), max_size=5, unique_by=lambda each: each.made), st.integers(0, 10), st.integers(1, 20))
def test_bands_are_weighted_by_days(found: list[Target], since: int, days: int) -> None:
    over = bands_over(found, day(since), day(since + days))
    for mode in MODES:
        assert over.get(mode) == day_by_day(found, mode, since, since + days)


def test_a_change_in_the_middle_of_a_window_counts_for_its_days() -> None:
    found = [target(0, 7, formal=(10, 20)), target(7, 100, formal=(30, 60))]
    assert bands_over(found, day(0), day(28)) == {"formal": band(25, 50, 28)}
    assert bands_over(found, day(-10), day(7)) == {"formal": band(10, 20, 7)}
    assert bands_over(found, day(-10), day(0)) == {}


def test_of_overlapping_targets_the_later_made_holds_and_leaves_what_it_leaves_out() -> None:
    found = [target(0, 10, 1, formal=(0, 10), social=(20, 30)), target(5, 10, 2, formal=(50, 90))]
    assert bands_over(found, day(0), day(10)) == {"formal": band(25, 50, 10), "social": band(20, 30, 10)}


@given(st.fractions(0, 1, max_denominator=1000), PERCENT, PERCENT)
def test_a_gap_is_the_way_to_the_nearest_edge(share: Fraction, one: Fraction, other: Fraction) -> None:
    edges = Band(*sorted((one, other)))
    far = gap(share, edges)
    assert far is not None
    assert edges.low <= 100 * share - far <= edges.high
    assert (far == 0) == (edges.low <= 100 * share <= edges.high)
    assert gap(None, edges) is None
    assert gap(share, None) is None


def test_what_is_told_of_a_share() -> None:
    bands = {"formal": band(5, 10, 28), "social": band(20, 40, 28)}
    told = against({"formal": Fraction(1, 3), "social": Fraction(1, 10), "experiential": None}, bands)
    assert told["target"]["formal"] == {"low": 5, "high": 10, "days": 28}
    assert told["gap"] == {"formal": 23.333333, "social": -10}
    assert against({"formal": None}, bands)["gap"] == {"formal": None, "social": None}
    assert against({"formal": Fraction(1)}, {}) == {"target": None, "gap": None}


def test_the_closest_stand_first() -> None:
    found = [
        target(0, 9, formal=(0, 10)),
        target(0, 9, scope="team", of="b", formal=(0, 20)),
        target(0, 9, scope="team", of="a", formal=(0, 30)),
        target(0, 9, scope="role", of="nurse", formal=(0, 40)),
        target(50, 60, scope="role", of="leader", formal=(0, 50)),
        target(0, 9, scope="person", of="anna", formal=(0, 60)),
    ]
    around = in_context(found, day(0), day(9))
    assert [(scope, of) for scope, of, _ in around] == [
        *[("role", "nurse"), ("team", "a"), ("team", "b"), ("organisation", "")]
    ]


@pytest.mark.parametrize(
    ("bands", "reachable"),
    [
        ({"formal": (0, 10)}, True),
        ({"formal": (60, 70), "social": (41, 50)}, False),
        ({"formal": (0, 10), "social": (0, 20), "experiential": (0, 60)}, False),
        ({"formal": (10, 10), "social": (20, 20), "experiential": (70, 70)}, True),
    ],
)
def test_bands_in_which_no_mix_lies(bands, reachable: bool) -> None:
    assert (unreachable({mode: band(*edges) for mode, edges in bands.items()}) is None) is reachable


@pytest.mark.parametrize("edges", [(-1, 5), (6, 5), (5, 101)])
def test_a_band_has_an_order(edges: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="low"):
        band(*edges)


def test_the_reference_is_a_whole() -> None:
    assert sum(REFERENCE.values()) == 100

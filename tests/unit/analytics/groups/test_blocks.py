"""Blocks: teams joined by the tree and by the modes (MIX.md 3.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.groups.blocks import Size, pools
from services.analytics.domain.groups.places import ROOT, Tree

K = 5


def size(people: int, social: int = 0, experiential: int = 0) -> Size:
    return Size(people, people, social, experiential)


def joined(parents: dict[str, str | None], sizes: dict[str, Size]) -> list[list[str]]:
    return [sorted(pool.units) for pool in pools(Tree(parents), sizes, K)]


FLAT = dict.fromkeys("abcd")


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"a": 4, "b": 6, "c": 5}, [["a", "c"], ["b"]]),  # 4, 6 and 5 are a pool of 9, a 6 and the sum
        ({"a": 5, "b": 6, "c": 5}, [["a"], ["b"], ["c"]]),
        ({"a": 3, "b": 3, "c": 3, "d": 3}, [["a", "b"], ["c", "d"]]),  # in order of id, until each has five
        ({"a": 3, "b": 3, "c": 2}, [["a", "b", "c"]]),  # the remainder joins the last
        ({"a": 2, "b": 9, "c": 7}, [["a", "c"], ["b"]]),  # the smallest sibling that is shown
        ({"a": 2, "b": 7, "c": 7}, [["a", "b"], ["c"]]),  # of equals the first id
        ({"a": 2, "b": 2}, []),
        ({"a": 5, "b": 0}, [["a"]]),  # of whom nobody has anything is no block
        ({"a": 4, ROOT: 3, "b": 8}, [["", "a"], ["b"]]),  # people without a team are one more child
    ],
)
def test_teams_side_by_side(sizes, expected):
    assert joined(FLAT, {team: size(people) for team, people in sizes.items()}) == expected


def test_a_node_that_is_too_small_joins_its_parents_pool_and_direct_members_are_a_child():
    parents = {"north": None, "n1": "north", "n2": "north", "south": None, "s1": "south", "s2": "south"}
    sizes = {"north": size(6), "n1": size(7), "n2": size(2), "south": size(1), "s1": size(1), "s2": size(1)}
    # Within north n2 joins its smallest sibling, the direct members. South is three people: they join at the top,
    # where north is the smallest sibling, at the smallest block that it has.
    assert joined(parents, sizes) == [["n1", "s1", "s2", "south"], ["n2", "north"]]


def test_a_block_with_few_in_a_mode_pools_as_if_it_were_small():
    sizes = {"a": size(9, social=2), "b": size(8), "c": size(9, social=6), "d": size(7, social=3)}
    assert joined(FLAT, sizes) == [["a", "d"], ["b"], ["c"]]


def test_a_mode_of_few_in_the_whole_organisation_joins_nobody():
    sizes = {"a": size(9, social=2), "b": size(8), "c": size(9, social=2)}
    assert joined(FLAT, sizes) == [["a"], ["b"], ["c"]]


def test_teams_in_a_circle_or_below_an_unknown_one_stand_at_the_top():
    tree = Tree({"a": "b", "b": "a", "c": "gone", "d": "d", "e": "a"})
    assert tree.children[ROOT] == ["a", "b", "c", "d"]
    assert tree.inside(ROOT) == {"", *"abcde"}
    assert tree.inside("a") == {"a", "e"}
    assert tree.path("e") == ["e", "a", ROOT]


teams = [f"t{n:02}" for n in range(9)]


@given(
    st.fixed_dictionaries({team: st.sampled_from([None, *teams[:n]]) for n, team in enumerate(teams)}),
    st.dictionaries(
        st.sampled_from([ROOT, *teams]),
        st.builds(Size, *[st.integers(0, 8)] * 4).map(lambda s: Size(max(s), *s[1:])),
    ),
)
def test_every_unit_with_people_is_in_one_block_and_each_block_is_large(parents, sizes):
    found = pools(Tree(parents), sizes, K)
    units = [unit for pool in found for unit in pool.units]
    assert len(units) == len(set(units))
    total = Size()
    for each in sizes.values():
        total = total.joined(each)
    for pool in found:
        assert pool.size.people >= K
        assert not any(0 < pool.size[mode] < K <= total[mode] for mode in (1, 2, 3))
    assert bool(found) == (total.people >= K)
    if found:
        assert set(units) == {unit for unit, each in sizes.items() if any(each)}

"""Blocks: teams joined until nobody can be singled out, by the tree and by the modes (MIX.md 3.2).

The *units* that are joined are the direct members of a node; for most teams that is the team.

Where the rules leave room: an inner node that is joined to is joined at its smallest block, so that its other teams can
still be seen. A mode that fewer than k people of the whole organisation have can be told nowhere, so it joins nobody.
A unit of which nobody has anything is no block, and joins none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from schemas.events import MODES
from services.analytics.domain.groups.places import ROOT, Tree


class Size(NamedTuple):
    """How many people with events there are, and how many contribute to each mode."""

    people: int = 0
    formal: int = 0
    social: int = 0
    experiential: int = 0

    def joined(self, other: "Size") -> "Size":
        """Return both together."""
        return Size(*(one + another for one, another in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Pool:
    """Units that are told together."""

    units: frozenset[str]
    size: Size

    @property
    def id(self) -> str:
        """The least of its units."""
        return min(self.units)

    def joined(self, other: "Pool") -> "Pool":
        """Return both as one."""
        return Pool(self.units | other.units, self.size.joined(other.size))


class _Child(NamedTuple):
    """A child of a node: its pools, each large enough; or one alone that may be too small."""

    id: str
    pools: list[Pool]

    @property
    def people(self) -> int:
        return sum(pool.size.people for pool in self.pools)


def pools(tree: Tree, sizes: Mapping[str, Size], k: int) -> list[Pool]:
    """Return the pools of a month from the size of each unit: none when all people together are too few."""
    joining = _Joining(tree, sizes, k, _modes(sizes.values(), k))
    found = joining.pools(ROOT)
    return sorted((pool for pool in found if joining.large(pool)), key=lambda pool: pool.id)


def _modes(sizes: Iterable[Size], k: int) -> list[int]:
    """Return the places of the modes that can be told at all."""
    total = Size()
    for size in sizes:
        total = total.joined(size)
    return [place for place in range(1, 1 + len(MODES)) if total[place] >= k]


@dataclass(frozen=True, slots=True)
class _Joining:
    tree: Tree
    sizes: Mapping[str, Size]
    k: int
    modes: list[int]

    def large(self, pool: Pool) -> bool:
        """Tell whether a pool can be told: k people, and in each mode nobody or k contributors."""
        return pool.size.people >= self.k and not any(0 < pool.size[mode] < self.k for mode in self.modes)

    def pools(self, node: str) -> list[Pool]:
        """Return the pools of a node; if it is too small it is one alone, and if nobody has anything none."""
        children = [_Child(team, self.pools(team)) for team in self.tree.children.get(node, ())]
        children.append(_Child(node, [Pool(frozenset({node}), self.sizes[node])] if self._any(node) else []))
        children = [child for child in children if child.pools]
        shown = [child for child in children if all(map(self.large, child.pools))]
        small = [child for child in children if child not in shown]
        return self._grown(shown, self._in_order(sorted(small, key=lambda child: child.id)))

    def _any(self, unit: str) -> bool:
        return unit in self.sizes and any(self.sizes[unit])

    def _in_order(self, small: Iterable[_Child]) -> list[Pool]:
        """Join what is small in order of id until each pool is large; the remainder joins the last."""
        joined: list[Pool] = []
        for child in small:
            (alone,) = child.pools
            if joined and not self.large(joined[-1]):
                joined[-1] = joined[-1].joined(alone)
            else:
                joined.append(alone)
        if len(joined) > 1 and not self.large(joined[-1]):
            remainder = joined.pop()
            joined[-1] = joined[-1].joined(remainder)
        return joined

    def _grown(self, shown: list[_Child], joined: list[Pool]) -> list[Pool]:
        """While a pool is too small, its smallest sibling joins it; the last pool left may stay too small."""
        siblings = [*shown, *(_Child(pool.id, [pool]) for pool in joined if self.large(pool))]
        growing = [pool for pool in joined if not self.large(pool)]
        while growing and not self.large(growing[0]) and siblings:
            smallest = min(siblings, key=lambda child: (child.people, child.id))
            block = min(smallest.pools, key=lambda pool: (pool.size.people, pool.id))
            growing[0] = growing[0].joined(block)
            siblings.remove(smallest)
            rest = [pool for pool in smallest.pools if pool is not block]
            siblings += [_Child(smallest.id, rest)] if rest else []
        return growing + [pool for child in siblings for pool in child.pools]

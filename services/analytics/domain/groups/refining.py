"""Refining: blocks of the running month split into smaller ones, when that is safe (MIX.md 3.2 and 3.5).

Early in a month few people have anything, so its first blocks are of many teams. Later they would be of fewer. A block
may be split when people and every mode could begin in each of its parts as if these were new: with k people who are
fresh. Parts in which that is not so stay together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.analytics.domain.groups.contribution import Kind
from services.analytics.domain.groups.following import Seen, Told, may_begin
from services.analytics.domain.groups.month import HEEDED

Everybody = Mapping[str, Mapping[Kind, Mapping[str, Told]]]
"""By unit and kind, who has what now."""


@dataclass(frozen=True, slots=True)
class Refining:
    """What splitting goes by: everybody now, all that was published of them, and k."""

    now: Everybody
    seen: Mapping[str, Seen]
    k: int

    def parts(self, block: frozenset[str], wanted: Iterable[frozenset[str]]) -> list[frozenset[str]]:
        """Return the parts of a block, of which `wanted` would be the best: the block alone if it cannot be split."""
        good = sorted((units for units in wanted if units < block and self._may_begin(units)), key=self._order)
        rest = block.difference(*good)
        while good and not self._may_begin(rest):
            rest |= good.pop(0)
        parts = [rest, *good] if any(unit in self.now for unit in rest) else good
        return parts if len(parts) > 1 else [block]

    def _may_begin(self, units: frozenset[str]) -> bool:
        return all(may_begin(self._in(units, kind), self.seen, kind, self.k, first=False) for kind in HEEDED)

    def _in(self, units: Iterable[str], kind: Kind) -> dict[str, Told]:
        return {person: told for unit in units for person, told in self.now.get(unit, {}).get(kind, {}).items()}

    def _order(self, units: frozenset[str]) -> tuple[int, Sequence[str]]:
        return len(self._in(units, "people")), sorted(units)

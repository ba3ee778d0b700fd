"""Dividing: blocks told of a month in which nothing has moved since, split as if its first release had been finer.

So who imports teams after the first look at the organisation still sees teams. What is told now are parts of the very
values that were told then, whatever has changed meanwhile. A *cell* is what both the old splits and the new ones leave
together: it keeps k people who were taken for no quartile, or has nobody. So in any sum of old and new numbers a cell
has one factor, the cells in which it is not 0 are of k people each, and nothing else but quartiles remains.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from services.analytics.domain.groups.blocks import Size, pools
from services.analytics.domain.groups.contribution import Kind, ReadBy
from services.analytics.domain.groups.cuts import Large, Split, split, untold
from services.analytics.domain.groups.following import Told
from services.analytics.domain.groups.month import HEEDED, Block, Month, Record
from services.analytics.domain.groups.places import ROOT, Place, Tree, listed
from services.analytics.domain.groups.rows import HEADS, Key, Row, cell_of, pieces_of, row_of

_ALL = (True, True, True)

People = Mapping[str, Told]


def divided(
    month: Month,
    units: Mapping[str, str],
    places: Mapping[str, Place],
    tree: Tree,
    k: int,
    at: str,
    read_by: ReadBy,
) -> Month:
    """Return a month that was told with its blocks split where people are in units (now) that allow it.

    Not one that is told under another reading than `read_by`: parts that went over at once would tell, with the whole
    that stood before, of modes together.
    """
    sizes: dict[str, Size] = {}
    for person, record in month.people.items():
        size = Size(*(int(kind in record.told) for kind in ("people", *HEEDED[:-1])))
        unit = units.get(person, ROOT)
        sizes[unit] = sizes.get(unit, Size()).joined(size)
    wanted = [pool.units for pool in pools(tree, sizes, k)]
    for block in month.blocks:
        within = [part for part in wanted if part < block.units]
        rows = _unmoved(month, block, read_by)
        if within and rows is not None:
            month = _Dividing(month, block, rows, units, places, k, at).divided(within)
    return month


def _unmoved(month: Month, block: Block, read_by: ReadBy) -> dict[Kind, Row] | None:
    """Return the block's rows of the kinds that count, if all are its own, as first told, and by this reading."""
    rows: dict[Kind, Row] = {}
    for kind in HEEDED:
        for row in month.rows.get(kind, ()):
            if block.id in row.blocks:
                if row.moves or len(row.blocks) > 1 or row.read_by != read_by:
                    return None
                rows[kind] = row
    return rows if len(rows) == len(HEEDED) else None


class _Dividing:
    def __init__(
        self,
        month: Month,
        block: Block,
        rows: Mapping[Kind, Row],
        units: Mapping[str, str],
        places: Mapping[str, Place],
        k: int,
        at: str,
    ) -> None:
        self.month, self.block, self.rows, self.k, self.at = month, block, rows, k, at
        self.people: dict[Kind, dict[str, dict[str, Told]]] = {kind: {} for kind in rows}
        least = min(block.units)
        for person, record in month.people.items():
            unit = units.get(person, ROOT)
            for kind in rows:
                row, told = record.told.get(kind, (None, None))
                if row == block.id and told is not None:
                    if not told.listed:  # there was no roster, so no old number tells who is on it
                        told = replace(told, listed=listed(person, places))
                    self.people[kind].setdefault(unit if unit in block.units else least, {})[person] = told

    def divided(self, wanted: Iterable[frozenset[str]]) -> Month:
        """Return the month with this block split; a part that cannot be told alone takes in the smallest others.

        Units of nobody are left out: who comes there later is told with the node above.
        """
        good = sorted((part for part in wanted if self._large(part)), key=self._order)
        rest = self.block.units.difference(*good)
        while good and not self._large(rest):
            rest |= good.pop(0)
        parts = [rest, *good] if self._in("people", rest) else good
        return self._with(parts) if len(parts) > 1 else self.month

    def _with(self, units: Sequence[frozenset[str]]) -> Month:
        month, parts = self.month, self.block.parts(units)
        ids = frozenset(part.id for part in parts)
        blocks = [block for block in month.blocks if block.id != self.block.id] + parts
        rows = {kind: [self._over(row, ids) for row in found] for kind, found in month.rows.items()}
        people = dict(month.people)
        for kind, old in self.rows.items():
            rows[kind].remove(old)
            for part in parts:
                theirs = self._in(kind, part.units)
                rows[kind].append(self._row(kind, part.id, theirs))
                for person, told in theirs.items():
                    record = people[person]
                    people[person] = Record({**record.told, kind: (part.id, told)}, record.seen)
        return Month(
            tuple(sorted(blocks, key=lambda block: block.id)),
            {kind: tuple(found) for kind, found in rows.items()},
            people,
            month.quartiles,
            month.roster,
        )

    def _over(self, row: Row, ids: frozenset[str]) -> Row:
        """Return a row of another kind over the parts: it stays one, of more blocks."""
        if self.block.id not in row.blocks or row is self.rows.get(row.kind):
            return row
        return replace(row, blocks=row.blocks - {self.block.id} | ids)

    def _row(self, kind: Kind, block: str, people: People) -> Row:
        made = row_of(kind, block, frozenset({block}), people, 1, self.at, self.rows[kind].read_by)
        pieces = [piece for person, told in people.items() for piece in pieces_of(person, told, lambda *_: _ALL)]
        found, _ = split(pieces, Large(self.k, first=True), heads=kind in HEADS)
        if not self._keeps(kind, people, found):
            found = untold(pieces)
        return replace(made, split=found)

    def _large(self, part: Iterable[str]) -> bool:
        return all(self._keeps(kind, self._in(kind, part), None) for kind in self.rows)

    def _keeps(self, kind: Kind, people: People, new: Split | None) -> bool:
        """Tell whether every cell keeps k people who were taken for no quartile."""
        old = self.rows[kind].split
        cells: dict[tuple[Key, Key], set[str]] = {}
        for person, told in people.items():
            for leaf in told.leaves:
                key = cell_of(old, leaf, told), cell_of(new, leaf, told)
                cells.setdefault(key, set()).update([] if told.quartile else [person])
        return all(len(cell) >= self.k for cell in cells.values())

    def _in(self, kind: Kind, part: Iterable[str]) -> dict[str, Told]:
        return {person: told for unit in part for person, told in self.people[kind].get(unit, {}).items()}

    def _order(self, part: frozenset[str]) -> tuple[int, list[str]]:
        return len(self._in("people", part)), sorted(part)

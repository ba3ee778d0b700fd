"""Switching: from the reading that is told to the one that is served, all modes of a block at once (law 5; MIX.md 3.5).

Another rule set or registry takes minutes from one mode to another. If each mode followed by itself, an hour could
stand in two of them. So the modes of a *unit* (a block, or blocks that share a row of a mode) go over in one release,
or all wait under the older reading. They go over when each of them

- *follows*, by the rule that always holds (following), or by one for rows of which only one release is told (_parts);
- *stands*: nobody has less of it than is told, and whoever has more has it by rules that were told of it before. So
  what is told of it is in both readings, and the rest is not told yet.

So no more is told of anybody, all modes together, than is recorded. And because minutes that only change their mode
cancel in a sum of modes, each such sum is a figure too: it moves for nobody, or k people have news in it. Otherwise
the sum would tell of the one who did something more while many were read anew.

What stands beside the modes goes over with them. What can neither follow nor stand is not told any more, until it can
begin anew: nothing can be reckoned from what is not said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from schemas.events import MODES
from services.analytics.domain.groups.contribution import FIGURES, NOTHING, Contribution, Kind, Leaf, Part, plus
from services.analytics.domain.groups.following import Told, may_follow
from services.analytics.domain.groups.rows import Key, Kinds, Release, Row, cell_of, same

BESIDE: tuple[Kind, ...] = ("unclassified", "not_learning", "given")
"""Kinds of statements that are in no mode."""

People = Mapping[str, Told]
Unit = frozenset[str]
Totals = Mapping[Kind, Part]


@dataclass(frozen=True, slots=True)
class Switch:
    """What a release does with rows that are told under an older reading.

    `rows`: by kind and id, of whom each is told from now on; as before where it stands, None where it is told no more.
    `waiting`: blocks whose modes stay under the older reading; `barred`: who is told there, so in no row that moves.
    """

    rows: Mapping[tuple[Kind, str], People | None]
    waiting: frozenset[str]
    barred: frozenset[str]


NOTHING_OLDER = Switch({}, frozenset(), frozenset())


class Move(NamedTuple):
    """Of whom a row was told, and of whom it will be."""

    kind: Kind
    before: People
    after: People


class Switching:
    """Decides what becomes of rows under an older reading; `people` are those who contribute now."""

    def __init__(self, kinds: Mapping[Kind, Kinds], people: Mapping[str, Contribution], release: Release) -> None:
        self.kinds, self.people, self.release = kinds, people, release
        self.older = {
            kind: [row for row in kinds[kind].published if row.read_by != release.read_by] for kind in (*MODES, *BESIDE)
        }
        self.rules = {
            (kind, leaf.rule)
            for kind in self.older
            for told in kinds[kind].before.values()
            for each in told.values()
            for leaf in each.leaves
        }
        self.unit_of = _units(row.blocks for mode in MODES for row in self.older[mode])
        self.own: dict[Unit, list[tuple[Kind, Row]]] = {}
        self.told_in: dict[str, set[Unit]] = {}
        for mode in MODES:
            for row in self.older[mode]:
                unit = self.unit_of[row.id]
                self.own.setdefault(unit, []).append((mode, row))
                for person in kinds[mode].before[row.id]:
                    self.told_in.setdefault(person, set()).add(unit)

    def switch(self) -> Switch:
        """Return what the release does."""
        rows: dict[tuple[Kind, str], People | None] = {}
        moves: dict[Unit, list[Move]] = {}
        for unit, own in self.own.items():
            found = self._modes(unit, own)
            if found is not None:
                moves[unit] = found
                rows |= {(mode, row.id): move.after for (mode, row), move in zip(own, found, strict=False)}
        waiting = frozenset(block for block, unit in self.unit_of.items() if unit not in moves)
        barred = frozenset(person for person, units in self.told_in.items() if not units <= moves.keys())
        for kind in BESIDE:
            for row in self.older[kind]:
                if not row.blocks <= waiting:
                    around = [moves[unit] for unit in self._units_of(row) if unit in moves]
                    rows[kind, row.id] = self._beside(kind, row, barred, around if not row.blocks & waiting else None)
        return Switch(rows, waiting, barred)

    def _units_of(self, row: Row) -> set[Unit]:
        return {self.unit_of[block] for block in row.blocks if block in self.unit_of}

    def _modes(self, unit: Unit, rows: Sequence[tuple[Kind, Row]]) -> list[Move] | None:
        """Return how the rows of a unit move, and then what begins in it; None if it has to wait."""
        moves: list[Move] = []
        for mode, row in rows:
            after = self._after(mode, row, {unit})
            if after is None:
                return None
            moves.append(Move(mode, self.kinds[mode].before[row.id], after))
        for mode in MODES:
            covered = {block for each, row in rows if each == mode for block in row.blocks}
            moves += [Move(mode, {}, told) for b in sorted(unit - covered) if (told := self.kinds[mode].beginning(b))]
        return moves if self._together(moves) else None

    def _beside(
        self, kind: Kind, row: Row, barred: frozenset[str], around: Sequence[list[Move]] | None
    ) -> People | None:
        """Return of whom a row beside the modes is told, after the moves `around` it: None if some have to wait."""
        before = self.kinds[kind].before[row.id]
        if around is not None:
            after = self._after(kind, row, self._units_of(row))
            if after is before:
                return before
            move = Move(kind, before, after or {})
            if after is not None and self._together([move, *(move for own in around for move in own)]):
                for own in around:
                    own.append(move)
                return after
        elsewhere = {person: told for person, told in before.items() if person not in barred}
        return before if self._stands(kind, elsewhere, {}) else None

    def _after(self, kind: Kind, row: Row, units: set[Unit]) -> People | None:
        """Return of whom a row is told where it can follow, or stand; None where it can do neither."""
        made, release = self.kinds[kind], self.release
        before = made.before[row.id]
        after = {
            person: told
            for person, told in made.inside(row.blocks, row.id).items()
            if self.told_in.get(person, units) <= units
        }
        if same(before, after):
            return before
        follows = may_follow(before, after, release.seen, kind, release.k, moves=row.moves)
        if follows or _parts(row, before, after, release.k):
            return after
        return before if self._stands(kind, before, after) else None

    def _stands(self, kind: Kind, before: People, after: People) -> bool:
        """Tell whether both readings say of a kind what is told. Who contributes nothing now is in no other row."""
        for person in {*before, *after} & self.people.keys():
            leaves = self.people[person].kinds().get(kind, {})
            told = before[person].total if person in before else NOTHING
            now = plus(leaves.values())
            less = any(new < old for new, old in zip(now, told, strict=True))
            if less or (now != told and any((kind, leaf.rule) not in self.rules for leaf in leaves)):
                return False
        return True

    def _together(self, moves: Sequence[Move]) -> bool:
        """Tell whether each sum of kinds moves for nobody, or for k people with news in it."""
        old, new = (
            _totals((move.kind, move.before) for move in moves),
            _totals((move.kind, move.after) for move in moves),
        )
        changed = {
            person: (old.get(person, {}), new.get(person, {}))
            for person in {*old, *new}
            if old.get(person) != new.get(person)
        }
        kinds = sorted({move.kind for move in moves})
        return all(
            self._sum_may_move(some, figure, changed, zeros=zeros)
            for number in range(2, len(kinds) + 1)
            for some in combinations(kinds, number)
            for figure in FIGURES
            for zeros in (True, False)
        )

    def _sum_may_move(
        self, kinds: Sequence[Kind], figure: int, changed: Mapping[str, tuple[Totals, Totals]], *, zeros: bool
    ) -> bool:
        """Tell so of one sum; who has nothing in it counts where that is a value like any other (following)."""
        moved = news = 0
        for person, (old, new) in changed.items():
            was, now = _sum(old, kinds, figure, zeros=zeros), _sum(new, kinds, figure, zeros=zeros)
            if was != now:
                moved += 1
                news += now is not None and self._is_news(person, kinds, figure, now)
                if news >= self.release.k:
                    return True
        return not moved

    def _is_news(self, person: str, kinds: Iterable[Kind], figure: int, now: int) -> bool:
        """Tell whether a sum is more, or less, than can have been told of somebody."""
        seen = self.release.seen.get(person, {})
        ranges = [seen[leaf] for kind in kinds if (leaf := Leaf(kind)) in seen]
        least, greatest = sum(each.least[figure] for each in ranges), sum(each.greatest[figure] for each in ranges)
        return not ranges or not least <= now <= greatest


def _parts(row: Row, before: People, after: People, k: int) -> bool:
    """Tell whether a row that has stood since the month's first release may follow: it is taken apart cleanly.

    A cell is what the row's split leaves together. In each, nobody's value stays or k people's, taken for no quartile,
    and nobody's goes or k people's; and nobody has a new value, or k people. With factor f for a cell's values and g,
    not 0, for the new row, those who go have f, those who stay f + g, and who is new g: each of nobody or of k.
    """
    return not row.moves and all(
        _part_of(row, before, after, figure, k, zeros=zeros) for figure in FIGURES for zeros in (True, False)
    )


def _part_of(row: Row, before: People, after: People, figure: int, k: int, *, zeros: bool) -> bool:
    sides: dict[tuple[bool, Key], set[str]] = {}
    old, new = _values(before, figure, zeros=zeros), _values(after, figure, zeros=zeros)
    for (person, leaf), value in old.items():
        stays = new.get((person, leaf)) == value
        sides.setdefault((stays, cell_of(row.split, leaf, before[person])), set()).add(person)
    news = {person for (person, leaf), value in new.items() if old.get((person, leaf)) != value}
    untaken = (sum(not before[person].quartile for person in side) for side in sides.values())
    return (not news or len(news) >= k) and all(number >= k for number in untaken)


def _values(people: People, figure: int, *, zeros: bool) -> dict[tuple[str, Leaf], int]:
    return {
        (person, leaf): part[figure]
        for person, told in people.items()
        for leaf, part in told.leaves.items()
        if zeros or part[figure]
    }


def _units(blocks: Iterable[frozenset[str]]) -> dict[str, Unit]:
    """Return what hangs together of sets of blocks, by block."""
    units: dict[str, Unit] = {}
    for each in blocks:
        unit = each.union(*(units[block] for block in each if block in units))
        units |= dict.fromkeys(unit, unit)
    return units


def _totals(told: Iterable[tuple[Kind, People]]) -> dict[str, dict[Kind, Part]]:
    totals: dict[str, dict[Kind, Part]] = {}
    for kind, people in told:
        for person, each in people.items():
            own = totals.setdefault(person, {})
            own[kind] = plus((own.get(kind, NOTHING), each.total))
    return totals


def _sum(totals: Totals, kinds: Iterable[Kind], figure: int, *, zeros: bool) -> int | None:
    """Return what somebody has in a sum; None for nothing, and without `zeros` for 0."""
    parts = [totals[kind][figure] for kind in kinds if kind in totals]
    return (sum(parts) or (0 if zeros else None)) if parts else None

"""Switching: from the reading that is told to the one that is served, all modes of a block at once (law 5; MIX.md 3.5).

Another rule set or registry takes minutes from one mode to another. If each mode followed by itself, an hour could
stand in two of them. So the modes of a *unit* (a block, or blocks that share a row of a mode) go over in one release,
or all wait under the older reading. They go over when each of them

- *follows*, by the rule that always holds (following), or by one for rows of which only one release is told (parting);
- *stands*: nobody has less of it than is told, and whoever has more has it by rules that were told of it before. So
  what is told of it is in both readings, and the rest is not told yet.

So no more is told of anybody, all modes together, than is recorded. And because minutes that only change their mode
cancel in a sum of modes, each such sum is a figure too: it moves for nobody, or k people have news in it. Otherwise
the sum would tell of the one who did something more while many were read anew. Nor may some modes be, but for few, what
others were.

What stands beside the modes goes over with them. What can neither follow nor stand is not told any more, until it can
begin anew; a sum with it moves as if nobody had anything of it now, since what was told of it may all be in a mode.

Sources, places and rules are told of what goes over only where people did nothing new meanwhile, by the same reason:
a part of the older reading and one of the newer may be the same but for what few did. And there a part needs k people
who have another amount of the source than was told, not only another rule for it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from schemas.events import MODES
from services.analytics.domain.groups.contribution import FIGURES, NOTHING, Contribution, Kind, Leaf, Part, plus
from services.analytics.domain.groups.following import may_follow
from services.analytics.domain.groups.parting import People, parts_cleanly
from services.analytics.domain.groups.rows import Kinds, Release, Row, same

BESIDE: tuple[Kind, ...] = ("unclassified", "not_learning", "given")
"""Kinds of statements that are in no mode."""

Unit = frozenset[str]
Totals = Mapping[Kind, Part]


@dataclass(frozen=True, slots=True)
class Switch:
    """What a release does with rows that are told under an older reading.

    `rows`: by kind and id, of whom each is told from now on; as before where it stands, None where it is told no more.
    `waiting`: blocks whose modes stay under the older reading; `barred`: who is told there, so in no row that moves.
    `gone`: blocks that go over; `busy`: those of them in which people have done something new, too.
    """

    rows: Mapping[tuple[Kind, str], People | None]
    waiting: frozenset[str]
    barred: frozenset[str]
    gone: frozenset[str]
    busy: frozenset[str]


NOTHING_OLDER = Switch({}, frozenset(), frozenset(), frozenset(), frozenset())


class Move(NamedTuple):
    """Of whom a row was told, and of whom it will be: None if it is told no more.

    `row`: its id; None for one that begins, and for one of which others decide too.
    """

    kind: Kind
    row: str | None
    before: People
    after: People | None


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
                unit = self.unit_of[min(row.blocks)]
                self.own.setdefault(unit, []).append((mode, row))
                for person in kinds[mode].before[row.id]:
                    self.told_in.setdefault(person, set()).add(unit)

    def switch(self) -> Switch:
        """Return what the release does."""
        rows: dict[tuple[Kind, str], People | None] = {}
        gone: set[Unit] = set()
        busy: set[str] = set()
        for unit, own in self.own.items():
            found = self._moves(unit, own)
            if found is not None:
                gone.add(unit)
                rows |= {(move.kind, move.row): move.after for move in found if move.row is not None}
                busy |= set() if self._only_read_anew(found) else unit
        waiting = frozenset(block for block, unit in self.unit_of.items() if unit not in gone)
        barred = frozenset(person for person, units in self.told_in.items() if not units <= gone)
        for kind in BESIDE:
            for row in self.older[kind]:
                if not row.blocks <= waiting and (kind, row.id) not in rows:
                    before = self.kinds[kind].before[row.id]
                    elsewhere = {person: told for person, told in before.items() if person not in barred}
                    rows[kind, row.id] = before if self._stands(kind, elsewhere, {}) else None
        gone_over = frozenset(block for unit in gone for block in unit)
        return Switch(rows, waiting, barred, gone_over, frozenset(busy))

    def _moves(self, unit: Unit, rows: Sequence[tuple[Kind, Row]]) -> list[Move] | None:
        """Return how the rows of a unit move, and what begins in it; None if it has to wait."""
        moves: list[Move] = []
        for mode, row in rows:
            after = self._after(mode, row, {unit})
            if after is None:
                return None
            moves.append(Move(mode, row.id, self.kinds[mode].before[row.id], after))
        for mode in MODES:
            covered = {block for each, row in rows if each == mode for block in row.blocks}
            begun = [told for block in sorted(unit - covered) if (told := self.kinds[mode].beginning(block))]
            moves += [Move(mode, None, {}, told) for told in begun]
        moves += [self._beside(kind, row, unit) for kind in BESIDE for row in self.older[kind] if row.blocks & unit]
        return moves if self._together(moves) else None

    def _beside(self, kind: Kind, row: Row, unit: Unit) -> Move:
        """Return how a row beside the modes moves with a unit; one that others share is told on, or no more."""
        before = self.kinds[kind].before[row.id]
        if row.blocks <= unit:
            return Move(kind, row.id, before, self._after(kind, row, {unit}))
        return Move(kind, None, before, before if self._stands(kind, before, {}) else None)

    def _only_read_anew(self, moves: Sequence[Move]) -> bool:
        """Tell whether people have as many statements, by source, as are told of them: only read by other rules."""
        told: dict[str, Counter[str]] = {}
        for move in moves:
            for person, each in move.before.items():
                for leaf, part in each.leaves.items():
                    told.setdefault(person, Counter())[leaf.source] += part.events
        kinds = {move.kind for move in moves}
        own = [move for move in moves if move.row is not None or move.kind in MODES]
        return all(
            person in self.people and told.get(person, Counter()) == self._statements(person, kinds)
            for move in own
            for person in {*move.before, *(move.after or ())}
        )

    def _statements(self, person: str, kinds: Collection[Kind]) -> Counter[str]:
        counted: Counter[str] = Counter()
        for leaf, part in self.people[person].leaves.items():
            if leaf.kind in kinds:
                counted[leaf.source] += part.events
        return counted

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
        # A value that only has another rule has left nobody's row: `left_together` does not hold here.
        follows = may_follow(before, after, release.seen, kind, release.k, moves=1)
        if follows or parts_cleanly(row, before, after, release.k):
            return after
        return before if self._stands(kind, before, after) else None

    def _stands(self, kind: Kind, before: People, after: People) -> bool:
        """Tell whether both readings say of a kind what is told. Who has nothing now may have some again, elsewhere."""
        for person in {*before, *after}:
            leaves = self.people[person].kinds().get(kind, {}) if person in self.people else {}
            told = before[person].total if person in before else NOTHING
            now = plus(leaves.values())
            less = any(new < old for new, old in zip(now, told, strict=True))
            if less or (now != told and any((kind, leaf.rule) not in self.rules for leaf in leaves)):
                return False
        return True

    def _together(self, moves: Sequence[Move]) -> bool:
        """Tell whether each sum of kinds that move does so for nobody, or for k people with news in it."""
        old, new = (
            _totals((move.kind, move.before) for move in moves),
            _totals((move.kind, move.after or {}) for move in moves),
        )
        changed = {
            person: (old.get(person, {}), new.get(person, {}))
            for person in {*old, *new}
            if old.get(person) != new.get(person)
        }
        kinds = sorted({move.kind for move in moves if move.after is not move.before})
        newly = {move.kind for move in moves if move.after and move.after is not move.before}
        sets = [frozenset(some) for number in range(1, len(kinds) + 1) for some in combinations(kinds, number)]
        return all(
            self._sum_may_move(some, figure, changed)
            for some in sets
            if len(some) > 1 and some & newly
            for figure in FIGURES
        ) and all(
            self._differ(now, was, figure, old, new)
            for now in sets
            if now <= newly
            for was in sets
            if now != was
            for figure in FIGURES
        )

    def _differ(
        self,
        now: Collection[Kind],
        was: Collection[Kind],
        figure: int,
        old: Mapping[str, Totals],
        new: Mapping[str, Totals],
    ) -> bool:
        """Tell whether what kinds are is what others were: of everybody, or not of k people."""
        others = 0
        for person in {*old, *new}:
            others += _sum(new.get(person, {}), now, figure) != _sum(old.get(person, {}), was, figure)
            if others >= self.release.k:
                return True
        return not others

    def _sum_may_move(self, kinds: Collection[Kind], figure: int, changed: Mapping[str, tuple[Totals, Totals]]) -> bool:
        moved = news = 0
        for person, (old, new) in changed.items():
            now = _sum(new, kinds, figure)
            if now != _sum(old, kinds, figure):
                moved += 1
                news += now > 0 and self._is_news(person, kinds, figure, now)
                if news >= self.release.k:
                    return True
        return not moved

    def _is_news(self, person: str, kinds: Iterable[Kind], figure: int, now: int) -> bool:
        """Tell whether a sum is more, or less, than can have been told of somebody."""
        seen = self.release.seen.get(person, {})
        ranges = [seen[leaf] for kind in kinds if (leaf := Leaf(kind)) in seen]
        least, greatest = sum(each.least[figure] for each in ranges), sum(each.greatest[figure] for each in ranges)
        return not ranges or not least <= now <= greatest


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


def _sum(totals: Totals, kinds: Iterable[Kind], figure: int) -> int:
    return sum(totals[kind][figure] for kind in kinds if kind in totals)

"""Rows: what is published of one kind in a month, block by block, and how that goes on from release to release.

A row is of one block; blocks in which too few have a kind share one, and are told of that kind only together.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.analytics.domain.groups.contribution import (
    FIGURES,
    NOTHING,
    UNKNOWN,
    Certainty,
    Contribution,
    Kind,
    Leaf,
    Part,
    ReadBy,
    plus,
)
from services.analytics.domain.groups.cuts import SUPPORT, WAYS, Cell, Large, Piece, Split, split, untold
from services.analytics.domain.groups.following import Seen, Told, fresh, may_begin, may_follow
from services.analytics.domain.groups.places import NOWHERE, Place, listed
from services.analytics.domain.groups.quartiles import Quartiles

HEADS: frozenset[Kind] = frozenset({"people", "reached"})
SPLIT: frozenset[Kind] = frozenset({"formal", "social", "experiential", "unclassified", "people"})
"""Kinds that are split; the others are told as totals alone."""

Key = tuple[str, ...]
Fresh = tuple[bool, bool, bool]
Margins = tuple[int, int, int]
"""Of reported, session and default minutes: how many people have such, or others, whichever are fewer."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is published of a kind in these blocks, and since when as it is. `id` is its first block's.

    `moves`: how often it has moved since the month's first release, or begun after it. `split` and `quartiles` may be
    older than the total: each is renewed only when that is safe by itself. `read_by`: under what it is told.
    """

    kind: Kind
    id: str
    blocks: frozenset[str]
    total: Part
    certainty: Certainty
    margins: Margins
    moves: int
    released: str
    read_by: ReadBy
    split: Split | None = None
    quartiles: Quartiles | None = None


@dataclass(slots=True)
class Moved:
    """What a release publishes of a row for the first time: of whom, and the cells that it is cut into."""

    people: dict[str, Told]
    cells: list[Cell]


@dataclass(slots=True)
class Release:
    """What one release is made with. `first`: nothing was published of the month before."""

    seen: Mapping[str, Seen]
    k: int
    first: bool
    at: str
    read_by: ReadBy


@dataclass(slots=True)
class Kinds:
    """The rows of one kind while they are made, from those that are `published`.

    `before` is what is published of whom in each row, and `held` says in which row somebody is now. Nobody who is
    `barred` is taken into a row, and of `busy` blocks no parts are told (switching).
    """

    kind: Kind
    release: Release
    now: Mapping[str, Mapping[str, Told]]
    published: Sequence[Row]
    before: dict[str, dict[str, Told]]
    held: dict[str, str]
    barred: Collection[str] = ()
    busy: Collection[str] = ()
    rows: list[Row] = field(default_factory=list)
    moved: dict[str, Moved] = field(default_factory=dict)
    renewed: bool = False
    """Whether a row has followed into another reading."""

    def follow(self, row: Row) -> None:
        """Take over a row that is published, as it was or as it may become."""
        before, after = self.before[row.id], self.inside(row.blocks, row.id)
        moves = not same(before, after) and may_follow(
            before, after, self.release.seen, self.kind, self.release.k, moves=row.moves
        )
        self.tell(row, after if moves else before)

    def keep(self, row: Row) -> None:
        """Take over a row as it is."""
        self.rows.append(row)

    def tell(self, row: Row, people: Mapping[str, Told]) -> None:
        """Take over a row, to be told of these people from now on, and under the reading of this release."""
        if people is self.before[row.id]:
            self.rows.append(replace(row, read_by=self.release.read_by))
            return
        self._free(row)
        self.renewed |= row.read_by != self.release.read_by
        self.rows.append(self._made(row.blocks, dict(people), row))

    def drop(self, row: Row) -> None:
        """Tell a row no more."""
        self._free(row)
        del self.before[row.id]

    def _free(self, row: Row) -> None:
        for person in self.before[row.id]:
            del self.held[person]

    def told_before(self) -> Iterable[tuple[str, Told]]:
        """Return what stays published as it was, and of whom."""
        return (
            (person, told)
            for row, people in self.before.items()
            if row not in self.moved
            for person, told in people.items()
        )

    def begin(self, blocks: Iterable[str]) -> None:
        """Make rows for blocks that have none: each for itself if it can be, the rest together if they can be."""
        small: list[str] = []
        alone: list[str] = []
        for block in sorted(blocks):
            (alone if self._may_begin([block]) else small).append(block)
        alone.sort(key=lambda block: (len(self.inside([block])), block))
        large = [block for block in alone if self.inside([block])]
        while small and large and not self._may_begin(small):
            small.append(large.pop(0))
        for block in alone:
            if block not in small:
                self._put([block])
        if small and self._may_begin(small):
            self._put(small)

    def beginning(self, block: str) -> dict[str, Told] | None:
        """Return of whom a row of a block would be told that has none, if it can begin."""
        return self.inside([block]) if self._may_begin([block]) else None

    def _put(self, blocks: Sequence[str]) -> None:
        self.rows.append(self._made(frozenset(blocks), self.inside(blocks), None))

    def _made(self, blocks: frozenset[str], people: dict[str, Told], old: Row | None) -> Row:
        """Return a row as it is published now."""
        goes_over = old is not None and old.read_by != self.release.read_by
        fresh = self._fresher(self.before[old.id], people) if old is not None and goes_over else self._fresh
        pieces = [piece for person, told in people.items() for piece in pieces_of(person, told, fresh)]
        large = Large(self.release.k, self.release.first)
        new, cells = split(pieces, large, heads=self.kind in HEADS) if self.kind in SPLIT else (None, [pieces])
        if new is not None and not blocks.isdisjoint(self.busy):
            new, cells = untold(pieces), [pieces]
        # Parts that were told under another reading are not those of what is told now.
        parts = None if goes_over else old
        if parts is not None and parts.split is not None and new is not None and not new.tells(parts.split):
            new, cells = parts.split, [pieces]
        moves = old.moves + 1 if old else int(not self.release.first)
        made = row_of(
            self.kind, old.id if old else min(blocks), blocks, people, moves, self.release.at, self.release.read_by
        )
        made = replace(made, split=new, quartiles=parts.quartiles if parts else None)
        self.moved[made.id] = Moved(people, cells)
        self.held |= dict.fromkeys(people, made.id)
        return made

    def _fresh(self, person: str, leaf: Leaf, part: Part) -> Fresh:
        seen = self.release.seen.get(person)
        minutes, events, moments = (fresh(seen, leaf, figure, part) for figure in FIGURES)
        return minutes, events, moments

    def _fresher(self, before: Mapping[str, Told], after: Mapping[str, Told]) -> Callable[[str, Leaf, Part], Fresh]:
        """Return what tells whether a value is fresh, and not by its rule alone: the sum of its source is another."""
        old, new = _by_source(before), _by_source(after)

        def fresher(person: str, leaf: Leaf, part: Part) -> Fresh:
            was, now = old.get((person, leaf.source), NOTHING), new[person, leaf.source]
            minutes, events, moments = self._fresh(person, leaf, part)
            return minutes and was[0] != now[0], events and was[1] != now[1], moments and was[2] != now[2]

        return fresher

    def _may_begin(self, blocks: Sequence[str]) -> bool:
        release = self.release
        return may_begin(self.inside(blocks), release.seen, self.kind, release.k, first=release.first)

    def inside(self, blocks: Collection[str], row: str | None = None) -> dict[str, Told]:
        """Return who is in these blocks now, but for people who are still published elsewhere."""
        return {
            person: each
            for block in sorted(blocks)
            for person, each in self.now.get(block, {}).items()
            if self.held.get(person, row) == row and person not in self.barred
        }


def candidates(
    kind: Kind, people: Mapping[str, Contribution], places: Mapping[str, Place], block_of: Mapping[str, str]
) -> dict[str, dict[str, Told]]:
    """Return who has something of a kind, by block."""
    now: dict[str, dict[str, Told]] = {}
    for person, each in people.items():
        leaves = {leaf: part for leaf, part in each.leaves.items() if leaf.kind == kind}
        if leaves and person in block_of:
            place = places.get(person, NOWHERE)
            sure = each.certainty.get(kind, UNKNOWN)
            told = Told(leaves, place.role, place.location, sure, listed=listed(person, places))
            now.setdefault(block_of[person], {})[person] = told
    return now


def row_of(
    kind: Kind, row: str, blocks: frozenset[str], people: Mapping[str, Told], moves: int, at: str, read_by: ReadBy
) -> Row:
    """Return the row of these people, not split yet."""
    certainty = together(told.certainty for told in people.values())
    total = plus(told.total for told in people.values())
    return Row(kind, row, blocks, total, certainty, _margins(people.values()), moves, at, read_by)


def _by_source(people: Mapping[str, Told]) -> dict[tuple[str, str], Part]:
    sums: dict[tuple[str, str], Part] = {}
    for person, told in people.items():
        for leaf, part in told.leaves.items():
            sums[person, leaf.source] = plus((sums.get((person, leaf.source), NOTHING), part))
    return sums


def same(before: Mapping[str, Told], after: Mapping[str, Told]) -> bool:
    """Tell whether the same people have the same."""
    return {person: told.leaves for person, told in before.items()} == {p: told.leaves for p, told in after.items()}


def pieces_of(person: str, told: Told, fresh: Callable[[str, Leaf, Part], Fresh]) -> Iterable[Piece]:
    """Return what a person has as pieces, to be cut."""
    for leaf, part in told.leaves.items():
        yield Piece(person, _keys(leaf, told), part, fresh(person, leaf, part))


def _keys(leaf: Leaf, told: Told) -> tuple[str, str, str, str, str, str]:
    on_roster = told.listed if leaf.kind == "people" else ""
    return (SUPPORT if leaf.support else "", leaf.source, on_roster, told.role, told.location, leaf.rule)


def cell_of(of: Split | None, leaf: Leaf, told: Told) -> Key:
    """Return where a split puts a leaf: the value of each way that it tells, and the rule."""
    if of is None:
        return ()
    keys = _keys(leaf, told)
    ways = [keys[place] if keys[place] in of.told[way] else "" for place, way in enumerate(WAYS)]
    return (*ways, leaf.rule if leaf.rule in of.rules else "")


def together(certainties: Iterable[Certainty]) -> Certainty:
    """Add up how minutes are known."""
    return Certainty(*map(sum, zip(UNKNOWN, *certainties, strict=True)))


def _margins(people: Iterable[Told]) -> Margins:
    having = [[time > 0 for time in each.certainty[:3]] for each in people]
    fewest = []
    for place in range(3):
        own = sum(has[place] for has in having)
        others = sum(any(has[other] for other in range(3) if other != place) for has in having)
        fewest.append(min(own, others))
    return fewest[0], fewest[1], fewest[2]

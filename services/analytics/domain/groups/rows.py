"""Rows: what is published of one kind in a month, block by block, and how that goes on from release to release.

A row is of one block; blocks in which too few have a kind share one, and are told of that kind only together.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.analytics.domain.groups.contribution import (
    FIGURES,
    UNKNOWN,
    Certainty,
    Contribution,
    Kind,
    Leaf,
    Part,
    plus,
)
from services.analytics.domain.groups.cuts import SUPPORT, Cell, Large, Piece, Split, split
from services.analytics.domain.groups.following import Seen, Told, fresh, may_begin, may_follow
from services.analytics.domain.groups.places import NOWHERE, Place
from services.analytics.domain.groups.quartiles import Quartiles

HEADS: frozenset[Kind] = frozenset({"people", "reached"})
SPLIT: frozenset[Kind] = frozenset({"formal", "social", "experiential", "unclassified", "people"})
"""Kinds that are split; the others are told as totals alone."""

Fresh = tuple[bool, bool, bool]
Margins = tuple[int, int, int]
"""Of reported, session and default minutes: how many people have such, or others, whichever are fewer."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is published of a kind in these blocks, and since when as it is. `id` is its first block's.

    `moves`: how often it has moved since the month's first release, or begun after it. `split` and `quartiles` may be
    older than the total: each is renewed only when that is safe by itself.
    """

    kind: Kind
    id: str
    blocks: frozenset[str]
    total: Part
    certainty: Certainty
    margins: Margins
    moves: int
    released: str
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


@dataclass(slots=True)
class Kinds:
    """The rows of one kind while they are made. `before` is what is published of whom in each row, and `held` says in
    which row somebody is now."""

    kind: Kind
    release: Release
    now: Mapping[str, Mapping[str, Told]]
    before: Mapping[str, Mapping[str, Told]]
    held: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    moved: dict[str, Moved] = field(default_factory=dict)

    def go_on(self, published: Iterable[Row]) -> None:
        """Take over the rows that are published, each as it was or as it may become."""
        self.held = {person: row for row, people in self.before.items() for person in people}
        for row in published:
            self.rows.append(self._next(row, self.before.get(row.id, {}), self._in(row.blocks, row.id)))

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
        alone.sort(key=lambda block: (len(self._in([block])), block))
        large = [block for block in alone if self._in([block])]
        while small and large and not self._may_begin(small):
            small.append(large.pop(0))
        for block in alone:
            if block not in small:
                self._put([block])
        if small and self._may_begin(small):
            self._put(small)

    def _next(self, row: Row, before: Mapping[str, Told], after: dict[str, Told]) -> Row:
        if {person: told.leaves for person, told in before.items()} == {p: told.leaves for p, told in after.items()}:
            return row
        release = self.release
        if not may_follow(before, after, release.seen, self.kind, release.k, moves=row.moves):
            return row
        for person in before:
            del self.held[person]
        return self._made(row.blocks, after, row)

    def _put(self, blocks: Sequence[str]) -> None:
        self.rows.append(self._made(frozenset(blocks), self._in(blocks), None))

    def _made(self, blocks: frozenset[str], people: dict[str, Told], old: Row | None) -> Row:
        """Return a row as it is published now."""
        pieces = [piece for person, told in people.items() for piece in pieces_of(person, told, self._fresh)]
        large = Large(self.release.k, self.release.first)
        new, cells = split(pieces, large, heads=self.kind in HEADS) if self.kind in SPLIT else (None, [pieces])
        if old is not None and old.split is not None and new is not None and not new.tells(old.split):
            new, cells = old.split, [pieces]
        moves = old.moves + 1 if old else int(not self.release.first)
        made = row_of(self.kind, old.id if old else min(blocks), blocks, people, moves, self.release.at)
        made = replace(made, split=new, quartiles=old.quartiles if old else None)
        self.moved[made.id] = Moved(people, cells)
        self.held |= dict.fromkeys(people, made.id)
        return made

    def _fresh(self, person: str, leaf: Leaf, part: Part) -> Fresh:
        seen = self.release.seen.get(person)
        minutes, events, moments = (fresh(seen, leaf, figure, part) for figure in FIGURES)
        return minutes, events, moments

    def _may_begin(self, blocks: Sequence[str]) -> bool:
        release = self.release
        return may_begin(self._in(blocks), release.seen, self.kind, release.k, first=release.first)

    def _in(self, blocks: Collection[str], row: str | None = None) -> dict[str, Told]:
        """Return who is in these blocks now, but for people who are still published elsewhere."""
        return {
            person: each
            for block in sorted(blocks)
            for person, each in self.now.get(block, {}).items()
            if self.held.get(person, row) == row
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
            told = Told(leaves, place.role, place.location, each.certainty.get(kind, UNKNOWN))
            now.setdefault(block_of[person], {})[person] = told
    return now


def row_of(kind: Kind, row: str, blocks: frozenset[str], people: Mapping[str, Told], moves: int, at: str) -> Row:
    """Return the row of these people, not split yet."""
    certainty = together(told.certainty for told in people.values())
    total = plus(told.total for told in people.values())
    return Row(kind, row, blocks, total, certainty, _margins(people.values()), moves, at)


def pieces_of(person: str, told: Told, fresh: Callable[[str, Leaf, Part], Fresh]) -> Iterable[Piece]:
    """Return what a person has as pieces, to be cut."""
    for leaf, part in told.leaves.items():
        keys = (SUPPORT if leaf.support else "", leaf.source, told.role, told.location, leaf.rule)
        yield Piece(person, keys, part, fresh(person, leaf, part))


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

"""Cuts: a published total split by support, source, roster, role, location and rule, as far as every part stays large.

The cuts come one after the other, and each cuts what the ones before it left: a part is told only if it is large in
every cell of all the cuts so far, and so is the rest of each cell (MIX.md 3.3 and 3.4: what is hidden is of k people
together, or the next smallest joins it). Cells have nobody's value in common, so no sum of parts can be small.

Rules cut the cells of support and source, in statements; roles and locations cut the same cells, in people, minutes and
moments. These are different figures, so they need not be cut by each other. Whether they are on the roster cuts people
alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from services.analytics.domain.groups.contribution import Part, plus

Way = Literal["support", "source", "roster", "role", "location"]
WAYS: tuple[Way, ...] = ("support", "source", "roster", "role", "location")
SUPPORT = "yes"

_RULE = len(WAYS)
_MINUTES, _EVENTS, _MOMENTS = range(3)
_ALL = (_MINUTES, _EVENTS, _MOMENTS)


class Piece(NamedTuple):
    """What one person has in one leaf. `keys` say where it belongs in each way of cutting, and last its rule.

    `fresh` tells of each figure whether the value is: only then the person counts among k.
    """

    person: str
    keys: tuple[str, str, str, str, str, str]
    part: Part
    fresh: tuple[bool, bool, bool]


Cell = list[Piece]


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a total that can be told, by value, and which values cannot. `other` statements have other rules.

    `reach`: how many people a source reaches at least, in steps of k.
    """

    told: Mapping[Way, Mapping[str, Part]]
    rest: Mapping[Way, tuple[str, ...]]
    rules: Mapping[str, int]
    other: int
    reach: Mapping[str, int]

    def tells(self, other: "Split") -> bool:
        """Tell whether it tells all values that another one does."""
        return all(self.told[way].keys() >= other.told[way].keys() for way in WAYS)


@dataclass(frozen=True, slots=True)
class Large:
    """What makes a part large. `first`: nothing was published of the month before, so a zero is as good as any."""

    k: int
    first: bool

    def __call__(self, cell: Iterable[Piece], figures: Sequence[int]) -> bool:
        """Tell whether a part is of nobody, or in each figure of k people who are fresh (see `following`)."""
        pieces = list(cell)
        return not pieces or all(self._enough(pieces, figure) for figure in figures)

    def _enough(self, pieces: Cell, figure: int) -> bool:
        people = {piece.person for piece in pieces if piece.fresh[figure]}
        having = {piece.person for piece in pieces if piece.fresh[figure] and piece.part[figure]}
        anything = not self.first and any(piece.part[figure] for piece in pieces)
        return len(people) >= self.k and (len(having) >= self.k or not anything)


def split(pieces: Sequence[Piece], large: Large, *, heads: bool) -> tuple[Split, list[Cell]]:
    """Split a total, and return the cells too. Of `heads` the roles and locations are told in heads, not in time."""
    cells: list[Cell] = [list(pieces)]
    told: dict[Way, Mapping[str, Part]] = {}
    rest: dict[Way, tuple[str, ...]] = {}
    rules: dict[str, int] = {}
    for place, way in enumerate(WAYS):
        if way == "role":
            rules = _rules(cells, large)
        placed = way in ("role", "location")
        figures = (_EVENTS,) if heads else (_MINUTES, _MOMENTS) if placed else _ALL
        alone = _alone(cells, place, large, figures)
        cells = _cut(cells, place, alone)
        told[way] = {value: _sum(pieces, place, value, statements=heads or not placed) for value in sorted(alone)}
        rest[way] = tuple(sorted({piece.keys[place] for piece in pieces} - alone))
    other = sum(piece.part.events for piece in pieces) - sum(rules.values())
    reach = {source: _people(pieces, WAYS.index("source"), source) // large.k * large.k for source in told["source"]}
    return Split(told, rest, rules, other, reach), cells


def untold(pieces: Sequence[Piece]) -> Split:
    """Return a split that tells nothing apart."""
    rest = {way: tuple(sorted({piece.keys[place] for piece in pieces})) for place, way in enumerate(WAYS)}
    return Split({way: {} for way in WAYS}, rest, {}, sum(piece.part.events for piece in pieces), {})


def _rules(cells: Iterable[Cell], large: Large) -> dict[str, int]:
    """Return how many statements each rule accounts for, where that can be told."""
    rules: dict[str, int] = {}
    for cell in cells:
        for rule in _alone([cell], _RULE, large, (_EVENTS,)):
            rules[rule] = rules.get(rule, 0) + _sum(cell, _RULE, rule, statements=True).events
    return dict(sorted(rules.items()))


def _alone(cells: Sequence[Cell], place: int, large: Large, figures: Sequence[int]) -> set[str]:
    """Return the values whose part of every cell is large, such that the rest of every cell is large as well."""
    values = sorted({piece.keys[place] for cell in cells for piece in cell})
    everything = [piece for cell in cells for piece in cell]
    alone = {
        value
        for value in values
        if value and all(large((p for p in cell if p.keys[place] == value), figures) for cell in cells)
    }
    while alone and not all(large((p for p in cell if p.keys[place] not in alone), figures) for cell in cells):
        alone.remove(min(alone, key=lambda value: (_people(everything, place, value), value)))
    return alone


def _cut(cells: Iterable[Cell], place: int, alone: set[str]) -> list[Cell]:
    parts: list[Cell] = []
    for cell in cells:
        cut: dict[str, Cell] = {}
        for piece in cell:
            cut.setdefault(piece.keys[place] if piece.keys[place] in alone else "", []).append(piece)
        parts += cut.values()
    return parts


def _sum(pieces: Iterable[Piece], place: int, value: str, *, statements: bool) -> Part:
    part = plus(piece.part for piece in pieces if piece.keys[place] == value)
    return part if statements else part._replace(events=0)


def _people(pieces: Iterable[Piece], place: int, value: str) -> int:
    return len({piece.person for piece in pieces if piece.keys[place] == value})

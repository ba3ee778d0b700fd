"""Group: what may be told of a group in a month. Every answer about a group, of any form, is made from this (law 9).

A group is the organisation or a node of the tree of teams. What is told of it is the sum of the rows that lie wholly
inside; where a row reaches across its border, that kind is not told.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from schemas.events import MODES, Mode
from services.analytics.domain.groups.contribution import NOTHING, Certainty, Kind, Part, ReadBy, plus
from services.analytics.domain.groups.cuts import WAYS, Way
from services.analytics.domain.groups.month import KINDS, Block
from services.analytics.domain.groups.places import LISTED, ROOT, Tree
from services.analytics.domain.groups.quartiles import Quartiles
from services.analytics.domain.groups.rows import Row, together

LEARNED: tuple[Kind, ...] = (*MODES, "unclassified")


@dataclass(frozen=True, slots=True)
class Published:
    """What is read of a month's last release to tell of a group: blocks and rows that touch it, at least.

    `uncertain`: how many rows of each mode there are in the whole month of which it cannot be told alone how their
    minutes are known. `roster`: how many people were on the roster, by unit.
    """

    blocks: Sequence[Block]
    rows: Mapping[Kind, Sequence[Row]]
    uncertain: Mapping[Mode, int]
    quartiles: Mapping[Mode, Quartiles] = field(default_factory=dict)
    roster: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """What is told of a group; None, or no entry, for what is not. `kinds` has an entry for each kind that is told.

    `roster`: how many people were on it; `seen`: how many of `people` were.

    `ways` has the values by which it can be told whole, each with its kinds. `rules`: statements by rule; of `other`
    rules, or of few people, are the rest. `uncertain` is that of the whole month. `oldest`: since when the oldest row
    of a mode stands as it is. `read_by`: the readings that modes are told under; each block is told under one.
    """

    people: int | None
    roster: int
    seen: int | None
    kinds: Mapping[Kind, Part]
    certainty: Mapping[Mode, Certainty]
    ways: Mapping[Way, Mapping[str, Mapping[Kind, Part]]]
    untold: Mapping[Way, frozenset[str]]
    rules: Mapping[Kind, Mapping[str, int]]
    other: Mapping[Kind, int]
    reach: Mapping[Kind, Mapping[str, int]]
    quartiles: Mapping[Mode, Quartiles]
    uncertain: Mapping[Mode, int]
    oldest: str
    read_by: tuple[ReadBy, ...]


@dataclass(frozen=True, slots=True)
class Hidden:
    """Nothing is told of the group by itself.

    `units`: what it is joined with, if it is; `pool`: what is told of all of them together.
    """

    units: frozenset[str] = frozenset()
    pool: Group | None = None


def group(published: Published, node: str, tree: Tree, k: int) -> Group | Hidden:
    """Return what is told of a node of the tree: of it alone where whole blocks make it up, else of its pool."""
    units = None if node == ROOT else tree.inside(node)
    touching = [block for block in published.blocks if units is None or block.units & units]
    if not touching:
        return Hidden()
    pool = frozenset(unit for block in touching for unit in block.units)
    told = _told(published, touching, node, k, _roster(published, None if units is None else units | pool))
    return told if units is None or pool <= units else Hidden(pool, told)


def _roster(published: Published, units: Set[str] | None) -> int:
    """Return how many people were on the roster in these units (None: in all), also where nobody learned."""
    return sum(people for unit, people in published.roster.items() if units is None or unit in units)


def _told(published: Published, touching: Sequence[Block], node: str, k: int, roster: int) -> Group:
    """Return what is told of these whole blocks together."""
    inside = {block.id for block in touching}
    rows = {kind: found for kind in KINDS if (found := _whole(published.rows.get(kind, ()), inside)) is not None}
    parts = {kind: plus(row.total for row in found) for kind, found in rows.items()}
    people = parts.pop("people", None)
    sure = {mode: _certainty(rows[mode], published.uncertain.get(mode, 0), k) for mode in MODES if mode in rows}
    ways = {way: _values(rows, way) for way in WAYS}
    return Group(
        people=people.events if people else None,
        roster=roster,
        seen=_seen(rows.get("people")),
        kinds=parts,
        certainty={mode: certainty for mode, certainty in sure.items() if certainty is not None},
        ways=ways,
        untold={way: _untold((rows[k] for k in LEARNED if k in rows), way) - ways[way].keys() - {""} for way in WAYS},
        rules={kind: _rules(rows[kind]) for kind in LEARNED if kind in rows},
        other={kind: sum(_other(row) for row in rows[kind]) for kind in LEARNED if kind in rows},
        reach={kind: _reach(rows[kind], ways["source"]) for kind in LEARNED if kind in rows},
        quartiles=_quartiles(published, rows, node),
        uncertain=published.uncertain,
        oldest=min((row.released for mode in MODES for row in rows.get(mode, ())), default=""),
        read_by=tuple(sorted({row.read_by for mode in MODES for row in rows.get(mode, ())})),
    )


def _seen(rows: Sequence[Row] | None) -> int | None:
    """Return how many of these people are on the roster; None where a row does not tell it of all its people."""
    if rows is None:
        return None
    splits = [(row.split.told["roster"] if row.split else {}, row.total.events) for row in rows]
    if any(sum(part.events for part in told.values()) != people for told, people in splits):
        return None
    return sum(told[LISTED].events for told, _ in splits if LISTED in told)


def _whole(rows: Iterable[Row], inside: set[str]) -> list[Row] | None:
    """Return the rows inside; None when one crosses the border, or a block has none."""
    touching = [row for row in rows if row.blocks & inside]
    covered = {block for row in touching for block in row.blocks}
    return touching if covered == inside else None


def _certainty(rows: Sequence[Row], everywhere: int, k: int) -> Certainty | None:
    """Return how minutes are known; None when that would tell of few.

    Rows with k people on either side of each distinction can be told alone; the others only all together, when in sum
    there are as many (then whatever is reckoned from this and the rows' minutes is of k people, or of none).
    """
    uncertain = [row for row in rows if is_uncertain(row, k)]
    if uncertain:
        margins = [sum(row.margins[place] for row in uncertain) for place in range(3)]
        if len(uncertain) != everywhere or any(0 < margin < k for margin in margins):
            return None
    return together(row.certainty for row in rows)


def is_uncertain(row: Row, k: int) -> bool:
    """Tell whether it cannot be told of a row alone how its minutes are known."""
    return any(0 < margin < k for margin in row.margins)


def _values(rows: Mapping[Kind, Sequence[Row]], way: Way) -> dict[str, dict[Kind, Part]]:
    """Return the values that can be told whole: in no row of a mode that is told they are part of a rest."""
    modes = {mode: rows[mode] for mode in MODES if mode in rows}
    named = {value for found in modes.values() for row in found if row.split for value in row.split.told[way]}
    return {
        value: {
            kind: plus(row.split.told[way].get(value, NOTHING) for row in found if row.split)
            for kind, found in rows.items()
            if kind in (*LEARNED, "people") and value not in _untold([found], way)
        }
        for value in sorted(named - _untold(modes.values(), way))
    }


def _untold(rows: Iterable[Sequence[Row]], way: Way) -> frozenset[str]:
    return frozenset(value for found in rows for row in found if row.split for value in row.split.rest[way])


def _rules(rows: Iterable[Row]) -> dict[str, int]:
    rules: dict[str, int] = {}
    for row in rows:
        for rule, events in (row.split.rules if row.split else {}).items():
            rules[rule] = rules.get(rule, 0) + events
    return dict(sorted(rules.items()))


def _other(row: Row) -> int:
    return row.split.other if row.split else row.total.events


def _reach(rows: Iterable[Row], told: Iterable[str]) -> dict[str, int]:
    reach = dict.fromkeys(told, 0)
    for row in rows:
        for source, people in (row.split.reach if row.split else {}).items():
            if source in reach:
                reach[source] += people
    return {source: people for source, people in reach.items() if people}


def _quartiles(published: Published, rows: Mapping[Kind, Sequence[Row]], node: str) -> dict[Mode, Quartiles]:
    """Return the quartiles of the organisation, or those of a group that is told by itself, in one row."""
    if node == ROOT:
        return dict(published.quartiles)
    return {
        mode: found[0].quartiles
        for mode in MODES
        if len(found := rows.get(mode, ())) == 1 and found[0].quartiles is not None
    }


def uncertain(rows: Mapping[Kind, Iterable[Row]], k: int) -> dict[Mode, int]:
    """Return of how many rows of each mode it cannot be told alone how their minutes are known."""
    return {mode: sum(is_uncertain(row, k) for row in rows.get(mode, ())) for mode in MODES}

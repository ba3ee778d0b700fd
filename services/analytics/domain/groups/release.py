"""Releases: a calendar month as it is published, and the next release made of it (MIX.md 3.5).

Until somebody has been told anything of a month, each release begins anew. From then on blocks stay, and rows follow
what people do only where `following` allows it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

from schemas.events import MODES, Mode
from services.analytics.domain.groups.blocks import Size, pools
from services.analytics.domain.groups.contribution import Contribution, Kind, Leaf
from services.analytics.domain.groups.following import Range, Told, news, widened
from services.analytics.domain.groups.places import NOWHERE, Place, Tree
from services.analytics.domain.groups.quartiles import Quartiles, Taking, quartiles
from services.analytics.domain.groups.rows import Kinds, Moved, Release, Row, candidates

KINDS: tuple[Kind, ...] = get_args(Kind)
_MINUTES = 0


@dataclass(frozen=True, slots=True)
class Block:
    """Units that are told together. `roster`: how many people are known to have been in them."""

    id: str
    units: frozenset[str]
    roster: int


@dataclass(frozen=True, slots=True)
class Record:
    """What is published of one person: by kind the row and what of it is this person's; and all that ever was."""

    told: Mapping[Kind, tuple[str, Told]]
    seen: Mapping[Leaf, Range]


@dataclass(frozen=True, slots=True)
class Month:
    """What is published of a month. `quartiles` are those of the whole organisation."""

    blocks: tuple[Block, ...]
    rows: Mapping[Kind, tuple[Row, ...]]
    people: Mapping[str, Record]
    quartiles: Mapping[Mode, Quartiles] = field(default_factory=dict)


def release(
    before: Month | None,
    people: Mapping[str, Contribution],
    places: Mapping[str, Place],
    tree: Tree,
    *,
    k: int,
    at: str,
) -> Month:
    """Return the month's next release: its first when `before` is None or has no blocks.

    `people` are those who contribute now (without who objected), `places` of everybody on the roster.
    """
    if before is not None and not before.blocks:
        before = None
    units = {person: tree.unit(places.get(person, NOWHERE).team) for person in {*people, *places}}
    blocks = _first_blocks(people, units, tree, k) if before is None else _same_blocks(before.blocks, units, tree)
    blocks = _with_roster(blocks, places, units)
    block_of_unit = {unit: block.id for block in blocks for unit in block.units}
    block_of = {person: block_of_unit[units[person]] for person in people if units[person] in block_of_unit}
    records = before.people if before else {}
    making = Release({person: record.seen for person, record in records.items()}, k, before is None, at)
    kinds = {kind: _kind(kind, before, candidates(kind, people, places, block_of), blocks, making) for kind in KINDS}
    told = {mode: _quartiles(kinds[mode], before.quartiles.get(mode) if before else None) for mode in MODES}
    return Month(
        blocks,
        {kind: tuple(sorted(made.rows, key=lambda row: row.id)) for kind, made in kinds.items()},
        _records(records, kinds),
        {mode: found for mode, found in told.items() if found is not None},
    )


def _first_blocks(
    people: Mapping[str, Contribution], units: Mapping[str, str], tree: Tree, k: int
) -> tuple[Block, ...]:
    sizes: dict[str, Size] = {}
    for person, each in people.items():
        kinds = {leaf.kind for leaf in each.leaves}
        size = Size(int("people" in kinds), *(int(mode in kinds) for mode in MODES))
        sizes[units[person]] = sizes.get(units[person], Size()).joined(size)
    return tuple(Block(pool.id, pool.units, 0) for pool in pools(tree, sizes, k))


def _same_blocks(blocks: Iterable[Block], units: Mapping[str, str], tree: Tree) -> tuple[Block, ...]:
    """Return the blocks as they are; a unit that is new joins the block of the nearest node above it, or the first."""
    kept = list(blocks)
    for unit in sorted(set(units.values()) - {unit for block in kept for unit in block.units}):
        place = next((n for node in tree.path(unit) for n, block in enumerate(kept) if node in block.units), 0)
        kept[place] = replace(kept[place], units=kept[place].units | {unit})
    return tuple(kept)


def _with_roster(blocks: Iterable[Block], places: Iterable[str], units: Mapping[str, str]) -> tuple[Block, ...]:
    counts: dict[str, int] = {}
    for person in places:
        counts[units[person]] = counts.get(units[person], 0) + 1
    return tuple(replace(block, roster=sum(counts.get(unit, 0) for unit in block.units)) for block in blocks)


def _kind(kind: Kind, before: Month | None, now: dict, blocks: Iterable[Block], making: Release) -> Kinds:  # type: ignore[type-arg]
    records = before.people.items() if before else ()
    published = {person: record.told[kind] for person, record in records if kind in record.told}
    made = Kinds(
        kind,
        making,
        now,
        {person: row for person, (row, _) in published.items()},
        {person: told for person, (_, told) in published.items()},
    )
    rows = before.rows.get(kind, ()) if before else ()
    made.go_on(rows)
    covered = {block for row in rows for block in row.blocks}
    made.begin(block.id for block in blocks if block.id not in covered)
    return made


def _quartiles(made: Kinds, before: Quartiles | None) -> Quartiles | None:
    """Give the rows that are published now their quartiles, and return those of the organisation.

    The organisation comes first; rows have what it leaves.
    """
    taking = _taking(made)
    k = made.release.k
    everybody = {
        person: each.told.total.minutes_us
        for moved in made.moved.values()
        for person, each in moved.people.items()
        if each.told.total.minutes_us
    }
    everybody |= {
        person: told.total.minutes_us
        for person, told in made.before.items()
        if person not in everybody and made.held.get(person) not in made.moved and told.total.minutes_us
    }
    whole = quartiles(everybody, taking, k)
    taken = whole[1] if whole else []
    for place, row in enumerate(made.rows):
        if (moved := made.moved.get(row.id)) is not None:
            theirs = {person: everybody[person] for person in moved.people if person in everybody}
            if (found := quartiles(theirs, taking, k)) is not None:
                made.rows[place] = replace(row, quartiles=found[0])
                taken = taken + found[1]
    for moved in made.moved.values():
        for person in set(taken) & moved.people.keys():
            each = moved.people[person]
            moved.people[person] = replace(each, told=replace(each.told, quartile=True))
    return whole[0] if whole else before


def _taking(made: Kinds) -> Taking:
    """Return who may be taken: people who are published now, with minutes that nothing published held."""
    release = made.release
    free = {
        person
        for moved in made.moved.values()
        for person, each in moved.people.items()
        if news(release.seen.get(person), made.kind, _MINUTES, each.told)
    }
    of_person: dict[str, list[int]] = {person: [] for person in free}
    spare: dict[int, int] = {}
    for number, cell in enumerate(cell for moved in made.moved.values() for cell in moved.cells):
        people = {piece.person for piece in cell if piece.fresh[_MINUTES] and piece.person in free}
        spare[number] = len(people) - release.k
        for person in {piece.person for piece in cell} & free:
            of_person[person].append(number)
    return Taking(free, of_person, spare)


def _records(before: Mapping[str, Record], kinds: Mapping[Kind, Kinds]) -> dict[str, Record]:
    """Return what is published of each person after a release."""
    told: dict[str, dict[Kind, tuple[str, Told]]] = {}
    seen = {person: dict(record.seen) for person, record in before.items()}
    for kind, made in kinds.items():
        for person, row in made.held.items():
            moved: Moved | None = made.moved.get(row)
            if moved is None or person not in moved.people:
                told.setdefault(person, {})[kind] = (row, made.before[person])
                continue
            each = moved.people[person].told
            told.setdefault(person, {})[kind] = (row, each)
            seen[person] = widened(seen.get(person, {}), [*each.leaves.items(), (Leaf(kind), each.total)])
    return {person: Record(told.get(person, {}), ranges) for person, ranges in seen.items()}

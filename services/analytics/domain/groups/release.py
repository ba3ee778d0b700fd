"""Releases: a calendar month as it is published, and the next release made of it (MIX.md 3.5).

Until somebody has been told anything of a month, each release begins anew. From then on blocks stay, and rows follow
what people do only where `following` allows it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from schemas.events import MODES
from services.analytics.domain.groups.blocks import Size, pools
from services.analytics.domain.groups.contribution import Contribution, Kind, Leaf, ReadBy
from services.analytics.domain.groups.dividing import divided
from services.analytics.domain.groups.following import Told, news, widened
from services.analytics.domain.groups.month import HEEDED, KINDS, Block, Month, Record
from services.analytics.domain.groups.places import NOWHERE, Place, Tree
from services.analytics.domain.groups.quartiles import Quartiles, Taking, quartiles
from services.analytics.domain.groups.refining import Refining
from services.analytics.domain.groups.rows import HEADS, Kinds, Release, Row, candidates
from services.analytics.domain.groups.switching import BESIDE, NOTHING_OLDER, Switch, Switching

_MINUTES = 0


def release(
    before: Month | None,
    people: Mapping[str, Contribution],
    places: Mapping[str, Place],
    tree: Tree,
    *,
    k: int,
    at: str,
    read_by: ReadBy,
    running: bool = False,
) -> Month:
    """Return the month's next release: its first when `before` is None or has no blocks.

    `people` are those who contribute now (without who objected), `places` of everybody on the roster. Blocks of a
    `running` month may be split; those of one that is over stay. `read_by`: under what contributions are summed up.
    """
    units = {person: tree.unit(places.get(person, NOWHERE).team) for person in {*people, *places}}
    learning = {units[person] for person, each in people.items() if Leaf("people") in each.leaves}
    if before is not None and before.blocks:
        before = divided(
            replace(before, blocks=_same_blocks(before.blocks, learning, tree)), units, places, tree, k, at, read_by
        )
    else:
        before = None
    records = before.people if before else {}
    wanted = _first_blocks(people, units, tree, k)
    making = Release({person: record.seen for person, record in records.items()}, k, before is None, at, read_by)
    blocks, kept = wanted, frozenset[str]()
    if before is not None:
        blocks, kept = before.blocks, frozenset(block.id for block in before.blocks)
        if running:
            blocks, kept = _refined(blocks, before, [block.units for block in wanted], _now(people, units), making)
    block_of_unit = {unit: block.id for block in blocks for unit in block.units}
    block_of = {person: block_of_unit[units[person]] for person in people if units[person] in block_of_unit}
    published = {
        kind: [row for row in before.rows.get(kind, ()) if row.blocks <= kept] if before else [] for kind in KINDS
    }
    kinds = {
        kind: _kind(kind, published[kind], records, candidates(kind, people, places, block_of), making)
        for kind in KINDS
    }
    older = any(row.read_by != read_by for mode in MODES for row in published[mode])
    switch = Switching(kinds, people, making).switch() if older else NOTHING_OLDER
    for made in kinds.values():
        _go_on(made, switch, blocks)
    told = {mode: _quartiles(kinds[mode], before.quartiles.get(mode) if before else None) for mode in MODES}
    return Month(
        blocks,
        {kind: tuple(sorted(made.rows, key=lambda row: row.id)) for kind, made in kinds.items()},
        _records(records, kinds),
        {mode: found for mode, found in told.items() if found is not None},
        Counter(units[person] for person in places),
    )


def _first_blocks(
    people: Mapping[str, Contribution], units: Mapping[str, str], tree: Tree, k: int
) -> tuple[Block, ...]:
    sizes: dict[str, Size] = {}
    for person, each in people.items():
        kinds = {leaf.kind for leaf in each.leaves}
        size = Size(int("people" in kinds), *(int(mode in kinds) for mode in MODES))
        sizes[units[person]] = sizes.get(units[person], Size()).joined(size)
    return tuple(Block(pool.id, pool.units) for pool in pools(tree, sizes, k))


def _same_blocks(blocks: Iterable[Block], learning: Set[str], tree: Tree) -> tuple[Block, ...]:
    """Return the blocks as they are; a unit that is new joins the block of the nearest node above it, or the first.

    Only one in which somebody is `learning` does, as with first blocks: a team of nobody is not told with another.
    """
    kept = list(blocks)
    for unit in sorted(learning - {unit for block in kept for unit in block.units}):
        place = next((n for node in tree.path(unit) for n, block in enumerate(kept) if node in block.units), 0)
        kept[place] = replace(kept[place], units=kept[place].units | {unit})
    return tuple(kept)


def _now(people: Mapping[str, Contribution], units: Mapping[str, str]) -> dict[str, dict[Kind, dict[str, Told]]]:
    """Return who has what now, by unit and kind."""
    now: dict[str, dict[Kind, dict[str, Told]]] = {}
    for person, each in people.items():
        for kind, leaves in each.kinds().items():
            now.setdefault(units[person], {}).setdefault(kind, {})[person] = Told(leaves)
    return now


def _refined(
    blocks: Iterable[Block],
    before: Month,
    wanted: Sequence[frozenset[str]],
    now: Mapping[str, Mapping[Kind, Mapping[str, Told]]],
    making: Release,
) -> tuple[tuple[Block, ...], frozenset[str]]:
    """Return the blocks, split where that can be, and the ids of those that stay.

    So do those that share a row, or are told under an older reading.
    """
    refining = Refining(now, making.seen, making.k)
    heeded = [row for kind in HEEDED for row in before.rows.get(kind, ())]
    sharing = {block for row in heeded if len(row.blocks) > 1 or row.read_by != making.read_by for block in row.blocks}
    refined: list[Block] = []
    kept: set[str] = set()
    for block in blocks:
        parts = [block.units] if block.id in sharing else refining.parts(block.units, wanted)
        if len(parts) == 1:
            kept.add(block.id)
        refined += block.parts(parts)
    return tuple(sorted(refined, key=lambda block: block.id)), frozenset(kept)


def _kind(
    kind: Kind,
    rows: Sequence[Row],
    records: Mapping[str, Record],
    now: Mapping[str, Mapping[str, Told]],
    making: Release,
) -> Kinds:
    """Return the rows of a kind as they are published, before anything is made of them."""
    published: dict[str, dict[str, Told]] = {row.id: {} for row in rows}
    for person, record in records.items():
        row, told = record.told.get(kind, ("", None))
        if told is not None and row in published:
            published[row][person] = told
    held = {person: row for row, people in published.items() for person in people}
    return Kinds(kind, making, now, rows, published, held)


def _go_on(made: Kinds, switch: Switch, blocks: Iterable[Block]) -> None:
    """Take over what is published, and begin where nothing is, but for blocks that wait under an older reading."""
    if made.kind not in HEADS:
        made.barred, made.busy = switch.barred, switch.busy
    for row in made.published:
        people = switch.rows.get((made.kind, row.id), made.before[row.id])
        if people is None:
            made.drop(row)
        elif row.blocks & switch.waiting:
            made.keep(row)
        elif (made.kind, row.id) in switch.rows:
            made.tell(row, people)
        else:
            made.follow(row)
    covered = {block for row in made.published for block in row.blocks} | switch.waiting
    covered |= switch.gone if made.kind in BESIDE else set()
    made.begin(block.id for block in blocks if block.id not in covered)


def _quartiles(made: Kinds, before: Quartiles | None) -> Quartiles | None:
    """Give the rows that are published now their quartiles, and return those of the organisation.

    The organisation comes first; rows have what it leaves. Where a row goes over to another reading there are none:
    the people who were taken before may have the same now in another mode.
    """
    if made.renewed:
        return None
    taking = _taking(made)
    k = made.release.k
    everybody = {
        person: each.total.minutes_us
        for moved in made.moved.values()
        for person, each in moved.people.items()
        if each.total.minutes_us
    }
    everybody |= {person: told.total.minutes_us for person, told in made.told_before() if told.total.minutes_us}
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
            moved.people[person] = replace(moved.people[person], quartile=True)
    return whole[0] if whole else before


def _taking(made: Kinds) -> Taking:
    """Return who may be taken: people who are published now, with minutes that nothing published held."""
    release = made.release
    free = {
        person
        for moved in made.moved.values()
        for person, each in moved.people.items()
        if news(release.seen.get(person), made.kind, _MINUTES, each)
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
        for person, each in made.told_before():
            told.setdefault(person, {})[kind] = (made.held[person], each)
        for row, moved in made.moved.items():
            for person, now in moved.people.items():
                told.setdefault(person, {})[kind] = (row, now)
                seen[person] = widened(seen.get(person, {}), [*now.leaves.items(), (Leaf(kind), now.total)])
    return {person: Record(told.get(person, {}), ranges) for person, ranges in seen.items()}

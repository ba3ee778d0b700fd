"""How what is published is kept: rows, records of people and what is told of a group, as JSON and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.analytics.domain.groups.contribution import Certainty, Kind, Leaf, Part, ReadBy
from services.analytics.domain.groups.cuts import WAYS, Split
from services.analytics.domain.groups.following import Range, Told
from services.analytics.domain.groups.group import Group
from services.analytics.domain.groups.month import Record
from services.analytics.domain.groups.rows import Row


def row_json(row: Row) -> dict[str, Any]:
    """Return a row as JSON; kind and blocks are kept beside it."""
    data = asdict(row)
    del data["kind"], data["blocks"]
    return data


def row(kind: Kind, blocks: list[str], data: Mapping[str, Any]) -> Row:
    """Return the row."""
    split, quartiles, margins = data["split"], data["quartiles"], data["margins"]
    return Row(
        kind,
        data["id"],
        frozenset(blocks),
        Part(*data["total"]),
        Certainty(*data["certainty"]),
        (margins[0], margins[1], margins[2]),
        data["moves"],
        data["released"],
        ReadBy(*data["read_by"]),
        None if split is None else _split(split),
        None if quartiles is None else (quartiles[0], quartiles[1], quartiles[2]),
    )


def _split(data: Mapping[str, Any]) -> Split:
    """Return the split; one that an earlier version made is not cut in each way."""
    told = {way: {value: Part(*part) for value, part in data["told"].get(way, {}).items()} for way in WAYS}
    rest = {way: tuple(data["rest"].get(way, ())) for way in WAYS}
    return Split(told, rest, data["rules"], data["other"], data["reach"])


def record_json(record: Record) -> dict[str, Any]:
    """Return what is published of a person as JSON."""
    return {
        "told": {
            kind: [
                row,
                [[*leaf, *part] for leaf, part in told.leaves.items()],
                told.role,
                told.location,
                told.certainty,
                told.quartile,
                told.listed,
            ]
            for kind, (row, told) in record.told.items()
        },
        "seen": [[*leaf, *seen.least, *seen.greatest] for leaf, seen in record.seen.items()],
    }


def record(data: Mapping[str, Any]) -> Record:
    """Return the record; one that an earlier version made does not say who is on the roster."""
    told: dict[Kind, tuple[str, Told]] = {}
    for kind, (row_id, leaves, role, location, certainty, quartile, *more) in data["told"].items():
        parts = {Leaf(*each[:4]): Part(*each[4:]) for each in leaves}
        told[kind] = row_id, Told(parts, role, location, Certainty(*certainty), quartile, *more)
    return Record(told, {Leaf(*each[:4]): Range(Part(*each[4:7]), Part(*each[7:])) for each in data["seen"]})


def group_json(group: Group) -> dict[str, Any]:
    """Return what is told of a group as JSON."""
    data = asdict(group)
    data["untold"] = {way: sorted(values) for way, values in group.untold.items()}
    return data


def group(data: Mapping[str, Any]) -> Group:
    """Return the group."""
    ways = {
        way: {value: {kind: Part(*part) for kind, part in kinds.items()} for value, kinds in values.items()}
        for way, values in data["ways"].items()
    }
    return Group(
        people=data["people"],
        roster=data["roster"],
        seen=data.get("seen"),
        kinds={kind: Part(*part) for kind, part in data["kinds"].items()},
        certainty={mode: Certainty(*each) for mode, each in data["certainty"].items()},
        ways=ways,
        untold={way: frozenset(values) for way, values in data["untold"].items()},
        rules=data["rules"],
        other=data["other"],
        reach=data["reach"],
        quartiles={mode: (each[0], each[1], each[2]) for mode, each in data["quartiles"].items()},
        uncertain=data["uncertain"],
        oldest=data["oldest"],
        read_by=tuple(ReadBy(*each) for each in data["read_by"]),
    )

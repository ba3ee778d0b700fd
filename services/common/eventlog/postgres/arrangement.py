"""From entries to the arguments of one statement, and from rows back to records. Pure."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.common.eventlog import Entry, Headers, Partition, Record

_LENGTHS = struct.Struct(">HI")


@dataclass(slots=True)
class Arrangement:
    """Appends as `log.append` takes them: partitions sorted, each record with its slot and its place in it."""

    partitions: list[int]
    totals: list[int]
    places: list[tuple[int, int]] = field(default_factory=list)
    """For each append: the index of its partition, and the place of its first record there."""
    slots: list[int] = field(default_factory=list)
    nths: list[int] = field(default_factory=list)
    lasts: list[int] = field(default_factory=list)
    keys: list[bytes | None] = field(default_factory=list)
    values: list[bytes | None] = field(default_factory=list)
    headers: list[bytes] = field(default_factory=list)

    def arguments(self) -> tuple[Sequence[object], ...]:
        """Return the arguments of the statement APPEND."""
        return (
            self.partitions,
            self.totals,
            self.slots,
            self.nths,
            self.lasts,
            self.keys,
            self.values,
            self.headers,
        )


def arrange(appends: Sequence[tuple[int, Sequence[Entry]]]) -> Arrangement:
    """Arrange (partition id, entries) pairs; appends to the same partition keep their order."""
    partitions = sorted({identity for identity, _ in appends})
    arrangement = Arrangement(partitions, [0] * len(partitions))
    index_of = {identity: index for index, identity in enumerate(partitions)}
    for identity, entries in appends:
        index = index_of[identity]
        first = arrangement.totals[index]
        arrangement.totals[index] = end = first + len(entries)
        arrangement.places.append((index, first))
        arrangement.slots += [index + 1] * len(entries)
        arrangement.nths += range(first, end)
        arrangement.lasts += [end - 1] * len(entries)
        arrangement.keys += [entry.key for entry in entries]
        arrangement.values += [entry.value for entry in entries]
        arrangement.headers += [pack(entry.headers) for entry in entries]
    return arrangement


def pack(headers: Headers) -> bytes:
    """Return headers as bytes: for each its two lengths, name and value."""
    parts = []
    for name, value in headers:
        encoded = name.encode()
        parts += [_LENGTHS.pack(len(encoded), len(value)), encoded, value]
    return b"".join(parts)


def unpack(packed: bytes) -> Headers:
    """Return the headers that `pack` packed."""
    headers = []
    at = 0
    while at < len(packed):
        name, value = _LENGTHS.unpack_from(packed, at)
        at += _LENGTHS.size
        headers.append((packed[at : at + name].decode(), packed[at + name : at + name + value]))
        at += name + value
    return tuple(headers)


def records_of(partition: Partition, position: int, sparse: int, rows: Iterable[Sequence[object]]) -> list[Record]:
    """Return the records of rows (position, key, value, headers) read from `position` on.

    Raises RuntimeError at a gap that compaction did not make: a record would have been skipped, and that is what
    the locked counter row rules out.
    """
    records = []
    expected = position
    for row in rows:
        found, key, value, headers = row
        if found != expected and found > sparse:  # type: ignore[operator]
            raise RuntimeError(f"{partition} goes on at {found}, not at {expected}: records were skipped")
        records.append(Record(partition, found, key, value, unpack(headers)))  # type: ignore[arg-type]
        expected = found + 1  # type: ignore[operator]
    return records

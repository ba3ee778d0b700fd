"""What a request is on the log: how large it may be, its header `request` (i/N), and where a batch may end."""

from collections.abc import Sequence
from itertools import chain

from schemas.reasons import Reason
from services.common.errors import Rejected
from services.common.eventlog import Entry, Record

BODY_LIMIT = 8_000_000
"""The largest HTTP body a log is built for unless it is told another; the same for all three."""

REQUEST = "request"
"""The header of a record that says which of how many of its request it is, from 1: `b"3/50"`."""

_RECORD_BYTES = 32  # what a record costs beside its key, value and headers, at most (Kafka's format, version 2)
_HEADER_BYTES = 10  # the same for one header


def request_header(index: int, count: int) -> tuple[str, bytes]:
    """Return the header of the record that is number `index` (from 1) of the `count` of its request."""
    return REQUEST, b"%d/%d" % (index, count)


def append_limit(body_limit: int) -> int:
    """Return the largest request the log takes: a body grows by what is stamped into its statements and headers."""
    return 2 * body_limit + 64 * 1024


def size_of(entries: Sequence[Entry]) -> int:
    """Return an upper bound of the bytes that the entries take on the log, before compression."""
    total: int = _RECORD_BYTES * len(entries)
    for entry in entries:
        total += len(entry.key or b"") + len(entry.value or b"")
        for name, value in entry.headers:
            total += _HEADER_BYTES + len(name.encode()) + len(value)
    return total


def checked_size(entries: Sequence[Entry], limit: int) -> int:
    """Return the size of a request; raises `Rejected(BODY_TOO_LARGE)` beyond the limit, ValueError when empty."""
    if not entries:
        raise ValueError("an append has at least one entry")
    size = size_of(entries)
    if size > limit:
        raise Rejected(Reason.BODY_TOO_LARGE, f"the request takes {size} bytes on the log, at most {limit} fit")
    return size


def cut(records: Sequence[Record], max_records: int, max_bytes: int) -> int:
    """Return how many of the records make the next batch: within both bounds, but whole requests and at least one.

    The last of `records` must itself end a request (a fetch returns whole appends).
    """
    limit = _within(records, max_records, max_bytes)
    for end in chain(range(limit, 0, -1), range(limit + 1, len(records))):
        if end == len(records) or not _continues(records[end - 1], records[end]):
            return end
    return len(records)


def _within(records: Sequence[Record], max_records: int, max_bytes: int) -> int:
    total = 0
    for count, record in enumerate(records[:max_records]):
        total += len(record.value or b"")
        if total > max_bytes:
            return max(1, count)
    return min(len(records), max_records)


def _continues(record: Record, following: Record) -> bool:
    """Tell whether the second goes on with the request of the first.

    A dead letter keeps the header of the record it was, so the header of one record alone tells nothing.
    """
    before, after = _place(record), _place(following)
    return before is not None and after is not None and after == (before[0] + 1, before[1])


def _place(record: Record) -> tuple[int, int] | None:
    value = record.header(REQUEST)
    index, slash, count = (value or b"").partition(b"/")
    if not slash or not index.isdigit() or not count.isdigit():
        return None
    return int(index), int(count)

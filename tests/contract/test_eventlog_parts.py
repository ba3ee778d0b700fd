"""The pure parts below the logs: where a batch may end, what is shared, what a second try costs."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import Unavailable
from services.common.eventlog import Appended, Entry, Partition, Record
from services.common.eventlog.kafka.appending import Budget
from services.common.eventlog.postgres.arrangement import arrange, pack, records_of, unpack
from services.common.eventlog.requests import append_limit, cut, request_header, size_of
from services.common.eventlog.sharing import Request, Room, SharedWriter

_HERE = Partition("t", 0)


def _records(sizes: Sequence[int], value: bytes = b"v") -> list[Record]:
    headers = [(request_header(index, size),) for size in sizes for index in range(1, size + 1)]
    return [Record(_HERE, position, b"k", value, header) for position, header in enumerate(headers)]


@given(st.lists(st.integers(1, 60), min_size=1, max_size=20), st.integers(1, 100))
def test_a_cut_takes_whole_requests_and_at_least_one(sizes: list[int], most: int) -> None:
    records = _records(sizes)
    ends = {sum(sizes[:count]) for count in range(1, len(sizes) + 1)}
    end = cut(records, most, 10**9)
    assert end in ends
    assert end == max((each for each in ends if each <= most), default=min(ends))


def test_a_cut_is_bounded_in_bytes() -> None:
    records = _records([2] * 10, value=b"x" * 100)
    assert cut(records, 1000, 500) == 4
    assert cut(records, 1000, 10) == 2


def test_a_dead_letter_of_a_torn_request_ends_one_by_itself() -> None:
    """It has the header of the record it was; its neighbours belong to other requests."""
    letters = [
        Record(_HERE, position, None, b"v", (request_header(*place),))
        for position, place in enumerate([(3, 50), (7, 20), (4, 50), (1, 1)])
    ]
    assert [cut(letters[at:], 1, 10**9) for at in range(4)] == [1, 1, 1, 1]


def test_records_without_the_header_are_requests_of_their_own() -> None:
    assert cut([Record(_HERE, position, None, b"v") for position in range(10)], 4, 10**9) == 4


@given(st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=40)), max_size=8))
def test_headers_survive_packing(headers: list[tuple[str, bytes]]) -> None:
    assert unpack(pack(tuple(headers))) == tuple(headers)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 5)), min_size=1, max_size=20))
def test_an_arrangement_is_contiguous_per_partition_and_keeps_appends_whole(appends: list[tuple[int, int]]) -> None:
    arrangement = arrange(
        [(identity, [Entry(b"k", b"%d" % number)] * count) for number, (identity, count) in enumerate(appends)]
    )
    assert arrangement.partitions == sorted({identity for identity, _ in appends})
    placed: dict[int, list[int]] = {}
    at = 0
    for (identity, count), (index, first) in zip(appends, arrangement.places, strict=True):
        assert arrangement.partitions[index] == identity
        assert set(arrangement.slots[at : at + count]) == {index + 1}
        assert arrangement.nths[at : at + count] == list(range(first, first + count))
        assert set(arrangement.lasts[at : at + count]) == {first + count - 1}
        placed.setdefault(index, []).extend(arrangement.nths[at : at + count])
        at += count
    assert [placed[index] for index in range(len(arrangement.totals))] == [list(range(n)) for n in arrangement.totals]


@pytest.mark.parametrize(("sparse", "allowed"), [(0, False), (4, False), (5, True), (9, True)])
def test_a_gap_is_allowed_below_what_was_compacted_only(sparse: int, allowed: bool) -> None:
    rows = [(2, b"k", b"v", b""), (5, b"k", b"v", b"")]
    if allowed:
        assert [record.position for record in records_of(_HERE, 2, sparse, rows)] == [2, 5]
    else:
        with pytest.raises(RuntimeError, match="skipped"):
            records_of(_HERE, 2, sparse, rows)


def test_the_size_bound_holds_for_tiny_records() -> None:
    from aiokafka.record.default_records import DefaultRecordBatchBuilder

    entries = [Entry(b"k", b"v", (request_header(index, 999), ("tenant", b"t"))) for index in range(1, 1000)]
    builder = DefaultRecordBatchBuilder(
        2, 0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=0, batch_size=10**9
    )
    for offset, entry in enumerate(entries):
        builder.append(offset, None, key=entry.key, value=entry.value, headers=list(entry.headers))
    assert builder.size() <= size_of(entries) <= append_limit(size_of(entries))


def test_second_tries_have_a_budget() -> None:
    budget = Budget(share=0.125, burst=3)
    assert [budget.spend() for _ in range(4)] == [True, True, True, False]
    for _ in range(8):
        budget.earn()
    assert [budget.spend() for _ in range(2)] == [True, False]
    for _ in range(1000):
        budget.earn()
    assert sum(budget.spend() for _ in range(10)) == 3


# Sharing


class _Writes:
    """A log that notes what was written together, and fails as told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.groups: list[list[bytes]] = []
        self.error = error
        self.go = asyncio.Event()

    async def __call__(self, group: Sequence[Request]) -> list[Appended]:
        await self.go.wait()
        values = [entry.value or b"" for request in group for entry in request.entries]
        self.groups.append(values)
        if self.error is not None and b"bad" in values:
            raise self.error
        return [Appended(request.partition, 0, 0) for request in group]


def _submit(writer: SharedWriter, *values: bytes) -> list[asyncio.Future[Appended]]:
    return [writer.submit(_HERE, [Entry(None, value)], 10) for value in values]


async def test_requests_that_come_during_a_write_share_the_next() -> None:
    write = _Writes()
    writer = SharedWriter(write, Room(100, 10_000), 1_000)
    landed = _submit(writer, b"1")
    await asyncio.sleep(0)
    landed += _submit(writer, b"2", b"3", b"4")
    landed[2].cancel()
    write.go.set()
    await asyncio.gather(*landed, return_exceptions=True)
    assert write.groups == [[b"1"], [b"2", b"4"]]


async def test_a_shared_write_is_bounded_in_bytes() -> None:
    write = _Writes()
    writer = SharedWriter(write, Room(100, 10_000), 25)
    write.go.set()
    await asyncio.gather(*_submit(writer, b"1", b"2", b"3", b"4", b"5"))
    assert write.groups == [[b"1", b"2"], [b"3", b"4"], [b"5"]]


async def test_a_known_failure_is_tried_again_one_by_one_an_unknown_one_is_not() -> None:
    for error, failed, writes in ((ValueError("no"), [False, True, False], 4), (Unavailable("x", ""), [True] * 3, 1)):
        write = _Writes(error)
        writer = SharedWriter(write, Room(100, 10_000), 1_000)
        write.go.set()
        answers = await asyncio.gather(*_submit(writer, b"a", b"bad", b"b"), return_exceptions=True)
        assert [isinstance(answer, Exception) for answer in answers] == failed
        assert len(write.groups) == writes


async def test_the_room_is_given_back() -> None:
    write = _Writes(ValueError("no"))
    room = Room(3, 1_000)
    writer = SharedWriter(write, room, 1_000)
    landed = _submit(writer, b"a", b"bad", b"b")
    with pytest.raises(Unavailable):
        _submit(writer, b"c")
    landed[0].cancel()
    write.go.set()
    await asyncio.gather(*landed, return_exceptions=True)
    await writer.drain()
    assert room.empty()
    await asyncio.gather(*_submit(writer, b"c"))


async def test_bytes_are_bounded_but_one_request_always_fits() -> None:
    room = Room(10, 100)
    room.enter(500)
    with pytest.raises(Unavailable):
        room.enter(1)
    room.leave(500)
    room.enter(60)
    with pytest.raises(Unavailable):
        room.enter(60)

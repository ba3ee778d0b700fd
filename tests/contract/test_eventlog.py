"""The contract of an event log: one behavioural suite, held by all of its implementations."""

import asyncio
import time
from collections import defaultdict

import pytest

from schemas.reasons import Reason
from services.common.errors import PositionOutOfRange, Rejected, Unavailable
from services.common.eventlog import Entry, Partition, Range, Record, partition_of
from services.common.eventlog.members import BATCH_RECORDS
from tests.contract.harness import Group, Harness, consume, eventually, read_meanwhile, request, write_at_once


def _by_partition(records: list[Record]) -> dict[Partition, list[Record]]:
    found: dict[Partition, list[Record]] = defaultdict(list)
    for record in records:
        found[record.partition].append(record)
    return found


# Appending


async def test_an_append_stands_whole_in_order_and_contiguous(harness: Harness) -> None:
    log = await harness.log()
    landed = await log.append(harness.free, request("a", 50), b"route")
    assert landed.last - landed.first == 49
    group = Group()
    await consume(harness.subscribe(log, group, [harness.free]), group, lambda: len(group.records) == 50)
    assert [record.position for record in group.records] == list(range(landed.first, landed.last + 1))
    assert group.values() == [entry.value for entry in request("a", 50)]
    assert {record.partition for record in group.records} == {landed.partition}


async def test_tombstones_headers_and_null_keys_survive(harness: Harness) -> None:
    log = await harness.log()
    entries = [
        Entry(b"k\x00\xff", None, (("version", b"7"),)),
        Entry(None, b"v\x00\xff", (("a", b""), ("a", b"\x00\xff"), ("ü", "é".encode()))),
        Entry(b"", b"", ()),
    ]
    await log.append(harness.one, entries, b"")
    group = Group()
    await consume(harness.subscribe(log, group, [harness.one]), group, lambda: len(group.records) == 3)
    assert [Entry(record.key, record.value, record.headers) for record in group.records] == entries


async def test_one_key_one_partition(harness: Harness) -> None:
    log = await harness.log()
    keys = [f"key-{number}".encode() for number in range(20)]
    landed = [await log.append(harness.keyed, [Entry(key, b"v")], key) for key in keys + keys]
    assert [each.partition for each in landed[:20]] == [each.partition for each in landed[20:]]
    assert [each.partition.number for each in landed[:20]] == [partition_of(key, 4) for key in keys]
    assert len({each.partition for each in landed}) == 4


async def test_a_hop_to_another_partition_is_read_all_the_same(harness: Harness) -> None:
    """The same entries on two partitions: both copies are records; ids make the repeat harmless, not the log."""
    log = await harness.log()
    routes = {partition_of(str(number).encode(), 4): str(number).encode() for number in range(50)}
    for route in (routes[0], routes[3]):
        await log.append(harness.free, request("same", 3), route)
    group = Group()
    await consume(harness.subscribe(log, group, [harness.free]), group, lambda: len(group.records) == 6)
    assert {partition.number for partition in _by_partition(group.records)} == {0, 3}


async def test_a_request_larger_than_the_log_takes_is_refused(harness: Harness) -> None:
    log = await harness.log(body_limit=100_000)
    await log.append(harness.free, [Entry(b"k", b"v" * 190_000)], b"")
    with pytest.raises(Rejected) as refused:
        await log.append(harness.free, [Entry(b"k", b"v" * 150_000)] * 2, b"")
    assert refused.value.reason is Reason.BODY_TOO_LARGE


async def test_what_is_pending_when_the_log_closes_is_kept(harness: Harness) -> None:
    log = await harness.log()
    other = await harness.log()
    pending = [asyncio.create_task(log.append(harness.one, request(f"r{number}", 3), b"")) for number in range(50)]
    await asyncio.sleep(0)
    await log.close()
    landed = await asyncio.gather(*pending)
    assert (await other.ranges(harness.one))[0].end == 150
    assert len({each.first for each in landed}) == 50


async def test_full_buffers_refuse_at_once_and_what_was_accepted_is_kept(harness: Harness) -> None:
    log = await harness.log(max_pending=10)
    started = time.monotonic()
    answers = await asyncio.gather(
        *(log.append(harness.one, request(f"r{number}", 2), b"") for number in range(100)), return_exceptions=True
    )
    refused = [each for each in answers if isinstance(each, Unavailable)]
    assert len(refused) == 90
    assert time.monotonic() - started < 2
    assert (await log.ranges(harness.one))[0].end == 20
    await log.append(harness.one, request("later", 2), b"")


async def test_a_cancelled_caller_leaves_its_request_whole_or_absent(harness: Harness) -> None:
    log = await harness.log()
    tasks = [asyncio.create_task(log.append(harness.one, request(f"r{number}", 30), b"")) for number in range(40)]
    for number, task in enumerate(tasks):
        if number % 2:
            task.cancel()
        await asyncio.sleep(0.0005 if number % 10 == 0 else 0)
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    held = (await log.ranges(harness.one))[0]
    group = Group()
    await consume(harness.subscribe(log, group, [harness.one]), group, lambda: group_at(group, harness.one) == held.end)
    counts: dict[bytes, int] = defaultdict(int)
    for value in group.values():
        assert value is not None
        counts[value.split(b":")[0]] += 1
    assert set(counts.values()) == {30}
    acknowledged = {f"r{number}".encode() for number, each in enumerate(answers) if not isinstance(each, BaseException)}
    assert acknowledged <= set(counts)


def group_at(group: Group, topic: str) -> int:
    return group.positions.get(Partition(topic, 0), 0)


# Reading


async def test_no_record_is_skipped_under_concurrent_writers(harness: Harness) -> None:
    """8 writers, each with a log of its own, and a reader at the same time: positions 0..n, each once, in order."""
    logs = [await harness.log() for _ in range(8)]
    group = Group()
    subscription = harness.subscribe(logs[0], group, [harness.one])
    writing = asyncio.ensure_future(write_at_once(logs, harness.one, 250))
    assert await read_meanwhile(subscription, group, writing) == set()
    assert [record.position for record in group.records] == list(range(2000))
    of_writer: dict[bytes, list[int]] = defaultdict(list)
    for value in group.values():
        writer, _, index = (value or b"").partition(b"/")
        of_writer[writer].append(int(index))
    assert all(indexes == list(range(250)) for indexes in of_writer.values())


async def test_requests_of_concurrent_callers_never_interleave(harness: Harness) -> None:
    log = await harness.log()
    sizes = [1, 2, 7, 30]
    await asyncio.gather(
        *(log.append(harness.free, request(f"r{number}", sizes[number % 4]), bytes([number])) for number in range(200))
    )
    total = 50 * sum(sizes)
    group = Group()
    await consume(harness.subscribe(log, group, [harness.free]), group, lambda: len(group.records) == total)
    for records in _by_partition(group.records).values():
        places = [record.header("request") for record in records]
        assert places == [
            b"%d/%d" % (index, int(first.split(b"/")[1]))
            for first in (place for place in places if place is not None and place.startswith(b"1/"))
            for index in range(1, int(first.split(b"/")[1]) + 1)
        ]


async def test_batches_are_bounded_and_end_on_request_boundaries(harness: Harness) -> None:
    log = await harness.log(batch_records=100)
    for number in range(30):
        await log.append(harness.one, request(f"r{number}", 30), b"")
    await log.append(harness.one, request("large", 250), b"")
    group = Group()
    await consume(harness.subscribe(log, group, [harness.one]), group, lambda: len(group.records) == 1150)
    sizes = [len(batch.records) for batch in group.batches]
    assert all(size <= 100 or size == 250 for size in sizes)
    for batch in group.batches:
        index, _, count = (batch.records[-1].header("request") or b"").partition(b"/")
        assert index == count
    assert all(before.next == after.position for before, after in zip(group.batches, group.batches[1:], strict=False))


async def test_batches_are_bounded_in_bytes(harness: Harness) -> None:
    log = await harness.log(batch_bytes=100_000)
    for number in range(20):
        await log.append(harness.one, request(f"r{number}", 2, size=20_000), b"")
    group = Group()
    await consume(harness.subscribe(log, group, [harness.one]), group, lambda: len(group.records) == 40)
    assert max(sum(len(record.value or b"") for record in batch.records) for batch in group.batches) <= 100_000
    assert len(group.batches) >= 8


async def test_a_reader_is_woken_by_an_append(harness: Harness) -> None:
    """30 appends, each made when the one before was read: with a delay per poll this could not be done in time."""
    log = await harness.log()
    group = Group()
    subscription = harness.subscribe(log, group, [harness.one])
    await eventually(lambda: Partition(harness.one, 0) in group.asked, subscription)
    started = time.monotonic()
    for number in range(30):
        waiting = asyncio.create_task(consume(subscription, group, lambda n=number: len(group.records) > n))
        await asyncio.sleep(0)
        await log.append(harness.one, request(f"r{number}", 1), b"")
        await waiting
    assert time.monotonic() - started < 6  # one look a second would take 15


async def test_an_idle_poll_returns_none_in_its_time(harness: Harness) -> None:
    log = await harness.log()
    group = Group()
    subscription = harness.subscribe(log, group, [harness.one])
    await eventually(lambda: bool(group.asked), subscription)
    started = time.monotonic()
    assert await subscription.poll(0.3) is None
    assert 0.2 < time.monotonic() - started < 3


async def test_a_slow_reader_does_not_make_the_log_read_without_end(harness: Harness) -> None:
    """Many batches wait; one is handed out at a time, from where the reader stands."""
    log = await harness.log()
    for number in range(40):
        await log.append(harness.one, request(f"r{number}", 100), b"")
    group = Group()
    subscription = harness.subscribe(log, group, [harness.one])
    await consume(subscription, group, lambda: len(group.batches) == 1)
    assert len(group.records) <= BATCH_RECORDS
    await asyncio.sleep(0.2)
    assert (await subscription.lag())[Partition(harness.one, 0)] == 4000 - len(group.records)
    await consume(subscription, group, lambda: len(group.records) == 4000)


# Positions


async def test_it_resumes_from_the_stored_position(harness: Harness) -> None:
    log = await harness.log()
    for number in range(6):
        await log.append(harness.one, request(f"r{number}", 10), b"")
    group = Group(positions={Partition(harness.one, 0): 40})
    await consume(harness.subscribe(log, group, [harness.one]), group, lambda: len(group.records) == 20)
    assert group.batches[0].position == 40
    assert [record.position for record in group.records] == list(range(40, 60))


async def test_nothing_is_yielded_until_locate_has_answered(harness: Harness) -> None:
    log = await harness.log()
    await log.append(harness.one, request("a", 3), b"")
    group = Group(positions={Partition(harness.one, 0): 3})
    tries = 0

    async def hesitant(partition: Partition, held: Range) -> int:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise Unavailable("postgresql", "away")
        return await group.locate(partition, held)

    subscription = log.subscribe(group.name, [harness.one], hesitant)
    try:
        await eventually(lambda: tries >= 2, subscription)
        await log.append(harness.one, request("b", 2), b"")
        await consume(subscription, group, lambda: len(group.records) == 2)
        assert tries == 4
        assert group.values() == [entry.value for entry in request("b", 2)]
    finally:
        await subscription.close()


async def test_rewind_drops_what_was_read_ahead_and_asks_again(harness: Harness) -> None:
    log = await harness.log(batch_records=10)
    for number in range(10):
        await log.append(harness.one, request(f"r{number}", 10), b"")
    partition = Partition(harness.one, 0)
    group = Group()
    subscription = harness.subscribe(log, group, [harness.one])
    await consume(subscription, group, lambda: len(group.batches) == 3)
    group.positions[partition] = 10
    await subscription.rewind(partition)
    await consume(subscription, group, lambda: len(group.batches) == 4)
    assert group.batches[3].position == 10
    assert group.asked.count(partition) == 2


async def test_a_position_beyond_the_end_stops_the_group(harness: Harness) -> None:
    """The log is shorter than what was stored: it was replaced by an empty one."""
    log = await harness.log()
    await log.append(harness.one, request("a", 3), b"")
    group = Group(positions={Partition(harness.one, 0): 4})
    subscription = harness.subscribe(log, group, [harness.one])
    with pytest.raises(PositionOutOfRange, match="stands at 4"):
        await consume(subscription, group, lambda: False)
    assert group.records == []


async def test_a_position_before_the_start_stops_the_group(harness: Harness) -> None:
    log = await harness.log()
    partition = Partition(harness.one, 0)
    await log.append(harness.one, request("a", 5), b"")
    await harness.trim(partition)
    assert (await log.ranges(harness.one))[0] == Range(5, 5)
    group = Group(positions={partition: 2})
    subscription = harness.subscribe(log, group, [harness.one])
    with pytest.raises(PositionOutOfRange, match="stands at 2"):
        await consume(subscription, group, lambda: False)
    await subscription.close()
    await log.append(harness.one, request("b", 5), b"")
    group = Group(positions={partition: 5})
    await consume(harness.subscribe(log, group, [harness.one]), group, lambda: len(group.records) == 5)
    assert group.records[0].position == 5


async def test_a_reader_that_is_overtaken_by_trimming_is_told(harness: Harness) -> None:
    log = await harness.log(batch_records=5)
    partition = Partition(harness.one, 0)
    group = Group()
    subscription = harness.subscribe(log, group, [harness.one])
    await eventually(lambda: bool(group.asked), subscription)
    await log.append(harness.one, request("a", 5), b"")
    await consume(subscription, group, lambda: len(group.records) == 5)
    group.positions[partition] = 1
    await harness.trim(partition)
    await subscription.rewind(partition)
    with pytest.raises(PositionOutOfRange, match="stands at 1"):
        await consume(subscription, group, lambda: False)


async def test_lag_counts_what_is_still_to_be_read(harness: Harness) -> None:
    log = await harness.log(batch_records=10)
    for number in range(3):
        await log.append(harness.one, request(f"r{number}", 10), b"")
    partition = Partition(harness.one, 0)
    group = Group()
    subscription = harness.subscribe(log, group, [harness.one])
    await consume(subscription, group, lambda: len(group.batches) == 1)
    assert await subscription.lag() == {partition: 20}
    await consume(subscription, group, lambda: len(group.batches) == 3)
    assert await subscription.lag() == {partition: 0}
    await log.append(harness.one, request("more", 4), b"")
    assert await subscription.lag() == {partition: 4}


# Groups


async def test_two_members_divide_and_take_over(harness: Harness) -> None:
    logs = [await harness.log(), await harness.log()]
    everything = {Partition(harness.free, number) for number in range(4)}
    group = Group()
    first = harness.subscribe(logs[0], group, [harness.free])
    await eventually(lambda: first.settled() and set(first.assigned()) == everything, first)
    second = harness.subscribe(logs[1], group, [harness.free])
    await eventually(lambda: len(second.assigned()) == len(first.assigned()) == 2, first, second)
    assert first.assigned() | second.assigned() == everything
    assert not first.assigned() & second.assigned()
    await first.close()
    await eventually(lambda: set(second.assigned()) == everything, second)
    assert first.assigned() == frozenset()


async def test_while_members_come_and_go_every_record_takes_effect_once(harness: Harness) -> None:
    """Positions are moved by compare-and-set, so whatever two members read, each record counts once, in order."""
    logs = [await harness.log(), await harness.log()]
    group = Group()
    total = 600

    async def write() -> None:
        for number in range(total // 3):
            await logs[0].append(harness.free, request(f"r{number}", 3), bytes([number % 256]))
            await asyncio.sleep(0.002)

    def done() -> bool:
        return len(group.records) >= total

    first = harness.subscribe(logs[0], group, [harness.free])
    reading = [asyncio.create_task(write()), asyncio.create_task(consume(first, group, lambda: done() or _late(group)))]
    await asyncio.sleep(0.1)
    second = harness.subscribe(logs[1], group, [harness.free])
    reading.append(asyncio.create_task(consume(second, group, done)))
    await reading[1]
    await first.close()
    await asyncio.gather(*reading)
    assert len(group.records) == total
    for records in _by_partition(group.records).values():
        assert [record.position for record in records] == list(range(len(records)))


def _late(group: Group) -> bool:
    return len(group.records) > 300


async def test_a_member_without_a_share_is_settled_and_waits(harness: Harness) -> None:
    logs = [await harness.log(), await harness.log()]
    group = Group()
    members = [harness.subscribe(log, group, [harness.one]) for log in logs]
    await eventually(
        lambda: all(each.settled() for each in members) and sum(len(each.assigned()) for each in members) == 1,
        *members,
    )
    owner, idle = sorted(members, key=lambda each: -len(each.assigned()))
    await owner.close()
    await eventually(lambda: len(idle.assigned()) == 1, idle)


async def test_groups_do_not_disturb_each_other(harness: Harness) -> None:
    log = await harness.log()
    await log.append(harness.one, request("a", 5), b"")
    for _ in range(2):
        group = Group()
        await consume(harness.subscribe(log, group, [harness.one]), group, lambda g=group: len(g.records) == 5)


# Publishing


async def test_a_publisher_keeps_order_and_keys(harness: Harness) -> None:
    log = await harness.log()
    publisher = await log.publisher(f"relay-{harness.keyed}")
    group = Group()
    subscription = harness.subscribe(log, group, [harness.keyed, harness.one])
    for turn in range(3):
        pairs = [(harness.keyed, Entry(f"k{key}".encode(), b"%d" % turn)) for key in range(10)]
        await publisher.publish([*pairs, (harness.one, Entry(None, b"letter %d" % turn, (("reason", b"conflict"),)))])
    await consume(subscription, group, lambda: len(group.records) == 33)
    await publisher.close()
    for key in range(10):
        records = [record for record in group.records if record.key == f"k{key}".encode()]
        assert [record.value for record in records] == [b"0", b"1", b"2"]
        assert {record.partition.number for record in records} == {partition_of(f"k{key}".encode(), 4)}
    letters = [record.value for record in group.records if record.partition.topic == harness.one]
    assert letters == [b"letter 0", b"letter 1", b"letter 2"]
    await eventually(_without_lag(subscription), subscription)


def _without_lag(subscription):  # type: ignore[no-untyped-def]
    async def nothing_left() -> bool:
        return set((await subscription.lag()).values()) == {0}

    return nothing_left


async def test_a_publisher_fences_its_predecessor(harness: Harness) -> None:
    log = await harness.log()
    name = f"relay-{harness.keyed}"
    old = await log.publisher(name)
    await old.publish([(harness.one, Entry(b"k", b"old"))])
    new = await log.publisher(name)
    with pytest.raises(Unavailable):
        await old.publish([(harness.one, Entry(b"k", b"too late"))])
    await new.publish([(harness.one, Entry(b"k", b"new"))])
    group = Group()
    subscription = harness.subscribe(log, group, [harness.one])
    await consume(subscription, group, lambda: b"new" in group.values())
    assert group.values() == [b"old", b"new"]
    await old.close()
    await new.close()


async def test_an_open_log_is_available(harness: Harness) -> None:
    log = await harness.log()
    await eventually(log.available)

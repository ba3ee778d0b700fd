"""What only the log in PostgreSQL has: the caller's transaction, maintenance, connections that are lost."""

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from schemas.topics import Topic
from services.common.database import Database
from services.common.errors import Unavailable
from services.common.eventlog import Entry, Partition
from services.common.eventlog.partitions import WrongPartitions
from services.common.eventlog.postgres import PostgresEventLog, statements
from tests.contract.harness import (
    Group,
    PostgresHarness,
    consume,
    eventually,
    read_meanwhile,
    request,
    write_at_once,
)
from tests.contract.sequence_log import use_a_sequence


async def _log(harness: PostgresHarness, **options: object) -> PostgresEventLog:
    log = await harness.log(**options)
    assert isinstance(log, PostgresEventLog)
    return log


# Positions


async def test_the_suite_sees_what_a_sequence_loses(postgres: PostgresHarness, capsys: pytest.CaptureFixture) -> None:
    """The same writers and the same reader, with positions from a sequence: records are skipped."""
    logs = [await _log(postgres) for _ in range(8)]
    await use_a_sequence(logs[0], trusting=True)
    group = Group()
    subscription = postgres.subscribe(logs[0], group, [postgres.one])
    lost = await read_meanwhile(subscription, group, asyncio.ensure_future(write_at_once(logs, postgres.one, 500)))
    with capsys.disabled():
        print(f" a sequence lost {len(lost)} of 4000 records", end="")
    assert lost


async def test_a_gap_stops_the_reader_loudly(postgres: PostgresHarness) -> None:
    """Beside the suite the reader itself holds the law: a gap that compaction did not make is a bug."""
    logs = [await _log(postgres) for _ in range(8)]
    await use_a_sequence(logs[0], trusting=False)
    group = Group()
    subscription = postgres.subscribe(logs[0], group, [postgres.one])
    writing = asyncio.ensure_future(write_at_once(logs, postgres.one, 250))
    with pytest.raises(RuntimeError, match="records were skipped"):
        await read_meanwhile(subscription, group, writing)
    await writing


async def test_a_failing_commit_costs_only_its_own_request(postgres: PostgresHarness) -> None:
    log = await _log(postgres)
    connection = await postgres.connect()
    await connection.execute("""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF NEW.value LIKE 'bad:%' THEN RAISE 'refused'; END IF; RETURN NEW; END $$;
        CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON log.record
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
    """)
    await connection.close()
    names = ["good1", "bad", "good2", "good3"]
    answers = await asyncio.gather(
        *(log.append(postgres.one, request(name, 5), b"") for name in names), return_exceptions=True
    )
    assert [isinstance(answer, asyncpg.PostgresError) for answer in answers] == [False, True, False, False]
    group = Group()
    await consume(postgres.subscribe(log, group, [postgres.one]), group, lambda: len(group.records) == 15)
    assert [record.position for record in group.records] == list(range(15))
    assert not any(value and value.startswith(b"bad") for value in group.values())


async def test_requests_share_their_commits(postgres: PostgresHarness) -> None:
    log = await _log(postgres)
    await log.append(postgres.one, request("first", 1), b"")
    connection = await postgres.connect()
    before = await connection.fetchval("SELECT pg_current_xact_id()::text::bigint")
    await asyncio.gather(*(log.append(postgres.one, request(f"r{number}", 2), b"") for number in range(200)))
    after = await connection.fetchval("SELECT pg_current_xact_id()::text::bigint")
    await connection.close()
    assert after - before < 20


# The caller's transaction


async def test_an_append_in_a_transaction_is_read_after_its_commit_and_only_then(postgres: PostgresHarness) -> None:
    log = await _log(postgres)
    group = Group()
    subscription = postgres.subscribe(log, group, [postgres.keyed])
    entries = [(postgres.keyed, Entry(f"k{number}".encode(), b"v")) for number in range(20)]
    connection = await postgres.connect()
    async with connection.transaction():
        await log.append_in(connection, entries)
        assert await subscription.poll(0.3) is None
    log.announce(entries)
    await consume(subscription, group, lambda: len(group.records) == 20)
    rolled_back = connection.transaction()
    await rolled_back.start()
    await log.append_in(connection, entries)
    await rolled_back.rollback()
    async with connection.transaction():
        await log.append_in(connection, entries)
    await connection.close()
    await consume(subscription, group, lambda: len(group.records) == 40)  # not announced: it looks for itself
    for partition, position in group.positions.items():
        assert position == sum(record.partition == partition for record in group.records)


async def test_a_writer_that_waits_for_a_lock_holds_nobody_longer_than_its_bound(postgres: PostgresHarness) -> None:
    log = await _log(postgres, append_timeout=0.5, max_pending=5)
    connection = await postgres.connect()
    async with connection.transaction():
        await log.append_in(connection, [(postgres.one, Entry(b"k", b"holds the counter"))])
        started = time.monotonic()
        answers = await asyncio.gather(
            *(log.append(postgres.one, request(f"r{number}", 2), b"") for number in range(20)), return_exceptions=True
        )
        assert time.monotonic() - started < 1.5
        assert all(isinstance(answer, Unavailable) for answer in answers)
    await connection.close()
    await eventually(log.available)
    landed = await log.append(postgres.one, request("later", 2), b"")
    assert landed.first in (1, 3, 5, 7, 9, 11)  # what was taken up may still appear, whole


# Age and compaction


async def test_compaction_keeps_the_last_of_each_key_and_readers_pass_the_holes(postgres: PostgresHarness) -> None:
    log = await _log(postgres)
    for turn in range(3):
        for key in range(4):
            await log.append(postgres.compacted, [Entry(b"k%d" % key, b"%d" % turn)], b"")
    await log.append(postgres.compacted, [Entry(b"k0", None)], b"")
    await log.append(postgres.compacted, [Entry(None, b"no key")], b"")
    await log.maintain(datetime.now(UTC))
    assert await _all_of(postgres, log, 5) == [b"2", b"2", b"2", None, b"no key"]
    await log.maintain(datetime.now(UTC) + timedelta(days=9))
    assert await _all_of(postgres, log, 4) == [b"2", b"2", b"2", b"no key"]
    await log.append(postgres.compacted, [Entry(b"k1", b"new")], b"")
    group = Group(positions={Partition(postgres.compacted, 0): 14})
    await consume(postgres.subscribe(log, group, [postgres.compacted]), group, lambda: len(group.records) == 1)
    assert (group.records[0].position, group.records[0].value) == (14, b"new")


async def _all_of(harness: PostgresHarness, log: PostgresEventLog, count: int) -> list[bytes | None]:
    group = Group()
    subscription = harness.subscribe(log, group, [harness.compacted])
    await consume(subscription, group, lambda: len(group.records) == count)
    await subscription.close()
    return group.values()


async def test_what_compaction_took_off_the_end_is_no_lag(postgres: PostgresHarness) -> None:
    log = await _log(postgres)
    await log.append(postgres.compacted, [Entry(b"k", b"v")], b"")
    await log.append(postgres.compacted, [Entry(b"k", None)], b"")
    await log.maintain(datetime.now(UTC) + timedelta(days=9))
    group = Group()
    subscription = postgres.subscribe(log, group, [postgres.compacted])
    await eventually(lambda: bool(group.asked), subscription)
    assert await subscription.poll(0.1) is None
    assert await subscription.lag() == {Partition(postgres.compacted, 0): 0}


async def test_trimming_leaves_what_is_young(postgres: PostgresHarness) -> None:
    log = await _log(postgres)
    await log.append(postgres.one, request("old", 3), b"")
    connection = await postgres.connect()
    await connection.execute("UPDATE log.record SET appended = appended - interval '8 days'")
    await connection.close()
    await log.append(postgres.one, request("young", 3), b"")
    await log.maintain(datetime.now(UTC))
    held = (await log.ranges(postgres.one))[0]
    assert (held.start, held.end) == (3, 6)
    group = Group()
    await consume(postgres.subscribe(log, group, [postgres.one]), group, lambda: len(group.records) == 3)
    assert group.values() == [entry.value for entry in request("young", 3)]


# Connections


async def _end_connections(harness: PostgresHarness) -> None:
    connection = await harness.connect()
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


async def test_a_lost_connection_gives_everything_up_and_comes_back(postgres: PostgresHarness) -> None:
    log = await _log(postgres)
    group = Group()
    subscription = postgres.subscribe(log, group, [postgres.free])
    await eventually(lambda: len(subscription.assigned()) == 4, subscription)
    await log.append(postgres.free, request("a", 5), b"")
    await consume(subscription, group, lambda: len(group.records) == 5)
    asked = len(group.asked)
    await _end_connections(postgres)
    await eventually(lambda: subscription.assigned() == frozenset())
    await eventually(lambda: len(subscription.assigned()) == 4)
    await eventually(log.available)
    landed = await _until_appended(log, postgres.free)
    await consume(subscription, group, lambda: group.positions.get(landed.partition, 0) > landed.last)
    assert len(group.asked) >= asked + 4


async def _until_appended(log: PostgresEventLog, topic: str):  # type: ignore[no-untyped-def]
    """Append again and again: right after a loss the first may fail, and says so."""
    for _ in range(20):
        try:
            return await log.append(topic, request("again", 2), b"")
        except Unavailable:
            await asyncio.sleep(0.05)
    raise AssertionError("never appended")


async def test_a_dead_members_share_is_taken_over(postgres: PostgresHarness) -> None:
    logs = [await _log(postgres), await _log(postgres)]
    group = Group()
    first, second = (postgres.subscribe(log, group, [postgres.free]) for log in logs)
    await eventually(lambda: len(first.assigned()) == len(second.assigned()) == 2, first, second)
    connection = await postgres.connect()
    pid = first._connection.get_server_pid()  # type: ignore[attr-defined]
    first._connect = _nowhere  # type: ignore[attr-defined]
    started = time.monotonic()
    await connection.execute("SELECT pg_terminate_backend($1)", pid)
    await connection.close()
    await eventually(lambda: len(second.assigned()) == 4, second)
    assert time.monotonic() - started < 3
    with pytest.raises(Unavailable):
        await first.poll(0.1)


async def _nowhere() -> asyncpg.Connection:
    raise ConnectionRefusedError


async def test_a_database_that_is_away_is_unavailable() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none", size=1)
    await database.open()
    log = PostgresEventLog(database)
    with pytest.raises(Unavailable):
        await log.open()
    assert not log.available()
    await log.close()
    await database.close()


async def test_a_database_that_takes_nothing_is_unavailable_until_it_takes_again_though_nobody_appends(
    postgres: PostgresHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """As with a full disk: every question is answered, every append fails."""
    log = await _log(postgres)
    connection = await postgres.connect()
    await connection.execute("""
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'no space left on device' USING ERRCODE = '53100'; END $$;
        CREATE TRIGGER full_disk BEFORE INSERT ON log.record FOR EACH ROW EXECUTE FUNCTION full_disk();
    """)
    await eventually(log.available)
    for name in ("first", "second"):
        with pytest.raises(Unavailable):
            await log.append(postgres.one, request(name, 1), b"")
    assert (log.available(), log.why_away()) == (False, "DiskFullError")
    await asyncio.sleep(1.2)
    assert not log.available()
    assert [each.getMessage() for each in caplog.records] == ["the event log takes nothing"]
    await connection.execute("DROP TRIGGER full_disk ON log.record")
    await connection.close()
    freed = time.monotonic()
    await eventually(log.available)
    assert time.monotonic() - freed < 2
    assert log.why_away() is None
    landed = await log.append(postgres.one, request("third", 1), b"")
    assert landed.first == 0  # a trial leaves nothing


async def test_a_keyed_topic_with_other_partitions_is_refused_loudly(postgres: PostgresHarness) -> None:
    await _log(postgres)
    known = postgres.topics[postgres.keyed]
    postgres.topics[postgres.keyed] = Topic(**{**_fields(known), "partitions": known.partitions + 1})
    with pytest.raises(WrongPartitions):
        await _log(postgres)


def _fields(topic: Topic) -> dict[str, object]:
    return {name: getattr(topic, name) for name in topic.__slots__}


async def test_a_reader_finds_its_records_by_their_position(postgres: PostgresHarness) -> None:
    """The hot statement walks the primary key from the position on, however much the partition holds."""
    log = await _log(postgres)
    for number in range(20):
        await log.append(postgres.one, request(f"r{number}", 200), b"")
    connection = await postgres.connect()
    await connection.execute("ANALYZE log.record")
    identity = log._ids[Partition(postgres.one, 0)]
    plan = "\n".join(
        row[0] for row in await connection.fetch("EXPLAIN " + statements.READ, identity, 3900, 500, 4_000_000)
    )
    await connection.close()
    assert "Seq Scan on record" not in plan
    assert len(re.findall(r"Index Scan (using|on) record_pkey", plan)) == 2

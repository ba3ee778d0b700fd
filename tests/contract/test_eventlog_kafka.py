"""What only the log on Kafka has: brokers that are away or hang, a second partition, topics as documents."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from schemas.topics import Topic
from services.common.errors import PositionOutOfRange, Unavailable
from services.common.eventlog import Entry, EventLog, Partition, Range, partition_of
from services.common.eventlog.kafka import KafkaEventLog
from services.common.eventlog.partitions import WrongPartitions
from services.local.kafka import KafkaCluster
from services.local.ports import free_ports
from tests.contract.harness import Group, KafkaHarness, consume, eventually, request

pytestmark = pytest.mark.kafka

_STOPPING = 0.2  # on a busy machine a paused broker may still answer for some milliseconds


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Brokers are away on purpose here: what aiokafka says about it would fill pages."""
    caplog.set_level(logging.CRITICAL, logger="aiokafka")


@pytest_asyncio.fixture
async def three(
    kafka_cluster3: Callable[[], Awaitable[KafkaCluster]],
) -> AsyncIterator[tuple[KafkaHarness, KafkaCluster]]:
    cluster = await kafka_cluster3()
    harness = KafkaHarness(cluster.bootstrap, replication_factor=3)
    yield harness, cluster
    for number in (1, 2, 3):
        cluster.resume(number)
    await harness.close()


async def _log(harness: KafkaHarness, **options: object) -> KafkaEventLog:
    log = await harness.log(**options)
    assert isinstance(log, KafkaEventLog)
    return log


def _leaders(log: KafkaEventLog, topic: str) -> dict[int, int | None]:
    return {number: log._link.leader_of(Partition(topic, number)) for number in range(4)}


def _route_to(number: int) -> bytes:
    return next(route for route in (b"%d" % each for each in range(1000)) if partition_of(route, 4) == number)


async def _timed(awaitable: Awaitable[object]) -> tuple[float, object]:
    started = time.monotonic()
    try:
        answer: object = await awaitable
    except Unavailable as error:
        answer = error
    return time.monotonic() - started, answer


# Away


async def test_a_kafka_that_was_never_there_is_unavailable_at_once_and_closes() -> None:
    log = KafkaEventLog(f"127.0.0.1:{free_ports(1)[0]}", append_timeout=0.5)
    seconds, _ = await _timed(log.open())
    assert seconds < 2
    assert not log.available()
    seconds, answer = await _timed(log.append("xapi.statements.v1", [Entry(b"k", b"v")], b"k"))
    assert isinstance(answer, Unavailable)
    assert seconds < 0.2
    for question in (log.ranges("xapi.statements.v1"), log.publisher("relay")):
        _, answer = await _timed(question)
        assert isinstance(answer, Unavailable)
    group = Group()
    subscription = log.subscribe(group.name, ["xapi.statements.v1"], group.locate)
    assert await subscription.poll(0.2) is None
    assert not subscription.settled()
    seconds, _ = await _timed(log.close())
    assert seconds < 3


async def test_when_all_brokers_hang_the_caller_knows_in_time_and_it_recovers(
    three: tuple[KafkaHarness, KafkaCluster],
) -> None:
    harness, cluster = three
    log = await _log(harness)
    group = Group()
    subscription = harness.subscribe(log, group, [harness.free])
    await _until_appended(log, harness.free, b"")  # cold brokers may leave each other out at first (docs/adr/0007)
    await consume(subscription, group, lambda: len(group.records) >= 2)
    for number in (1, 2, 3):
        cluster.pause(number)
    tries = [_timed(log.append(harness.free, request(f"r{n}", 2), b"%d" % n)) for n in range(20)]
    answers = await asyncio.gather(*tries)
    assert all(isinstance(answer, Unavailable) for _, answer in answers)
    assert max(seconds for seconds, _ in answers) < 3.5
    await eventually(lambda: not log.available())
    for number in (1, 2, 3):
        cluster.resume(number)
    await eventually(log.available)
    await _until_appended(log, harness.free, b"")
    before = len(group.records)
    await consume(subscription, group, lambda: len(group.records) >= before + 2)
    counts = [value.split(b":")[0] for value in group.values() if value]
    assert all(counts.count(name) % 2 == 0 for name in set(counts))  # whole or absent, however late


async def _until_appended(log: EventLog, topic: str, route: bytes) -> None:
    async with asyncio.timeout(30):
        while isinstance((await _timed(log.append(topic, request("again", 2), route)))[1], Unavailable):
            await asyncio.sleep(0.1)


# A second partition


async def test_a_broker_that_hangs_is_passed_over(three: tuple[KafkaHarness, KafkaCluster]) -> None:
    """Requests under way go once more elsewhere after 300 ms; those that come later go elsewhere at once.

    With one replica each: with three, every partition waits for the one that hangs until it has left the in-sync
    set (docs/adr/0007), wherever the request goes.
    """
    harness, cluster = three
    log = await _log(harness, replication_factor=1)
    leaders = _leaders(log, harness.free)
    hung = leaders[0]
    assert hung is not None
    assert len(set(leaders.values())) > 1
    await log.append(harness.free, request("warm", 1), _route_to(0))
    cluster.pause(hung)
    await asyncio.sleep(_STOPPING)
    try:
        seconds, landed = await _timed(log.append(harness.free, request("hop", 3), _route_to(0)))
        assert not isinstance(landed, Unavailable), landed
        assert 0.25 < seconds < 1.5
        assert leaders[landed.partition.number] != hung  # type: ignore[attr-defined]
        seconds, landed = await _timed(log.append(harness.free, request("at once", 3), _route_to(0)))
        assert not isinstance(landed, Unavailable), landed
        assert seconds < 0.25
        seconds, answer = await _timed(log.append(harness.keyed, [Entry(b"k", b"v")], _key_led_by(log, harness, hung)))
        assert isinstance(answer, Unavailable)  # a keyed topic never goes elsewhere
        assert seconds < 3.5
    finally:
        cluster.resume(hung)


async def test_a_request_goes_elsewhere_as_soon_as_anyone_answers(three: tuple[KafkaHarness, KafkaCluster]) -> None:
    """When nobody answered after 300 ms there was nowhere to go; there may be later, while the first still hangs."""
    harness, cluster = three
    log = await _log(harness, replication_factor=1)
    leaders = _leaders(log, harness.free)
    hung = leaders[0]
    assert hung is not None
    await asyncio.gather(*(log.append(harness.free, request("warm", 1), _route_to(number)) for number in leaders))
    for number in (1, 2, 3):
        cluster.pause(number)
    await asyncio.sleep(_STOPPING)
    try:
        tries = [
            asyncio.create_task(_timed(log.append(harness.free, request(f"n{number}", 2), _route_to(number))))
            for number in leaders
        ]
        await asyncio.sleep(0.8)
        for number in {1, 2, 3} - {hung}:
            cluster.resume(number)
        seconds, landed = await tries[0]
        assert not isinstance(landed, Unavailable), landed
        assert seconds < 2
        assert leaders[landed.partition.number] != hung  # type: ignore[attr-defined]
    finally:
        cluster.resume(hung)
    await asyncio.gather(*tries)


def _key_led_by(log: KafkaEventLog, harness: KafkaHarness, broker: int) -> bytes:
    leaders = _leaders(log, harness.keyed)
    return _route_to(next(number for number, leader in leaders.items() if leader == broker))


async def test_with_one_broker_there_is_no_elsewhere(kafka: KafkaHarness) -> None:
    log = await _log(kafka)
    assert log._appending._elsewhere(Partition(kafka.free, 0)) is None


# Topics


async def test_topics_are_made_as_their_documents_say(kafka: KafkaHarness) -> None:
    await _log(kafka, body_limit=1_000_000)
    configs = {name: await _config(kafka, name) for name in (kafka.free, kafka.compacted)}
    assert configs[kafka.free]["cleanup.policy"] == "delete"
    assert configs[kafka.free]["retention.ms"] == str(7 * 24 * 3600 * 1000)
    assert configs[kafka.free]["unclean.leader.election.enable"] == "false"
    assert int(configs[kafka.free]["max.message.bytes"]) > 2_000_000
    assert configs[kafka.compacted]["cleanup.policy"] == "compact"
    assert configs[kafka.compacted]["max.compaction.lag.ms"] == str(24 * 3600 * 1000)
    assert int(configs[kafka.compacted]["delete.retention.ms"]) > 7 * 24 * 3600 * 1000


async def _config(harness: KafkaHarness, topic: str) -> dict[str, str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=harness.bootstrap_servers)
    await admin.start()
    try:
        (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    finally:
        await admin.close()
    (resource,) = response.resources
    return {entry[0]: entry[1] for entry in resource[4]}


async def test_a_keyed_topic_with_other_partitions_is_refused_loudly(kafka: KafkaHarness) -> None:
    await _log(kafka)
    known = kafka.topics[kafka.keyed]
    fields = {name: getattr(known, name) for name in known.__slots__}
    kafka.topics[kafka.keyed] = Topic(**{**fields, "partitions": 7})
    log = await kafka.build()
    with pytest.raises(WrongPartitions):
        await log.open()
    with pytest.raises(WrongPartitions):
        await log.append(kafka.free, [Entry(b"k", b"v")], b"k")
    await log.close()


# Transactions


async def test_an_open_transaction_is_not_read_and_an_aborted_one_never(kafka: KafkaHarness) -> None:
    log = await _log(kafka)
    publisher = await log.publisher(f"relay-{kafka.one}")
    producer = publisher._producer
    await producer.begin_transaction()
    await (await producer.send(kafka.one, b"never", partition=0))
    group = Group()
    subscription = kafka.subscribe(log, group, [kafka.one])
    await eventually(lambda: bool(group.asked), subscription)
    assert await subscription.poll(0.5) is None
    await publisher.close()
    successor = await log.publisher(f"relay-{kafka.one}")
    await successor.publish([(kafka.one, Entry(None, b"kept"))])
    await consume(subscription, group, lambda: bool(group.records))
    assert group.values() == [b"kept"]
    assert group.batches[0].position == 0
    assert group.batches[0].next == (await log.ranges(kafka.one))[0].end  # past the markers: nothing is left to read
    assert await subscription.lag() == {Partition(kafka.one, 0): 0}
    await successor.close()


async def test_an_unread_position_that_is_trimmed_while_reading_stops_the_group(kafka: KafkaHarness) -> None:
    """The error comes from the broker here, not from Locate."""
    log = await _log(kafka)
    group = Group()
    subscription = kafka.subscribe(log, group, [kafka.one])
    await eventually(
        lambda: subscription._seats[Partition(kafka.one, 0)].position == 0 if subscription._seats else False
    )
    subscription._consumer.seek(next(iter(subscription._consumer.assignment())), 10)
    with pytest.raises(PositionOutOfRange, match="stands at 10"):
        await consume(subscription, group, lambda: False)
    assert (await log.ranges(kafka.one))[0] == Range(0, 0)


# Many at once


async def test_hundreds_of_callers_on_one_partition_all_land(kafka: KafkaHarness) -> None:
    log = await _log(kafka)
    landed = await asyncio.gather(
        *(log.append(kafka.one, request(f"r{number}", 5, size=1000), b"") for number in range(600))
    )
    firsts = sorted(each.first for each in landed)
    assert firsts == list(range(0, 3000, 5))

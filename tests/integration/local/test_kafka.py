"""A real broker, and three: what was acknowledged is there after kill -9, a hang and a killed owner."""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from services.local.errors import AlreadyRunning, LocalError
from services.local.kafka import KafkaCluster, brokers_seen_by
from services.local.ports import free_ports
from services.local.strays import working_in

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]

Cluster3 = Callable[[], Awaitable[KafkaCluster]]

_OWNER = """
import asyncio, sys
from pathlib import Path
from services.local import children
from services.local.kafka import KafkaCluster
launcher = children.launcher
children.launcher = lambda uid, dies_by=None: launcher(uid)  # it outlives its owner, as on systems without prctl
async def main():
    cluster = KafkaCluster(Path(sys.argv[1]))
    print(await cluster.start(), cluster.pid(1), flush=True)
    await cluster.wait()
asyncio.run(main())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="leermix-kafka-"))
    yield path
    shutil.rmtree(path)


async def _make_topic(bootstrap: str, name: str, copies: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=copies)])
    finally:
        await admin.close()


def _producer(bootstrap: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", request_timeout_ms=3000)


async def _append(bootstrap: str, topic: str, values: list[bytes]) -> None:
    async with _producer(bootstrap) as producer:
        for value in values:
            await producer.send_and_wait(topic, value, partition=0)


async def _append_again_and_again(producer: AIOKafkaProducer, topic: str, value: bytes) -> None:
    """Until it is acknowledged: a new leader needs its seconds, and what timed out may be appended all the same."""
    async with asyncio.timeout(90):
        while True:
            try:
                await producer.send_and_wait(topic, value, partition=0)
            except KafkaError:
                await asyncio.sleep(0.2)
            else:
                return


async def _until_stopped(pid: int | None) -> None:
    async with asyncio.timeout(5):
        while psutil.Process(pid).status() != psutil.STATUS_STOPPED:
            await asyncio.sleep(0.01)


async def _read(bootstrap: str, topic: str) -> list[bytes]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        values: list[bytes] = []
        while len(values) < end:
            values.append((await consumer.getone()).value)
        return values


async def test_a_cluster_id_may_begin_with_a_dash(folder: Path) -> None:
    """One in 64 does."""
    (folder / "cluster.json").write_text(json.dumps({"id": "-dE23sY3Rhm2H2Vcl92Z2Q", "members": [[1, *free_ports(2)]]}))
    cluster = KafkaCluster(folder)
    try:
        assert await cluster.start()
    finally:
        await cluster.stop()


async def test_one_broker_keeps_what_it_acknowledged_through_kill_9_and_a_restart_of_all(
    kafka_server: str, folder: Path
) -> None:
    async with KafkaCluster(folder) as cluster:
        bootstrap = cluster.bootstrap
        with pytest.raises(AlreadyRunning, match=str(folder)):
            await KafkaCluster(folder).start()
        await _make_topic(bootstrap, "kept", 1)
        await _append(bootstrap, "kept", [b"1", b"2"])
        await cluster.kill(1)
        assert await cluster.wait() == 1
        assert await brokers_seen_by(cluster.address(1)) == set()
        await cluster.start_broker(1)
        assert await _read(bootstrap, "kept") == [b"1", b"2"]
    assert "Kafka Server started" in (folder / "broker-1" / "broker.log").read_text()
    async with KafkaCluster(folder) as cluster:
        assert cluster.bootstrap == bootstrap
        assert await _read(bootstrap, "kept") == [b"1", b"2"]
    with pytest.raises(LocalError, match="1 brokers, not 3"):
        await KafkaCluster(folder, brokers=3).start()


async def test_what_a_killed_owner_left_is_found_and_stopped(kafka_server: str, folder: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", _OWNER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    bootstrap, pid = (await asyncio.to_thread(owner.stdout.readline)).split()
    owner.kill()
    owner.communicate()
    assert [process.pid for process in working_in(folder / "broker-1", "java")] == [int(pid)]
    said: list[str] = []
    async with KafkaCluster(folder, say=said.append) as cluster:
        assert cluster.bootstrap == bootstrap
        assert any(f"process {pid}" in line for line in said)
        assert [process.pid for process in working_in(folder / "broker-1", "java")] == [cluster.pid(1)]


async def test_half_a_format_is_begun_anew_and_a_taken_port_is_replaced(kafka_server: str, folder: Path) -> None:
    taken = int(kafka_server.split(":")[1])
    (folder / "broker-1" / "data.new").mkdir(parents=True)
    (folder / "broker-1" / "data.new" / "bootstrap.checkpoint").touch()
    (folder / "cluster.json").write_text(
        json.dumps({"id": "YWFhYWFhYWFhYWFhYWFhYQ", "members": [[1, taken, taken + 1]]})
    )
    async with KafkaCluster(folder, settings={"message.max.bytes": "4242424"}) as cluster:
        assert cluster.bootstrap != kafka_server
        assert await brokers_seen_by(cluster.address(1)) == {1}
    assert "message.max.bytes=4242424\n" in (folder / "broker-1" / "server.properties").read_text()


async def test_three_brokers_go_on_without_one_killed_or_hung(kafka_cluster3: Cluster3) -> None:
    cluster = await kafka_cluster3()
    await _make_topic(cluster.bootstrap, "three", 3)
    async with _producer(cluster.bootstrap) as producer:
        await cluster.kill(1)
        await _append_again_and_again(producer, "three", b"without 1")
        await cluster.start_broker(1)
        await cluster.until_whole()
        cluster.pause(2)
        await _until_stopped(cluster.pid(2))
        await _append_again_and_again(producer, "three", b"while 2 hangs")
        cluster.resume(2)
    await cluster.until_whole()
    assert set(await _read(cluster.bootstrap, "three")) == {b"without 1", b"while 2 hangs"}
    await cluster.kill(3)


async def test_the_next_test_gets_all_three(kafka_cluster3: Cluster3) -> None:
    cluster = await kafka_cluster3()
    assert await brokers_seen_by(cluster.address(3)) == {1, 2, 3}

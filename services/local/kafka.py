"""A real Apache Kafka 4.4 on this machine: one broker, or three that may be killed one at a time."""

import asyncio
import base64
import signal
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from services.local.children import Say, silent, wait_ready
from services.local.errors import LocalError, PortTaken
from services.local.folders import FolderLock, read_json, write_private
from services.local.kafka_broker import Broker, Member, Plan
from services.local.kafka_fetch import ensure_jars
from services.local.ports import check_free, free_ports
from services.local.strays import stop_strays

_DEFAULT_MAX_MESSAGE = 1_048_588  # Kafka's own
_STOP = [(signal.SIGTERM, 15.0)]


class KafkaCluster:
    """Brokers 1 to `brokers` in `folder`; one owner at a time, holder of a lock on it.

    A cluster keeps its ports, so clients find it again after a restart. `max_message_bytes` bounds a record batch;
    `settings` are Kafka's own server settings and go over ours.
    """

    def __init__(
        self,
        folder: Path,
        brokers: int = 1,
        *,
        max_message_bytes: int = _DEFAULT_MAX_MESSAGE,
        heap: str = "512m",
        settings: Mapping[str, str] | None = None,
        say: Say = silent,
    ) -> None:
        self._folder = folder.absolute()
        self._size = brokers
        self._max_message_bytes = max_message_bytes
        self._heap = heap
        self._settings = dict(settings or {})
        self._say = say
        self._lock: FolderLock | None = None
        self._brokers: dict[int, Broker] = {}

    @property
    def bootstrap(self) -> str:
        """The bootstrap servers, for clients."""
        return ",".join(broker.member.address for broker in self._brokers.values())

    def address(self, number: int) -> str:
        """Where one broker listens."""
        return self._brokers[number].member.address

    def pid(self, number: int) -> int | None:
        """The process of one broker, None before its first start."""
        return self._brokers[number].child.pid

    def alive(self, number: int) -> bool:
        """Whether that broker's process is there, paused or not."""
        return self._brokers[number].child.alive

    def controller(self) -> int:
        """The broker that is the active controller, as the voters' own notes say."""
        notes = self._folder.glob("broker-*/data/__cluster_metadata-0/quorum-state")
        known = [orjson.loads(note.read_bytes()) for note in notes]
        return int(max(known, key=lambda each: (each["leaderEpoch"], each["leaderId"]))["leaderId"])

    async def start(self) -> str:
        """Start all, after stopping what a killed owner left, and return the bootstrap servers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(self._folder)
        lock.acquire()
        self._lock = lock
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self.bootstrap

    async def _start(self) -> None:
        homes = [self._home(number) for number in range(1, self._size + 1)]
        await asyncio.gather(*(stop_strays(home, "java", _STOP, self._say) for home in homes))
        plan = self._plan(await asyncio.to_thread(ensure_jars, say=self._say))
        self._brokers = {each.number: Broker(self._home(each.number), each, plan) for each in plan.members}
        await asyncio.gather(*(broker.prepare() for broker in self._brokers.values()))
        for broker in self._brokers.values():
            broker.start()
        await self.until_whole()

    def _home(self, number: int) -> Path:
        return self._folder / f"broker-{number}"

    def _plan(self, classpath: list[Path]) -> Plan:
        """What the folder remembers of the cluster, its ports made anew when another program has one of them."""
        known = read_json(self._folder / "cluster.json")
        if known and len(known["members"]) != self._size:
            raise LocalError(
                f"{self._folder} holds a Kafka of {len(known['members'])} brokers, not {self._size}. Choose another "
                "folder with LEERMIX_DATA."
            )
        members = [Member(*entry) for entry in known.get("members", [])]
        if not members or not _all_free(members):
            if members:
                self._say("A port that Kafka had is taken now; it gets others")
            ports = free_ports(2 * self._size)
            members = [Member(index + 1, *ports[2 * index : 2 * index + 2]) for index in range(self._size)]
        cluster_id = known.get("id") or base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        entries = [[each.number, each.port, each.controller_port] for each in members]
        write_private(self._folder / "cluster.json", orjson.dumps({"id": cluster_id, "members": entries}).decode())
        return Plan(members, cluster_id, classpath, self._heap, self._max_message_bytes, self._settings)

    async def until_whole(self) -> None:
        """Wait until every broker counts on every other; LocalError when one ends meanwhile."""
        everyone = set(self._brokers)
        await asyncio.gather(*(self._until_sees(broker, everyone) for broker in self._brokers.values()))

    async def start_broker(self, number: int) -> None:
        """Start one broker again after it was killed, and wait until the cluster counts on it."""
        broker = self._brokers[number]
        broker.start()
        await self._until_sees(broker, {number})

    async def _until_sees(self, broker: Broker, wanted: set[int]) -> None:
        async def probe() -> str | None:
            seen = await brokers_seen_by(broker.member.address)
            return None if wanted <= seen else "waiting for the others" if seen else "starting"

        await wait_ready(broker.child, probe, self._say)

    async def kill(self, number: int) -> None:
        """SIGKILL, as a crash would; returns when it is gone."""
        await self._brokers[number].child.kill()

    def pause(self, number: int) -> None:
        """SIGSTOP: its sockets stay open and nobody answers."""
        self._brokers[number].child.send(signal.SIGSTOP)

    def resume(self, number: int) -> None:
        """SIGCONT after `pause`."""
        self._brokers[number].child.send(signal.SIGCONT)

    async def wait(self) -> int:
        """Wait until any broker's process ends, and return its number; what to do then is the caller's decision."""
        while True:
            for number, broker in self._brokers.items():
                if not broker.child.alive:
                    return number
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """Stop all cleanly (15 s at most, then at once) and let go of the folder."""
        await asyncio.gather(*(broker.child.stop(*_STOP) for broker in self._brokers.values()))
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.shield(self.stop())


async def brokers_seen_by(address: str) -> set[int]:
    """The numbers of the brokers that the one at `address` counts on; empty while it does not answer."""
    if not await _listens(address):
        return set()
    client = AIOKafkaClient(bootstrap_servers=address, request_timeout_ms=3000)
    try:
        async with asyncio.timeout(5):
            await client.bootstrap()
        return {int(broker.nodeId) for broker in client.cluster.brokers()}
    except (KafkaError, OSError, TimeoutError):
        return set()
    finally:
        await client.close()


async def _listens(address: str) -> bool:
    host, port = address.split(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    return True


def _all_free(members: list[Member]) -> bool:
    try:
        for member in members:
            check_free(member.port)
            check_free(member.controller_port)
    except PortTaken:
        return False
    return True

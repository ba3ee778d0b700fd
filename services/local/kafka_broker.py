"""One Kafka broker as a child: its folder, its settings, its process."""

import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.local.children import Child
from services.local.errors import LocalError
from services.local.java import java
from services.local.ports import LOCALHOST

LOG_SETTINGS = Path(__file__).resolve().parents[2] / "deploy" / "local" / "log4j2.properties"


@dataclass(frozen=True)
class Member:
    """One broker's number (from 1) and its two ports."""

    number: int
    port: int
    controller_port: int

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"{LOCALHOST}:{self.port}"


@dataclass(frozen=True)
class Plan:
    """What all brokers of a cluster share. `settings` are Kafka's own and go over ours."""

    members: Sequence[Member]
    cluster_id: str
    classpath: Sequence[Path]
    heap: str
    max_message_bytes: int
    settings: Mapping[str, str]


class Broker:
    """A broker in `folder`, which is its working directory too."""

    def __init__(self, folder: Path, member: Member, plan: Plan) -> None:
        self.folder = folder
        self.member = member
        self._plan = plan
        self.child = Child(
            f"Kafka broker {member.number}",
            self._command("kafka.Kafka", "server.properties"),
            folder / "broker.log",
            cwd=folder,
            dies_by=signal.SIGTERM,
        )

    async def prepare(self) -> None:
        """Write the settings, and format the data folder once: beside its place, and renamed when complete."""
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        data = self.folder / "data"
        if not data.exists():
            await self._format(data)
        self._write("server.properties", data)

    def start(self) -> None:
        """Start the process; it answers some seconds later."""
        self.child.start()

    async def _format(self, data: Path) -> None:
        unfinished = data.with_name("data.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        self._write("format.properties", unfinished)
        arguments = ("format", f"--cluster-id={self._plan.cluster_id}", "-c", "format.properties")
        tool = Child(
            "StorageTool",
            self._command("kafka.tools.StorageTool", *arguments),
            self.folder / "format.log",
            cwd=self.folder,
            dies_by=signal.SIGKILL,
        )
        try:
            tool.start()
            if await tool.wait():
                raise LocalError(f"Kafka's data folder could not be formatted. The end of {tool.log}:\n{tool.tail()}")
        finally:
            tool.send(signal.SIGKILL)
        unfinished.rename(data)

    def _write(self, name: str, data: Path) -> None:
        lines = (f"{key}={value}\n" for key, value in server_settings(self.member, self._plan, data).items())
        (self.folder / name).write_text("".join(lines))

    def _command(self, main_class: str, *arguments: str) -> list[str]:
        return [
            java(),
            f"-Xmx{self._plan.heap}",
            "-XX:-UsePerfData",  # writes to the system's temporary folder
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true",
            f"-Djava.io.tmpdir={self.folder / 'tmp'}",  # native libraries are unpacked and executed there
            f"-Dlog4j2.configurationFile={LOG_SETTINGS}",
            "-cp",
            ":".join(map(str, self._plan.classpath)),
            main_class,
            *arguments,
        ]


def server_settings(member: Member, plan: Plan, data: Path) -> dict[str, str]:
    """The broker's server.properties: controller and broker in one process, everything on 127.0.0.1."""
    copies = len(plan.members)
    in_sync = max(1, copies - 1)
    voters = ",".join(f"{each.number}@{LOCALHOST}:{each.controller_port}" for each in plan.members)
    return {
        "process.roles": "broker,controller",
        "node.id": str(member.number),
        "controller.quorum.voters": voters,
        "listeners": f"PLAINTEXT://{member.address},CONTROLLER://{LOCALHOST}:{member.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{member.address}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(data),
        "default.replication.factor": str(copies),
        "min.insync.replicas": str(in_sync),
        "unclean.leader.election.enable": "false",
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        **(_failover() if copies > 1 else _ALONE),
        **_internal_topics(copies, in_sync),
        **_sizes(plan.max_message_bytes),
        **plan.settings,
    }


_ALONE = {"broker.session.timeout.ms": "3000", "broker.heartbeat.interval.ms": "500"}
"""After kill -9 a single broker is let in again when its old session has ended."""


def _failover() -> dict[str, str]:
    """How soon the others go on without a broker that is gone; measured, with false alarms, in docs/adr/0007."""
    return {
        # With acks=all every partition waits for the dead replica until its leader takes it out of the in-sync set.
        "replica.lag.time.max.ms": "300",
        "replica.fetch.wait.max.ms": "100",
        # Until then nobody leads the partitions that it led. A false alarm moves leaders for nothing: not too short.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        # The in-sync set is changed by the active controller; when that was the dead one, another is elected first.
        # Followers of the quorum are answered at the latest with each no-op record: several to a time-out.
        "metadata.max.idle.interval.ms": "100",
        "controller.quorum.fetch.timeout.ms": "600",
        "controller.quorum.election.timeout.ms": "500",
        "controller.quorum.election.backoff.max.ms": "100",
        "controller.quorum.request.timeout.ms": "500",
    }


def _internal_topics(copies: int, in_sync: int) -> dict[str, str]:
    """Kafka's own topics: as many copies as there are brokers, and few partitions, since each costs start time."""
    return {
        "offsets.topic.replication.factor": str(copies),
        "offsets.topic.num.partitions": "6",
        "transaction.state.log.replication.factor": str(copies),
        "transaction.state.log.min.isr": str(in_sync),
        "transaction.state.log.num.partitions": "6",
        "share.coordinator.state.topic.replication.factor": str(copies),
        "share.coordinator.state.topic.min.isr": str(in_sync),
        "share.coordinator.state.topic.num.partitions": "6",
    }


def _sizes(max_message_bytes: int) -> dict[str, str]:
    """One limit for a record batch on its way in, between brokers, and out; and the memory of a small broker."""
    return {
        "message.max.bytes": str(max_message_bytes),
        "replica.fetch.max.bytes": str(max_message_bytes),
        "log.cleaner.dedupe.buffer.size": "16777216",
        "num.network.threads": "2",
        "num.io.threads": "4",
    }

"""`leermix groups`: where each consumer group stands, and an operator's way out when one has stopped."""

import asyncio
from dataclasses import asdict, dataclass

from services.common.database import Database
from services.common.eventlog import Partition, Range
from services.common.positions import Positions
from services.common.runtime import Runtime
from services.common.settings import Settings
from services.console import reach
from services.console.exits import Exit, Failure
from services.console.serve import SERVICES
from services.console.terminal import answer, answer_json, table


@dataclass(frozen=True)
class Standing:
    """Where a group stands on one partition, and what the log holds there."""

    group: str
    topic: str
    partition: int
    position: int
    start: int
    end: int
    service: str

    @property
    def lag(self) -> int:
        """How many positions are still to be read; on Kafka a few of them may be control records."""
        return max(0, self.end - self.position)

    @property
    def inside(self) -> bool:
        """Whether the log still holds the position; a group that stands outside stops."""
        return self.start <= self.position <= self.end


def run_list(*, as_json: bool) -> None:
    """Print every group."""
    standings = asyncio.run(_listed())
    if as_json:
        answer_json([asdict(each) | {"lag": each.lag, "inside": each.inside} for each in standings])
        return
    rows = [
        (each.group, each.topic, each.partition, each.position, _lag(each), "" if each.inside else _outside(each))
        for each in standings
    ]
    answer(table(("GROUP", "TOPIC", "PARTITION", "POSITION", "LAG", ""), rows))


def run_reset(*, group: str, topic: str, partition: int, to: str, as_json: bool) -> None:
    """Move a group on one partition, and say from where to where."""
    before, after = asyncio.run(_reset(group, topic, partition, to))
    if as_json:
        answer_json({"group": group, "topic": topic, "partition": partition, "before": before, "position": after})
        return
    answer(
        f"{group} on {topic} {partition}: {before} -> {after}. A group that had stopped goes on from there within "
        "seconds, one that runs does with its next record."
    )


def run_resume(*, group: str, as_json: bool) -> None:
    """Let a group that has stopped go on where it stands."""
    partitions = asyncio.run(_resume(group))
    if as_json:
        answer_json({"group": group, "partitions": partitions})
        return
    answer(f"{group} goes on where it stands, within seconds; one that had not stopped is not disturbed.")


async def standings(runtime: Runtime) -> list[Standing]:
    """Return where all groups of all services stand, by group, topic and partition."""
    found = []
    held: dict[str, dict[int, Range]] = {}
    for service in SERVICES:
        if not await _has_positions(runtime.database, service):
            continue
        async with runtime.database.connection() as connection:
            rows = await connection.fetch(f"SELECT group_name, topic, partition, position FROM {service}.positions")
        for row in rows:
            topic = row["topic"]
            if topic not in held:
                held[topic] = await runtime.log.ranges(topic)
            there = held[topic].get(row["partition"], Range(0, 0))
            found.append(
                Standing(row["group_name"], topic, row["partition"], row["position"], there.start, there.end, service)
            )
    return sorted(found, key=lambda each: (each.group, each.topic, each.partition))


async def _listed() -> list[Standing]:
    async with reach.runtime(Settings()) as runtime:
        return await standings(runtime)


async def _reset(group: str, topic: str, partition: int, to: str) -> tuple[int, int]:
    async with reach.runtime(Settings()) as runtime:
        known = await standings(runtime)
        wanted = (group, topic, partition)
        standing = next((each for each in known if (each.group, each.topic, each.partition) == wanted), None)
        if standing is None:
            raise Failure("No such group, topic and partition; `leermix groups list` shows them.", Exit.USAGE)
        position = _position(standing, to)
        positions = Positions(runtime.database, standing.service, group)
        await positions.reset(Partition(topic, partition), position)
    return standing.position, position


async def _resume(group: str) -> int:
    async with reach.database(Settings()) as database:
        for service in SERVICES:
            if await _has_positions(database, service):
                partitions = await Positions(database, service, group).resume()
                if partitions:
                    return partitions
    raise Failure("No such group; `leermix groups list` shows them.", Exit.USAGE)


async def _has_positions(database: Database, service: str) -> bool:
    async with database.connection() as connection:
        return await connection.fetchval("SELECT to_regclass($1)", f"{service}.positions") is not None


def _position(standing: Standing, to: str) -> int:
    if to == "beginning":
        return standing.start
    if to == "end":
        return standing.end
    if to.isdecimal() and standing.start <= int(to) <= standing.end:
        return int(to)
    raise Failure(f"--to is `beginning`, `end` or a position from {standing.start} to {standing.end}.", Exit.USAGE)


def _lag(standing: Standing) -> int | str:
    return standing.lag if standing.position <= standing.end else "beyond the end"


def _outside(standing: Standing) -> str:
    return f"outside the log ({standing.start} to {standing.end}): see `leermix groups reset --help`"

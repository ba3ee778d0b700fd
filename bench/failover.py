"""One command: what a request feels when one of three brokers is killed (`python -m bench.failover`; docs/adr/0007).

Three real brokers, the event log alone, an open loop of appends: first a broker is killed that is not the active
controller, then one that is. `--set NAME=VALUE` lays Kafka's own settings over ours, to see what they are worth.
"""

import argparse
import asyncio
import json
import logging
import tempfile
import time
from pathlib import Path
from typing import Any

from schemas.topics import STATEMENTS
from services.common.errors import Unavailable
from services.common.eventlog import Entry
from services.common.eventlog.kafka import KafkaEventLog
from services.local.kafka import KafkaCluster

_BODY = b"x" * 1600
_WARM = 5.0


class Appends:
    """So many appends a second, whether or not earlier ones were answered; each with its seconds, or that it failed."""

    def __init__(self, log: KafkaEventLog, rate: float) -> None:
        self._log = log
        self._rate = rate

    async def pour(self, seconds: float) -> list[tuple[float, bool]]:
        """Append for so long, await every answer, and return (seconds, accepted) of each."""
        began = time.monotonic()
        sent = []
        for number in range(round(self._rate * seconds)):
            await asyncio.sleep(began + number / self._rate - time.monotonic())
            sent.append(asyncio.create_task(self._one(b"%d" % number)))
        return await asyncio.gather(*sent)

    async def _one(self, route: bytes) -> tuple[float, bool]:
        began = time.perf_counter()
        try:
            await self._log.append(STATEMENTS, [Entry(route, _BODY)], route)
        except Unavailable:
            return time.perf_counter() - began, False
        return time.perf_counter() - began, True


async def without(cluster: KafkaCluster, appends: Appends, broker: int, what: str, seconds: float) -> dict[str, Any]:
    """Kill that broker, append for so long, bring it back; return what was felt."""
    await appends.pour(_WARM)
    pouring = asyncio.create_task(appends.pour(seconds))
    await cluster.kill(broker)
    felt = await pouring
    await cluster.start_broker(broker)
    await cluster.until_whole()
    taken = sorted(each for each, _ in felt)
    return {
        "killed": what,
        "appends": len(felt),
        "refused": sum(not accepted for _, accepted in felt),
        "p50_ms": taken[len(taken) // 2] * 1000,
        "p99_ms": taken[int(len(taken) * 0.99)] * 1000,
        "max_ms": taken[-1] * 1000,
    }


async def measure(rounds: int, rate: float, seconds: float, settings: dict[str, str]) -> list[dict[str, Any]]:
    """Run so many rounds of both kills on one cluster."""
    told = []
    with tempfile.TemporaryDirectory(prefix="lm-") as folder:
        cluster = KafkaCluster(Path(folder), brokers=3, settings=settings)
        log = None
        try:
            log = KafkaEventLog(await cluster.start(), replication_factor=3)
            await log.open()
            appends = Appends(log, rate)
            for _ in range(rounds):
                other = cluster.controller() % 3 + 1
                told.append(await without(cluster, appends, other, "another broker", seconds))
                print(line(told[-1]), flush=True)
                controller = cluster.controller()
                told.append(await without(cluster, appends, controller, "the active controller", seconds))
                print(line(told[-1]), flush=True)
        finally:
            if log is not None:
                await log.close()
            await cluster.stop()
    return told


def line(row: dict[str, Any]) -> str:
    """Return a row as a line of text."""
    times = "  ".join(f"{name} {row[f'{name}_ms']:>6.0f} ms" for name in ("p50", "p99", "max"))
    return f"{row['killed']:22} {row['appends']} appends, {row['refused']:>3} refused  {times}"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench.failover", description=__doc__)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--rate", type=float, default=50, help="appends a second")
    options.add_argument("--seconds", type=float, default=20, help="without the broker")
    options.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a broker setting")
    options.add_argument("--json", action="store_true", help="a last line for programs")
    asked = options.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it tells at length that a broker is away
    settings = dict(each.split("=", 1) for each in asked.set)
    told = asyncio.run(measure(asked.rounds, asked.rate, asked.seconds, settings))
    if asked.json:
        print(json.dumps(told))


if __name__ == "__main__":
    main()

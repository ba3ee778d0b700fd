"""Kill -9 of anything at any moment loses no accepted statement and counts no minute twice.

`make faults` runs the whole (LEERMIX_FAULT_ROUNDS=30); the short form is part of `make test`. Each round is told as a
line of JSON in LEERMIX_FAULT_REPORT (a file), if set: what was killed, the answers, p50 and p99, what was stored.
"""

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from services.local.kafka import KafkaCluster
from tests.harness.system import System

from .load import KINDS, Load, latencies
from .verdict import all_hold

ROUNDS = int(os.environ.get("LEERMIX_FAULT_ROUNDS", "2"))
SEED = int(os.environ.get("LEERMIX_FAULT_SEED", "1"))
CLIENTS = 6
EMBEDDED = ("whole", "main", "postgres")
DISTRIBUTED = ("whole", "main", "postgres", "kafka", "ingest", "analytics", "recommend", "gateway")


def report(line: dict[str, Any]) -> None:
    print(json.dumps(line))
    if path := os.environ.get("LEERMIX_FAULT_REPORT"):
        with Path(path).open("a") as file:
            file.write(json.dumps(line) + "\n")


class Trial:
    """A running system and its credentials, with the load and the verdict of one round after another."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.auth = system.credential(source="verdict", kind="other")
        self.credentials = {kind: system.credential(source=f"load-{kind}", kind=kind) for kind in KINDS}
        self._rounds = 0

    def load(self) -> Load:
        self._rounds += 1
        return Load(self.system.origin, self.credentials, f"round{self._rounds}", SEED * 1000 + self._rounds)

    async def hold(self, load: Load, **what: Any) -> None:
        told = await all_hold(self.system.origin, self.auth, load)
        unexpected = {status for request in load.requests for _, status, _ in request.answers} - {200, 503, None}
        assert not unexpected, (unexpected, self.system.errors()[-5:])
        report(what | told | latencies(load.requests, 0, time.time()))


@pytest.fixture
async def embedded() -> AsyncIterator[Trial]:
    async with System("up") as system:
        yield Trial(system)


@pytest.fixture
async def distributed() -> AsyncIterator[Trial]:
    async with System("up-kafka") as system:
        yield Trial(system)


async def kill_rounds(trial: Trial, victims: tuple[str, ...]) -> None:
    """Kill something at a random moment under load, again and again, and look after each."""
    randomness = random.Random(SEED)
    order = [victims[n % len(victims)] for n in range(ROUNDS)]
    for victim in order:
        load = trial.load()
        sending = asyncio.create_task(load.run(CLIENTS, 4))
        await asyncio.sleep(randomness.uniform(0.3, 3))
        trial.system.kill(victim)
        if victim in ("whole", "main"):
            load.stop()
            await sending
            await trial.system.stop()
            await trial.system.start()
        await sending
        await trial.hold(load, mode=trial.system.command, killed=victim)


@pytest.mark.timeout(3600)
async def test_kill_9_embedded(embedded: Trial) -> None:
    await kill_rounds(embedded, EMBEDDED)


@pytest.mark.kafka
@pytest.mark.timeout(7200)
async def test_kill_9_distributed(distributed: Trial) -> None:
    await kill_rounds(distributed, DISTRIBUTED)


async def hang(trial: Trial, what: str, seconds: float) -> None:
    """Hang one kind of process under load for so long, and tell the answers before, during and after."""
    load = trial.load()
    sending = asyncio.create_task(load.run(CLIENTS, seconds + 10))
    await asyncio.sleep(3)
    began = time.time()
    trial.system.signal(what, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    trial.system.signal(what, signal.SIGCONT)
    ended = time.time()
    await sending
    told = await all_hold(trial.system.origin, trial.auth, load)
    report(
        {"mode": trial.system.command, "hung": what, "seconds": seconds}
        | told
        | {
            "before": latencies(load.requests, 0, began),
            "during": latencies(load.requests, began, ended),
            "after": latencies(load.requests, ended, time.time()),
        }
    )
    during = [each for request in load.requests for each in request.answers if began <= each[0] < ended - 4]
    assert all(status in (200, 503) for _, status, _ in during), latencies(load.requests, began, ended)
    assert any(request.accepted for request in load.requests if request.answers[0][0] > ended + 3), "did not recover"


@pytest.mark.kafka
@pytest.mark.timeout(600)
async def test_a_hung_broker(distributed: Trial) -> None:
    await hang(distributed, "kafka", 8)


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_kafka_away_for_30_seconds(distributed: Trial) -> None:
    await hang(distributed, "kafka", 30)


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_postgresql_away_for_30_seconds_distributed(distributed: Trial) -> None:
    await hang(distributed, "postgres", 30)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_postgresql_away_for_30_seconds_embedded(embedded: Trial) -> None:
    await hang(embedded, "postgres", 30)


RATE = 20
AWAY = 20.0
BOUND = 3.5


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_one_of_three_brokers_is_killed(kafka_cluster3: Callable[[], Awaitable[KafkaCluster]]) -> None:
    """Replication 3: every request is answered 200, and nothing acknowledged is lost (docs/adr/0007).

    Killed is first a broker that is not the active controller, then one that is. The load is an open loop of RATE
    requests a second with 1 to 20 statements each: 10 s before, AWAY seconds without the broker (so 400 requests, and
    a pause of a second is 5 % of them), 15 s with it again. A closed loop flatters: six clients feel a pause six
    times, among however many requests. Percentiles are told, not asserted.
    """
    cluster = await kafka_cluster3()
    environment = {
        "LEERMIX_KAFKA_BOOTSTRAP_SERVERS": cluster.bootstrap,
        "LEERMIX_KAFKA_REPLICATION_FACTOR": "3",
    }
    async with System("up-kafka", environment) as system:
        trial = Trial(system)
        await trial.load().run(CLIENTS, 5)  # warm
        await without(trial, cluster, cluster.controller() % 3 + 1, "another")
        await cluster.until_whole()
        await without(trial, cluster, cluster.controller(), "the active controller")


async def without(trial: Trial, cluster: KafkaCluster, broker: int, what: str) -> None:
    """Kill that broker under load, start it again after a while, and see that it was not noticed."""
    load = trial.load()
    sending = asyncio.create_task(load.pour(RATE, 10 + AWAY + 15))
    await asyncio.sleep(10)
    killed = time.time()
    await cluster.kill(broker)
    await asyncio.sleep(AWAY)
    back = time.time()
    await cluster.start_broker(broker)
    await sending
    told = await all_hold(trial.system.origin, trial.auth, load)
    spans = {"before": (0, killed), "during": (killed, back), "after": (back, time.time())}
    shown = {name: latencies(load.requests, *span) for name, span in spans.items()}
    report({"mode": "up-kafka", "killed": f"one of three brokers, {what}"} | told | shown)
    answers = [each for request in load.requests for each in request.answers]
    assert {status for _, status, _ in answers} == {200}, shown
    assert max(seconds for *_, seconds in answers) < BOUND, shown

"""`leermix up-kafka`: the distributed form on one machine. Kafka, PostgreSQL, three services, one origin before them.

The services are processes with the same environment variables as in docker-compose.yml, behind the same gateway.
LEERMIX_DATABASE_URL or LEERMIX_KAFKA_BOOTSTRAP_SERVERS, where set, take the place of what is started here.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import uvloop

from services.common.database import Database
from services.common.settings import Settings
from services.console.hosting import Ended, Stop, bound
from services.console.keeping import kept
from services.console.logfile import log_to
from services.console.place import Place
from services.console.serve import SERVICES
from services.console.terminal import say
from services.console.up import greet, own_database, watched_parent
from services.console.variables import say_slips
from services.console.welcome import local_url
from services.local.children import Child
from services.local.gateway import Gateway, Upstreams
from services.local.kafka import KafkaCluster
from services.local.ports import LOCALHOST, free_ports
from services.local.strays import stop_strays

_STOP = [(signal.SIGTERM, 20.0)]
_SAY_EVERY = 3.0  # seconds


def run(*, as_json: bool) -> None:
    """Start everything, tell how to reach it, and return after a stop was asked for."""
    settings = Settings()
    say_slips()
    place = Place(settings.data)
    place.refuse_second()
    with place.held(say):
        bound(settings.host, settings.port).close()  # a taken port is named before anything is started
        for name in SERVICES:
            (place.kafka / name).mkdir(parents=True, exist_ok=True)
        log_to(place.kafka / "leermix.log", settings.log_level)
        uvloop.run(_run(settings, place, as_json=as_json))


async def _run(settings: Settings, place: Place, *, as_json: bool) -> None:
    stop = Stop()
    stop.listen()
    async with watched_parent(stop):
        try:
            async with contextlib.AsyncExitStack() as stack:
                database, kafka, gateway = await stop.unless(_start(stack, settings, place.kafka))
                url = local_url(settings)
                zone = settings.time_zone
                stack.enter_context(place.noted(mode="kafka", url=url, database=database, kafka=kafka, time_zone=zone))
                await stop.unless(_announce(settings, gateway, database, place.kafka, as_json=as_json))
                await stop.wished.wait()
                say("Stopping: requests in flight are answered first")
        except Ended:
            say("Stopping before it was up")
        say("Stopped.")


async def _start(stack: contextlib.AsyncExitStack, settings: Settings, folder: Path) -> tuple[str, str, str]:
    """Start every part, each kept alive until the stack unwinds; return database, Kafka and the gateway's address."""
    database = settings.database_url
    if database is None:
        database = await stack.enter_async_context(own_database(folder / "database"))
    kafka = settings.kafka_bootstrap_servers
    if kafka is None:
        kafka = await stack.enter_async_context(_own_kafka(folder / "kafka"))
    ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
    for name, port in ports.items():
        environment = service_environment(settings, port=port, database=database, kafka=kafka)
        await stack.enter_async_context(_service(name, folder / name, environment))
    upstreams = Upstreams(**{name: f"{LOCALHOST}:{port}" for name, port in ports.items()})
    gateway = Gateway(folder / "gateway", upstreams, port=settings.port, host=settings.host, say=say)
    say(f"Starting the gateway on port {settings.port}")
    await stack.enter_async_context(gateway)
    await stack.enter_async_context(kept("The gateway", gateway.wait, lambda _: gateway.start()))
    return database, kafka, gateway.url


def service_environment(settings: Settings, *, port: int, database: str, kafka: str) -> dict[str, str]:
    """Return what a service's process is told: what docker-compose.yml tells it."""
    return {
        **os.environ,
        "LEERMIX_HOST": LOCALHOST,
        "LEERMIX_PORT": str(port),
        "LEERMIX_DATABASE_URL": database,
        "LEERMIX_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "LEERMIX_KAFKA_REPLICATION_FACTOR": str(settings.kafka_replication_factor),
        "LEERMIX_PUBLIC_URL": settings.origin,
    }


@contextlib.asynccontextmanager
async def _own_kafka(folder: Path) -> AsyncIterator[str]:
    say(f"Starting Apache Kafka in {folder}")
    async with KafkaCluster(folder, say=say) as kafka:
        async with kept("Kafka", kafka.wait, kafka.start_broker):
            yield kafka.bootstrap
        say("Stopping Kafka")


@contextlib.asynccontextmanager
async def _service(name: str, folder: Path, environment: dict[str, str]) -> AsyncIterator[None]:
    """Run a service in a folder of its own, by which one that a killed owner left is found."""
    python = Path(sys.executable)
    await stop_strays(folder, python.name, _STOP, say)
    command = [str(python), "-m", "services.console.main", "serve", name]
    child = Child(name, command, folder / f"{name}.log", cwd=folder, env=environment)
    say(f"Starting {name}")
    child.start()

    async def again(_: object) -> None:
        child.start()

    try:
        async with kept(name, child.wait, again):
            yield
    finally:
        await child.stop(*_STOP)


async def _announce(settings: Settings, gateway: str, url: str, folder: Path, *, as_json: bool) -> None:
    await _ready(gateway)
    database = Database(url, size=2)
    await database.open()
    try:
        await greet(settings, database, folder, as_json=as_json)
    finally:
        await database.close()


async def _ready(gateway: str) -> None:
    """Wait until all services are ready, and say now and then what is waited for."""
    said = asyncio.get_running_loop().time()
    async with httpx.AsyncClient(trust_env=False, timeout=15) as client:
        while True:
            told = await client.get(f"{gateway}/health/ready")
            if told.status_code == 200:
                return
            if asyncio.get_running_loop().time() - said > _SAY_EVERY:
                said = asyncio.get_running_loop().time()
                say(f"Not ready yet: {told.text.strip()}")
            await asyncio.sleep(0.1)

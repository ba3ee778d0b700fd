"""`leermix up`: embedded mode, from an empty folder to a first answer, until Ctrl-C."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import uvloop

from services import embedded
from services.common.access import zones
from services.common.application import application
from services.common.database import Database
from services.common.health import readiness
from services.common.runtime import Runtime, Service, build
from services.common.settings import Settings
from services.console.credentials import first_credential
from services.console.hosting import Ended, Stop, bound, serve
from services.console.keeping import kept
from services.console.logfile import log_to
from services.console.place import Place
from services.console.terminal import answer, answer_json, say
from services.console.variables import say_slips
from services.console.welcome import local_url, welcome
from services.local.postgres import Postgres

_SAY_EVERY = 3.0  # seconds


def run(*, as_json: bool) -> None:
    """Start everything, tell how to reach it, and return after a stop was asked for."""
    settings = Settings()
    say_slips()
    place = Place(settings.data)
    place.refuse_second()
    with place.held(say), contextlib.closing(bound(settings.host, settings.port)) as listener:
        log_to(place.log, settings.log_level)
        uvloop.run(_run(settings, place, listener, as_json=as_json))


async def _run(settings: Settings, place: Place, listener: socket.socket, *, as_json: bool) -> None:
    stop = Stop()
    stop.listen()
    async with watched_parent(stop):
        try:
            async with contextlib.AsyncExitStack() as stack:
                url = settings.database_url
                if url is None:
                    url = await stop.unless(stack.enter_async_context(own_database(place.database)))
                await _serve(settings, place, listener, stop, url, as_json=as_json)
        except Ended:
            say("Stopping before it was up")
        say("Stopped.")


@contextlib.asynccontextmanager
async def watched_parent(stop: Stop) -> AsyncIterator[None]:
    """Inside, a `make` that started this process and ends without a word makes it stop."""
    watching = asyncio.create_task(stop.with_parent() if "MAKELEVEL" in os.environ else stop.wished.wait())
    try:
        yield
    finally:
        watching.cancel()


@contextlib.asynccontextmanager
async def own_database(folder: Path) -> AsyncIterator[str]:
    """Run an embedded PostgreSQL in `folder` and yield how to connect; it is started again when it ends by itself."""
    say(f"Starting PostgreSQL in {folder}")
    async with Postgres(folder, say=say) as postgres:
        async with kept("PostgreSQL", postgres.wait, lambda _: postgres.restart()):
            yield postgres.dsn
        say("Stopping PostgreSQL")


async def _serve(
    settings: Settings, place: Place, listener: socket.socket, stop: Stop, database_url: str, *, as_json: bool
) -> None:
    runtime = build(settings, database_url)
    services = embedded.services(runtime)
    say(f"Starting {', '.join(service.name for service in services)}")
    mode, kafka = ("kafka" if runtime.distributed else "embedded"), settings.kafka_bootstrap_servers
    zone = settings.time_zone
    with place.noted(mode=mode, url=local_url(settings), database=database_url, kafka=kafka, time_zone=zone):
        announcing = asyncio.create_task(_announce(runtime, services, place, as_json=as_json))
        try:
            await serve(application(runtime, services), listener, stop)
        finally:
            announcing.cancel()
            await asyncio.gather(announcing, return_exceptions=True)
            say("Stopping: what is in flight was answered")


async def _announce(runtime: Runtime, services: list[Service], place: Place, *, as_json: bool) -> None:
    await _ready(runtime, services)
    await greet(runtime.settings, runtime.database, place.folder, as_json=as_json)


async def greet(settings: Settings, database: Database, folder: Path, *, as_json: bool) -> None:
    """Say that it is up, and how to go on, with the first credential where there is none yet."""
    first = await first_credential(database, settings.time_zone)
    for tenant, zone in (await zones.others(database, settings.time_zone)).items():
        say(f"Tenant {tenant} keeps {zone}: {zones.OTHER_ZONE}.")
    url = local_url(settings)
    if as_json:
        answer_json({"url": url, "pid": os.getpid(), "credential": first})
    else:
        answer(welcome(url, first, datetime.now().astimezone(), str(folder)))


async def _ready(runtime: Runtime, services: list[Service]) -> None:
    said = asyncio.get_running_loop().time()
    while not (state := await readiness(runtime, services))["ready"]:
        if asyncio.get_running_loop().time() - said > _SAY_EVERY:
            said = asyncio.get_running_loop().time()
            for name, told in state["services"].items():
                if told["because"]:
                    say(f"{name} is not ready yet: {'; '.join(told['because'])}")
        await asyncio.sleep(0.05)

"""The composition: the one place where the modes differ, and where a service's parts are brought to life.

Embedded and distributed are two ways to build the same object: with a Kafka the event log is Kafka, the outbox a
table with a relay and hints travel by NOTIFY; without one the log is tables in PostgreSQL, the append to it is the
outbox, and hints are calls. Nothing else anywhere asks which mode it is.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp

from services.common import access, docs, home
from services.common.access.credentials import Credentials
from services.common.backoff import Backoff
from services.common.consumer import Handler, Loop, State, watch
from services.common.database import Database, is_away, migrate
from services.common.errors import Unavailable
from services.common.eventlog import EventLog
from services.common.eventlog.postgres import PostgresEventLog
from services.common.http import Observe, handle_errors, json_response
from services.common.outbox import LogOutbox, Outbox, TableOutbox
from services.common.relay import Relay
from services.common.settings import Settings
from services.common.signals import LocalSignals, PostgresSignals, Signals

EXIT_CANNOT_GO_ON = 70
_UPKEEP_SECONDS = 3600.0

logger = logging.getLogger(__name__)


@dataclass
class Service:
    """What a service consists of; its `app` module builds one from a `Runtime`."""

    name: str
    migrations: Path
    routers: Sequence[APIRouter]
    handlers: Sequence[Handler[Any]] = ()
    tasks: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    prepare: Callable[[], Awaitable[None]] | None = None
    """Run once, after the migrations and before the handlers; `Unavailable` means again later."""
    middleware: Sequence[Callable[[ASGIApp], ASGIApp]] = ()
    accepts_without_database: bool = False
    """Whether an absent PostgreSQL degrades this service rather than making it unready (ingest on Kafka)."""
    needs_log: bool = False
    """Whether an absent log makes this service unready (ingest)."""


@dataclass
class Runtime:
    """The parts all services of one process share."""

    settings: Settings
    database: Database
    log: EventLog
    credentials: Credentials
    signals: Signals
    outbox: Callable[[str], Outbox]
    distributed: bool
    upkeep: Callable[[], Coroutine[Any, Any, None]] | None = None
    """What the log needs from time to time, where nobody else does it: Kafka trims and compacts by itself."""
    loops: list[Loop[Any]] = field(default_factory=list)
    prepared: set[str] = field(default_factory=set)


def build(settings: Settings, database_url: str) -> Runtime:
    """Build the runtime that the settings ask for. Nothing is connected yet."""
    database = Database(database_url, size=settings.database_connections)
    credentials = Credentials(database)
    if settings.kafka_bootstrap_servers:
        from services.common.eventlog.kafka import KafkaEventLog

        log = KafkaEventLog(
            settings.kafka_bootstrap_servers,
            replication_factor=settings.kafka_replication_factor,
            body_limit=settings.body_limit,
        )
        signals, outbox = PostgresSignals(database), cache(TableOutbox)
        return Runtime(settings, database, log, credentials, signals, outbox, distributed=True)
    tables = PostgresEventLog(database)
    appending = LogOutbox(tables)
    runtime = Runtime(settings, database, tables, credentials, LocalSignals(), lambda _: appending, distributed=False)
    runtime.upkeep = partial(_keep_up, tables)
    return runtime


def application(runtime: Runtime, services: Sequence[Service]) -> FastAPI:
    """Return the ASGI application of one process: these services, health, metrics and documentation."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _running(runtime, services):
            yield

    app = FastAPI(title="leermix", docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan)
    app.state.credentials = runtime.credentials
    app.state.runtime = runtime
    handle_errors(app)
    docs.add_to(app)
    for service in services:
        for router in service.routers:
            app.include_router(router)
        for middleware in service.middleware:
            app.add_middleware(middleware)
    app.add_middleware(Observe)
    _add_operations(app, runtime, services)
    told = partial(readiness, runtime, services)
    app.include_router(home.router(told, runtime.settings, distributed=runtime.distributed))
    return app


def _add_operations(app: FastAPI, runtime: Runtime, services: Sequence[Service]) -> None:
    @app.get("/health/live", include_in_schema=False)
    async def live() -> Response:
        return json_response({"live": True})

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> Response:
        answer = await readiness(runtime, services)
        return json_response(answer, 200 if answer["ready"] else 503, {} if answer["ready"] else {"Retry-After": "2"})

    @app.get("/metrics", include_in_schema=False)
    async def exposition() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def readiness(runtime: Runtime, services: Sequence[Service]) -> dict[str, Any]:
    """Tell the truth: {"ready", "services": {name: {"ready", "because"}}, "degraded": […], "groups": {…}}."""
    database_away = not await _answers(runtime.database)
    log_away = not runtime.log.available()
    told: dict[str, Any] = {}
    for service in services:
        because = []
        if service.name not in runtime.prepared:
            because.append("starting: its tables or partitions are not prepared yet")
        if not runtime.credentials.loaded:
            because.append("the credentials have not been read yet")
        if database_away and not (service.accepts_without_database and runtime.distributed):
            because.append("postgresql is away")
        if log_away and service.needs_log:
            because.append("the event log is away")
        groups = {handler.group for handler in service.handlers}
        because += [f"group {loop.handler.group} stopped: {loop.why}" for loop in runtime.loops
                    if loop.handler.group in groups and loop.state is State.STOPPED]  # fmt: skip
        told[service.name] = {"ready": not because, "because": because}
    degraded = [name for name, away in (("postgresql", database_away), ("log", log_away)) if away]
    degraded += [
        f"group {loop.handler.group} waits for {loop.why}" for loop in runtime.loops if loop.state is State.WAITING
    ]
    return {
        "ready": all(each["ready"] for each in told.values()),
        "services": told,
        "degraded": degraded,
        "groups": {loop.handler.group: loop.state for loop in runtime.loops},
    }


async def _answers(database: Database) -> bool:
    try:
        async with asyncio.timeout(2), database.connection() as connection:
            await connection.execute("SELECT 1")
    except Exception as error:
        if not is_away(error):
            raise
        return False
    return True


@asynccontextmanager
async def _running(runtime: Runtime, services: Sequence[Service]) -> AsyncIterator[None]:
    """Run everything that lives beside the requests; stop it in the opposite order."""
    await runtime.database.open()
    jobs: list[Coroutine[Any, Any, None]] = [
        runtime.database.watch(),
        runtime.signals.run(),
        runtime.credentials.run(),
        _start(runtime, services),
    ]
    tasks = [asyncio.create_task(_loud(runtime, job)) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await runtime.log.close()
        await runtime.database.close()


async def _loud(runtime: Runtime, job: Coroutine[Any, Any, None]) -> None:
    """Run a job that must not end by a bug: what cannot go on exits and is restarted, losing nothing (law 7)."""
    try:
        await job
    except Exception:
        logger.critical("cannot go on", exc_info=True)
        os._exit(EXIT_CANNOT_GO_ON)


async def _start(runtime: Runtime, services: Sequence[Service]) -> None:
    await _until_there(lambda: migrate(runtime.database, "access", access.MIGRATIONS))
    await runtime.credentials.refresh()
    for service in services:
        folders = (Path(__file__).parent / "migrations", service.migrations)
        await _until_there(lambda s=service, f=folders: migrate(runtime.database, s.name, *f))  # type: ignore[misc]
    await _until_there(runtime.log.open)
    async with asyncio.TaskGroup() as group:
        if runtime.upkeep:
            group.create_task(runtime.upkeep())
        for service in services:
            group.create_task(_serve(runtime, service))


async def _serve(runtime: Runtime, service: Service) -> None:
    if service.prepare:
        await _until_there(service.prepare)
    runtime.prepared.add(service.name)
    outbox = runtime.outbox(service.name)
    async with asyncio.TaskGroup() as group:
        for task in service.tasks:
            group.create_task(task())
        if isinstance(outbox, TableOutbox):
            group.create_task(Relay(runtime.database, outbox, runtime.log).run())
        for handler in service.handlers:
            group.create_task(_consume(runtime, handler, outbox))


async def _keep_up(tables: PostgresEventLog) -> None:
    """Trim and compact the log in PostgreSQL each hour."""
    while True:
        await _until_there(lambda: tables.maintain(datetime.now(UTC)))
        await asyncio.sleep(_UPKEEP_SECONDS)


async def _consume(runtime: Runtime, handler: Handler[Any], outbox: Outbox) -> None:
    """Run a handler's loop. Distributed: a bug ends the process. Embedded: the loop starts anew, after a while."""
    backoff = Backoff(longest=30)
    while True:
        loop = Loop(handler, runtime.log, runtime.database, outbox)
        runtime.loops[:] = [each for each in runtime.loops if each.handler is not handler] + [loop]
        try:
            await _watched(loop)
        except Exception:
            if runtime.distributed:
                raise
            logger.exception("group failed, starting it again", extra={"group": handler.group})
            loop.state, loop.why = State.WAITING, "its next start: it failed, see the log"
            await backoff.sleep()
        else:
            return


async def _watched(loop: Loop[Any]) -> None:
    running = asyncio.ensure_future(loop.run())
    watching = asyncio.ensure_future(watch([loop]))
    try:
        await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            raise RuntimeError(f"group {loop.handler.group} has not turned for too long, or has no place")
        if running.cancelled():  # not by us: something within was cancelled, and its CancelledError ended the loop
            raise RuntimeError(f"group {loop.handler.group} was cancelled from within")
        await running
    finally:
        running.cancel()
        watching.cancel()
        await asyncio.gather(running, watching, return_exceptions=True)


async def _until_there(work: Callable[[], Awaitable[object]]) -> None:
    backoff = Backoff()
    while True:
        try:
            await work()
        except Exception as error:
            if not (isinstance(error, Unavailable) or is_away(error)):
                raise
            logger.warning("waiting to start", extra={"for": type(error).__name__})
            await backoff.sleep()
        else:
            return

"""One process of leermix: the ASGI application, and everything that lives beside its requests."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI

from services.common import access, docs, health, home
from services.common.access import zones
from services.common.backoff import Backoff
from services.common.database import is_away, migrate
from services.common.errors import Unavailable
from services.common.http import Observe, handle_errors, only_storable
from services.common.outbox import TableOutbox
from services.common.relay import Relay
from services.common.runtime import Runtime, Service
from services.common.supervision import consume

EXIT_CANNOT_GO_ON = 70
_UPKEEP_SECONDS = 3600.0

logger = logging.getLogger(__name__)


def application(runtime: Runtime, services: Sequence[Service]) -> FastAPI:
    """Return the ASGI application of one process: these services, health, metrics and documentation."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _running(runtime, services):
            yield

    app = FastAPI(
        title="leermix",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        dependencies=[Depends(only_storable)],
    )
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
    app.include_router(health.router(runtime, services))
    told = partial(health.readiness, runtime, services)
    app.include_router(home.router(told, runtime.settings, distributed=runtime.distributed))
    return app


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
    await _until_there(lambda: zones.pin(runtime.database, runtime.settings.time_zone))
    await runtime.credentials.refresh()
    for service in services:
        folders = (Path(__file__).parent / "migrations", service.migrations)
        await _until_there(lambda s=service, f=folders: migrate(runtime.database, s.name, *f))  # type: ignore[misc]
    await _until_there(runtime.log.open)
    async with asyncio.TaskGroup() as group:
        if runtime.upkeep:
            group.create_task(_keep_up(runtime.upkeep))
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
            group.create_task(consume(runtime, handler, outbox))


async def _keep_up(work: Callable[[], Awaitable[None]]) -> None:
    """Trim and compact the log each hour, where it does not do so by itself."""
    while True:
        await _until_there(work)
        await asyncio.sleep(_UPKEEP_SECONDS)


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

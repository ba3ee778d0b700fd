"""`/health/live`, `/health/ready` and `/metrics`: how this process is, told truthfully (LOG.md, "Away")."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from services.common import metrics
from services.common.database import Database, is_away
from services.common.http import RETRY_AFTER, json_response
from services.common.loop import State
from services.common.runtime import Runtime, Service

_METHODS = ["GET", "HEAD"]


def router(runtime: Runtime, services: Sequence[Service]) -> APIRouter:
    """Return the three routes; none needs a credential, none tells anything personal."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/health/live", methods=_METHODS)
    async def live() -> Response:
        return json_response({"live": True})

    @routes.api_route("/health/ready", methods=_METHODS)
    async def ready() -> Response:
        told = await readiness(runtime, services)
        return json_response(told) if told["ready"] else json_response(told, 503, {"Retry-After": RETRY_AFTER})

    @routes.api_route("/metrics", methods=_METHODS)
    async def exposition() -> Response:
        told = await readiness(runtime, services)
        for name, each in told["services"].items():
            metrics.READY.labels(name).set(each["ready"])
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes


async def readiness(runtime: Runtime, services: Sequence[Service]) -> dict[str, Any]:
    """Tell the truth: {"ready", "services": {name: {"ready", "because"}}, "degraded": […], "groups": {…}}."""
    database_away = not await _answers(runtime.database)
    log_away = not runtime.log.available()
    told = {}
    for service in services:
        because = _because(runtime, service, database_away=database_away, log_away=log_away)
        told[service.name] = {"ready": not because, "because": because}
    degraded = [name for name, away in (("postgresql", database_away), ("log", log_away)) if away]
    degraded += [f"group {loop.handler.group} waits for {what}" for loop in runtime.loops for what in loop.waits_for()]
    return {
        "ready": all(each["ready"] for each in told.values()),
        "services": told,
        "degraded": degraded,
        "groups": {loop.handler.group: loop.state for loop in runtime.loops},
    }


def _because(runtime: Runtime, service: Service, *, database_away: bool, log_away: bool) -> list[str]:
    because = []
    if service.name not in runtime.prepared:
        because.append("starting: its tables or partitions are not prepared yet")
    if not runtime.credentials.loaded:
        because.append("the credentials have not been read yet")
    if database_away and not (service.accepts_without_database and runtime.distributed):
        because.append("postgresql is away")
    if log_away and service.needs_log:
        why = runtime.log.why_away()
        because.append(f"the event log is away ({why})" if why else "the event log is away")
    groups = {handler.group for handler in service.handlers}
    because += [
        f"group {loop.handler.group} stopped: {loop.why}"
        for loop in runtime.loops
        if loop.handler.group in groups and loop.state is State.STOPPED
    ]
    return because


async def _answers(database: Database) -> bool:
    """Ask through the pool, as a request would."""
    try:
        async with asyncio.timeout(2), database.connection() as connection:
            await connection.execute("SELECT 1")
    except Exception as error:
        if not is_away(error):
            raise
        return False
    return True

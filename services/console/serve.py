"""`leermix serve`: one service as a process of its own, as every replica of the distributed form runs."""

import contextlib
import importlib
import socket
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import uvloop

from services import embedded
from services.common.application import application
from services.common.logs import configure
from services.common.runtime import Runtime, Service, build
from services.common.settings import Settings
from services.console.exits import Exit, Failure
from services.console.hosting import Stop, bound, serve

SERVICES = ("ingest", "analytics", "recommend")


def run(name: str) -> None:
    """Serve until SIGTERM or SIGINT. Logs go to standard error, nothing is written to disk."""
    if name not in SERVICES:
        raise Failure(f"There is no service {name!r}; there are {', '.join(SERVICES)}.", Exit.USAGE)
    settings = Settings()
    for value, variable in (
        (settings.database_url, "LEERMIX_DATABASE_URL"),
        (settings.kafka_bootstrap_servers, "LEERMIX_KAFKA_BOOTSTRAP_SERVERS"),
    ):
        if not value:
            raise Failure(f"A service on its own needs {variable}. `leermix up` needs neither.", Exit.USAGE)
    configure(name, settings.log_level)
    with contextlib.closing(bound(settings.host, settings.port)) as listener:
        uvloop.run(_run(name, settings, listener))


async def _run(name: str, settings: Settings, listener: socket.socket) -> None:
    stop = Stop()
    stop.listen()
    runtime = build(settings, settings.database_url or "")
    make: Callable[[Runtime], Service] = importlib.import_module(f"services.{name}.app").service
    app = application(runtime, [make(runtime)])
    app.openapi = partial(_document, settings)  # type: ignore[method-assign] # FastAPI's own way to replace it
    await serve(app, listener, stop)


@cache
def _document(settings: Settings) -> dict[str, Any]:
    """Return the document of the whole product: whoever reads /docs does not care which process answers what."""
    whole = build(settings, settings.database_url or "")  # connects to nothing, and is never run
    return application(whole, embedded.services(whole)).openapi()

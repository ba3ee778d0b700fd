"""The composition: the one place where the modes differ (`application` brings a service's parts to life).

Embedded and distributed are two ways to build the same object: with a Kafka the event log is Kafka, the outbox a
table with a relay and hints travel by NOTIFY; without one the log is tables in PostgreSQL, the append to it is the
outbox, and hints are calls. Nothing else anywhere asks which mode it is.
"""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.types import ASGIApp

from services.common.access.credentials import Credentials
from services.common.consumer import Handler
from services.common.database import Database
from services.common.eventlog import EventLog
from services.common.eventlog.postgres import PostgresEventLog
from services.common.loop import Loop
from services.common.outbox import LogOutbox, Outbox, TableOutbox
from services.common.settings import Settings
from services.common.signals import LocalSignals, PostgresSignals, Signals


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
    upkeep: Callable[[], Awaitable[None]] | None = None
    """What the log needs each hour, where nobody else does it: Kafka trims and compacts by itself."""
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
    runtime.upkeep = lambda: tables.maintain(datetime.now(UTC))
    return runtime

"""What a command works on: the configured database, that of what runs here, or the embedded one, started for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.common import access
from services.common.database import Database, migrate
from services.common.runtime import Runtime, build
from services.common.settings import Settings
from services.console.place import Noted, Place
from services.console.terminal import say
from services.local.folders import FolderLock
from services.local.postgres import Postgres


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncIterator[str]:
    """Yield how to connect. An embedded database that nobody runs is started, under the folder's lock, and stopped.

    While another process is starting or stopping it, this waits for that.
    """
    place = Place(settings.data)
    if settings.database_url:
        yield settings.database_url
        return
    turn = await _turn(place)
    if isinstance(turn, Noted):
        yield turn.database
        return
    try:
        async with Postgres(place.database, say=say) as postgres:
            yield postgres.dsn
    finally:
        turn.release()


async def _turn(place: Place) -> Noted | FolderLock:
    """Return what runs, or the lock of the folder where nothing does."""
    while True:
        if (note := place.running()) is not None:
            return note
        if (lock := place.acquired()) is not None:
            return lock
        await asyncio.sleep(0.1)


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Database]:
    """Yield an open database whose schema `access` is up to date."""
    async with database_url(settings) as url:
        opened = Database(url, size=2)
        await opened.open()
        try:
            await migrate(opened, "access", access.MIGRATIONS)
            yield opened
        finally:
            await opened.close()


@asynccontextmanager
async def runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """Yield the database and the event log of this installation, connected; no service runs on them."""
    async with database_url(settings) as url:
        built = build(with_running_kafka(settings), url)
        await built.database.open()
        try:
            await built.log.open()
            yield built
        finally:
            await built.log.close()
            await built.database.close()


def zone_of_new_tenants(settings: Settings) -> str:
    """Return LEERMIX_TIME_ZONE: of this command where it is set, else of what runs here."""
    note = Place(settings.data).running()
    if settings.database_url or note is None or "time_zone" in settings.model_fields_set:
        return settings.time_zone
    return note.time_zone or settings.time_zone


def with_running_kafka(settings: Settings) -> Settings:
    """Return the settings with the Kafka of what runs here, unless one is configured."""
    note = Place(settings.data).running()
    if settings.database_url or settings.kafka_bootstrap_servers or note is None:
        return settings
    return settings.model_copy(update={"kafka_bootstrap_servers": note.kafka})

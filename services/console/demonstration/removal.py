"""`leermix demo --remove`: takes the demo's tenants out of every schema again.

Credentials first, so that nothing new comes. Then each service's rows, one transaction per schema; whatever was still
on its way through the log is deleted by another round, until two in a row find nothing. The compacted topics get
tombstones, so that a reader who starts from their beginning does not find the people again.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from schemas.topics import MIXES, PEOPLE
from services.common.access.credentials import listed, revoke
from services.common.database import Connection, Database
from services.common.eventlog import Entry
from services.common.outbox import Outbox, Outgoing
from services.common.runtime import build
from services.common.settings import Settings
from services.console.demonstration.access import TENANTS
from services.console.exits import Failure
from services.console.place import Place
from services.console.reach import database

_SCHEMAS = ("ingest", "analytics", "recommend")
_KEPT = ("tenants", "sources", "credentials")
"""Of the schema `access` these stay: the names, and the keys that are now revoked, for whoever reads the books."""
_PAUSE_SECONDS = 1.0
_ROUNDS = 30


async def remove(settings: Settings) -> dict[str, int]:
    """Remove the demo's tenants; return how many rows went, by schema."""
    async with database(settings) as opened:
        for tenant in TENANTS:
            for row in await listed(opened, tenant):
                await revoke(opened, row["key"])
        async with _publishing(settings, opened.dsn) as outbox:
            return await _delete_until_quiet(opened, outbox)


@asynccontextmanager
async def _publishing(settings: Settings, dsn: str) -> AsyncIterator[Outbox]:
    """Lend the outbox of analytics, by whichever way this installation's services publish."""
    note = Place(settings.data).running()
    kafka = settings.kafka_bootstrap_servers or (note.kafka if note else None)
    runtime = build(settings.model_copy(update={"kafka_bootstrap_servers": kafka}), dsn)
    await runtime.database.open()
    try:
        await runtime.log.open()
        yield runtime.outbox("analytics")
    finally:
        await runtime.log.close()
        await runtime.database.close()


async def _delete_until_quiet(opened: Database, outbox: Outbox) -> dict[str, int]:
    gone = dict.fromkeys((*_SCHEMAS, "access"), 0)
    quiet = 0
    for _ in range(_ROUNDS):
        await _bury(opened, outbox)
        found = {schema: await opened.retrying(lambda c, s=schema: _delete(c, s)) for schema in gone}  # type: ignore[misc]
        gone = {schema: gone[schema] + found[schema] for schema in gone}
        quiet = 0 if any(found.values()) else quiet + 1
        if quiet == 2:
            return gone
        await asyncio.sleep(_PAUSE_SECONDS)
    raise Failure("Rows of the demo keep coming: something still sends or lags. Run this again in a while.")


async def _bury(opened: Database, outbox: Outbox) -> None:
    """Leave tombstones on the compacted topics for the people that are about to go."""
    async with opened.transaction() as connection:
        rows = await connection.fetch(
            "SELECT tenant, person, version FROM analytics.persons WHERE tenant = ANY($1)", list(TENANTS)
        )
        outgoing = _tombstones([(row["tenant"], row["person"], row["version"]) for row in rows])
        if outgoing:
            await outbox.write(connection, outgoing)
    outbox.committed(outgoing)


async def _delete(connection: Connection, schema: str) -> int:
    """Delete the tenants' rows from every table of a schema whose rows belong to tenants."""
    tables = [
        row["table"]
        for row in await connection.fetch(
            """
            SELECT c.relname AS table FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' AND NOT a.attisdropped
            WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname
            """,
            schema,
        )
    ]
    count = 0
    for table in tables:
        if schema == "access" and table in _KEPT:
            continue
        status = await connection.execute(f"DELETE FROM {schema}.{table} WHERE tenant = ANY($1)", list(TENANTS))
        count += int(status.rpartition(" ")[2])
    return count


def _tombstones(people: Sequence[tuple[str, UUID, int]]) -> list[Outgoing]:
    return [
        (topic, Entry(f"{tenant}/{person}".encode(), None, (("version", str(version + 1).encode()),)))
        for tenant, person, version in people
        for topic in (PEOPLE, MIXES)
    ]

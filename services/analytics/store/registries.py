"""Registries by version, the derivations that a change begins, and the statements that a dry run looks at."""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from services.analytics.domain.registry_file import EMPTY, Registry
from services.common.database import Connection

_LOCK = """
    -- One change of a tenant's registry at a time, until commit.
    SELECT pg_advisory_xact_lock(hashtextextended('analytics.registries ' || $1, 0))
"""
_LATEST = """
    -- The registry that holds now.
    SELECT version, entries, author, created FROM analytics.registries WHERE tenant = $1 ORDER BY version DESC LIMIT 1
"""
_ONE = "SELECT version, entries, author, created FROM analytics.registries WHERE tenant = $1 AND version = $2"
_VERSIONS = """
    -- The audit trail, the latest version first, each with the derivations that read history by it.
    SELECT r.version, r.created, r.author, r.change, d.derivation, d.state, d.done, d.total, d.switch
    FROM (
        SELECT * FROM analytics.registries WHERE tenant = $1 AND version < $2 ORDER BY version DESC LIMIT $3
    ) r
    LEFT JOIN LATERAL (
        SELECT * FROM analytics.derivations d WHERE d.tenant = r.tenant AND d.registry = r.version
        ORDER BY d.derivation DESC LIMIT 1
    ) d ON true
    ORDER BY r.version DESC
"""
_KEEP = """
    -- Keep a new version; when that was.
    INSERT INTO analytics.registries (tenant, version, entries, change, author) VALUES ($1, $2, $3, $4, $5)
    RETURNING created
"""
_SUPERSEDE = """
    -- What was being derived for an earlier registry, to become the active one, would never be served now.
    UPDATE analytics.derivations SET state = 'dropped'
    WHERE tenant = $1 AND state = 'building' AND switch AND registry < $2 AND reason LIKE 'registry %'
"""
_DERIVE = """
    -- Ask for all history to be read anew.
    INSERT INTO analytics.derivations (tenant, derivation, rule_set, registry, time_zone, state, switch, reason)
    SELECT $1, coalesce(max(derivation), 0) + 1, $2, $3, $4, 'building', $5, $6
    FROM analytics.derivations WHERE tenant = $1
    RETURNING derivation
"""
_STORED = """
    -- Statements, newest first, after a place: what a dry run looks at.
    SELECT id, stored, source, kind, statement FROM ingest_api.statements_v1
    WHERE tenant = $1 AND stored >= $2 AND (stored, id) < ($3, $4) AND NOT voided
    ORDER BY stored DESC, id DESC LIMIT $5
"""
_WHO = "SELECT actor_key, person::text FROM analytics.identities WHERE tenant = $1 AND actor_key = ANY($2)"
_OBJECTED = """
    -- The identities of everybody who objected to being counted.
    SELECT i.actor_key FROM access.objections o
    JOIN analytics.identities i ON i.tenant = o.tenant AND i.person = o.person WHERE o.tenant = $1
"""
_LAST_ID = UUID(int=2**128 - 1)


Lend = Callable[[], AbstractAsyncContextManager[Connection]]
"""What lends a connection: `Database.connection`."""


class Replay(NamedTuple):
    """How far the latest derivation by a version of the registry is."""

    derivation: int
    state: str
    done: int
    total: int
    switch: bool


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a registry; 0 is the empty one that every organisation begins with."""

    version: int
    registry: Registry
    author: str | None = None
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class Audited:
    """A line of the audit trail."""

    version: int
    created: datetime
    author: str
    change: dict[str, Any]
    replay: Replay | None


class Stored(NamedTuple):
    """A stored statement, as far as a dry run needs it."""

    source: str
    kind: str
    statement: dict[str, Any]


async def lock(connection: Connection, tenant: str) -> None:
    """Let nobody else change this tenant's registry until commit."""
    await connection.execute(_LOCK, tenant)


async def latest(connection: Connection, tenant: str) -> Version:
    """Return the registry that holds now."""
    row = await connection.fetchrow(_LATEST, tenant)
    return Version(0, EMPTY) if row is None else _version(row)


async def one(connection: Connection, tenant: str, version: int) -> Version | None:
    """Return the registry as it was in this version."""
    if version == 0:
        return Version(0, EMPTY)
    row = await connection.fetchrow(_ONE, tenant, version)
    return None if row is None else _version(row)


async def versions(connection: Connection, tenant: str, before: int, limit: int) -> list[Audited]:
    """Return the audit trail below a version, the latest first."""
    rows = await connection.fetch(_VERSIONS, tenant, before, limit)
    return [
        Audited(
            row["version"],
            row["created"],
            row["author"],
            orjson.loads(row["change"]),
            None if row["derivation"] is None else Replay(*(row[name] for name in Replay._fields)),
        )
        for row in rows
    ]


async def keep(
    connection: Connection, tenant: str, version: int, registry: Registry, change: dict[str, Any], author: str
) -> None:
    """Keep a new version; the tenant's registry is locked."""
    await connection.fetchval(
        _KEEP, tenant, version, orjson.dumps(registry).decode(), orjson.dumps(change).decode(), author
    )


async def derive(
    connection: Connection, tenant: str, rule_set: str, version: int, time_zone: str, *, switch: bool
) -> int:
    """Begin a derivation by this version, and give up those by earlier ones that nobody will wait for.

    The registry of the tenant is locked. `rule_set` stands in analytics.rule_sets.
    """
    if switch:
        await connection.execute(_SUPERSEDE, tenant, version)
    return int(await connection.fetchval(_DERIVE, tenant, rule_set, version, time_zone, switch, f"registry {version}"))


async def newest_first(
    lend: Lend, tenant: str, since: datetime, until: datetime, page: int
) -> AsyncGenerator[list[Stored], None]:
    """Yield pages of the statements that are not voided, stored in [since, until], newest first.

    Each page has a connection of its own: whoever reads slowly keeps none from the others.
    """
    at, last = until, _LAST_ID
    while True:
        async with lend() as connection:
            rows: Sequence[Any] = await connection.fetch(_STORED, tenant, since, at, last, page)
        if rows:
            at, last = rows[-1]["stored"], rows[-1]["id"]
            yield [Stored(row["source"], row["kind"], orjson.loads(row["statement"])) for row in rows]
        if len(rows) < page:
            return


async def persons(connection: Connection, tenant: str, identities: Iterable[str]) -> dict[str, str]:
    """Return who these identities are, as far as anybody knows them."""
    rows = await connection.fetch(_WHO, tenant, sorted(identities))
    return {row["actor_key"]: row["person"] for row in rows}


async def objected(connection: Connection, tenant: str) -> frozenset[str]:
    """Return the identities of who objected: nothing of theirs is told."""
    return frozenset(row["actor_key"] for row in await connection.fetch(_OBJECTED, tenant))


def _version(row: Any) -> Version:
    return Version(row["version"], orjson.loads(row["entries"]), row["author"], row["created"])

"""Credentials: made, listed, revoked, and checked on each request without asking PostgreSQL.

Every process holds all credentials that are not revoked, and reads them again every few seconds: a revoked one stops
working within 10 seconds, a new one works at once (an unknown key is looked up), and while PostgreSQL is away the
ones that were seen in the last 10 minutes go on working (the log's table "Away"). Whoever guesses keys costs little:
all the unknown ones are looked up together, one question at a time and a few in a second.
"""

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import asyncpg

from services.common.access.lookups import Lookups
from services.common.access.scopes import Scope
from services.common.backoff import pause
from services.common.database import Database, is_away
from services.common.errors import Unavailable

KINDS = ("lms", "job_aid", "coaching", "social", "work_system", "other")

_WORDS = frozenset(Scope)
_REFRESH_SECONDS = 4.0
_FRESH_SECONDS = 9.0
_KEPT_SECONDS = 600.0
_LOOKUP_SECONDS = 3.0
_LOOKUP_PAUSE = 0.05
_TENANT = """
INSERT INTO access.tenants AS t (tenant, time_zone) VALUES ($1, $2)
ON CONFLICT (tenant) DO UPDATE SET time_zone = $2 WHERE t.time_zone IS NULL
"""
_KEY = re.compile(r"[0-9a-f]{32}")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request: the source behind a credential, in its tenant."""

    key: str
    tenant: str
    source: str
    kind: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class _Credential:
    caller: Caller
    salt: bytes
    digest: bytes

    def opens_with(self, secret: str) -> bool:
        return hmac.compare_digest(_digest(self.salt, secret), self.digest)


def _digest(salt: bytes, secret: str) -> bytes:
    return hmac.digest(salt, secret.encode(), hashlib.sha256)


def _known(words: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes this version knows: a newer one may have granted more."""
    return frozenset(Scope(word) for word in words if word in _WORDS)


class SourceKindDiffers(Exception):  # noqa: N818
    """The source is registered with another kind than was asked for."""


async def create(
    database: Database, *, source: str, kind: str, scopes: Iterable[Scope], time_zone: str, tenant: str = "default"
) -> tuple[str, str]:
    """Register the source (and tenant) if new, make a credential for it and return its key and secret.

    A new tenant has this zone from then on (access/zones.py); one that is there keeps its own.
    The secret is shown this once and kept only as an HMAC. Raises `SourceKindDiffers`.
    """
    key, secret, salt = secrets.token_hex(16), secrets.token_urlsafe(32), secrets.token_bytes(32)
    async with database.transaction() as connection:
        await connection.execute(_TENANT, tenant, time_zone)
        await connection.execute(
            "INSERT INTO access.sources (tenant, source, kind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            tenant,
            source,
            kind,
        )
        registered = await connection.fetchval(
            "SELECT kind FROM access.sources WHERE tenant = $1 AND source = $2", tenant, source
        )
        if registered != kind:
            raise SourceKindDiffers(f"source {source} of tenant {tenant} is registered as {registered}, not {kind}")
        await connection.execute(
            """
            INSERT INTO access.credentials (tenant, key, source, salt, digest, scopes)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            tenant,
            key,
            source,
            salt,
            _digest(salt, secret),
            sorted(scopes),
        )
    return key, secret


async def listed(database: Database, tenant: str | None = None) -> list[dict[str, Any]]:
    """Return every credential (of one tenant) without its secret, oldest first."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            """
            SELECT c.tenant, c.key, c.source, s.kind, c.scopes, c.created, c.revoked
            FROM access.credentials c JOIN access.sources s USING (tenant, source)
            WHERE $1::text IS NULL OR c.tenant = $1 ORDER BY c.created
            """,
            tenant,
        )
    return [dict(row) for row in rows]


async def revoke(database: Database, key: str) -> bool:
    """Revoke a credential; within 10 seconds it stops working everywhere. False when there is no such key."""
    async with database.transaction() as connection:
        found = await connection.fetchval(
            "UPDATE access.credentials SET revoked = coalesce(revoked, now()) WHERE key = $1 RETURNING key", key
        )
    return found is not None


class Credentials:
    """The cache each process checks requests against."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, _Credential] = {}
        self._confirmed = float("-inf")
        self._lookups = Lookups(self._fetch, pause=_LOOKUP_PAUSE)

    @property
    def loaded(self) -> bool:
        """Tell whether the credentials have ever been read."""
        return self._confirmed > float("-inf")

    async def run(self) -> None:
        """Read all credentials again every few seconds, until cancelled."""
        while True:
            await self.refresh()
            await pause(_REFRESH_SECONDS if self.loaded else 0.2)

    async def refresh(self) -> None:
        """Read all credentials once; an absent PostgreSQL is noted, not raised."""
        try:
            async with asyncio.timeout(_LOOKUP_SECONDS):
                known = await self._fetch(None)
        except Exception as error:
            if not is_away(error) and not isinstance(
                error, asyncpg.UndefinedTableError | asyncpg.InvalidSchemaNameError
            ):
                raise
            return
        self._known = known
        self._confirmed = time.monotonic()

    async def authenticate(self, key: str, secret: str) -> Caller | None:
        """Return who this is, or None for an unknown key, a wrong secret or a revoked credential.

        Raises `Unavailable` when that cannot be known now.
        """
        if not _KEY.fullmatch(key):  # none of ours: `create` makes no other
            return None
        credential = self._known.get(key)
        age = time.monotonic() - self._confirmed
        if credential is None or age > _FRESH_SECONDS:
            credential = await self._look_up(key, credential if age < _KEPT_SECONDS else None)
        if credential is None or not credential.opens_with(secret):
            return None
        return credential.caller

    async def _look_up(self, key: str, cached: _Credential | None) -> _Credential | None:
        if self._database.away and cached is not None:
            return cached
        try:
            async with asyncio.timeout(_LOOKUP_SECONDS):
                found = await self._lookups.find(key)
        except Exception as error:
            if not is_away(error):
                raise
            if cached is not None:
                return cached
            raise Unavailable("postgresql", "credentials cannot be checked") from error
        if found is None:
            self._known.pop(key, None)
        else:
            self._known[key] = found
        return found

    async def _fetch(self, keys: list[str] | None) -> dict[str, _Credential]:
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                """
                SELECT c.tenant, c.key, c.source, s.kind, c.scopes, c.salt, c.digest
                FROM access.credentials c JOIN access.sources s USING (tenant, source)
                WHERE c.revoked IS NULL AND ($1::text[] IS NULL OR c.key = ANY($1))
                """,
                keys,
            )
        return {
            row["key"]: _Credential(
                Caller(row["key"], row["tenant"], row["source"], row["kind"], _known(row["scopes"])),
                row["salt"],
                row["digest"],
            )
            for row in rows
        }

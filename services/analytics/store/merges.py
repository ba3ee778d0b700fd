"""Joinings of two persons, each with what moved, so that it can be given back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.common.database import Connection

_INTO = "SELECT merged_into::text FROM analytics.persons WHERE tenant = $1 AND person = $2"
_MARK = "UPDATE analytics.persons SET merged_into = $3 WHERE tenant = $1 AND person = $2"
_MOVE_ENTRIES = """
    -- Entries of the roster go from one person to another; which.
    UPDATE analytics.roster SET person = $3
    WHERE tenant = $1 AND person = $2 AND ($4::text[] IS NULL OR reference = ANY($4)) RETURNING reference
"""
_MOVE_MEMBERSHIPS = """
    -- Memberships go with the entries that tell them.
    UPDATE analytics.memberships SET person = $3 WHERE tenant = $1 AND person = $2 AND reference = ANY($4)
"""
_ADD = """
    INSERT INTO analytics.merges (tenant, merge, kept, merged, identities, entries, objection, author)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING created
"""
_SELECT = """
    SELECT merge::text, kept::text, merged::text, identities, entries, objection, author, created, undone
    FROM analytics.merges WHERE tenant = $1
"""
_UNDONE = "UPDATE analytics.merges SET undone = now() WHERE tenant = $1 AND merge = $2 RETURNING undone"

_OWN_OBJECTION = """
    -- The kept person objects too: undoing a merge must not take that back.
    UPDATE analytics.merges SET objection = false WHERE tenant = $1 AND kept = $2 AND objection
"""


@dataclass(frozen=True, slots=True)
class Merge:
    """A joining; `identities` and `entries` moved by it, `objection` came with it."""

    merge: str
    kept: str
    merged: str
    identities: tuple[str, ...]
    entries: tuple[str, ...]
    objection: bool
    author: str
    created: datetime | None = None
    undone: datetime | None = None


async def merged_into(connection: Connection, tenant: str, person: str) -> str | None:
    """Return into whom a person was merged; None when not, or when there is no such person."""
    into: str | None = await connection.fetchval(_INTO, tenant, person)
    return into


async def mark(connection: Connection, tenant: str, person: str, into: str | None) -> None:
    """Note into whom a locked person is merged."""
    await connection.execute(_MARK, tenant, person, into)


async def move_entries(
    connection: Connection, tenant: str, person: str, to: str, only: Sequence[str] | None = None
) -> list[str]:
    """Give the entries of the roster about a person (only these) to another, memberships with them; return which."""
    rows = await connection.fetch(_MOVE_ENTRIES, tenant, person, to, only)
    moved = sorted(row["reference"] for row in rows)
    await connection.execute(_MOVE_MEMBERSHIPS, tenant, person, to, moved)
    return moved


async def add(connection: Connection, tenant: str, new: Merge) -> Merge:
    """Keep what was done; return it as it is kept."""
    identities, entries = list(new.identities), list(new.entries)
    created = await connection.fetchval(
        _ADD, tenant, new.merge, new.kept, new.merged, identities, entries, new.objection, new.author
    )
    return replace(new, created=created)


async def locked(connection: Connection, tenant: str, merge: str) -> Merge | None:
    """Return a merge that nobody else undoes until commit."""
    row = await connection.fetchrow(f"{_SELECT} AND merge = $2 FOR UPDATE", tenant, merge)
    return _merge(row) if row else None


async def listed(connection: Connection, tenant: str, person: str | None, limit: int) -> list[Merge]:
    """Return the merges of a tenant, or with this person, newest first."""
    rows = await connection.fetch(
        f"{_SELECT} AND ($2::uuid IS NULL OR $2 IN (kept, merged)) ORDER BY created DESC, merge LIMIT $3",
        tenant,
        person,
        limit,
    )
    return [_merge(row) for row in rows]


async def undone(connection: Connection, tenant: str, done: Merge) -> Merge:
    """Note that it was given back; return it as it is kept."""
    return replace(done, undone=await connection.fetchval(_UNDONE, tenant, done.merge))


async def own_objection(connection: Connection, tenant: str, person: str) -> None:
    """Note that an objection that came with a merge is the kept person's own now."""
    await connection.execute(_OWN_OBJECTION, tenant, person)


def _merge(row: Any) -> Merge:
    values = dict(row)
    return Merge(**values | {name: tuple(values[name]) for name in ("identities", "entries")})

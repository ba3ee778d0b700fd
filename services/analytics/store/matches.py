"""Pairs of persons who may be one: proposed once each, then confirmed or rejected by a human."""

from collections.abc import Collection, Sequence
from typing import Any

from services.common.database import Connection

_PAIRS = """
    -- Every pair of these persons that was ever proposed.
    SELECT one::text, other::text FROM analytics.matches
    WHERE tenant = $1 AND (one = ANY($2::uuid[]) OR other = ANY($2::uuid[]))
"""
_ADD = """
    -- Propose pairs; one that was proposed before, whatever became of it, is left as it is.
    INSERT INTO analytics.matches (tenant, one, other, match, reason, kind, reference)
    SELECT $1, least(a, b), greatest(a, b), match, reason, kind, reference
    FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[])
        AS new (a, b, match, reason, kind, reference)
    WHERE a <> b ON CONFLICT DO NOTHING
"""
_OPEN = """
    -- Proposed pairs of two persons who are still two, oldest first.
    SELECT m.match::text, coalesce(p.merged_into, m.one)::text AS one, coalesce(q.merged_into, m.other)::text AS other,
           m.reason, m.kind AS identity, m.reference, m.state, m.created,
           m.decided
    FROM analytics.matches m
    JOIN analytics.persons p ON p.tenant = m.tenant AND p.person = m.one
    JOIN analytics.persons q ON q.tenant = m.tenant AND q.person = m.other
    WHERE m.tenant = $1 AND m.state = $2
      AND ($2 <> 'proposed' OR coalesce(p.merged_into, m.one) <> coalesce(q.merged_into, m.other))
    ORDER BY m.created, m.match LIMIT $3
"""
_ONE = """
    SELECT match::text, one::text, other::text, reference, state FROM analytics.matches
    WHERE tenant = $1 AND match = $2 FOR UPDATE
"""
_DECIDE = """
    UPDATE analytics.matches SET state = $3, decided = now(), author = $4 WHERE tenant = $1 AND match = $2
"""


async def pairs(connection: Connection, tenant: str, persons: Collection[str]) -> frozenset[frozenset[str]]:
    """Return the pairs with one of these persons that were ever proposed."""
    rows = await connection.fetch(_PAIRS, tenant, list(persons))
    return frozenset(frozenset((one, other)) for one, other in rows)


async def add(connection: Connection, tenant: str, new: Sequence[tuple[str, str, str, str, str, str]]) -> int:
    """Propose (person, person, match, reason, kind of identity, reference); return how many are new."""
    if not new:
        return 0
    done = await connection.execute(_ADD, tenant, *map(list, zip(*new, strict=True)))
    return int(done.rpartition(" ")[2])


async def listed(connection: Connection, tenant: str, state: str, limit: int) -> list[dict[str, Any]]:
    """Return the matches in a state, oldest first."""
    return [dict(row) for row in await connection.fetch(_OPEN, tenant, state, limit)]


async def locked(connection: Connection, tenant: str, match: str) -> dict[str, Any] | None:
    """Return a match that nobody else decides until commit."""
    row = await connection.fetchrow(_ONE, tenant, match)
    return dict(row) if row else None


async def decide(connection: Connection, tenant: str, match: str, state: str, author: str) -> None:
    """Keep a human's word."""
    await connection.execute(_DECIDE, tenant, match, state, author)

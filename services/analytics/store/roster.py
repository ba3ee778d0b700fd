"""The roster: who belongs to a tenant, by its own reference, with identities as told and memberships in time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from services.analytics.domain.people.plan import Change
from services.analytics.domain.people.state import Known
from services.analytics.domain.people.wanted import Membership
from services.common.database import Connection

_ALONE = """
    -- One change of a tenant's roster at a time, until commit: what is planned must still be true when it is done.
    SELECT pg_advisory_xact_lock(hashtext('leermix roster'), hashtext($1))
"""
_ENTRIES = """
    -- The entries of these references, and of whoever has these identities; all without any.
    SELECT reference, person::text, active, identities FROM analytics.roster
    WHERE tenant = $1 AND ($2::text[] IS NULL OR reference = ANY($2) OR person = ANY(
        SELECT person FROM analytics.identities WHERE tenant = $1 AND actor_key = ANY($3::text[])))
"""
_MEMBERSHIPS = """
    SELECT reference, team, role, location, relation, since, until FROM analytics.memberships
    WHERE tenant = $1 AND ($2::text[] IS NULL OR reference = ANY($2)) ORDER BY reference, since
"""
_PUT = """
    -- Enter references, or change their entries.
    INSERT INTO analytics.roster (tenant, reference, person, active, identities)
    SELECT $1, reference, person, active, string_to_array(identities, E'\\n')
    FROM unnest($2::text[], $3::uuid[], $4::boolean[], $5::text[]) AS new (reference, person, active, identities)
    ON CONFLICT (tenant, reference) DO UPDATE
        SET active = excluded.active, identities = excluded.identities, changed = now()
"""
_END = """
    -- Memberships that were otherwise.
    DELETE FROM analytics.memberships m
    USING unnest($2::text[], $3::text[], $4::date[]) AS gone (reference, team, since)
    WHERE m.tenant = $1 AND m.reference = gone.reference AND m.team = gone.team AND m.since = gone.since
"""
_BEGIN = """
    -- Memberships as they are, of the person of their entry.
    INSERT INTO analytics.memberships (tenant, person, reference, team, role, location, relation, since, until)
    SELECT $1, r.person, new.* FROM unnest(
        $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[]
    ) AS new (reference, team, role, location, relation, since, until)
    JOIN analytics.roster r ON r.tenant = $1 AND r.reference = new.reference
"""
_OF_PERSON = """
    SELECT team, role, location, relation, since, until FROM analytics.memberships
    WHERE tenant = $1 AND person = $2 ORDER BY since, team
"""


async def alone(connection: Connection, tenant: str) -> None:
    """Wait until nobody else changes the roster of this tenant, and keep others waiting until commit."""
    await connection.execute(_ALONE, tenant)


async def entries(
    connection: Connection, tenant: str, references: Collection[str] | None, keys: Collection[str] = ()
) -> dict[str, Known]:
    """Return the entries of these references and of whoever has these identities; None: the whole roster."""
    wanted = None if references is None else list(references)
    rows = await connection.fetch(_ENTRIES, tenant, wanted, list(keys))
    named = None if references is None else [row["reference"] for row in rows]
    held = await memberships(connection, tenant, named)
    return {
        row["reference"]: Known(
            row["reference"], row["person"], row["active"], tuple(row["identities"]), tuple(held[row["reference"]])
        )
        for row in rows
    }


async def memberships(
    connection: Connection, tenant: str, references: Sequence[str] | None
) -> defaultdict[str, list[Membership]]:
    """Return the memberships of these references (None: of all), each in order of time."""
    held: defaultdict[str, list[Membership]] = defaultdict(list)
    for reference, *membership in await connection.fetch(_MEMBERSHIPS, tenant, references):
        held[reference].append(Membership(*membership))
    return held


async def of_person(connection: Connection, tenant: str, person: str) -> list[Membership]:
    """Return the memberships of a person, in order of time."""
    return [Membership(*row) for row in await connection.fetch(_OF_PERSON, tenant, person)]


async def write(connection: Connection, tenant: str, changes: Sequence[tuple[Change, str]]) -> None:
    """Make the roster what these changes say; each with the id of its person."""
    rows = [(each.reference, person, each.active, "\n".join(each.identities)) for each, person in changes]
    await connection.execute(_PUT, tenant, *_columns(rows, 4))
    gone = [(each.reference, old.team, old.since) for each, _ in changes for old in each.gone]
    if gone:
        await connection.execute(_END, tenant, *_columns(gone, 3))
    come = [(each.reference, *new) for each, _ in changes for new in each.come]
    if come:
        await connection.execute(_BEGIN, tenant, *_columns(come, 7))


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]

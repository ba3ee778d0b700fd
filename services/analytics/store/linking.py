"""Identities as an import or a merge gives and takes them; those that statements bring are in people.py."""

from collections.abc import Collection, Mapping, Sequence

from services.common.database import Connection

_OWNERS = """
    -- Who these identities are.
    SELECT actor_key, person::text FROM analytics.identities WHERE tenant = $1 AND actor_key = ANY($2)
"""
_USED = """
    -- Those of these identities by which anything was ever recorded. What a statement brought counts always: its events
    -- may not be derived yet.
    SELECT i.actor_key FROM analytics.identities i WHERE i.tenant = $1 AND i.actor_key = ANY($2) AND (
        i.origin = 'statement'
        OR EXISTS (SELECT FROM analytics.events e WHERE e.tenant = i.tenant AND e.person = i.person
                   AND e.derivation = ANY(SELECT derivation FROM analytics.derivations d
                                          WHERE d.tenant = $1 AND d.state <> 'dropped')
                   AND e.learner = i.actor_key AND NOT e.retracted)
        OR EXISTS (SELECT FROM analytics.additions a WHERE a.tenant = i.tenant AND a.learner = i.actor_key))
"""
_ADD = """
    -- Give identities that nobody has, in sorted order; one that somebody has just taken in is left out.
    INSERT INTO analytics.identities (tenant, actor_key, person, origin)
    SELECT $1, * FROM unnest($2::text[], $3::uuid[], $4::text[]) AS new (actor_key, person, origin) ORDER BY actor_key
    ON CONFLICT (tenant, actor_key) DO NOTHING
"""
_MOVE = """
    -- Give identities to other persons, who are locked.
    UPDATE analytics.identities i SET person = new.person
    FROM unnest($2::text[], $3::uuid[]) AS new (actor_key, person)
    WHERE i.tenant = $1 AND i.actor_key = new.actor_key
"""
_REMOVE = "DELETE FROM analytics.identities WHERE tenant = $1 AND actor_key = ANY($2)"
_OF = "SELECT actor_key FROM analytics.identities WHERE tenant = $1 AND person = $2 ORDER BY actor_key"
_PERSONS = """
    INSERT INTO analytics.persons (tenant, person) SELECT $1, * FROM unnest($2::uuid[]) ON CONFLICT DO NOTHING
"""
_LOCK = """
    -- Lock persons until commit, in id order.
    SELECT person::text, merged_into::text FROM analytics.persons
    WHERE tenant = $1 AND person = ANY($2::uuid[]) ORDER BY person FOR NO KEY UPDATE
"""


async def owners(connection: Connection, tenant: str, keys: Collection[str]) -> dict[str, str]:
    """Return the person of each of these identities that is known."""
    rows = await connection.fetch(_OWNERS, tenant, list(keys))
    return {row["actor_key"]: row["person"] for row in rows}


async def used(connection: Connection, tenant: str, keys: Collection[str]) -> frozenset[str]:
    """Return those of these identities by which something was recorded."""
    if not keys:
        return frozenset()
    return frozenset(row["actor_key"] for row in await connection.fetch(_USED, tenant, list(keys)))


async def add(connection: Connection, tenant: str, new: Sequence[tuple[str, str, str]]) -> int:
    """Give (actor_key, person, origin); return how many were still to be had."""
    if not new:
        return 0
    done = await connection.execute(_ADD, tenant, *map(list, zip(*new, strict=True)))
    return int(done.rpartition(" ")[2])


async def move(connection: Connection, tenant: str, moves: Mapping[str, str]) -> None:
    """Give each actor_key to its person; both persons are locked."""
    await connection.execute(_MOVE, tenant, list(moves), list(moves.values()))


async def remove(connection: Connection, tenant: str, keys: Collection[str]) -> None:
    """Take identities from whom they belong to; these persons are locked, and never used them."""
    await connection.execute(_REMOVE, tenant, list(keys))


async def of(connection: Connection, tenant: str, person: str) -> list[str]:
    """Return the actor_keys of a person."""
    return [row["actor_key"] for row in await connection.fetch(_OF, tenant, person)]


async def make_persons(connection: Connection, tenant: str, persons: Collection[str]) -> None:
    """Make persons."""
    await connection.execute(_PERSONS, tenant, list(persons))


async def lock(connection: Connection, tenant: str, persons: Collection[str]) -> dict[str, str | None]:
    """Lock persons in id order; return into whom each was merged, of those that there are."""
    rows = await connection.fetch(_LOCK, tenant, sorted(persons))
    return {row["person"]: row["merged_into"] for row in rows}

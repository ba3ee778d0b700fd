"""People and their identities. In this version each identity is a person of its own."""

from collections.abc import Callable, Iterable, Mapping

from services.common.database import Connection

Actor = tuple[str, str]
"""(tenant, actor_key)"""
Person = tuple[str, str]
"""(tenant, person id in lower case)"""

_KNOWN = """
    -- Who these identities are.
    SELECT tenant, actor_key, i.person::text FROM analytics.identities i
    JOIN unnest($1::text[], $2::text[]) AS wanted (tenant, actor_key) USING (tenant, actor_key)
"""
_ADD_IDENTITIES = """
    -- Take in identities, in sorted order; one that another transaction has just taken in is waited for and left out.
    INSERT INTO analytics.identities (tenant, actor_key, person)
    SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[]) AS new (tenant, actor_key, person)
    ORDER BY tenant, actor_key
    ON CONFLICT (tenant, actor_key) DO NOTHING
    RETURNING tenant, actor_key, person::text
"""
_ADD_PERSONS = """
    -- The persons behind new identities.
    INSERT INTO analytics.persons (tenant, person) SELECT * FROM unnest($1::text[], $2::uuid[])
"""
_LOCK = """
    -- Lock persons until commit, in id order.
    SELECT p.person FROM analytics.persons p
    JOIN unnest($1::text[], $2::uuid[]) AS wanted (tenant, person) USING (tenant, person)
    ORDER BY p.tenant, p.person FOR UPDATE OF p
"""
_CHANGE = """
    -- Count a change of locked persons; the new versions.
    UPDATE analytics.persons p SET version = p.version + 1, longest_us = greatest(p.longest_us, new.longest_us)
    FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS new (tenant, person, longest_us)
    WHERE p.tenant = new.tenant AND p.person = new.person
    RETURNING p.tenant, p.person::text, p.version
"""
_EXISTS = "SELECT true FROM analytics.persons WHERE tenant = $1 AND person = $2"
_OF = "SELECT person::text FROM analytics.identities WHERE tenant = $1 AND actor_key = $2"


async def identify(
    connection: Connection, actors: Iterable[Actor], new_id: Callable[[], str]
) -> tuple[dict[Actor, str], dict[Actor, str]]:
    """Return who all these identities are, and of these the ones that were taken in by this very call."""
    wanted = sorted(set(actors))
    persons = await _known(connection, wanted)
    missing = [actor for actor in wanted if actor not in persons]
    if not missing:
        return persons, {}
    rows = await connection.fetch(_ADD_IDENTITIES, *_columns(missing), [new_id() for _ in missing])
    added = {(row["tenant"], row["actor_key"]): row["person"] for row in rows}
    await connection.execute(_ADD_PERSONS, [tenant for tenant, _ in added], list(added.values()))
    persons |= added
    if len(added) < len(missing):
        persons |= await _known(connection, [actor for actor in missing if actor not in added])
    return persons, added


async def lock(connection: Connection, persons: Iterable[Person]) -> None:
    """Lock these persons until commit."""
    await connection.execute(_LOCK, *_columns(sorted(set(persons))))


async def change(connection: Connection, longest: Mapping[Person, int]) -> dict[Person, int]:
    """Give these locked persons their next version, noting the longest of their new claims; return the versions."""
    rows = await connection.fetch(_CHANGE, *_columns(list(longest)), list(longest.values()))
    return {(row["tenant"], row["person"]): row["version"] for row in rows}


async def exists(connection: Connection, tenant: str, person: str) -> bool:
    """Tell whether there is such a person in this tenant."""
    return bool(await connection.fetchval(_EXISTS, tenant, person))


async def of(connection: Connection, tenant: str, actor_key: str) -> str | None:
    """Return the person known by this identity."""
    person: str | None = await connection.fetchval(_OF, tenant, actor_key)
    return person


async def _known(connection: Connection, actors: list[Actor]) -> dict[Actor, str]:
    rows = await connection.fetch(_KNOWN, *_columns(actors))
    return {(row["tenant"], row["actor_key"]): row["person"] for row in rows}


def _columns(pairs: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [first for first, _ in pairs], [second for _, second in pairs]

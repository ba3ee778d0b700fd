"""People and their identities: a person is a mapping over identities, and events keep theirs (LOG.md)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

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
    INSERT INTO analytics.identities (tenant, actor_key, person, origin)
    SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[]) AS new (tenant, actor_key, person, origin)
    ORDER BY tenant, actor_key
    ON CONFLICT (tenant, actor_key) DO NOTHING
    RETURNING tenant, actor_key
"""
_FOLLOW_ALIAS = """
    -- An identity that was taken in here, whose alias another transaction has given to somebody else.
    UPDATE analytics.identities SET person = $3 WHERE tenant = $1 AND actor_key = $2
"""
_ADD_PERSONS = """
    -- The persons behind new identities.
    INSERT INTO analytics.persons (tenant, person) SELECT * FROM unnest($1::text[], $2::uuid[]) ON CONFLICT DO NOTHING
"""
_LOCK = """
    -- Lock persons until commit, in id order.
    SELECT p.tenant, p.person::text, p.longest_us FROM analytics.persons p
    JOIN unnest($1::text[], $2::uuid[]) AS wanted (tenant, person) USING (tenant, person)
    ORDER BY p.tenant, p.person FOR NO KEY UPDATE OF p
"""
_VOICES = """
    -- What locked persons said about being counted. Asked after the lock and not with it: a question that waited for a
    -- lock sees other tables as they were before.
    SELECT wanted.tenant, wanted.person::text,
           EXISTS (SELECT FROM analytics.pauses s WHERE s.tenant = wanted.tenant) AS pauses,
           EXISTS (SELECT FROM access.objections o WHERE o.tenant = wanted.tenant AND o.person = wanted.person)
               AS objected
    FROM unnest($1::text[], $2::uuid[]) AS wanted (tenant, person)
"""
_MOVED = """
    -- Whether any of these identities is somebody else's now.
    SELECT EXISTS (
        SELECT FROM analytics.identities i
        JOIN unnest($1::text[], $2::text[], $3::uuid[]) AS was (tenant, actor_key, person) USING (tenant, actor_key)
        WHERE i.person <> was.person
    )
"""
_CHANGE = """
    -- Count a change of locked persons; the new versions.
    UPDATE analytics.persons p
    SET version = p.version + 1, longest_us = greatest(p.longest_us, new.longest_us),
        stale_from = least(p.stale_from, new.stale_from)
    FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::date[]) AS new (tenant, person, longest_us, stale_from)
    WHERE p.tenant = new.tenant AND p.person = new.person
    RETURNING p.tenant, p.person::text, p.version
"""
_RECORDS = """
    -- What the log tells of persons: identities, where they are today, and flags.
    SELECT p.tenant, p.person::text, p.version, p.merged_into::text,
           ARRAY(SELECT i.actor_key FROM analytics.identities i
                 WHERE i.tenant = p.tenant AND i.person = p.person ORDER BY i.actor_key) AS identities,
           nullif(m.team, '') AS team, m.role,
           EXISTS (SELECT FROM access.objections o WHERE o.tenant = p.tenant AND o.person = p.person) AS objected
    FROM analytics.persons p
    JOIN unnest($1::text[], $2::uuid[]) AS wanted (tenant, person) USING (tenant, person)
    LEFT JOIN LATERAL (
        SELECT team, role FROM analytics.memberships m
        WHERE m.tenant = p.tenant AND m.person = p.person AND m.since <= current_date
          AND (m.until IS NULL OR m.until > current_date)
        ORDER BY m.since DESC, m.team LIMIT 1
    ) m ON true
"""
_NEXT = """
    -- The next version of locked persons.
    UPDATE analytics.persons p SET version = p.version + 1
    FROM unnest($1::text[], $2::uuid[]) AS new (tenant, person)
    WHERE p.tenant = new.tenant AND p.person = new.person
"""
_EXISTS = "SELECT true FROM analytics.persons WHERE tenant = $1 AND person = $2"
_WHEREABOUTS = """
    -- Who has this person's identities now.
    WITH RECURSIVE led AS (
        SELECT person, merged_into FROM analytics.persons WHERE tenant = $1 AND person = $2
        UNION
        SELECT p.person, p.merged_into FROM led JOIN analytics.persons p ON p.tenant = $1 AND p.person = led.merged_into
    )
    SELECT person::text FROM led WHERE merged_into IS NULL
"""
_OF = "SELECT person::text FROM analytics.identities WHERE tenant = $1 AND actor_key = $2"


@dataclass(frozen=True, slots=True)
class Locked:
    """What is known of a locked person. `pauses`: whether anybody of the tenant ever paused."""

    longest_us: int
    pauses: bool
    objected: bool


async def identify(
    connection: Connection, actors: Mapping[Actor, str | None], new_id: Callable[[], str], mine: set[Actor]
) -> dict[Actor, str]:
    """Return who all these identities are; those that nobody knew are taken in, and added to `mine`.

    `actors` maps each to the actor_key of its mbox_sha1sum, when it is an mbox: both are the same person always, so
    both are taken in at once, and one that is new follows its alias that is known. `mine` are the identities that this
    transaction took in: no other one sees them, so that they follow here when their alias is moved meanwhile.
    """
    wanted = set(actors) | {(tenant, alias) for (tenant, _), alias in actors.items() if alias is not None}
    persons = await known(connection, wanted)
    missing = sorted(wanted - set(persons))
    if missing:
        proposed = _proposed(actors, persons, set(missing), new_id)
        rows = [(*actor, *proposed[actor]) for actor in missing]
        added = {tuple(row) for row in await connection.fetch(_ADD_IDENTITIES, *map(list, zip(*rows, strict=True)))}
        mine |= added
        persons |= {actor: proposed[actor][0] for actor in added}
        persons |= await known(connection, [actor for actor in missing if actor not in added])
        await connection.execute(_ADD_PERSONS, *_columns(sorted({(actor[0], persons[actor]) for actor in added})))
    if mine:
        await _follow_aliases(connection, actors, persons, mine)
    return persons


def _proposed(
    actors: Mapping[Actor, str | None], persons: Mapping[Actor, str], missing: set[Actor], new_id: Callable[[], str]
) -> dict[Actor, tuple[str, str]]:
    """Return person and origin for each identity that is not known."""
    proposed: dict[Actor, tuple[str, str]] = {}
    for (tenant, key), alias in sorted(actors.items()):
        other = (tenant, alias or "")
        person = persons.get((tenant, key)) or persons.get(other) or next(iter(proposed.get(other, ())), None)
        person = person or new_id()
        if (tenant, key) in missing:
            proposed.setdefault((tenant, key), (person, "statement"))
        if alias is not None and other in missing:
            proposed.setdefault(other, (person, "alias"))
    return proposed


async def _follow_aliases(
    connection: Connection, actors: Mapping[Actor, str | None], persons: dict[Actor, str], mine: set[Actor]
) -> None:
    for (tenant, key), alias in actors.items():
        for new, other in ((key, alias), (alias, key)):
            if new and other and (tenant, new) in mine and persons[tenant, new] != persons[tenant, other]:
                persons[tenant, new] = persons[tenant, other]
                await connection.execute(_FOLLOW_ALIAS, tenant, new, persons[tenant, other])


async def known(connection: Connection, actors: Iterable[Actor]) -> dict[Actor, str]:
    """Return who these identities are, of those that are known."""
    rows = await connection.fetch(_KNOWN, *_columns(sorted(actors)))
    return {(row["tenant"], row["actor_key"]): row["person"] for row in rows}


async def lock(connection: Connection, persons: Iterable[Person]) -> dict[Person, Locked]:
    """Lock these persons until commit."""
    rows = await connection.fetch(_LOCK, *_columns(sorted(set(persons))))
    longest = {(row["tenant"], row["person"]): row["longest_us"] for row in rows}
    told = await connection.fetch(_VOICES, *_columns(list(longest))) if longest else []
    return {
        person: Locked(longest[person], row["pauses"], row["objected"])
        for row in told
        for person in [(row["tenant"], row["person"])]
    }


async def moved(connection: Connection, persons: Mapping[Actor, str]) -> bool:
    """Tell whether any of these identities is another person's now; while those persons are locked it stays so."""
    columns = [[*part] for part in zip(*((*actor, person) for actor, person in persons.items()), strict=True)]
    return bool(columns and await connection.fetchval(_MOVED, *columns))


async def change(connection: Connection, changes: Mapping[Person, tuple[int, date]]) -> dict[Person, int]:
    """Give these locked persons their next version, noting how far their events reach and the first day that changed.

    Returns the versions.
    """
    rows = [(*person, *change) for person, change in sorted(changes.items())]
    told = await connection.fetch(_CHANGE, *map(list, zip(*rows, strict=True)))
    return {(row["tenant"], row["person"]): row["version"] for row in told}


async def records(connection: Connection, persons: Iterable[Person]) -> list[dict[str, Any]]:
    """Return what the topic learning.people.v1 tells of these persons, with their present version."""
    rows = await connection.fetch(_RECORDS, *_columns(sorted(set(persons))))
    return [
        {
            "tenant": row["tenant"],
            "person": row["person"],
            "version": row["version"],
            "identities": row["identities"],
            "team": row["team"],
            "role": row["role"],
            "merged_into": row["merged_into"],
            "flags": ["objected"] if row["objected"] else [],
        }
        for row in rows
    ]


async def next_version(connection: Connection, persons: Iterable[Person]) -> None:
    """Give these locked persons their next version."""
    await connection.execute(_NEXT, *_columns(sorted(set(persons))))


async def exists(connection: Connection, tenant: str, person: str) -> bool:
    """Tell whether there is such a person in this tenant."""
    return bool(await connection.fetchval(_EXISTS, tenant, person))


async def whereabouts(connection: Connection, tenant: str, person: str) -> str | None:
    """Return who has this person's identities now: the person, or whom the person was merged into; None for nobody."""
    found: str | None = await connection.fetchval(_WHEREABOUTS, tenant, person)
    return found


async def of(connection: Connection, tenant: str, actor_key: str) -> str | None:
    """Return the person known by this identity."""
    person: str | None = await connection.fetchval(_OF, tenant, actor_key)
    return person


def _columns(pairs: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [first for first, _ in pairs], [second for _, second in pairs]

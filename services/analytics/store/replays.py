"""Replays: what is still to be derived, how far it is, and the switch."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.common.access import zones
from services.common.database import Connection
from services.common.time_zones import zone_named

_NOTICE = """
    -- Remember a transaction that began when a derivation had been made, or switched to. Its own would not do: one that
    -- began later may have looked before that was committed.
    UPDATE analytics.derivations SET noticed = pg_current_xact_id()
    WHERE noticed IS NULL AND state <> 'dropped' AND (completed IS NULL OR (state = 'active' AND announced IS NULL))
"""
_NEXT = """
    -- The oldest derivation that is not complete, once every transaction that may not know of it has ended.
    SELECT tenant, derivation, switch, state, at_stored, at_id, done, total FROM analytics.derivations
    WHERE completed IS NULL AND state <> 'dropped' AND noticed < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY created, tenant, derivation LIMIT 1
"""
_UNANNOUNCED = """
    -- A derivation that is served, though not all mixes were published by it yet; once nobody publishes by another.
    SELECT tenant, derivation FROM analytics.derivations
    WHERE state = 'active' AND completed IS NOT NULL AND announced IS NULL
      AND noticed < pg_snapshot_xmin(pg_current_snapshot())
    LIMIT 1
"""
_COUNT = "SELECT count(*) FROM ingest_api.statements_v1 WHERE tenant = $1"
_TOTAL = "UPDATE analytics.derivations SET total = $3 WHERE tenant = $1 AND derivation = $2"
_PAGE = """
    -- The next statements of a tenant in the order in which they were stored.
    SELECT id::text, stored FROM ingest_api.statements_v1
    WHERE tenant = $1 AND (stored, id) > ($2, $3) ORDER BY stored, id LIMIT $4
"""
_ADVANCE = """
    -- The replay has read so far. Nothing when the derivation was dropped meanwhile.
    UPDATE analytics.derivations SET at_stored = $3, at_id = $4, done = done + $5
    WHERE tenant = $1 AND derivation = $2 AND state <> 'dropped' RETURNING done, total
"""
_MISSING = """
    -- What analytics has heard of and the store does not show.
    SELECT s.id::text FROM analytics.statements s
    WHERE s.tenant = $1 AND s.basis IS NOT NULL
      AND NOT EXISTS (SELECT FROM ingest_api.statements_v1 v WHERE v.tenant = s.tenant AND v.id = s.id)
"""
_COMPLETE = """
    UPDATE analytics.derivations
    SET completed = now(), total = done, state = CASE state WHEN 'building' THEN 'complete' ELSE state END
    WHERE tenant = $1 AND derivation = $2 AND state <> 'dropped'
"""
_STAND_DOWN = """
    -- The one that was served is kept current, and can be switched back to.
    UPDATE analytics.derivations SET state = 'complete', stood_down = now() WHERE tenant = $1 AND state = 'active'
"""
_STAND_UP = """
    UPDATE analytics.derivations SET state = 'active', activated = now(), announced = NULL, noticed = NULL
    WHERE tenant = $1 AND derivation = $2 AND state = 'complete'
    RETURNING time_zone
"""
_ANNOUNCED = """
    UPDATE analytics.derivations SET announced = now() WHERE tenant = $1 AND derivation = $2 AND state = 'active'
"""
_PERSONS = """
    -- The next persons of a tenant.
    SELECT person::text FROM analytics.persons WHERE tenant = $1 AND person > $2 ORDER BY person LIMIT $3
"""
_START = """
    -- A derivation beside the others: by these rules or those that are served, likewise the registry and the zone.
    INSERT INTO analytics.derivations (tenant, derivation, rule_set, registry, time_zone, state, switch, reason)
    SELECT d.tenant, (SELECT max(derivation) + 1 FROM analytics.derivations m WHERE m.tenant = d.tenant),
           coalesce($2, d.rule_set), coalesce($3, d.registry), coalesce($4, d.time_zone), 'building', $5, $6
    FROM analytics.derivations d WHERE d.tenant = $1 AND d.state = 'active'
    RETURNING derivation
"""
_DROP = """
    UPDATE analytics.derivations SET state = 'dropped' WHERE tenant = $1 AND derivation = $2 AND state <> 'active'
    RETURNING derivation
"""
_LISTED = """
    SELECT tenant, derivation, rule_set, registry, time_zone, state, reason, done, total, created, completed, activated
    FROM analytics.derivations WHERE $1::text IS NULL OR tenant = $1 ORDER BY tenant, derivation
"""
_COMPARED = """
    -- What each class adds up to under a derivation.
    SELECT class, sum(minutes_us)::bigint AS minutes_us, sum(events)::bigint AS events,
           count(DISTINCT person) AS people
    FROM analytics.person_days WHERE tenant = $1 AND derivation = $2 GROUP BY class
"""
_MOVED = """
    -- How many people have other minutes in some mode under one derivation than under the other.
    SELECT count(DISTINCT person) FROM (
        SELECT person, class, sum(CASE derivation WHEN $2 THEN minutes_us ELSE -minutes_us END) AS difference
        FROM analytics.person_days WHERE tenant = $1 AND derivation IN ($2, $3) GROUP BY person, class
    ) AS compared WHERE difference <> 0
"""
_RETIRE = """
    -- Nobody switches back after so long: what is kept current beside the served one costs as much as it.
    UPDATE analytics.derivations d SET state = 'dropped'
    WHERE d.state = 'complete' AND d.stood_down < now() - $1::interval
"""
_SWEEP = """
    -- Some of what dropped derivations left behind.
    WITH gone AS (
        SELECT e.ctid FROM analytics.events e JOIN analytics.derivations d USING (tenant, derivation)
        WHERE d.state = 'dropped' LIMIT $1
    )
    DELETE FROM analytics.events e USING gone WHERE e.ctid = gone.ctid
"""
_SWEEP_DAYS = """
    WITH gone AS (
        SELECT p.ctid FROM analytics.person_days p JOIN analytics.derivations d USING (tenant, derivation)
        WHERE d.state = 'dropped' LIMIT $1
    )
    DELETE FROM analytics.person_days p USING gone WHERE p.ctid = gone.ctid
"""


@dataclass(frozen=True, slots=True)
class Replay:
    """A derivation that is being read, and where it stands in the order (stored, id)."""

    tenant: str
    derivation: int
    switch: bool
    state: str
    at: tuple[datetime, UUID] | None
    done: int
    total: int


async def notice(connection: Connection) -> None:
    """See what has been begun or switched to, so that it can be told when everybody knows of it."""
    await connection.execute(_NOTICE)


async def next_one(connection: Connection) -> Replay | None:
    """Return what is to be replayed now."""
    row = await connection.fetchrow(_NEXT)
    if row is None:
        return None
    at = None if row["at_stored"] is None else (row["at_stored"], row["at_id"])
    return Replay(row["tenant"], row["derivation"], row["switch"], row["state"], at, row["done"], row["total"])


async def unannounced(connection: Connection) -> tuple[str, int] | None:
    """Return a derivation that is served but not yet published."""
    row = await connection.fetchrow(_UNANNOUNCED)
    return (row["tenant"], row["derivation"]) if row else None


async def count(connection: Connection, replay: Replay) -> int:
    """Count the tenant's statements, and keep that as how many there are to be read."""
    total = int(await connection.fetchval(_COUNT, replay.tenant))
    await connection.execute(_TOTAL, replay.tenant, replay.derivation, total)
    return total


async def page(
    connection: Connection, tenant: str, after: tuple[datetime, UUID], limit: int
) -> list[tuple[str, datetime]]:
    """Return (id, stored) of the next statements."""
    return [(row["id"], row["stored"]) for row in await connection.fetch(_PAGE, tenant, *after, limit)]


async def advance(connection: Connection, replay: Replay, to: tuple[datetime, UUID], number: int) -> bool:
    """Note how far the replay is; False when it is not wanted any more."""
    return await connection.fetchrow(_ADVANCE, replay.tenant, replay.derivation, *to, number) is not None


async def missing(connection: Connection, tenant: str) -> set[str]:
    """Return the ids that analytics has heard of and that the store does not show, yet or any more."""
    return {row["id"] for row in await connection.fetch(_MISSING, tenant)}


async def complete(connection: Connection, tenant: str, derivation: int) -> None:
    """Say that all of history is derived."""
    await connection.execute(_COMPLETE, tenant, derivation)


async def switch(connection: Connection, tenant: str, derivation: int) -> bool:
    """Serve this derivation from the commit on; False when it is not complete, or no longer there."""
    ready = await connection.fetchval(
        "SELECT state = 'complete' FROM analytics.derivations WHERE tenant = $1 AND derivation = $2 FOR UPDATE",
        tenant,
        derivation,
    )
    if not ready:
        return False
    await connection.execute(_STAND_DOWN, tenant)
    await zones.change(connection, tenant, await connection.fetchval(_STAND_UP, tenant, derivation))
    return True


async def announced(connection: Connection, tenant: str, derivation: int) -> None:
    """Say that every mix is published."""
    await connection.execute(_ANNOUNCED, tenant, derivation)


async def persons(connection: Connection, tenant: str, after: str, limit: int) -> list[str]:
    """Return the next persons of a tenant in id order."""
    return [row["person"] for row in await connection.fetch(_PERSONS, tenant, after, limit)]


async def start(
    connection: Connection,
    tenant: str,
    *,
    reason: str,
    switch: bool = True,
    rule_set: str | None = None,
    registry: int | None = None,
    time_zone: str | None = None,
) -> int | None:
    """Begin a derivation beside the one that is served; what is not given is as it is there. None without one.

    Raises `ValueError` on a zone that nobody knows: whatever reads derivations would stop at it, for every tenant.
    """
    if time_zone is not None:
        zone_named(time_zone)
    derivation: int | None = await connection.fetchval(_START, tenant, rule_set, registry, time_zone, switch, reason)
    return derivation


async def drop(connection: Connection, tenant: str, derivation: int) -> bool:
    """Give up a derivation; False when it is served or not there."""
    return await connection.fetchval(_DROP, tenant, derivation) is not None


async def listed(connection: Connection, tenant: str | None = None) -> list[dict[str, Any]]:
    """Return every derivation with its progress."""
    return [dict(row) for row in await connection.fetch(_LISTED, tenant)]


async def compared(connection: Connection, tenant: str, derivation: int) -> dict[str, dict[str, int]]:
    """Return minutes (microseconds), events and people of each class under a derivation."""
    rows = await connection.fetch(_COMPARED, tenant, derivation)
    return {row["class"]: {name: row[name] for name in ("minutes_us", "events", "people")} for row in rows}


async def moved(connection: Connection, tenant: str, first: int, second: int) -> int:
    """Return how many people have other minutes in some mode under two derivations."""
    return int(await connection.fetchval(_MOVED, tenant, first, second))


async def retire(connection: Connection, after: timedelta) -> None:
    """Drop what was served once, and then not for so long."""
    await connection.execute(_RETIRE, after)


async def sweep(connection: Connection, limit: int) -> int:
    """Delete some of what dropped derivations left behind; return how many rows."""
    deleted = [await connection.execute(query, limit) for query in (_SWEEP, _SWEEP_DAYS)]
    return sum(int(each.split()[-1]) for each in deleted)

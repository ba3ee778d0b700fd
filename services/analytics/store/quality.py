"""What the quality of data is told from: odd events, people whom nobody listed, learnerless statements, sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from services.analytics.store.registries import Stored
from services.common.database import Connection

ODD = ("events", "disbelieved", "arrival", "defaults", "untimed")
"""Columns of a day that count events."""

_SUMS = ",\n           ".join(
    f"sum({name})::bigint AS {name}, count(DISTINCT person) FILTER (WHERE {name} > 0) AS {name}_people" for name in ODD
)
_COUNTS = "NOT EXISTS (SELECT FROM access.objections o WHERE o.tenant = p.tenant AND o.person = p.person)"
"""Who objected is in nothing that is told."""
_MONTH = f"""
    -- What the days of a month add up to over all people, per class, and how many people stand behind each number.
    -- One look into the primary key for each person: there is no index by day.
    SELECT class, {_SUMS}
    FROM (
        SELECT d.* FROM analytics.derivations a
        JOIN analytics.persons p ON p.tenant = a.tenant
        CROSS JOIN LATERAL (
            SELECT * FROM analytics.person_days d
            WHERE d.tenant = a.tenant AND d.derivation = a.derivation AND d.person = p.person
              AND d.day BETWEEN $2 AND $3 OFFSET 0
        ) d
        WHERE a.tenant = $1 AND a.state = 'active' AND {_COUNTS}
    ) days
    GROUP BY GROUPING SETS ((class), ())
"""
_FUTURE = f"""
    -- Events that say they happened after today, and how many people they are of.
    SELECT coalesce(sum(d.events), 0)::bigint AS events, count(DISTINCT d.person) AS people
    FROM analytics.derivations a
    JOIN analytics.persons p ON p.tenant = a.tenant
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.person_days d
        WHERE d.tenant = a.tenant AND d.derivation = a.derivation AND d.person = p.person AND d.day > $2 OFFSET 0
    ) d
    WHERE a.tenant = $1 AND a.state = 'active' AND d.events > 0 AND {_COUNTS}
"""
_UNLISTED = f"""
    -- How many people have events in a month, and how many of these the roster does not list as active.
    SELECT count(*) AS people, count(*) FILTER (WHERE NOT EXISTS (
        SELECT FROM analytics.roster r WHERE r.tenant = p.tenant AND r.person = p.person AND r.active
    )) AS unlisted
    FROM analytics.derivations a
    JOIN analytics.persons p ON p.tenant = a.tenant
    WHERE a.tenant = $1 AND a.state = 'active' AND {_COUNTS} AND EXISTS (
        SELECT FROM analytics.person_days d
        WHERE d.tenant = a.tenant AND d.derivation = a.derivation AND d.person = p.person
          AND d.day BETWEEN $2 AND $3 AND d.events > 0
    )
"""
_WITHOUT_EVENTS = """
    -- Of the newest statements stored in a time: how many these are, and which of them say nothing of anybody.
    WITH newest AS MATERIALIZED (
        SELECT id FROM ingest_api.statements_v1
        WHERE tenant = $1 AND stored >= $2 AND stored < $3 AND NOT voided
        ORDER BY stored DESC, id DESC LIMIT $4
    )
    SELECT (SELECT count(*) FROM newest) AS looked_at, array(
        SELECT n.id FROM newest n WHERE NOT EXISTS (
            SELECT FROM analytics.derivations d
            JOIN analytics.events e ON e.tenant = d.tenant AND e.derivation = d.derivation
            WHERE d.tenant = $1 AND d.state = 'active' AND e.statement = n.id AND NOT e.retracted
        )
    ) AS without
"""
_BODIES = "SELECT source, kind, statement FROM ingest_api.statements_v1 WHERE tenant = $1 AND id = ANY($2::uuid[])"
_SOURCES = """
    -- The latest days (in a zone) on which each registered source sent anything: from its newest statement back to the
    -- last one before that day, and so on. (source, stored) as a row, and in this order, is what only the index
    -- statements_of_a_source can give: the others would read all that was stored since a source fell silent.
    WITH RECURSIVE day (source, kind, at, number) AS (
        SELECT source, kind, 'infinity'::timestamptz, 0 FROM access.sources WHERE tenant = $1
        UNION ALL
        SELECT d.source, d.kind, earlier.stored, d.number + 1 FROM day d
        CROSS JOIN LATERAL (
            SELECT v.stored FROM ingest_api.statements_v1 v
            WHERE v.tenant = $1 AND v.source >= d.source
              AND (v.source, v.stored) < (d.source, date_trunc('day', d.at AT TIME ZONE $2) AT TIME ZONE $2)
            ORDER BY v.source DESC, v.stored DESC LIMIT 1
        ) earlier
        WHERE d.number < $3
    )
    SELECT source, kind, array_agg((at AT TIME ZONE $2)::date) FILTER (WHERE number > 0) AS days FROM day
    GROUP BY source, kind ORDER BY source
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of events, and by how many people."""

    events: int
    people: int


async def month(
    connection: Connection, tenant: str, first: date, last: date
) -> dict[str | None, Mapping[str, Counted]]:
    """Return, per class and under None for all classes together, what is odd about the days from first to last."""
    rows = await connection.fetch(_MONTH, tenant, first, last)
    return {row["class"]: {name: Counted(row[name] or 0, row[f"{name}_people"]) for name in ODD} for row in rows}


async def future(connection: Connection, tenant: str, today: date) -> Counted:
    """Return the events of days after today."""
    row: Any = await connection.fetchrow(_FUTURE, tenant, today)
    return Counted(row["events"], row["people"])


async def unlisted(connection: Connection, tenant: str, first: date, last: date) -> tuple[int, int]:
    """Return how many people have events from first to last, and how many of them no active roster line is about."""
    row: Any = await connection.fetchrow(_UNLISTED, tenant, first, last)
    return row["people"], row["unlisted"]


async def without_events(
    connection: Connection, tenant: str, since: datetime, until: datetime, most: int
) -> tuple[int, list[UUID]]:
    """Return how many statements of [since, until) were looked at, newest first, and which gave no event."""
    row: Any = await connection.fetchrow(_WITHOUT_EVENTS, tenant, since, until, most)
    return row["looked_at"], row["without"]


async def bodies(connection: Connection, tenant: str, ids: list[UUID]) -> list[Stored]:
    """Return the statements of these ids."""
    rows: list[Any] = await connection.fetch(_BODIES, tenant, ids)
    return [Stored(row["source"], row["kind"], orjson.loads(row["statement"])) for row in rows]


async def sources(connection: Connection, tenant: str, zone: ZoneInfo, most: int) -> list[tuple[str, str, list[date]]]:
    """Return every registered source, its kind, and the latest local days on which it sent anything."""
    rows = await connection.fetch(_SOURCES, tenant, zone.key, most)
    return [(row["source"], row["kind"], sorted(row["days"] or [])) for row in rows]

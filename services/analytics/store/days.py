"""Day sums: a person's folded days, and what a month of all people adds up to."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from schemas.events import MODES, LearningClass
from services.analytics.domain.group import Pooled
from services.analytics.domain.sums import Sum
from services.analytics.store.people import Person
from services.common.database import Connection

Days = Mapping[Person, Mapping[date, Mapping[LearningClass, Sum]]]

_DROP = """
    -- Forget the days that are about to be written anew (their persons are locked).
    DELETE FROM analytics.person_days d
    USING unnest($1::text[], $2::uuid[], $3::date[]) AS old (tenant, person, day)
    WHERE d.tenant = old.tenant AND d.person = old.person AND d.day = old.day
"""
_WRITE = """
    -- Write folded days.
    INSERT INTO analytics.person_days (tenant, person, day, class, microseconds, events)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::date[], $4::text[], $5::bigint[], $6::int[])
"""
_BETWEEN = """
    -- The days of persons from one date of theirs to another, both included.
    SELECT d.tenant, d.person::text, d.day, d.class, d.microseconds, d.events
    FROM unnest($1::text[], $2::uuid[], $3::date[], $4::date[]) AS wanted (tenant, person, first, last)
    -- OFFSET 0: one look into the index per person, whatever the planner believes of a table that is still small.
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.person_days d
        WHERE d.tenant = wanted.tenant AND d.person = wanted.person AND d.day BETWEEN wanted.first AND wanted.last
        OFFSET 0
    ) d
"""
_POOLED = """
    -- What each class adds up to over all people, and how many of them contributed.
    SELECT class, sum(microseconds)::bigint AS microseconds, sum(events)::bigint AS events,
           count(DISTINCT person) AS contributors
    FROM analytics.person_days
    WHERE tenant = $1 AND day - date '2000-01-01' BETWEEN $2::date - date '2000-01-01' AND $3::date - date '2000-01-01'
    GROUP BY class
"""
_PEOPLE = """
    -- How many people have anything of these classes.
    SELECT count(DISTINCT person) FROM analytics.person_days
    WHERE tenant = $1 AND day - date '2000-01-01' BETWEEN $2::date - date '2000-01-01' AND $3::date - date '2000-01-01'
      AND class = ANY($4::text[])
"""


async def rewrite(connection: Connection, days: Days) -> None:
    """Replace these days of locked persons."""
    keys = [(*person, day) for person, sums in days.items() for day in sums]
    await connection.execute(_DROP, *_columns(keys, 3))
    rows = [
        (*person, day, cls, *of)
        for person, sums in days.items()
        for day, classes in sums.items()
        for cls, of in classes.items()
    ]
    await connection.execute(_WRITE, *_columns(rows, 6))


async def between(
    connection: Connection, wanted: Mapping[Person, tuple[date, date]]
) -> dict[Person, dict[date, dict[LearningClass, Sum]]]:
    """Return the days that have anything, of each person from a first to a last date, in order."""
    rows = await connection.fetch(_BETWEEN, *_columns([(*person, *dates) for person, dates in wanted.items()], 4))
    found: dict[Person, dict[date, dict[LearningClass, Sum]]] = {person: {} for person in wanted}
    for row in sorted(rows, key=lambda row: (row["day"], row["class"])):
        sums = found[row["tenant"], row["person"]].setdefault(row["day"], {})
        sums[row["class"]] = Sum(row["microseconds"], row["events"])
    return found


async def pooled(connection: Connection, tenant: str, first: date, last: date) -> dict[LearningClass, Pooled]:
    """Return the sums of each class over all people of a tenant, from a first to a last day."""
    rows = await connection.fetch(_POOLED, tenant, first, last)
    return {row["class"]: Pooled(row["microseconds"], row["events"], row["contributors"]) for row in rows}


async def people(connection: Connection, tenant: str, first: date, last: date) -> int:
    """Return how many people have recorded learning, of whatever mode, in these days."""
    return int(await connection.fetchval(_PEOPLE, tenant, first, last, list(MODES)))


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[place] for row in rows] for place in range(width)]

"""Months of people: who has changed, what each person contributes to a month, and which months have news."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson

from services.analytics.domain.groups.contribution import Contribution, dumped, loaded
from services.common.database import Connection

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('analytics.groups'), hashtext($1))"
_STATE = "SELECT marked, summed FROM analytics.month_sums WHERE tenant = $1"
_MARK = """
    -- Every person of a tenant is to be summed up anew, under this derivation.
    WITH stale AS (UPDATE analytics.persons SET stale_from = date '1900-01-01' WHERE tenant = $1)
    INSERT INTO analytics.month_sums (tenant, marked) VALUES ($1, $2)
    ON CONFLICT (tenant) DO UPDATE SET marked = $2
"""
_SUMMED = """
    -- Nobody is stale any more: the sums of this derivation are complete, and those of others go.
    WITH others AS (DELETE FROM analytics.person_months WHERE tenant = $1 AND derivation <> $2)
    UPDATE analytics.month_sums SET summed = $2 WHERE tenant = $1
"""
_TENANTS = "SELECT tenant FROM access.tenants ORDER BY tenant"
_MORE_THAN = "SELECT EXISTS (SELECT FROM analytics.persons WHERE tenant = $1 OFFSET $2)"
_STALE = """
    -- Lock some persons who have changed since their months were summed up; a fold that changes one waits.
    SELECT person::text, stale_from, longest_us FROM analytics.persons
    WHERE tenant = $1 AND stale_from <= $2 ORDER BY person LIMIT $3 FOR UPDATE
"""
_BEYOND = """
    -- The first thing of persons that lies in the future.
    SELECT person::text, min(t_us) AS t_us FROM analytics.events
    WHERE tenant = $1 AND derivation = $2 AND person = ANY($3::uuid[]) AND NOT retracted
      AND end_us >= $4 AND t_us >= $4
    GROUP BY person
"""
_FRESH = """
    -- These persons are summed up, until the day (null: none) that was given.
    UPDATE analytics.persons p SET stale_from = new.stale_from
    FROM unnest($2::uuid[], $3::date[]) AS new (person, stale_from) WHERE p.tenant = $1 AND p.person = new.person
"""
_OF_PERSONS = """
    -- The months of persons, each from one of theirs on.
    SELECT m.person::text, m.month, m.sums FROM unnest($3::uuid[], $4::date[]) AS wanted (person, since)
    JOIN analytics.person_months m ON m.tenant = $1 AND m.derivation = $2 AND m.person = wanted.person
        AND m.month >= wanted.since
"""
_DROP = """
    DELETE FROM analytics.person_months m USING unnest($3::date[], $4::uuid[]) AS old (month, person)
    WHERE m.tenant = $1 AND m.derivation = $2 AND m.month = old.month AND m.person = old.person
"""
_WRITE = """
    INSERT INTO analytics.person_months (tenant, derivation, month, person, sums)
    SELECT $1, $2, * FROM unnest($3::date[], $4::uuid[], $5::jsonb[])
    ON CONFLICT (tenant, derivation, month, person) DO UPDATE SET sums = excluded.sums
"""
_NEWS = """
    -- These months have something new.
    INSERT INTO analytics.group_months (tenant, month) SELECT $1, unnest($2::date[])
    ON CONFLICT (tenant, month) DO UPDATE SET news = true
"""
_OF_MONTH = """
    -- What everybody contributes to a month, but for who objected.
    SELECT m.person::text, m.sums FROM analytics.person_months m
    WHERE m.tenant = $1 AND m.derivation = $2 AND m.month = $3
      AND NOT EXISTS (SELECT FROM access.objections o WHERE o.tenant = m.tenant AND o.person = m.person)
"""


class Stale(NamedTuple):
    """A person to be summed up anew."""

    person: str
    since: date
    longest_us: int


class Sums(NamedTuple):
    """Which derivation every person is marked for, and which one's sums are complete."""

    marked: int | None
    summed: int | None


async def lock(connection: Connection, tenant: str) -> None:
    """Let one at a time sum up and release a tenant's months."""
    await connection.execute(_LOCK, tenant)


async def state(connection: Connection, tenant: str) -> Sums:
    """Return how far the sums of a tenant are."""
    row = await connection.fetchrow(_STATE, tenant)
    return Sums(row["marked"], row["summed"]) if row else Sums(None, None)


async def mark_all(connection: Connection, tenant: str, derivation: int) -> None:
    """Let everybody be summed up anew, under this derivation."""
    await connection.execute(_MARK, tenant, derivation)


async def complete(connection: Connection, tenant: str, derivation: int) -> None:
    """Say that the sums of this derivation are complete."""
    await connection.execute(_SUMMED, tenant, derivation)


async def tenants(connection: Connection) -> list[str]:
    """Return all tenants."""
    return [row["tenant"] for row in await connection.fetch(_TENANTS)]


async def more_than(connection: Connection, tenant: str, people: int) -> bool:
    """Tell whether a tenant has more people than that."""
    return bool(await connection.fetchval(_MORE_THAN, tenant, people))


async def stale(connection: Connection, tenant: str, today: date, limit: int) -> list[Stale]:
    """Lock some who are, in order of id, and return them."""
    rows = await connection.fetch(_STALE, tenant, today, limit)
    return [Stale(row["person"], row["stale_from"], row["longest_us"]) for row in rows]


async def beyond(
    connection: Connection, tenant: str, derivation: int, persons: Sequence[str], horizon_us: int
) -> dict[str, int]:
    """Return when the first thing of persons in the future happens, of those who have any."""
    rows = await connection.fetch(_BEYOND, tenant, derivation, persons, horizon_us)
    return {row["person"]: row["t_us"] for row in rows}


async def fresh(connection: Connection, tenant: str, until: Mapping[str, date | None]) -> None:
    """Say that these locked persons are summed up, until that day."""
    await connection.execute(_FRESH, tenant, list(until), list(until.values()))


async def of_persons(
    connection: Connection, tenant: str, derivation: int, since: Mapping[str, date]
) -> dict[tuple[date, str], Any]:
    """Return what is kept of these persons' months, each from one on, as JSON."""
    rows = await connection.fetch(_OF_PERSONS, tenant, derivation, list(since), list(since.values()))
    return {(row["month"], row["person"]): orjson.loads(row["sums"]) for row in rows}


async def rewrite(
    connection: Connection, tenant: str, derivation: int, changed: Mapping[tuple[date, str], Contribution | None]
) -> None:
    """Keep these contributions, or that there is none any more."""
    gone = [key for key, each in changed.items() if each is None]
    kept = [(*key, orjson.dumps(dumped(each)).decode()) for key, each in changed.items() if each is not None]
    if gone:
        await connection.execute(_DROP, tenant, derivation, *map(list, zip(*gone, strict=True)))
    if kept:
        await connection.execute(_WRITE, tenant, derivation, *map(list, zip(*kept, strict=True)))


async def news(connection: Connection, tenant: str, months: Iterable[date]) -> None:
    """Say that these months have something new."""
    if wanted := sorted(set(months)):
        await connection.execute(_NEWS, tenant, wanted)


async def of_month(connection: Connection, tenant: str, derivation: int, month: date) -> dict[str, str]:
    """Return what everybody contributes to a month, but for who objected, as it is kept (see `contributions`)."""
    rows = await connection.fetch(_OF_MONTH, tenant, derivation, month)
    return {row["person"]: row["sums"] for row in rows}


def contributions(kept: Mapping[str, str]) -> dict[str, Contribution]:
    """Return what is kept of a month: of many people, this takes its time."""
    return {person: loaded(orjson.loads(sums)) for person, sums in kept.items()}

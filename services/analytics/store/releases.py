"""Releases: months as they are published, for the next release and for who is told."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from services.analytics.domain.groups import keeping
from services.analytics.domain.groups.contribution import Kind
from services.analytics.domain.groups.group import Group
from services.analytics.domain.groups.month import Block, Month
from services.analytics.domain.groups.rows import Row
from services.common.database import Connection

_MONTHS = """
    -- What is known of months, without what is published of them.
    SELECT month, news, basis, rule_set, registry, time_zone, released, told IS NOT NULL AS told
    FROM analytics.group_months WHERE tenant = $1 AND ($2::date[] IS NULL OR month = ANY($2)) ORDER BY month
"""
_LOCK = "SELECT told IS NOT NULL FROM analytics.group_months WHERE tenant = $1 AND month = $2 FOR UPDATE"
_TELL = """
    -- Somebody is told of these months: from now on they are published.
    UPDATE analytics.group_months SET told = now()
    WHERE tenant = $1 AND month = ANY($2) AND told IS NULL
      AND EXISTS (SELECT FROM analytics.releases r WHERE r.tenant = $1 AND r.month = group_months.month)
"""
_WHOLE = """
    -- What is told of an organisation in some months.
    SELECT month, rule_set, registry, time_zone, released, whole FROM analytics.group_months
    WHERE tenant = $1 AND month = ANY($2) AND released IS NOT NULL ORDER BY month
"""
_BLOCKS = """
    -- All blocks of months.
    SELECT month, block, units FROM analytics.releases WHERE tenant = $1 AND month = ANY($2)
"""
_BLOCKS_OF = """
    -- The blocks of months that have one of these units in them.
    SELECT month, block, units FROM analytics.releases
    WHERE tenant = $1 AND month = ANY($2) AND units && $3::text[]
"""
_ROSTER_OF = """
    -- How many people were on the roster of months.
    SELECT month, roster FROM analytics.group_months WHERE tenant = $1 AND month = ANY($2)
"""
_ROWS = """
    -- All rows of months.
    SELECT month, kind, blocks, figures FROM analytics.release_rows WHERE tenant = $1 AND month = ANY($2)
"""
_ROWS_OF = """
    -- The rows of months that have one of these blocks in them.
    SELECT month, kind, blocks, figures FROM analytics.release_rows
    WHERE tenant = $1 AND month = ANY($2) AND first = ANY($3::text[])
    UNION ALL
    SELECT month, kind, blocks, figures FROM analytics.release_rows
    WHERE tenant = $1 AND month = ANY($2) AND cardinality(blocks) > 1
      AND blocks && $3::text[] AND NOT first = ANY($3::text[])
"""
_PEOPLE = "SELECT person::text, sums FROM analytics.release_people WHERE tenant = $1 AND month = $2"
_DROP_BLOCKS = "DELETE FROM analytics.releases WHERE tenant = $1 AND month = $2"
_DROP_ROWS = "DELETE FROM analytics.release_rows WHERE tenant = $1 AND month = $2"
_DROP_PEOPLE = "DELETE FROM analytics.release_people WHERE tenant = $1 AND month = $2"
_WRITE_BLOCKS = """
    INSERT INTO analytics.releases (tenant, month, block, units)
    SELECT $1, $2, block, ARRAY(SELECT jsonb_array_elements_text(units))
    FROM unnest($3::text[], $4::jsonb[]) AS new (block, units)
"""
_WRITE_ROWS = """
    INSERT INTO analytics.release_rows (tenant, month, kind, first, blocks, figures)
    SELECT $1, $2, kind, first, ARRAY(SELECT jsonb_array_elements_text(blocks)), figures
    FROM unnest($3::text[], $4::text[], $5::jsonb[], $6::jsonb[]) AS new (kind, first, blocks, figures)
"""
_WRITE_PEOPLE = """
    INSERT INTO analytics.release_people (tenant, month, person, sums)
    SELECT $1, $2, * FROM unnest($3::uuid[], $4::jsonb[])
    ON CONFLICT (tenant, month, person) DO UPDATE SET sums = excluded.sums
"""
_RELEASED = """
    UPDATE analytics.group_months
    SET news = false, basis = $3, rule_set = $4, registry = $5, time_zone = $6, released = $7, whole = $8,
        roster = $9
    WHERE tenant = $1 AND month = $2
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a month. `released` is None before its first release."""

    month: date
    news: bool
    basis: str
    rule_set: str
    registry: int
    time_zone: str
    released: datetime | None
    told: bool


@dataclass(frozen=True, slots=True)
class Made:
    """What a release was made with."""

    basis: str
    rule_set: str
    registry: int
    time_zone: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A published month as it is kept."""

    blocks: list[Block]
    rows: list[tuple[Kind, list[str], str]]
    people: dict[str, str]
    whole: str | None

    def month(self) -> Month:
        """Return the month: of many people, this takes its time."""
        rows: dict[Kind, tuple[Row, ...]] = {}
        for kind, blocks, figures in self.rows:
            rows[kind] = (*rows.get(kind, ()), keeping.row(kind, blocks, orjson.loads(figures)))
        people = {person: keeping.record(orjson.loads(sums)) for person, sums in self.people.items()}
        quartiles = keeping.group(orjson.loads(self.whole)).quartiles if self.whole else {}
        return Month(tuple(self.blocks), rows, people, quartiles)


@dataclass(frozen=True, slots=True)
class Writing:
    """A month as it is written: blocks, rows, and the people of whom something changes (`anew`: all there are)."""

    anew: bool
    blocks: list[tuple[str, str]]
    rows: list[tuple[str, str, str, str]]
    people: list[tuple[str, str]]
    whole: str | None
    roster: str


def writing(before: Month | None, after: Month, whole: Group | None) -> Writing:
    """Return what is to be written of a release: of many people, this takes its time."""
    held = before.people if before else {}
    return Writing(
        before is None,
        [(block.id, _json(sorted(block.units))) for block in after.blocks],
        [
            (kind, made.id, _json(sorted(made.blocks)), _json(keeping.row_json(made)))
            for kind, each in after.rows.items()
            for made in each
        ],
        [
            (person, _json(keeping.record_json(record)))
            for person, record in after.people.items()
            if held.get(person) != record
        ],
        None if whole is None else _json(keeping.group_json(whole)),
        _json(after.roster),
    )


async def known(connection: Connection, tenant: str, months: Sequence[date] | None = None) -> dict[date, Known]:
    """Return what is known of these months (None: of all)."""
    return {row["month"]: Known(*row.values()) for row in await connection.fetch(_MONTHS, tenant, months)}


async def lock(connection: Connection, tenant: str, month: date) -> bool:
    """Lock a month, and return whether anybody was told of it: until commit nobody will be."""
    return bool(await connection.fetchval(_LOCK, tenant, month))


async def tell(connection: Connection, tenant: str, months: Iterable[date]) -> None:
    """Say that somebody is told of these months, and lock those that nobody was told of before."""
    await connection.execute(_TELL, tenant, sorted(months))


async def wholes(connection: Connection, tenant: str, months: Iterable[date]) -> dict[date, Group | None]:
    """Return what is told of the organisation in these months."""
    rows = await connection.fetch(_WHOLE, tenant, sorted(months))
    return {
        row["month"]: keeping.group(orjson.loads(row["whole"])) if row["whole"] is not None else None for row in rows
    }


async def published(
    connection: Connection, tenant: str, months: Iterable[date], units: Collection[str]
) -> dict[date, tuple[list[Block], dict[Kind, list[Row]]]]:
    """Return the blocks and rows of months that touch these units, but for months without such a block."""
    found: dict[date, tuple[list[Block], dict[Kind, list[Row]]]] = {}
    for row in await connection.fetch(_BLOCKS_OF, tenant, sorted(months), sorted(units)):
        found.setdefault(row["month"], ([], {}))[0].append(_block(row))
    blocks = sorted({block.id for each, _ in found.values() for block in each})
    for row in await connection.fetch(_ROWS_OF, tenant, sorted(found), blocks):
        made = keeping.row(row["kind"], row["blocks"], orjson.loads(row["figures"]))
        found[row["month"]][1].setdefault(made.kind, []).append(made)
    return found


async def rosters(connection: Connection, tenant: str, months: Iterable[date]) -> dict[date, dict[str, int]]:
    """Return how many people were on the roster of months, by unit."""
    return {
        row["month"]: orjson.loads(row["roster"]) for row in await connection.fetch(_ROSTER_OF, tenant, sorted(months))
    }


async def kept(connection: Connection, tenant: str, month: date) -> Kept | None:
    """Return a published month with all its people; None without a block."""
    blocks = [_block(row) for row in await connection.fetch(_BLOCKS, tenant, [month])]
    rows = await connection.fetch(_ROWS, tenant, [month])
    people = {row["person"]: row["sums"] for row in await connection.fetch(_PEOPLE, tenant, month)}
    whole = await connection.fetchrow(_WHOLE, tenant, [month])
    made = [(row["kind"], row["blocks"], row["figures"]) for row in rows]
    return Kept(blocks, made, people, whole["whole"] if whole else None) if blocks else None


async def write(connection: Connection, tenant: str, month: date, made: Writing, of: Made) -> None:
    """Publish a locked month."""
    await connection.execute(_DROP_BLOCKS, tenant, month)
    await connection.execute(_DROP_ROWS, tenant, month)
    if made.anew:
        await connection.execute(_DROP_PEOPLE, tenant, month)
    await _insert(connection, _WRITE_BLOCKS, tenant, month, made.blocks)
    await _insert(connection, _WRITE_ROWS, tenant, month, made.rows)
    await _insert(connection, _WRITE_PEOPLE, tenant, month, made.people)
    await connection.execute(
        _RELEASED, tenant, month, of.basis, of.rule_set, of.registry, of.time_zone, of.at, made.whole, made.roster
    )


def _block(row: Any) -> Block:
    return Block(row["block"], frozenset(row["units"]))


async def _insert(
    connection: Connection, query: str, tenant: str, month: date, rows: Sequence[tuple[Any, ...]]
) -> None:
    if rows:
        await connection.execute(query, tenant, month, *map(list, zip(*rows, strict=True)))


def _json(data: Any) -> str:
    return orjson.dumps(data, default=list).decode()  # named tuples are lists

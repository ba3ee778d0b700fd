"""The statement store's SQL: each query named, one purpose each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from schemas.topics import STATEMENTS
from services.common.database import Connection
from services.ingest.domain.judging import Kept
from services.ingest.records import Key, Received

GROUP = "ingest.store"
_MONTHS_LOCK = 0x6C6D6D6F  # "lmmo"

_KEEP_IDS = """
    -- Keep every id that is new, lock every id there is: statements and the targets of voiding ones, in sorted order.
    INSERT INTO ingest.statement_ids AS kept (tenant, id, digest, fingerprint, stored, voids)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::bytea[], $4::bytea[], $5::timestamptz[], $6::uuid[])
        AS new (tenant, id, digest, fingerprint, stored, voids)
    ORDER BY tenant, id
    ON CONFLICT (tenant, id) DO UPDATE
        SET digest = excluded.digest, fingerprint = excluded.fingerprint,
            stored = excluded.stored, voids = excluded.voids
        WHERE kept.digest IS NULL AND excluded.digest IS NOT NULL
    RETURNING tenant, id
"""
_BODY = ("tenant", "id", "stored", "arrived", "timestamp_sent", "source", "kind", "credential", "body")
_KEPT = """
    -- What is kept under these ids (rows that this transaction has locked).
    SELECT i.tenant, i.id, i.digest, i.fingerprint, s.body, s.arrived, s.timestamp_sent, s.source, s.kind
    FROM ingest.statement_ids i
    JOIN unnest($1::text[], $2::uuid[]) AS wanted (tenant, id) USING (tenant, id)
    LEFT JOIN ingest.statements s ON s.tenant = i.tenant AND s.id = i.id AND s.stored = i.stored
    WHERE i.digest IS NOT NULL
"""
_VOID = """
    -- Note who voided what, once.
    UPDATE ingest.statement_ids i SET voided_by = v.by
    FROM unnest($1::text[], $2::uuid[], $3::uuid[]) AS v (tenant, id, by)
    WHERE i.tenant = v.tenant AND i.id = v.id AND i.voided_by IS NULL
    RETURNING i.tenant, i.id
"""
_DIGESTS = """
    -- Which of these ids hold what: the look for conflicts before an append, and after it.
    SELECT id, digest FROM ingest.statement_ids WHERE tenant = $1 AND id = ANY($2::uuid[]) AND digest IS NOT NULL
"""
_BOUND = "SELECT min(watermark) FROM ingest.positions WHERE group_name = $1 AND topic = $2"
_ONE = f"""
    -- One statement by its id, and consistent-through as of the same moment.
    SELECT ({_BOUND}) AS bound, s.stored, s.body, s.credential, i.voided_by IS NOT NULL AND i.voids IS NULL AS voided
    FROM (SELECT 1) AS always
    LEFT JOIN ingest.statement_ids i ON i.tenant = $3 AND i.id = $4 AND i.digest IS NOT NULL
    LEFT JOIN ingest.statements s ON s.tenant = i.tenant AND s.id = i.id AND s.stored = i.stored
"""
_PAGE = f"""
    -- A page of statements that are not voided, and consistent-through as of the same moment.
    SELECT ({_BOUND}) AS bound, page.* FROM (SELECT 1) AS always LEFT JOIN (
        SELECT s.id, s.stored, s.body FROM ingest.statements s
        JOIN ingest.statement_ids i ON i.tenant = s.tenant AND i.id = s.id
        WHERE s.tenant = $3 AND (i.voided_by IS NULL OR i.voids IS NOT NULL)
          AND ($4::text IS NULL OR s.credential = $4)
          AND s.stored > $5 AND s.stored <= $6
          AND ($7::timestamptz IS NULL OR (s.stored, s.id) {{after}} ($7, $8::uuid))
        ORDER BY s.stored {{order}}, s.id {{order}} LIMIT $9
    ) AS page ON true
"""
_NEWEST_FIRST = _PAGE.format(after="<", order="DESC")
_OLDEST_FIRST = _PAGE.format(after=">", order="ASC")


@dataclass(frozen=True, slots=True)
class KeptStatement:
    """A kept statement, as rulings tell of it."""

    kept: Kept
    body: bytes | None
    arrived: datetime | None
    timestamp_sent: bool | None
    source: str | None
    kind: str | None


async def keep_ids(
    connection: Connection, new: Sequence[tuple[Received, datetime]], targets: Iterable[Key]
) -> set[Key]:
    """Keep the ids that are new and lock all of these; return those that are kept by this very call."""
    rows: dict[Key, tuple[Any, ...]] = dict.fromkeys(targets, (None, None, None, None))
    for received, stored in new:
        rows[received.tenant, received.id] = (received.digest, received.fingerprint, stored, received.voids)
    columns = list(zip(*((*key, *values) for key, values in sorted(rows.items(), key=lambda row: row[0])), strict=True))
    told = await connection.fetch(_KEEP_IDS, *map(list, columns))
    bare = {key for key, values in rows.items() if values[0] is None}
    return {(row["tenant"], row["id"]) for row in told} - bare


async def keep_bodies(connection: Connection, new: Sequence[tuple[Received, datetime]]) -> None:
    """Store the bodies of statements whose ids were just kept."""
    rows = [
        (r.tenant, r.id, stored, r.arrived, r.timestamp_sent, r.source, r.kind, r.credential, r.body)
        for r, stored in new
    ]
    await connection.copy_records_to_table("statements", schema_name="ingest", columns=_BODY, records=rows)


async def kept(connection: Connection, keys: Iterable[Key]) -> dict[Key, KeptStatement]:
    """Return what is kept under these keys."""
    wanted = list(keys)
    rows = await connection.fetch(_KEPT, [tenant for tenant, _ in wanted], [id_ for _, id_ in wanted])
    return {
        (row["tenant"], row["id"]): KeptStatement(
            Kept(row["digest"], row["fingerprint"]),
            row["body"],
            row["arrived"],
            row["timestamp_sent"],
            row["source"],
            row["kind"],
        )
        for row in rows
    }


async def void(connection: Connection, voids: Sequence[tuple[str, UUID, UUID]]) -> list[Key]:
    """Note (tenant, target, voiding statement); return the targets that were not voided before."""
    rows = await connection.fetch(_VOID, *map(list, zip(*voids, strict=True)))
    return sorted((row["tenant"], row["id"]) for row in rows)


async def digests(connection: Connection, tenant: str, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Return the digest kept under each of these ids that is known."""
    return {row["id"]: row["digest"] for row in await connection.fetch(_DIGESTS, tenant, ids)}


async def bound(connection: Connection) -> datetime | None:
    """Return consistent-through: nothing stored at or before it may still appear."""
    least: datetime | None = await connection.fetchval(_BOUND, GROUP, STATEMENTS)
    return least


async def one(connection: Connection, tenant: str, statement_id: UUID | None) -> Any:
    """Return bound, stored, body (None when unknown), credential and voided of one statement."""
    return await connection.fetchrow(_ONE, GROUP, STATEMENTS, tenant, statement_id)


EVER = datetime.fromtimestamp(0, UTC)
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page asks for: since exclusive, until inclusive, beginning after a place, of one credential or all."""

    since: datetime = EVER
    until: datetime = FOR_EVER
    ascending: bool = False
    after: tuple[datetime, UUID] | None = None
    credential: str | None = None
    limit: int = 100


async def page(connection: Connection, tenant: str, asked: Page) -> tuple[datetime | None, list[Any]]:
    """Return consistent-through and up to `limit + 1` rows (id, stored, body): one more means that there is more."""
    rows = await connection.fetch(
        _OLDEST_FIRST if asked.ascending else _NEWEST_FIRST,
        GROUP,
        STATEMENTS,
        tenant,
        asked.credential,
        asked.since,
        asked.until,
        asked.after[0] if asked.after else None,
        asked.after[1] if asked.after else None,
        asked.limit + 1,
    )
    return rows[0]["bound"], [row for row in rows if row["id"] is not None]


async def applied(connection: Connection) -> dict[int, int]:
    """Return the position up to which each partition of the statements topic has been projected."""
    rows = await connection.fetch(
        "SELECT partition, position FROM ingest.positions WHERE group_name = $1 AND topic = $2", GROUP, STATEMENTS
    )
    return {row["partition"]: row["position"] for row in rows}


async def ensure_month(connection: Connection, month: datetime) -> None:
    """Make the partition for the month of this instant, if there is none.

    One at a time: of two that make it at once, IF NOT EXISTS or not, PostgreSQL refuses one.
    """
    first = month.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    name = f"ingest.statements_{first:%Y_%m}"
    if await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", name):
        return
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _MONTHS_LOCK)
    await connection.execute(
        f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF ingest.statements "
        f"FOR VALUES FROM ('{first.isoformat()}') TO ('{following.isoformat()}')"
    )

"""recommend's SQL: each query named, one purpose each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.common.database import Connection
from services.recommend.domain.suggestion import Outcome

Key = tuple[str, UUID]
"""Tenant and person."""

_LOCK = """
    -- Lock the rows of these people, in order; who is absent gets a bare one. DO UPDATE locks where WHERE is false too.
    INSERT INTO recommend.people (tenant, person)
    SELECT * FROM unnest($1::text[], $2::uuid[]) AS wanted (tenant, person) ORDER BY tenant, person
    ON CONFLICT (tenant, person) DO UPDATE SET tenant = excluded.tenant WHERE false
"""
_KEEP_PEOPLE = """
    -- Keep whom a newer record tells of; a tombstone takes the mix along.
    INSERT INTO recommend.people AS known (tenant, person, version, erased, known_since)
    SELECT *, now() FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::boolean[])
        AS new (tenant, person, version, erased) ORDER BY tenant, person
    ON CONFLICT (tenant, person) DO UPDATE
        SET version = excluded.version, erased = excluded.erased,
            known_since = coalesce(known.known_since, excluded.known_since),
            mix = CASE WHEN excluded.erased THEN NULL ELSE known.mix END
        WHERE known.version IS NULL OR known.version < excluded.version
    RETURNING tenant, person, erased
"""
_FORGET_SUGGESTIONS = """
    DELETE FROM recommend.suggestions s USING unnest($1::text[], $2::uuid[]) AS gone (tenant, person)
    WHERE s.tenant = gone.tenant AND s.person = gone.person
"""
_KEEP_MIXES = """
    -- Keep a newer mix, or that there is none any more; of who was erased nothing is kept.
    INSERT INTO recommend.people AS known (tenant, person, mix_version, mix)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bytea[])
        AS new (tenant, person, mix_version, mix) ORDER BY tenant, person
    ON CONFLICT (tenant, person) DO UPDATE
        SET mix_version = excluded.mix_version, mix = CASE WHEN known.erased THEN NULL ELSE excluded.mix END
        WHERE known.mix_version IS NULL OR known.mix_version < excluded.mix_version
"""
_PERSON = """
    SELECT mix_version, mix, clock_timestamp() - known_since AS known_for FROM recommend.people
    WHERE tenant = $1 AND person = $2 AND version IS NOT NULL AND NOT erased
"""
_SUGGESTION = """
    SELECT suggestion, person, mode, policy, catalogue, propensity, shown, offered_at, outcome, outcome_at
    FROM recommend.suggestions WHERE tenant = $1 AND person = $2
"""
_ADD = """
    INSERT INTO recommend.suggestions (tenant, person, suggestion, intervention, mode, policy, catalogue, propensity,
                                       situation, shown, offered_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A person recommend knows. `mix_version` is None while no mix has ever come, `mix` while there is none."""

    mix_version: int | None
    mix: bytes | None
    known_for: timedelta


@dataclass(frozen=True, slots=True)
class Offered:
    """A suggestion as it is kept; `shown` is JSON."""

    suggestion: UUID
    person: UUID
    mode: str
    policy: str
    catalogue: str
    propensity: float
    shown: str
    offered_at: datetime
    outcome: Outcome | None = None
    outcome_at: datetime | None = None


async def lock_people(connection: Connection, people: Iterable[Key]) -> None:
    """Lock the rows of these people in sorted order, known or not."""
    await connection.execute(_LOCK, *_columns(sorted(set(people))))


async def keep_people(connection: Connection, new: Sequence[tuple[str, UUID, int, bool]]) -> None:
    """Keep (tenant, person, version, erased), each person once; who is erased loses mix and suggestions."""
    rows = await connection.fetch(_KEEP_PEOPLE, *_columns(new))
    erased = [(row["tenant"], row["person"]) for row in rows if row["erased"]]
    if erased:
        await connection.execute(_FORGET_SUGGESTIONS, *_columns(erased))


async def keep_mixes(connection: Connection, new: Sequence[tuple[str, UUID, int, bytes | None]]) -> None:
    """Keep (tenant, person, version, mix or None), each person once."""
    await connection.execute(_KEEP_MIXES, *_columns(new))


async def person(connection: Connection, tenant: str, person_id: UUID, *, lock: bool) -> Known | None:
    """Return what is known of a person; with `lock` nobody else makes a suggestion for them until commit."""
    row = await connection.fetchrow(_PERSON + (" FOR UPDATE" if lock else ""), tenant, person_id)
    return Known(**row) if row else None


async def unanswered(connection: Connection, tenant: str, person_id: UUID) -> Offered | None:
    """Return the newest suggestion without an outcome."""
    row = await connection.fetchrow(
        f"{_SUGGESTION} AND outcome IS NULL ORDER BY offered_at DESC LIMIT 1", tenant, person_id
    )
    return _offered(row) if row else None


async def interventions(connection: Connection, tenant: str, person_id: UUID) -> set[str]:
    """Return the ids of all that was ever offered to a person."""
    rows = await connection.fetch(
        "SELECT DISTINCT intervention FROM recommend.suggestions WHERE tenant = $1 AND person = $2", tenant, person_id
    )
    return {row["intervention"] for row in rows}


async def history(connection: Connection, tenant: str, person_id: UUID, limit: int) -> list[Offered]:
    """Return a person's suggestions, newest first."""
    rows = await connection.fetch(
        f"{_SUGGESTION} ORDER BY offered_at DESC, suggestion LIMIT $3", tenant, person_id, limit
    )
    return [_offered(row) for row in rows]


async def add(connection: Connection, tenant: str, new: Offered, intervention: str, situation: str) -> None:
    """Keep a suggestion that was newly made; `situation` is JSON."""
    await connection.execute(
        _ADD,
        tenant,
        new.person,
        new.suggestion,
        intervention,
        new.mode,
        new.policy,
        new.catalogue,
        new.propensity,
        situation,
        new.shown,
        new.offered_at,
    )


async def locked(connection: Connection, tenant: str, person_id: UUID, suggestion: UUID) -> Offered | None:
    """Return one suggestion; nobody else tells its outcome until commit."""
    row = await connection.fetchrow(f"{_SUGGESTION} AND suggestion = $3 FOR UPDATE", tenant, person_id, suggestion)
    return _offered(row) if row else None


async def tell(connection: Connection, tenant: str, suggestion: Offered, outcome: Outcome, at: datetime) -> None:
    """Keep the outcome of a suggestion."""
    await connection.execute(
        """
        UPDATE recommend.suggestions SET outcome = $4, outcome_at = $5
        WHERE tenant = $1 AND person = $2 AND suggestion = $3
        """,
        tenant,
        suggestion.person,
        suggestion.suggestion,
        outcome.value,
        at,
    )


def _offered(row: Any) -> Offered:
    values = dict(row)
    return Offered(**values | {"outcome": values["outcome"] and Outcome(values["outcome"])})


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]

"""The person's own voice: corrections and additions as marks of an identity, pauses of a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.analytics.decoding import Key
from services.analytics.domain.minutes.instants import to_us
from services.analytics.domain.voice.additions import Addition
from services.analytics.domain.voice.corrections import Correction
from services.analytics.domain.voice.pauses import Pause
from services.analytics.store.people import Person
from services.common.database import Connection

Mark = tuple[str, str, str]
"""(tenant, statement id, actor_key of who marked it)"""

_LEARNERS = """
    -- By which identities a person learned by a statement, under the derivation that is served, and the rule.
    SELECT DISTINCT e.learner, e.rule FROM analytics.events e
    JOIN analytics.derivations d ON d.tenant = e.tenant AND d.derivation = e.derivation AND d.state = 'active'
    WHERE e.tenant = $1 AND e.statement = $2 AND e.person = $3 AND NOT e.retracted
"""
_CORRECT = """
    -- Keep a correction, in the place of an earlier one.
    INSERT INTO analytics.corrections (tenant, statement, learner, class, minutes_us)
    SELECT $1, $2, learner, $4, $5 FROM unnest($3::text[]) AS of (learner) ORDER BY learner
    ON CONFLICT (tenant, statement, learner)
    DO UPDATE SET class = excluded.class, minutes_us = excluded.minutes_us, created = now()
    RETURNING created
"""
_UNCORRECT = """
    -- Take back what this person said of a statement, by whichever identity; whether there was anything.
    WITH gone AS (
        DELETE FROM analytics.corrections c USING analytics.identities i
        WHERE c.tenant = $1 AND c.statement = $2 AND i.tenant = c.tenant AND i.actor_key = c.learner AND i.person = $3
        RETURNING 1
    )
    SELECT count(*) > 0 FROM gone
"""
_CORRECTED = """
    -- What this person said of statements, the latest first.
    SELECT c.statement::text, c.class, c.minutes_us, c.created FROM analytics.identities i
    JOIN analytics.corrections c ON c.tenant = i.tenant AND c.learner = i.actor_key
    WHERE i.tenant = $1 AND i.person = $2 AND c.created < $3 ORDER BY c.created DESC, c.statement LIMIT $4
"""
_CORRECTIONS = """
    -- What anybody said of these statements.
    SELECT tenant, c.statement::text, learner, class, minutes_us FROM analytics.corrections c
    JOIN unnest($1::text[], $2::uuid[]) AS wanted (tenant, statement) USING (tenant, statement)
"""
_IDENTITY = """
    -- The identity by which a person is marked: any will do, so always the same.
    SELECT min(actor_key) FROM analytics.identities WHERE tenant = $1 AND person = $2
"""
_ADD = """
    -- Keep an addition; one of the person's own is confirmed by being made.
    INSERT INTO analytics.additions (tenant, id, learner, class, t_us, minutes_us, recorder, confirmed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $7 = 'self' THEN now() END)
"""
_CONFIRM = """
    -- Let an addition about this person count; its identity, or nothing when there is none to confirm.
    UPDATE analytics.additions a SET confirmed = coalesce(a.confirmed, now()) FROM analytics.identities i
    WHERE a.tenant = $1 AND a.id = $2 AND a.withdrawn IS NULL
      AND i.tenant = a.tenant AND i.actor_key = a.learner AND i.person = $3
    RETURNING true
"""
_WITHDRAW = """
    -- Let it count no more, for good.
    UPDATE analytics.additions a SET withdrawn = coalesce(a.withdrawn, now()) FROM analytics.identities i
    WHERE a.tenant = $1 AND a.id = $2 AND i.tenant = a.tenant AND i.actor_key = a.learner AND i.person = $3
    RETURNING true
"""
_ADDED = """
    -- What was added about this person, the latest first.
    SELECT a.id::text, a.class, a.t_us, a.minutes_us, a.recorder, a.created, a.confirmed, a.withdrawn
    FROM analytics.identities i JOIN analytics.additions a ON a.tenant = i.tenant AND a.learner = i.actor_key
    WHERE i.tenant = $1 AND i.person = $2 AND a.created < $3 ORDER BY a.created DESC, a.id LIMIT $4
"""
_WAITING = """
    -- How many additions about this person by one recorder wait for an answer.
    SELECT count(*) FROM analytics.identities i
    JOIN analytics.additions a ON a.tenant = i.tenant AND a.learner = i.actor_key
    WHERE i.tenant = $1 AND i.person = $2 AND a.recorder = $3 AND a.confirmed IS NULL AND a.withdrawn IS NULL
"""
_ADDITION = "id::text, learner, class, t_us, minutes_us, confirmed IS NOT NULL AND withdrawn IS NULL AS counts"
_ADDITIONS = f"""
    -- These additions, and whether each counts.
    SELECT {_ADDITION} FROM analytics.additions WHERE tenant = $1 AND id = ANY($2::uuid[])
"""
_COUNTING = f"""
    -- A tenant's additions that count, by id, after a place: what a replay reads beside the statements.
    SELECT {_ADDITION} FROM analytics.additions
    WHERE tenant = $1 AND confirmed IS NOT NULL AND withdrawn IS NULL AND ($2::uuid IS NULL OR id > $2)
    ORDER BY id LIMIT $3
"""
_PAUSES = """
    -- The pauses of persons: their own, and of those who were merged into them.
    WITH RECURSIVE merged (tenant, root, person) AS (
        SELECT tenant, person, person FROM unnest($1::text[], $2::uuid[]) AS wanted (tenant, person)
        UNION
        SELECT m.tenant, m.root, p.person FROM merged m
        JOIN analytics.persons p ON p.tenant = m.tenant AND p.merged_into = m.person
    )
    SELECT m.tenant, m.root::text AS person, p.since, p.until
    FROM merged m JOIN analytics.pauses p ON p.tenant = m.tenant AND p.person = m.person
    ORDER BY p.since
"""
_PAUSE = """
    -- Begin a pause, or let the one that lasts begin earlier.
    WITH lasting AS (
        UPDATE analytics.pauses SET since = least(since, $3) WHERE tenant = $1 AND person = $2 AND until IS NULL
        RETURNING since
    ), begun AS (
        INSERT INTO analytics.pauses (tenant, person, since)
        SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM lasting)
        ON CONFLICT (tenant, person, since) DO UPDATE SET until = NULL
        RETURNING since
    )
    SELECT since FROM lasting UNION ALL SELECT since FROM begun
"""
_RESUME = """
    -- End the pause that lasts.
    UPDATE analytics.pauses SET until = greatest(since, $3) WHERE tenant = $1 AND person = $2 AND until IS NULL
"""
_SINCE = """
    -- The statements of which something is derived about a person for what happened since a moment. Additions are the
    -- person's own word: a pause does not silence them.
    SELECT DISTINCT e.statement::text FROM analytics.derivations d
    JOIN analytics.events e ON e.tenant = d.tenant AND e.derivation = d.derivation
    WHERE d.tenant = $1 AND d.state <> 'dropped' AND e.person = $2 AND e.t_us >= $3 AND NOT e.retracted
      AND e.rule <> $4
"""


@dataclass(frozen=True, slots=True)
class Added:
    """An addition as it is kept, and whether it counts now."""

    addition: Addition
    counts: bool


async def learners(connection: Connection, tenant: str, statement: str, person: str) -> dict[str, str]:
    """Return the identities by which a person learned by a statement, each with the rule that says so."""
    rows = await connection.fetch(_LEARNERS, tenant, statement, person)
    return {row["learner"]: row["rule"] for row in rows}


async def correct(
    connection: Connection, tenant: str, statement: str, learners: Iterable[str], said: Correction
) -> datetime:
    """Keep what a person says of a statement, for each identity by which the person stands in it; return since when.

    There is at least one such identity.
    """
    made: datetime = await connection.fetchval(_CORRECT, tenant, statement, list(learners), said.mode, said.minutes_us)
    return made


async def uncorrect(connection: Connection, tenant: str, statement: str, person: str) -> bool:
    """Take that back; tell whether there was anything to take back."""
    return bool(await connection.fetchval(_UNCORRECT, tenant, statement, person))


async def corrected(connection: Connection, tenant: str, person: str, limit: int, before: datetime) -> list[Any]:
    """Return a person's corrections as they are kept, the latest first."""
    return list(await connection.fetch(_CORRECTED, tenant, person, before, limit))


async def corrections(connection: Connection, keys: Iterable[Key]) -> dict[Mark, Correction]:
    """Return what holds of these statements: what a fold or a replay lays over their facts."""
    wanted = sorted(set(keys))
    rows = await connection.fetch(_CORRECTIONS, [tenant for tenant, _ in wanted], [id_ for _, id_ in wanted])
    return {
        (row["tenant"], row["statement"], row["learner"]): Correction(row["class"], row["minutes_us"]) for row in rows
    }


async def identity(connection: Connection, tenant: str, person: str) -> str | None:
    """Return the identity that additions about a person are kept under; None for somebody without any."""
    found: str | None = await connection.fetchval(_IDENTITY, tenant, person)
    return found


async def add(connection: Connection, tenant: str, addition: Addition, recorder: str) -> None:
    """Keep an addition; one by `self` counts, one by another person waits to be confirmed."""
    await connection.execute(
        _ADD,
        tenant,
        addition.id,
        addition.learner,
        addition.mode,
        addition.t_us,
        addition.minutes_us,
        recorder,
    )


async def confirm(connection: Connection, tenant: str, addition: str, person: str) -> bool:
    """Let an addition about this person count; False when there is none that was not withdrawn."""
    return bool(await connection.fetchval(_CONFIRM, tenant, addition, person))


async def withdraw(connection: Connection, tenant: str, addition: str, person: str) -> bool:
    """Let an addition about this person count no more; False when there is none."""
    return bool(await connection.fetchval(_WITHDRAW, tenant, addition, person))


async def added(connection: Connection, tenant: str, person: str, limit: int, before: datetime) -> list[Any]:
    """Return what was added about a person as it is kept, the latest first."""
    return list(await connection.fetch(_ADDED, tenant, person, before, limit))


async def waiting(connection: Connection, tenant: str, person: str, recorder: str) -> int:
    """Return how many additions about a person by one recorder wait to be confirmed."""
    return int(await connection.fetchval(_WAITING, tenant, person, recorder))


async def additions(connection: Connection, tenant: str, ids: Iterable[str]) -> list[Added]:
    """Return these additions, withdrawn ones too: those that do not count are to be taken back."""
    return [_added(row) for row in await connection.fetch(_ADDITIONS, tenant, sorted(ids))]


async def counting(connection: Connection, tenant: str, after: str | None, limit: int) -> list[Added]:
    """Return a page of the additions that count, in order of id: what a replay derives beside the statements."""
    return [_added(row) for row in await connection.fetch(_COUNTING, tenant, after, limit)]


async def pauses(connection: Connection, persons: Iterable[Person]) -> dict[Person, list[Pause]]:
    """Return the pauses of those of these persons who have any."""
    wanted = sorted(set(persons))
    rows = await connection.fetch(_PAUSES, [tenant for tenant, _ in wanted], [person for _, person in wanted])
    found: dict[Person, list[Pause]] = {}
    for row in rows:
        until_us = None if row["until"] is None else to_us(row["until"])
        found.setdefault((row["tenant"], row["person"]), []).append(Pause(to_us(row["since"]), until_us))
    return found


async def pause(connection: Connection, tenant: str, person: str, since: datetime) -> datetime:
    """Begin a pause of a locked person; return since when it lasts: earlier, when one lasted already."""
    begun: datetime = await connection.fetchval(_PAUSE, tenant, person, since)
    return begun


async def resume(connection: Connection, tenant: str, person: str, until: datetime) -> None:
    """End the pause that lasts, if one does."""
    await connection.execute(_RESUME, tenant, person, until)


async def statements_since(
    connection: Connection, tenant: str, person: str, since_us: int, rule_of_additions: str
) -> Sequence[str]:
    """Return the statements that say of a person what happened since then, in any derivation."""
    rows = await connection.fetch(_SINCE, tenant, person, since_us, rule_of_additions)
    return [row["statement"] for row in rows]


def _added(row: Any) -> Added:
    return Added(Addition(row["id"], row["learner"], row["class"], row["t_us"], row["minutes_us"]), row["counts"])

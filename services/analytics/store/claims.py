"""Learning events: by statement, to see what changes, and by time, to be folded."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from services.analytics.decoding import Key
from services.analytics.domain.claims import Claim
from services.analytics.domain.events import Derived, Event
from services.common.database import Connection

_COLUMNS = """
    c.tenant, c.person::text, c.statement::text, c.rule_set, c.event, c.class, c.rule, c.learner, c.source,
    c.t_us, c.start_us, c.end_us, c.known, c.flags, c.version, c.retracted
"""
_OF_STATEMENTS = f"""
    -- All that was ever derived from these statements, what was taken back too.
    SELECT {_COLUMNS} FROM unnest($1::text[], $2::uuid[]) AS wanted (tenant, id)
    -- OFFSET 0: one look into the index per statement, whatever the planner believes of a table that is still small.
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.claims c WHERE c.tenant = wanted.tenant AND c.statement = wanted.id OFFSET 0
    ) c
"""
_WRITE = """
    -- Write learning events, new ones and changed ones (their statements are locked).
    INSERT INTO analytics.claims AS c
        (tenant, person, statement, rule_set, event, class, rule, learner, source,
         t_us, start_us, end_us, known, flags, version, retracted)
    SELECT tenant, person, statement, rule_set, event, class, rule, learner, source,
           t_us, start_us, end_us, known, string_to_array(flags, ' '), version, retracted
    FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[],
                $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::bigint[],
                $16::boolean[])
        AS new (tenant, person, statement, rule_set, event, class, rule, learner, source,
                t_us, start_us, end_us, known, flags, version, retracted)
    ON CONFLICT (tenant, person, statement, rule_set) DO UPDATE
        SET class = excluded.class, rule = excluded.rule, learner = excluded.learner, source = excluded.source,
            t_us = excluded.t_us, start_us = excluded.start_us, end_us = excluded.end_us, known = excluded.known,
            flags = excluded.flags, version = excluded.version, retracted = excluded.retracted
"""
# A claim that reaches into a window ends after its start, and begins, at most the person's longest before its end,
# before the window's end. So the index on t (where a claim ends) finds it, however long the history.
_TOUCHING = f"""
    -- What holds of persons and reaches into a window of theirs.
    SELECT {_COLUMNS}
    FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[]) AS wanted (tenant, person, since, until)
    JOIN analytics.persons p ON p.tenant = wanted.tenant AND p.person = wanted.person
    -- OFFSET 0: one look into the index per window, as above.
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.claims c
        WHERE c.tenant = p.tenant AND c.person = p.person AND NOT c.retracted
          AND c.t_us >= wanted.since AND c.t_us < wanted.until + p.longest_us
          AND (c.start_us < wanted.until OR c.t_us < wanted.until) OFFSET 0
    ) c
"""
_AFTER = f"""
    -- What holds of a person from a moment on.
    SELECT {_COLUMNS} FROM analytics.claims c
    WHERE c.tenant = $1 AND c.person = $2 AND NOT c.retracted AND c.t_us >= $3
"""


class Window(NamedTuple):
    """A piece of a person's time, [since, until)."""

    tenant: str
    person: str
    since_us: int
    until_us: int


async def of_statements(connection: Connection, keys: Iterable[Key]) -> dict[Key, list[Event]]:
    """Return every event there ever was of these statements."""
    wanted = sorted(keys)
    rows = await connection.fetch(_OF_STATEMENTS, [tenant for tenant, _ in wanted], [id_ for _, id_ in wanted])
    found: dict[Key, list[Event]] = {key: [] for key in wanted}
    for row in rows:
        found[row["tenant"], row["statement"]].append(_event(row))
    return found


async def write(connection: Connection, events: Sequence[Event]) -> None:
    """Write events as they are now."""
    await connection.execute(_WRITE, *map(list, zip(*map(_row, events), strict=True)))


async def touching(connection: Connection, windows: Sequence[Window]) -> dict[tuple[str, str], list[Event]]:
    """Return, per (tenant, person), the events whose claim or moment lies at least partly in a window of theirs."""
    rows = await connection.fetch(_TOUCHING, *map(list, zip(*windows, strict=True)))
    found: dict[tuple[str, str], list[Event]] = {(each.tenant, each.person): [] for each in windows}
    for row in rows:
        found[row["tenant"], row["person"]].append(_event(row))
    return found


async def after(connection: Connection, tenant: str, person: str, moment_us: int) -> list[Event]:
    """Return a person's events from a moment on: those in the future, when that moment is the end of today."""
    return [_event(row) for row in await connection.fetch(_AFTER, tenant, person, moment_us)]


def _row(event: Event) -> tuple[Any, ...]:
    derived, claim = event.derived, event.claim
    return (
        *(event.tenant, claim.person, claim.statement_id, derived.rule_set, event.number),
        *(claim.mode, derived.rule, derived.learner, derived.source, claim.t_us, claim.start_us, claim.end_us),
        *(claim.known, " ".join(sorted(claim.flags)), event.version, event.retracted),
    )


def _event(row: Any) -> Event:
    claim = Claim(
        statement_id=row["statement"],
        person=row["person"],
        mode=row["class"],
        t_us=row["t_us"],
        start_us=row["start_us"],
        end_us=row["end_us"],
        known=row["known"],
        flags=frozenset(row["flags"]),
    )
    derived = Derived(row["learner"], claim, row["rule"], row["rule_set"], row["source"])
    return Event(row["tenant"], row["event"], row["version"], row["retracted"], derived)

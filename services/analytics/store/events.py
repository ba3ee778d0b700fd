"""Learning events: by statement, to see what changes; by thread and by time, to be folded."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from services.analytics.decoding import Key
from services.analytics.domain.events import Event
from services.analytics.domain.minutes.facts import Claimed, Fact, Held
from services.analytics.store import SCHEMA
from services.common.database import Connection

_TYPES: dict[str, str] = {  # every column, in the order of `_row`
    "tenant": "text",
    "statement": "uuid",
    "derivation": "int",
    "number": "int",
    "person": "uuid",
    "learner": "text",
    "role": "text",
    "class": "text",
    "rule": "text",
    "entry": "text",
    "source": "text",
    "t_us": "bigint",
    "flags": "text",
    "duration_us": "bigint",
    "default_us": "bigint",
    "default_from": "text",
    "session_us": "bigint",
    "thread": "bigint",
    "object": "bigint",
    "part": "text",
    "discrete": "boolean",
    "tags": "text",
    "start_us": "bigint",
    "end_us": "bigint",
    "known": "text",
    "since_us": "bigint",
    "moment": "boolean",
    "version": "bigint",
    "retracted": "boolean",
}
_NAMES = tuple(_TYPES)
_COLUMNS = ", ".join(f"e.{name}::text" if name in ("statement", "person") else f"e.{name}" for name in _NAMES)

_OF_STATEMENTS = f"""
    -- All that was ever derived from these statements, what was taken back too.
    SELECT {_COLUMNS} FROM unnest($1::text[], $2::uuid[]) AS wanted (tenant, id)
    -- OFFSET 0: one look into the index per statement, whatever the planner believes of a table that is still small.
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.events e WHERE e.tenant = wanted.tenant AND e.statement = wanted.id OFFSET 0
    ) e
"""
_WRITE = f"""
    -- Write learning events (their statements or their persons are locked).
    INSERT INTO analytics.events AS e ({", ".join(_NAMES)})
    SELECT * FROM unnest({", ".join(f"${place}::{kind}[]" for place, kind in enumerate(_TYPES.values(), 1))})
    ON CONFLICT (tenant, statement, derivation, number) DO UPDATE
        SET {", ".join(f"{name} = excluded.{name}" for name in _NAMES[4:])}
"""
# What reaches into a window ends after its start, and begins, at most the person's longest before its end, before the
# window's end. `longest` counts defaults doubled; so the slack finds what would reach in if they were.
_AROUND = f"""
    -- What holds of persons and reaches into a window of theirs, or is of one of their threads.
    SELECT {_COLUMNS}
    FROM unnest($1::text[], $2::int[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[])
        AS wanted (tenant, derivation, person, since, until, longest)
    -- OFFSET 0: one look into the index per window, as above.
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.events e
        WHERE e.tenant = wanted.tenant AND e.derivation = wanted.derivation AND e.person = wanted.person
          AND NOT e.retracted
          AND e.end_us >= wanted.since - wanted.longest AND e.end_us < wanted.until + 2 * wanted.longest
          AND (e.start_us < wanted.until + wanted.longest OR e.t_us < wanted.until) OFFSET 0
    ) e
"""
_THREADS = f"""
    -- The whole threads of persons.
    SELECT {_COLUMNS}
    FROM unnest($1::text[], $2::int[], $3::uuid[], $4::bigint[]) AS wanted (tenant, derivation, person, thread)
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.events e
        WHERE e.tenant = wanted.tenant AND e.derivation = wanted.derivation AND e.person = wanted.person
          AND e.thread = wanted.thread AND NOT e.retracted OFFSET 0
    ) e
"""
_OF_PERSONS = f"""
    -- All that was ever derived of persons under every derivation but those that are dropped.
    SELECT {_COLUMNS} FROM analytics.derivations d CROSS JOIN unnest($2::uuid[]) AS wanted (person)
    -- OFFSET 0: two looks, into the index of what counts and into that of what was taken back, as above.
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.events e
        WHERE e.tenant = d.tenant AND e.derivation = d.derivation AND e.person = wanted.person AND NOT e.retracted
        UNION ALL
        SELECT * FROM analytics.events e
        WHERE e.tenant = d.tenant AND e.derivation = d.derivation AND e.person = wanted.person AND e.retracted
        OFFSET 0
    ) e
    WHERE d.tenant = $1 AND d.state <> 'dropped'
"""


class Owner(NamedTuple):
    """Whose events: a person's, under one derivation."""

    tenant: str
    derivation: int
    person: str


class Window(NamedTuple):
    """A piece of a person's time, [since, until), and the longest that anything of that person reaches."""

    owner: Owner
    since_us: int
    until_us: int
    longest_us: int


async def of_statements(connection: Connection, keys: Iterable[Key]) -> dict[Key, list[Event]]:
    """Return every event there ever was of these statements, of all derivations."""
    wanted = sorted(keys)
    found: dict[Key, list[Event]] = {}
    if wanted:
        rows = await connection.fetch(_OF_STATEMENTS, [tenant for tenant, _ in wanted], [id_ for _, id_ in wanted])
        for row in rows:
            found.setdefault((row["tenant"], row["statement"]), []).append(event_of(row))
    return found


async def write(connection: Connection, events: Iterable[Event]) -> None:
    """Write events as they are now. Of version 1 are those that are new: their statements are locked."""
    new, changed = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    for event in events:
        (new if event.version == 1 else changed).append(_row(event))
    if new:
        await connection.copy_records_to_table("events", schema_name=SCHEMA, columns=_NAMES, records=new)
    if changed:
        await connection.execute(_WRITE, *map(list, zip(*changed, strict=True)))


async def around(
    connection: Connection, windows: Sequence[Window], threads: Iterable[tuple[Owner, int]] = ()
) -> dict[Owner, dict[tuple[str, int], Event]]:
    """Return, by owner and place, what reaches into a window of theirs, and the whole of these threads."""
    rows = []
    if windows:
        columns = zip(*((*each.owner, *each[1:]) for each in windows), strict=True)
        rows += await connection.fetch(_AROUND, *map(list, columns))
    if wanted := sorted(threads):
        columns = zip(*((*owner, thread) for owner, thread in wanted), strict=True)
        rows += await connection.fetch(_THREADS, *map(list, columns))
    return _by_owner(map(event_of, rows))


async def of_persons(connection: Connection, tenant: str, persons: Iterable[str]) -> list[Event]:
    """Return every event there ever was of these persons, of all derivations that are kept current."""
    return [event_of(row) for row in await connection.fetch(_OF_PERSONS, tenant, sorted(set(persons)))]


def _by_owner(events: Iterable[Event]) -> dict[Owner, dict[tuple[str, int], Event]]:
    found: dict[Owner, dict[tuple[str, int], Event]] = {}
    for event in events:
        found.setdefault(Owner(event.tenant, event.derivation, event.person), {})[event.place] = event
    return found


def _row(event: Event) -> tuple[Any, ...]:
    fact, claimed = event.held.fact, event.held.claimed
    return (
        *(event.tenant, fact.statement, event.derivation, event.number, event.person, fact.learner, fact.role),
        *(fact.mode, fact.rule, fact.entry, fact.source, fact.t_us, " ".join(sorted(fact.flags))),
        *(fact.duration_us, fact.default_us, fact.default_from, fact.session_us, fact.thread, fact.object),
        *(fact.part, fact.discrete, "\n".join(fact.tags), claimed.start_us, claimed.end_us, claimed.known),
        *(claimed.since_us, claimed.moment, event.version, event.retracted),
    )


def event_of(row: Any) -> Event:
    """Return a row of all columns as an event."""
    fact = Fact(
        row["statement"],
        row["learner"],
        None,
        row["role"],
        row["class"],
        row["rule"],
        row["entry"],
        row["source"],
        row["t_us"],
        frozenset(row["flags"].split()),
        row["duration_us"],
        row["default_us"],
        row["default_from"],
        row["session_us"],
        row["thread"],
        row["object"],
        row["part"],
        row["discrete"],
        tuple(row["tags"].split("\n")) if row["tags"] else (),
    )
    claimed = Claimed(row["start_us"], row["end_us"], row["known"], row["since_us"], row["moment"])
    return Event(
        row["tenant"],
        row["derivation"],
        row["number"],
        row["version"],
        row["retracted"],
        row["person"],
        Held(fact, claimed),
    )

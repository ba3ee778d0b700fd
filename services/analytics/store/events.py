"""Learning events: by statement, to see what changes; by thread and by time, to be folded."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

from services.analytics.decoding import Key
from services.analytics.domain.classify.classified import GIVING
from services.analytics.domain.events import Event
from services.analytics.domain.minutes.facts import Claimed, Fact, Flag, Footprint, Held
from services.analytics.domain.recomputing import Place
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
_GIVING = ", ".join(f"'{role}'" for role in sorted(GIVING))
_FOOTPRINT = f"""
    e.tenant, e.derivation, e.person::text, e.number, e.statement::text, e.class, e.role IN ({_GIVING}), e.t_us,
    e.flags, e.part, e.start_us, e.end_us, e.known, e.since_us, e.moment
"""
_COLUMNS = ", ".join(f"e.{name}::text" if name in ("statement", "person") else f"e.{name}" for name in _NAMES)

_OF_STATEMENTS = f"""
    -- All that was ever derived from these statements under these derivations, what was taken back too.
    SELECT {_COLUMNS} FROM unnest($1::text[], $2::uuid[]) AS wanted (tenant, id)
    -- OFFSET 0: one look into the index per statement, whatever the planner believes of a table that is still small.
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.events e
        WHERE e.tenant = wanted.tenant AND e.statement = wanted.id AND e.derivation = ANY($3) OFFSET 0
    ) e
"""
_WRITE = f"""
    -- Write learning events (their statements or their persons are locked).
    INSERT INTO analytics.events AS e ({", ".join(_NAMES)})
    SELECT * FROM unnest({", ".join(f"${place}::{kind}[]" for place, kind in enumerate(_TYPES.values(), 1))})
    ON CONFLICT (tenant, statement, derivation, number) DO UPDATE
        SET {", ".join(f"{name} = excluded.{name}" for name in _NAMES[4:])}
"""
# What reaches into a window, its default doubled, or has its t there: the last two lines say it. The line before them
# says it to the index on end_us, by the longest that anything of the person reaches, defaults doubled.
_REACHING = """
    -- What holds of persons and reaches into a window of theirs.
    SELECT {columns}
    FROM unnest($1::text[], $2::int[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[])
        AS wanted (tenant, derivation, person, since, until, longest)
    -- OFFSET 0: one look into the index per window, as above.
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.events e
        WHERE e.tenant = wanted.tenant AND e.derivation = wanted.derivation AND e.person = wanted.person
          AND NOT e.retracted
          AND e.end_us >= wanted.since - wanted.longest AND e.end_us < wanted.until + 2 * wanted.longest
          AND 2 * e.end_us - e.start_us >= wanted.since
          AND least(2 * e.start_us - e.end_us, e.since_us, e.t_us) < wanted.until OFFSET 0
    ) e
"""
_AROUND = _REACHING.format(columns=_COLUMNS)
_FOOTPRINTS = _REACHING.format(columns=_FOOTPRINT)
_THREADS = f"""
    -- The whole threads of persons.
    SELECT {_COLUMNS}
    FROM unnest($1::text[], $2::int[], $3::uuid[], $4::bigint[]) AS wanted (tenant, derivation, person, thread)
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.events e
        WHERE e.thread = wanted.thread AND e.person = wanted.person AND NOT e.retracted
          -- Said so, an index on time cannot be taken for one on threads (migrations/0004).
          AND (e.tenant, e.derivation) IS NOT DISTINCT FROM (wanted.tenant, wanted.derivation) OFFSET 0
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


async def of_statements(
    connection: Connection, keys: Iterable[Key], derivations: Iterable[int]
) -> dict[Key, list[Event]]:
    """Return every event there ever was of these statements under these derivations."""
    wanted = sorted(keys)
    found: dict[Key, list[Event]] = {}
    if wanted:
        columns = map(list, zip(*wanted, strict=True))
        rows = await connection.fetch(_OF_STATEMENTS, *columns, list(derivations))
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


async def around(connection: Connection, windows: Sequence[Window]) -> dict[Owner, list[Event]]:
    """Return, by owner, what reaches into a window of theirs."""
    return _by_owner(await _reaching(connection, _AROUND, windows))


async def footprints(connection: Connection, windows: Sequence[Window]) -> dict[Owner, dict[Place, Footprint]]:
    """Return, by owner and place, what reaches into a window of theirs, as far as a fold must know it."""
    found: dict[Owner, dict[Place, Footprint]] = {}
    for row in await _reaching(connection, _FOOTPRINTS, windows):
        tenant, derivation, person, number, statement, mode, given, t_us, flags, *rest = row
        theirs = found.setdefault(Owner(tenant, derivation, person), {})
        theirs[statement, number] = Footprint(statement, mode, given, t_us, _flags(flags), *rest)
    return found


async def threads(connection: Connection, wanted: Iterable[tuple[Owner, int]]) -> dict[Owner, list[Event]]:
    """Return, by owner, the whole of these threads (digests)."""
    rows = [(*owner, thread) for owner, thread in sorted(wanted)]
    return _by_owner(await connection.fetch(_THREADS, *map(list, zip(*rows, strict=True)))) if rows else {}


async def _reaching(connection: Connection, query: str, windows: Sequence[Window]) -> list[Any]:
    if not windows:
        return []
    wanted = zip(*((*each.owner, *each[1:]) for each in windows), strict=True)
    return list(await connection.fetch(query, *map(list, wanted)))


async def of_persons(connection: Connection, tenant: str, persons: Iterable[str]) -> list[Event]:
    """Return every event there ever was of these persons, of all derivations that are kept current."""
    return [event_of(row) for row in await connection.fetch(_OF_PERSONS, tenant, sorted(set(persons)))]


def _by_owner(rows: Iterable[Any]) -> dict[Owner, list[Event]]:
    found: dict[Owner, list[Event]] = {}
    for event in map(event_of, rows):
        found.setdefault(Owner(event.tenant, event.derivation, event.person), []).append(event)
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


@lru_cache
def _flags(text: str) -> frozenset[Flag]:
    return cast("frozenset[Flag]", frozenset(text.split()))


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
        _flags(row["flags"]),
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

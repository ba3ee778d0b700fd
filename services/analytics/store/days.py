"""Day sums: a person's folded days (MIX.md 1.12–1.15)."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from operator import attrgetter

from schemas.events import LearningClass
from services.analytics.domain.minutes.sums import DaySum
from services.analytics.store.events import Owner
from services.common.database import Connection

Days = Mapping[Owner, Mapping[date, Mapping[LearningClass, DaySum]]]

FIGURES = tuple(field.name for field in fields(DaySum))
_FIGURES_OF = attrgetter(*FIGURES)
_KEY = ("tenant", "derivation", "person", "day", "class")
_TYPES = ("text", "int", "uuid", "date", "text", *("bigint" if name.endswith("_us") else "int" for name in FIGURES))

_DROP = """
    -- Forget days that are about to be written anew (their persons are locked).
    DELETE FROM analytics.person_days d
    USING unnest($1::text[], $2::int[], $3::uuid[], $4::date[]) AS old (tenant, derivation, person, day)
    WHERE d.tenant = old.tenant AND d.derivation = old.derivation AND d.person = old.person AND d.day = old.day
"""
_WRITE = f"""
    -- Write folded days.
    INSERT INTO analytics.person_days ({", ".join((*_KEY, *FIGURES))})
    SELECT * FROM unnest({", ".join(f"${place}::{kind}[]" for place, kind in enumerate(_TYPES, 1))})
    ON CONFLICT (tenant, derivation, person, day, class) DO UPDATE
        SET {", ".join(f"{name} = excluded.{name}" for name in FIGURES)}
"""
_BETWEEN = f"""
    -- The days of persons from one date of theirs to another, both included.
    SELECT d.tenant, d.derivation, d.person::text, d.day, d.class, {", ".join(f"d.{name}" for name in FIGURES)}
    FROM unnest($1::text[], $2::int[], $3::uuid[], $4::date[], $5::date[])
        AS wanted (tenant, derivation, person, first, last)
    -- OFFSET 0: one look into the index per person, whatever the planner believes of a table that is still small.
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.person_days d
        WHERE d.tenant = wanted.tenant AND d.derivation = wanted.derivation AND d.person = wanted.person
          AND d.day BETWEEN wanted.first AND wanted.last OFFSET 0
    ) d
"""
_SUMMED = f"""
    -- What each class of a person adds up to, from a first day to a last; and the events from a moment on: the future.
    SELECT future, class, {", ".join(FIGURES)}
    FROM (
        SELECT count(*) AS future FROM analytics.events
        WHERE tenant = $1 AND derivation = $2 AND person = $3 AND NOT retracted AND t_us >= $6 AND end_us >= $6
    ) AS ahead
    LEFT JOIN (
        SELECT class, {", ".join(f"sum({name})::bigint AS {name}" for name in FIGURES)} FROM analytics.person_days
        WHERE tenant = $1 AND derivation = $2 AND person = $3 AND day BETWEEN $4 AND $5 GROUP BY class
    ) AS found ON true
"""


async def rewrite(connection: Connection, days: Days, *, anew: Iterable[Owner]) -> None:
    """Write these days; of the owners `anew`, classes that are no longer there are forgotten."""
    drop = [(*owner, day) for owner in anew for day in days[owner]]
    if drop:
        await connection.execute(_DROP, *map(list, zip(*drop, strict=True)))
    rows = [
        (*owner, day, cls, *_FIGURES_OF(figures))
        for owner, sums in days.items()
        for day, classes in sums.items()
        for cls, figures in classes.items()
    ]
    if rows:
        await connection.execute(_WRITE, *map(list, zip(*rows, strict=True)))


async def between(
    connection: Connection, wanted: Mapping[Owner, tuple[date, date]]
) -> dict[Owner, dict[date, dict[LearningClass, DaySum]]]:
    """Return the days that have anything, of each owner from a first to a last date, in order."""
    found: dict[Owner, dict[date, dict[LearningClass, DaySum]]] = {owner: {} for owner in wanted}
    if not wanted:
        return found
    columns = zip(*((*owner, *dates) for owner, dates in wanted.items()), strict=True)
    rows = await connection.fetch(_BETWEEN, *map(list, columns))
    for row in sorted(rows, key=lambda row: (row["day"], row["class"])):
        owner = Owner(row["tenant"], row["derivation"], row["person"])
        found[owner].setdefault(row["day"], {})[row["class"]] = DaySum(*tuple(row)[5:])
    return found


async def summed(
    connection: Connection, owner: Owner, first: date, last: date, horizon_us: int
) -> tuple[dict[LearningClass, DaySum], int]:
    """Return what each class of a person adds up to, and how many events lie at or after the horizon, in one question.

    The days are from a first to a last, both included.
    """
    rows = await connection.fetch(_SUMMED, *owner, first, last, horizon_us)
    return {row["class"]: DaySum(*tuple(row)[2:]) for row in rows if row["class"] is not None}, rows[0]["future"]

"""What each statement id stands for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.analytics.decoding import Key
from services.analytics.domain.standing import Standing
from services.common.database import Connection

_LOCK = """
    -- Lock every id until commit, in sorted order; what is new is inserted as it would stand. What is known of each.
    INSERT INTO analytics.statements AS known (tenant, id, basis, voiding, voided)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::boolean[], $5::boolean[])
        AS wanted (tenant, id, basis, voiding, voided)
    ORDER BY tenant, id
    ON CONFLICT (tenant, id) DO UPDATE SET id = known.id
    RETURNING tenant, id::text, basis, voiding, voided, xmax = 0 AS fresh
"""
_KEEP = """
    -- Remember what ids stand for now (rows that this transaction has locked).
    UPDATE analytics.statements s SET basis = new.basis, voiding = new.voiding, voided = new.voided
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::boolean[], $5::boolean[])
        AS new (tenant, id, basis, voiding, voided)
    WHERE s.tenant = new.tenant AND s.id = new.id
"""


@dataclass(frozen=True, slots=True)
class Locked:
    """A locked id: what it stood for before, and whether this very call made it known."""

    standing: Standing
    fresh: bool


async def lock(connection: Connection, wanted: Mapping[Key, Standing]) -> dict[Key, Locked]:
    """Lock these ids; those that are new stand as given from now on, and stood for nothing before."""
    keys = sorted(wanted)
    rows = await connection.fetch(_LOCK, *_columns(keys, wanted))
    return {
        (row["tenant"], row["id"]): Locked(
            Standing() if row["fresh"] else Standing(row["basis"], row["voiding"], row["voided"]),
            row["fresh"],
        )
        for row in rows
    }


async def keep(connection: Connection, standings: Mapping[Key, Standing]) -> None:
    """Remember what these ids stand for."""
    if standings:
        await connection.execute(_KEEP, *_columns(sorted(standings), standings))


def _columns(keys: Iterable[Key], standings: Mapping[Key, Standing]) -> list[list[object]]:
    rows = [(*key, (each := standings[key]).basis, each.voiding, each.voided) for key in keys]
    return [[row[place] for row in rows] for place in range(5)]

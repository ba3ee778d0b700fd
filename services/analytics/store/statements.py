"""What each statement id stands for."""

from collections.abc import Iterable, Mapping

from services.analytics.decoding import Key
from services.analytics.domain.standing import Standing
from services.common.database import Connection

_LOCK = """
    -- Lock every id until commit, in sorted order; ids that are new are inserted bare. What is known of each.
    INSERT INTO analytics.statements AS known (tenant, id)
    SELECT * FROM unnest($1::text[], $2::uuid[]) AS wanted (tenant, id) ORDER BY tenant, id
    ON CONFLICT (tenant, id) DO UPDATE SET id = known.id
    RETURNING tenant, id::text, basis, voiding, voided
"""
_KEEP = """
    -- Remember what ids stand for now (rows that this transaction has locked).
    UPDATE analytics.statements s SET basis = new.basis, voiding = new.voiding, voided = new.voided
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::boolean[], $5::boolean[])
        AS new (tenant, id, basis, voiding, voided)
    WHERE s.tenant = new.tenant AND s.id = new.id
"""


async def lock(connection: Connection, keys: Iterable[Key]) -> dict[Key, Standing]:
    """Lock these ids and return what they stand for."""
    wanted = sorted(set(keys))
    rows = await connection.fetch(_LOCK, [tenant for tenant, _ in wanted], [id_ for _, id_ in wanted])
    return {(row["tenant"], row["id"]): Standing(row["basis"], row["voiding"], row["voided"]) for row in rows}


async def keep(connection: Connection, standings: Mapping[Key, Standing]) -> None:
    """Remember what these ids stand for."""
    rows = [(*key, each.basis, each.voiding, each.voided) for key, each in sorted(standings.items())]
    if rows:
        await connection.execute(_KEEP, *map(list, zip(*rows, strict=True)))

"""The corrections of statements, as a fold reads them."""

from collections.abc import Iterable

from services.analytics.decoding import Key
from services.analytics.domain.voice.corrections import Correction
from services.common.database import Connection

_OF = """
    -- Who corrected these statements, and how.
    SELECT tenant, statement::text, learner, class, minutes_us FROM analytics.corrections
    JOIN unnest($1::text[], $2::uuid[]) AS wanted (tenant, statement) USING (tenant, statement)
"""


async def of(connection: Connection, keys: Iterable[Key]) -> dict[tuple[str, str, str], Correction]:
    """Return the corrections by tenant, statement and learner."""
    rows = await connection.fetch(_OF, *map(list, zip(*sorted(keys), strict=True)))
    return {
        (row["tenant"], row["statement"], row["learner"]): Correction(row["class"], row["minutes_us"]) for row in rows
    }

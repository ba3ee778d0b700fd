"""What persons added themselves, as a fold reads it."""

from collections.abc import Iterable

from services.analytics.decoding import Key
from services.analytics.domain.minutes.facts import Fact
from services.analytics.domain.voice.additions import Addition, fact_of
from services.common.database import Connection

_COUNTING = """
    -- The additions of these ids that count: confirmed, and not withdrawn.
    SELECT tenant, id::text, learner, class, t_us, minutes_us FROM analytics.additions
    JOIN unnest($1::text[], $2::uuid[]) AS wanted (tenant, id) USING (tenant, id)
    WHERE confirmed IS NOT NULL AND withdrawn IS NULL
"""
_ALL_OF = """
    -- The ids of all additions of a tenant that count.
    SELECT id::text FROM analytics.additions
    WHERE tenant = $1 AND confirmed IS NOT NULL AND withdrawn IS NULL ORDER BY id
"""


async def facts(connection: Connection, keys: Iterable[Key]) -> dict[Key, list[Fact]]:
    """Return the fact of each of these additions that counts."""
    rows = await connection.fetch(_COUNTING, *map(list, zip(*sorted(keys), strict=True)))
    return {
        (row["tenant"], row["id"]): [
            fact_of(Addition(row["id"], row["learner"], row["class"], row["t_us"], row["minutes_us"]))
        ]
        for row in rows
    }


async def all_of(connection: Connection, tenant: str) -> list[str]:
    """Return the ids of all additions of a tenant that count."""
    return [row["id"] for row in await connection.fetch(_ALL_OF, tenant)]

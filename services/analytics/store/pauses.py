"""The pauses of persons."""

from collections.abc import Mapping, Sequence

from services.analytics.domain.minutes.instants import to_us
from services.analytics.domain.voice.pauses import Pause
from services.analytics.store.people import Person
from services.common.database import Connection

_OF = """
    -- The pauses of these persons.
    SELECT tenant, person::text, since, until FROM analytics.pauses
    JOIN unnest($1::text[], $2::uuid[]) AS wanted (tenant, person) USING (tenant, person)
"""


async def of(connection: Connection, persons: Sequence[Person]) -> Mapping[Person, Sequence[Pause]]:
    """Return the pauses of these persons; asks nothing when there are none."""
    found: dict[Person, list[Pause]] = {}
    if persons:
        for row in await connection.fetch(_OF, *map(list, zip(*persons, strict=True))):
            until = None if row["until"] is None else to_us(row["until"])
            found.setdefault((row["tenant"], row["person"]), []).append(Pause(to_us(row["since"]), until))
    return found

"""Teams as a tree."""

from collections.abc import Iterable

from services.analytics.domain.people.wanted import Team
from services.common.database import Connection

_ALL = "SELECT team, name, parent, removed FROM analytics.teams WHERE tenant = $1 ORDER BY team"
_PUT = """
    INSERT INTO analytics.teams (tenant, team, name, parent, removed)
    SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::boolean[])
    ON CONFLICT (tenant, team) DO UPDATE
        SET name = excluded.name, parent = excluded.parent, removed = excluded.removed
"""


async def all_of(connection: Connection, tenant: str) -> dict[str, Team]:
    """Return every team there ever was, in order of id."""
    return {row["team"]: Team(*row) for row in await connection.fetch(_ALL, tenant)}


async def put(connection: Connection, tenant: str, teams: Iterable[Team]) -> None:
    """Make these teams so."""
    rows = [(each.team, each.name, each.parent, each.removed) for each in teams]
    if rows:
        await connection.execute(_PUT, tenant, *map(list, zip(*rows, strict=True)))

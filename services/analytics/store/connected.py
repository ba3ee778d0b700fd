"""What is connected: the registered sources of a tenant."""

from services.common.database import Connection

_SOURCES = "SELECT source, kind FROM access.sources WHERE tenant = $1 ORDER BY source"


async def sources(connection: Connection, tenant: str) -> dict[str, str]:
    """Return the kind of each source."""
    return {row["source"]: row["kind"] for row in await connection.fetch(_SOURCES, tenant)}

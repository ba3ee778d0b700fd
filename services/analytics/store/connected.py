"""What is connected: the sources of a tenant that may send statements."""

from services.common.database import Connection

_SOURCES = "SELECT source, kind FROM access.senders WHERE tenant = $1 ORDER BY source"


async def sources(connection: Connection, tenant: str) -> dict[str, str]:
    """Return the kind of each source."""
    return {row["source"]: row["kind"] for row in await connection.fetch(_SOURCES, tenant)}

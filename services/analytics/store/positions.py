"""How far the group has read."""

from services.common.database import Connection
from services.common.eventlog import Partition

_OF_GROUP = "SELECT topic, partition, position FROM analytics.positions WHERE group_name = $1"


async def of_group(connection: Connection, group: str) -> dict[Partition, int]:
    """Return the position of the group in each partition that it has begun to read."""
    rows = await connection.fetch(_OF_GROUP, group)
    return {Partition(row["topic"], row["partition"]): row["position"] for row in rows}

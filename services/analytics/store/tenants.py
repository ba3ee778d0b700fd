"""What analytics reads of the schema `access`: a tenant's zone, and the kinds of its sources."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from services.common.database import Connection

_ZONES = "SELECT tenant, time_zone FROM access.tenants WHERE tenant = ANY($1) AND time_zone IS NOT NULL"
_KINDS = "SELECT DISTINCT tenant, kind FROM access.senders WHERE tenant = ANY($1)"


async def zones(connection: Connection, tenants: Iterable[str], otherwise: ZoneInfo) -> dict[str, ZoneInfo]:
    """Return the zone of each tenant, the installation's where it has none of its own."""
    wanted = sorted(set(tenants))
    found = dict.fromkeys(wanted, otherwise)
    rows = await connection.fetch(_ZONES, wanted)
    return found | {row["tenant"]: ZoneInfo(row["time_zone"]) for row in rows}


async def kinds(connection: Connection, tenants: Iterable[str]) -> dict[str, set[str]]:
    """Return the kinds of each tenant's registered sources."""
    wanted = sorted(set(tenants))
    found: dict[str, set[str]] = {tenant: set() for tenant in wanted}
    for row in await connection.fetch(_KINDS, wanted):
        found[row["tenant"]].add(row["kind"])
    return found

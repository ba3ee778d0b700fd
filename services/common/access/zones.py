"""The zone of each tenant, fixed when the tenant is made: its minutes are kept by local day (laws 4, 5).

LEERMIX_TIME_ZONE is the default for new tenants only. Were it to apply to days that are counted already, the part
of a claim before midnight here and the part before midnight there would both stand.
"""

import logging
from collections import Counter
from collections.abc import Mapping

from services.common.database import Connection, Database

OTHER_ZONE = (
    "changing the zone of a tenant with data is a replay (`leermix derivations start --time-zone …`); "
    "LEERMIX_TIME_ZONE applies to new tenants"
)

# A tenant that no source was ever registered in has no data: there the setting still decides.
_PIN = """
UPDATE access.tenants AS t SET time_zone = $1
WHERE time_zone IS NULL OR (time_zone <> $1 AND NOT EXISTS (SELECT FROM access.sources AS s WHERE s.tenant = t.tenant))
"""
_OTHERS = "SELECT tenant, time_zone FROM access.tenants WHERE time_zone <> $1 ORDER BY tenant"

logger = logging.getLogger(__name__)


async def pin(database: Database, zone: str) -> None:
    """Fix the zone of every tenant that has none yet, and log how many have another one than the setting says."""
    async with database.transaction() as connection:
        await connection.execute(_PIN, zone)
    kept = Counter((await others(database, zone)).values())
    if kept:
        logger.warning("tenants keep their time zone: %s", OTHER_ZONE, extra={"setting": zone, "kept": dict(kept)})


async def change(connection: Connection, tenant: str, zone: str) -> None:
    """Note the zone that a tenant's days are of from now on: a derivation by it is served."""
    await connection.execute("UPDATE access.tenants SET time_zone = $2 WHERE tenant = $1", tenant, zone)


async def others(database: Database, zone: str) -> Mapping[str, str]:
    """Return the zone of each tenant that has another one than this."""
    async with database.connection() as connection:
        return {row["tenant"]: row["time_zone"] for row in await connection.fetch(_OTHERS, zone)}

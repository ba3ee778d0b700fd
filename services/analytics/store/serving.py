"""The derivation that is served: by which rule set and registry the figures of a tenant are."""

from typing import NamedTuple

from services.common.database import Connection

_ACTIVE = "SELECT rule_set, registry FROM analytics.derivations WHERE tenant = $1 AND state = 'active'"


class Served(NamedTuple):
    """What figures are derived by; both None while nothing has been derived of a tenant."""

    rule_set: str | None
    registry: int | None


async def served(connection: Connection, tenant: str) -> Served:
    """Return what the figures of a tenant are derived by."""
    row = await connection.fetchrow(_ACTIVE, tenant)
    return Served(None, None) if row is None else Served(row["rule_set"], row["registry"])

"""Who objects to figures about themselves: written and read in the request itself, so it holds in the next answer."""

from uuid import UUID

from services.common.database import Connection

_HAS = "SELECT true FROM access.objections WHERE tenant = $1 AND person = $2"
_ADD = "INSERT INTO access.objections (tenant, person) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true"
_REMOVE = "DELETE FROM access.objections WHERE tenant = $1 AND person = $2 RETURNING true"


async def objected(connection: Connection, tenant: str, person: UUID) -> bool:
    """Tell whether this person objects."""
    return bool(await connection.fetchval(_HAS, tenant, person))


async def object_to(connection: Connection, tenant: str, person: UUID) -> bool:
    """Keep the objection; tell whether it is new."""
    return bool(await connection.fetchval(_ADD, tenant, person))


async def withdraw(connection: Connection, tenant: str, person: UUID) -> bool:
    """Take it back; tell whether there was one."""
    return bool(await connection.fetchval(_REMOVE, tenant, person))

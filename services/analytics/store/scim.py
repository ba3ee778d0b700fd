"""Entries of the roster as SCIM sees them: those that SCIM made, by id, name and what else a provider looks up."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from services.analytics.domain.scim.filters import Condition
from services.analytics.domain.scim.problems import WrongRequest
from services.analytics.domain.scim.schemas import ENTERPRISE
from services.common.database import Connection

_COLUMNS = "id::text, reference, active, resource, created, changed"
_MANAGED = "tenant = $1 AND resource ? 'userName'"
_FILTERS: Mapping[str, str] = {
    "username": "lower(resource ->> 'userName') = lower({}::text)",
    "externalid": "resource ->> 'externalId' = {}::text",
    "id": "id::text = lower({}::text)",
    "emails": "resource -> 'emails' @> jsonb_build_array(jsonb_build_object('value', {}::text))",
    "emails.value": "resource -> 'emails' @> jsonb_build_array(jsonb_build_object('value', {}::text))",
    "employeenumber": f"resource -> '{ENTERPRISE}' ->> 'employeeNumber' = {{}}::text",
    "active": "active = ({}::text = 'true')",
    "groups": "resource -> 'groups' ? {}::text",
    "groups.value": "resource -> 'groups' ? {}::text",
}
_KEEP = """
    -- What SCIM said of entries that there are.
    UPDATE analytics.roster r SET resource = new.resource, changed = now()
    FROM unnest($2::text[], $3::jsonb[]) AS new (reference, resource)
    WHERE r.tenant = $1 AND r.reference = new.reference AND r.resource <> new.resource
"""
_MEMBERS = f"""
    -- The members of teams, by the ids of their entries.
    SELECT g.team, r.id::text FROM analytics.roster r, jsonb_array_elements_text(r.resource -> 'groups') AS g (team)
    WHERE {_MANAGED} AND r.resource -> 'groups' ?| $2::text[] AND g.team = ANY($2) ORDER BY r.created, r.id
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the roster; `resource` is what SCIM said, {} when it has not said anything, or deleted it."""

    id: str
    reference: str
    active: bool
    resource: dict[str, Any]
    created: datetime
    changed: datetime


async def by_ids(connection: Connection, tenant: str, ids: Collection[str]) -> list[Entry]:
    """Return the users with these ids."""
    return await _select(connection, f"{_MANAGED} AND id::text = ANY($2::text[])", tenant, list(ids))


async def by_user_name(connection: Connection, tenant: str, user_name: str) -> Entry | None:
    """Return the user with this userName, whatever its case."""
    found = await _select(connection, "tenant = $1 AND lower(resource ->> 'userName') = lower($2)", tenant, user_name)
    return found[0] if found else None


async def by_reference(connection: Connection, tenant: str, reference: str) -> Entry | None:
    """Return the entry of a reference, whoever made it."""
    found = await _select(connection, "tenant = $1 AND reference = $2", tenant, reference)
    return found[0] if found else None


async def find(
    connection: Connection, tenant: str, conditions: Sequence[Condition], start: int, limit: int
) -> tuple[int, list[Entry]]:
    """Return how many users meet a filter, and of these so many after the first `start`."""
    clauses, values = [_MANAGED], []
    for path, value in conditions:
        if path not in _FILTERS:
            raise WrongRequest("invalidFilter", "users are found by userName, externalId, id, emails, active or groups")
        values.append(_text(value))
        clauses.append(_FILTERS[path].format(f"${len(values) + 1}"))
    where = " AND ".join(clauses)
    total = await connection.fetchval(f"SELECT count(*) FROM analytics.roster WHERE {where}", tenant, *values)
    page = f"{where} ORDER BY created, id OFFSET {start:d} LIMIT {limit:d}"
    return total, await _select(connection, page, tenant, *values) if limit else []


async def keep(connection: Connection, tenant: str, resources: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what SCIM said of these references."""
    bodies = [orjson.dumps(each).decode() for each in resources.values()]
    await connection.execute(_KEEP, tenant, list(resources), bodies)


async def members(connection: Connection, tenant: str, teams: Collection[str]) -> dict[str, list[str]]:
    """Return the ids of the users who are members of these teams."""
    found: dict[str, list[str]] = {team: [] for team in teams}
    for team, user in await connection.fetch(_MEMBERS, tenant, list(teams)):
        found[team].append(user)
    return found


async def _select(connection: Connection, where: str, *values: Any) -> list[Entry]:
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM analytics.roster WHERE {where}", *values)
    return [Entry(row[0], row[1], row[2], orjson.loads(row[3]), row[4], row[5]) for row in rows]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)

"""Derivations, and the rule sets and registries that they read by."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from services.analytics.domain.derivations import Derivation
from services.common.database import Connection

_LIVE = """
    -- The derivations of tenants that every new statement is derived under.
    SELECT tenant, derivation, rule_set, registry, time_zone, state FROM analytics.derivations
    WHERE tenant = ANY($1) AND state <> 'dropped' ORDER BY tenant, derivation
"""
_FIRST = """
    -- A tenant's first derivation. It is served at once, and complete: there is no history yet.
    INSERT INTO analytics.derivations
        (tenant, derivation, rule_set, registry, time_zone, state, reason, completed, activated, announced)
    SELECT tenant, 1, $2, coalesce((SELECT max(version) FROM analytics.registries r WHERE r.tenant = new.tenant), 0),
           coalesce((SELECT time_zone FROM access.tenants t WHERE t.tenant = new.tenant), $3),
           'active', 'first statement', now(), now(), now()
    FROM unnest($1::text[]) AS new (tenant)
    ON CONFLICT DO NOTHING
"""
_BEGINNING = """
    -- The registry and the zone that a tenant's first derivation would have.
    SELECT (SELECT max(version) FROM analytics.registries r WHERE r.tenant = $1) AS registry,
           (SELECT time_zone FROM access.tenants t WHERE t.tenant = $1) AS zone
"""
_HISTORY_WITHOUT = """
    -- Tenants that have a history from before there were derivations: it is derived by a replay.
    INSERT INTO analytics.derivations (tenant, derivation, rule_set, registry, time_zone, state, reason, activated)
    SELECT tenant, 1, $1, 0, coalesce(t.time_zone, $2), 'active', 'history from an earlier version', now()
    FROM access.tenants t
    WHERE EXISTS (SELECT FROM analytics.statements s WHERE s.tenant = t.tenant)
      AND NOT EXISTS (SELECT FROM analytics.derivations d WHERE d.tenant = t.tenant)
    ON CONFLICT DO NOTHING
"""
_OUTDATED = """
    -- A derivation by the rules of this version, beside each one that is served by those of another.
    INSERT INTO analytics.derivations (tenant, derivation, rule_set, registry, time_zone, state, reason)
    SELECT d.tenant, (SELECT max(derivation) + 1 FROM analytics.derivations m WHERE m.tenant = d.tenant),
           $1, d.registry, d.time_zone, 'building', 'rule set ' || $1
    FROM analytics.derivations d
    WHERE d.state = 'active' AND d.rule_set <> $1
      AND NOT EXISTS (SELECT FROM analytics.derivations n WHERE n.tenant = d.tenant AND n.rule_set = $1)
    ON CONFLICT DO NOTHING
"""
_KEEP_RULES = "INSERT INTO analytics.rule_sets (version, rules) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_RULES = "SELECT rules FROM analytics.rule_sets WHERE version = $1"
_REGISTRY = "SELECT entries FROM analytics.registries WHERE tenant = $1 AND version = $2"
_ACTIVE = """
    -- The derivation that is served.
    SELECT tenant, derivation, rule_set, registry, time_zone, state, completed IS NULL AS partial, done, total
    FROM analytics.derivations WHERE tenant = $1 AND state = 'active'
"""


async def prepare(connection: Connection, version: str, rules: Any, zone: str) -> None:
    """Keep the rules of this version, and begin a derivation wherever history is not derived by them."""
    await connection.execute(_KEEP_RULES, version, orjson.dumps(rules).decode())
    await connection.execute(_HISTORY_WITHOUT, version, zone)
    await connection.execute(_OUTDATED, version)


async def live(
    connection: Connection, tenants: Iterable[str], version: str, zone: ZoneInfo
) -> dict[str, list[Derivation]]:
    """Return every derivation of these tenants that is kept current; a new tenant gets its first one."""
    wanted = sorted(set(tenants))
    found = await _live(connection, wanted)
    new = [tenant for tenant in wanted if tenant not in found]
    if new:
        await connection.execute(_FIRST, new, version, zone.key)
        found |= await _live(connection, new)
    return found


async def active(connection: Connection, tenant: str) -> Derivation | None:
    """Return the derivation that is served; None before a tenant's first statement."""
    row = await connection.fetchrow(_ACTIVE, tenant)
    return _derivation(row) if row else None


async def whole(connection: Connection, tenant: str) -> Derivation | None:
    """Return the derivation that is served; None also while its history is still being derived."""
    row = await connection.fetchrow(_ACTIVE, tenant)
    return _derivation(row) if row and not row["partial"] else None


async def beginning(connection: Connection, tenant: str) -> tuple[int, str | None]:
    """Return the registry's version and the zone (None: the installation's) of a tenant without a derivation."""
    rows = await connection.fetch(_BEGINNING, tenant)
    return rows[0]["registry"] or 0, rows[0]["zone"]


async def rules(connection: Connection, version: str) -> Any:
    """Return a rule set as parsed JSON."""
    return orjson.loads(await connection.fetchval(_RULES, version))


async def registry(connection: Connection, tenant: str, version: int) -> Any:
    """Return a registry as parsed JSON."""
    return orjson.loads(await connection.fetchval(_REGISTRY, tenant, version))


async def _live(connection: Connection, tenants: list[str]) -> dict[str, list[Derivation]]:
    found: dict[str, list[Derivation]] = {}
    for row in await connection.fetch(_LIVE, tenants):
        found.setdefault(row["tenant"], []).append(_derivation(row))
    return found


def _derivation(row: Any) -> Derivation:
    return Derivation(
        row["tenant"],
        row["derivation"],
        row["rule_set"],
        row["registry"],
        ZoneInfo(row["time_zone"]),
        row["state"],
    )

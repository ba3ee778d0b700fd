"""Targets as they are kept: bands of an organisation, a team, a role, or of a person for that person alone."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

import orjson

from services.analytics.domain.targets import Band, Scope, Target
from services.common.database import Connection

_COLUMNS = "target::text, scope, of, bands, theme, reason, owner, since, until, created"
_SET = f"""
    -- Keep a target.
    INSERT INTO analytics.targets (tenant, target, scope, of, bands, theme, reason, owner, since, until, author)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    RETURNING {_COLUMNS}
"""
_REMOVE = """
    -- Let a target stand no more, one of these scopes (and of this `of`, where it is given).
    UPDATE analytics.targets SET removed = coalesce(removed, now())
    WHERE tenant = $1 AND target = $2 AND scope = ANY($3) AND ($4::text IS NULL OR of = $4)
    RETURNING true
"""
_KEPT = f"""
    -- The targets of these scopes that were not removed, narrowed to one scope or `of`, those that end last first.
    SELECT {_COLUMNS} FROM analytics.targets
    WHERE tenant = $1 AND removed IS NULL AND scope = ANY($2) AND ($3::text IS NULL OR of = $3)
    ORDER BY until DESC, created DESC, target LIMIT $4
"""
_STANDING = """
    -- The targets of these scopes that stand on some day of a window, in the order in which they were made.
    SELECT t.scope, t.of, t.bands, t.since, t.until FROM unnest($2::text[], $3::text[]) AS wanted (scope, of)
    JOIN analytics.targets t ON t.tenant = $1 AND t.scope = wanted.scope AND t.of = wanted.of
    WHERE t.removed IS NULL AND t.since < $5 AND t.until > $4
    ORDER BY t.created, t.target
"""
_AROUND = """
    -- Where a person belongs on a day: the person's roles and teams.
    SELECT team, role FROM analytics.memberships
    WHERE tenant = $1 AND person = $2 AND since <= $3 AND (until IS NULL OR until > $3)
"""
_TEAM = "SELECT EXISTS (SELECT FROM analytics.teams WHERE tenant = $1 AND team = $2)"
_ROLE = "SELECT EXISTS (SELECT FROM analytics.memberships WHERE tenant = $1 AND role = $2)"


async def keep(connection: Connection, tenant: str, author: str, values: tuple[Any, ...]) -> Any:
    """Keep a target: (id, scope, of, bands as JSON, theme, reason, owner, since, until). Returns it as it is kept."""
    return await connection.fetchrow(_SET, tenant, *values, author)


async def remove(connection: Connection, tenant: str, target: str, scopes: Iterable[Scope], of: str | None) -> bool:
    """Let a target stand no more; False when there is none of these scopes (and this `of`)."""
    return bool(await connection.fetchval(_REMOVE, tenant, target, list(scopes), of))


async def kept(connection: Connection, tenant: str, scopes: Iterable[Scope], of: str | None, limit: int) -> list[Any]:
    """Return the targets of these scopes, as they are kept."""
    return list(await connection.fetch(_KEPT, tenant, list(scopes), of, limit))


async def standing(
    connection: Connection, tenant: str, around: Iterable[tuple[Scope, str]], since: date, until: date
) -> list[Target]:
    """Return the targets of any of these (scope, of) that stand on some day of [since, until)."""
    wanted = list(around)
    rows = await connection.fetch(
        _STANDING, tenant, [scope for scope, _ in wanted], [of for _, of in wanted], since, until
    )
    return [
        Target(row["scope"], row["of"], bands_of(row["bands"]), row["since"], row["until"], made)
        for made, row in enumerate(rows)
    ]


async def around(connection: Connection, tenant: str, person: str, day: date) -> list[tuple[Scope, str]]:
    """Return whose targets stand around a person: those of the organisation, and of the person's teams and roles."""
    rows = await connection.fetch(_AROUND, tenant, person, day)
    teams: set[tuple[Scope, str]] = {("team", row["team"]) for row in rows}
    roles: set[tuple[Scope, str]] = {("role", row["role"]) for row in rows if row["role"]}
    return sorted({("organisation", ""), *teams, *roles})


def bands_of(kept: str) -> dict[Any, Band]:
    """Return bands as they are kept, exactly: 12.5 per cent is 25/2."""
    return {
        mode: Band(Fraction(str(band["low"])), Fraction(str(band["high"]))) for mode, band in orjson.loads(kept).items()
    }


async def team_exists(connection: Connection, tenant: str, team: str) -> bool:
    """Tell whether there is such a team."""
    return bool(await connection.fetchval(_TEAM, tenant, team))


async def role_exists(connection: Connection, tenant: str, role: str) -> bool:
    """Tell whether anybody has or had such a role."""
    return bool(await connection.fetchval(_ROLE, tenant, role))

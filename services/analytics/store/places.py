"""Where people are: the tree of teams, and the place of each person in a month (MIX.md 3.1)."""

from datetime import date

from services.analytics.domain.groups.places import ROOT, Place, Tree
from services.common.database import Connection

_TEAMS = "SELECT team, name, parent FROM analytics.teams WHERE tenant = $1"
_PLACES = """
    -- One team, role and location of each person in a month: that of most days; of equals the later one. And everybody
    -- who belonged to the organisation in it at all (way ''), also without any of these.
    WITH held AS (
        SELECT DISTINCT person, nullif(team, '') AS team, role, location, greatest(since, $2) AS since,
               least(coalesce(until, date '9999-01-01'), $3) AS until
        FROM analytics.memberships
        WHERE tenant = $1 AND since < $3 AND (until IS NULL OR until > $2)
    ), told AS (
        SELECT person, way, value, sum(until - since) AS days, max(until) AS until, max(since) AS since
        FROM held, LATERAL (VALUES ('team', team), ('role', role), ('location', location)) AS each (way, value)
        WHERE value IS NOT NULL AND since < until GROUP BY person, way, value
    )
    (SELECT DISTINCT ON (person, way) person::text, way, value FROM told
     ORDER BY person, way, days DESC, until DESC, since DESC, value)
    UNION ALL
    SELECT DISTINCT person::text, '', '' FROM held WHERE since < until
"""
# Everything beside people's own months that a release rests on, as one short text.
_BASIS = """
    SELECT concat_ws(' ', $2::text,
        (SELECT md5(string_agg(concat_ws('|', team, name, parent), ',' ORDER BY team))
         FROM analytics.teams WHERE tenant = $1),
        (SELECT concat(count(*), '/', sum(hashtext(concat_ws('|', person, team, role, location, since, until))::bigint))
         FROM analytics.memberships WHERE tenant = $1),
        (SELECT concat(count(*), '/', sum(hashtext(person::text)::bigint))
         FROM access.objections WHERE tenant = $1))
"""


async def tree(connection: Connection, tenant: str) -> tuple[Tree, dict[str, str]]:
    """Return the tree of teams, and the name of each."""
    rows = await connection.fetch(_TEAMS, tenant)
    return Tree({row["team"]: row["parent"] for row in rows}), {row["team"]: row["name"] for row in rows}


async def of_month(connection: Connection, tenant: str, first: date, following: date) -> dict[str, Place]:
    """Return the place of everybody on the roster in the month of these days, [first, following)."""
    found: dict[str, dict[str, str]] = {}
    for row in await connection.fetch(_PLACES, tenant, first, following):
        found.setdefault(row["person"], {})[row["way"]] = row["value"]
    return {
        person: Place(each.get("team", ROOT), each.get("role", ""), each.get("location", ""))
        for person, each in found.items()
    }


async def basis(connection: Connection, tenant: str, more: str) -> str:
    """Return a text that differs when teams, places or objections do, or what is given."""
    return str(await connection.fetchval(_BASIS, tenant, more))

"""Groups: teams, with the users whom an identity provider puts into them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from schemas.reasons import Reason
from services.analytics.api.roster.imports import Writer
from services.analytics.api.scim import answers
from services.analytics.domain.people.wanted import Team
from services.analytics.domain.scim.groups import group_of, meets
from services.analytics.domain.scim.patching import patched
from services.analytics.domain.scim.schemas import GROUP
from services.analytics.people.parts import Parts
from services.analytics.store import scim, teams
from services.common.database import Connection
from services.common.errors import Rejected


class Groups:
    """The resource /Groups."""

    def __init__(self, parts: Parts, base: str) -> None:
        self._parts = parts
        self._base = base

    async def listed(self, request: Request, caller: Writer) -> Response:
        """Return the groups that meet `filter` (displayName, externalId, id, members with `eq`)."""
        start, count = answers.page(request)
        wanted = answers.conditions(request)
        by_member = any(path.startswith("members") for path, _ in wanted)
        async with self._parts.database.transaction(snapshot=True) as connection:
            known = [team for team in (await teams.all_of(connection, caller.tenant)).values() if not team.removed]
            held = await self._members(request, connection, caller.tenant, known) if by_member else {}
            found = [team for team in known if meets(team, held.get(team.team, ()), wanted)]
            shown = found[start - 1 : start - 1 + count]
            held = await self._members(request, connection, caller.tenant, shown)
        told = [answers.chosen(request, self._told(team, held.get(team.team, []))) for team in shown]
        return answers.listing(told, len(found), start)

    async def create(self, request: Request, caller: Writer) -> Response:
        """Make a team; its id is the externalId, if there is one."""
        body = await answers.sent(request)
        team = await answers.provisioning(self._parts, request, caller).create_group(body)
        return await self._answer(request, caller.tenant, team, 201)

    async def one(self, request: Request, caller: Writer, group: str) -> Response:
        """Return one group."""
        async with self._parts.database.connection() as connection:
            team = (await teams.all_of(connection, caller.tenant)).get(group)
        if team is None or team.removed:
            raise Rejected(Reason.NOT_FOUND, "there is no group with this id")
        return await self._answer(request, caller.tenant, team)

    async def replace(self, request: Request, caller: Writer, group: str) -> Response:
        """Make a team and its members what is sent."""
        body = await answers.sent(request)
        team = await answers.provisioning(self._parts, request, caller).change_group(group, lambda _: body)
        return await self._answer(request, caller.tenant, team)

    async def patch(self, request: Request, caller: Writer, group: str) -> Response:
        """Change a team's name, or let members come and go, from today."""
        body = await answers.sent(request)

        def change(resource: Mapping[str, Any]) -> Mapping[str, Any]:
            return patched(resource, body)

        team = await answers.provisioning(self._parts, request, caller).change_group(group, change)
        return await self._answer(request, caller.tenant, team)

    async def remove(self, request: Request, caller: Writer, group: str) -> Response:
        """Remove a team: 204. It has no members from now on; its past stays in figures."""
        await answers.provisioning(self._parts, request, caller).remove_group(group)
        return Response(status_code=204)

    async def _answer(self, request: Request, tenant: str, team: Team, status: int = 200) -> Response:
        async with self._parts.database.connection() as connection:
            members = (await self._members(request, connection, tenant, [team])).get(team.team, [])
        told = self._told(team, members)
        return answers.answer(answers.chosen(request, told), status, {"Location": told["meta"]["location"]})

    async def _members(
        self, request: Request, connection: Connection, tenant: str, found: list[Team]
    ) -> dict[str, list[str]]:
        if not (answers.wants(request, "members") or "members" in request.query_params.get("filter", "")):
            return {}
        return await scim.members(connection, tenant, [team.team for team in found])

    def _told(self, team: Team, members: list[str]) -> dict[str, Any]:
        location = f"{self._base}/Groups/{quote(team.team, safe='')}"
        group = {"schemas": [GROUP], "id": team.team, **group_of(team, members)}
        return group | {"meta": {"resourceType": "Group", "location": location}}

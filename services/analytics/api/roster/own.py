"""What is for the person alone: the own record, and the objection to figures (law 9)."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from services.analytics.api import parameters
from services.analytics.api.parameters import Viewer
from services.analytics.api.reading import known, own
from services.analytics.people.objecting import set_objection
from services.analytics.people.parts import Parts
from services.analytics.store import linking, merges, roster
from services.common.access import objections, sight
from services.common.access.credentials import Caller
from services.common.access.scopes import Scope
from services.common.http import json_response, only_parameters, requires

Reader = Annotated[Caller, Depends(requires(Scope.PEOPLE_READ))]


class Own:
    """The routes that answer the person alone."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def record(self, request: Request, caller: Reader, person: str, viewer: Viewer = None) -> Response:
        """Return what is known of a person besides learning: how many identities, and which teams when.

        `merged_into`: the person whose figures hold this person's learning now. It is for the person alone, tells no
        figures, and is no look.
        """
        only_parameters(request)
        person = parameters.person_id(person)
        own(sight.viewer_of(viewer), person)
        async with self._parts.database.transaction(snapshot=True) as connection:
            await known(connection, caller, person)
            identities = await linking.of(connection, caller.tenant, person)
            memberships = await roster.of_person(connection, caller.tenant, person)
            into = await merges.merged_into(connection, caller.tenant, person)
            objected = await objections.objected(connection, caller.tenant, UUID(person))
        return json_response(
            {
                "id": person,
                "identities": len(identities),
                "merged_into": into,
                "objected": objected,
                "memberships": [each._asdict() | {"team": each.team or None} for each in memberships],
            }
        )

    async def object_to(self, request: Request, caller: Reader, person: str, viewer: Viewer = None) -> Response:
        """Want no figures about oneself: 204. From the very next answer on nobody is told any, the person included."""
        return await self._objection(request, caller, person, viewer, objects=True)

    async def withdraw(self, request: Request, caller: Reader, person: str, viewer: Viewer = None) -> Response:
        """Want figures again: 204, also without an objection."""
        return await self._objection(request, caller, person, viewer, objects=False)

    async def _objection(
        self, request: Request, caller: Caller, person: str, viewer: str | None, *, objects: bool
    ) -> Response:
        only_parameters(request)
        person = parameters.person_id(person)
        own(sight.viewer_of(viewer), person)
        await set_objection(self._parts, caller.tenant, person, objects=objects)
        return Response(status_code=204)

"""Who a person is, with whom the person shares, and who looked."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from schemas.reasons import Reason
from schemas.xapi.agents import actor_key
from services.analytics.api import parameters
from services.analytics.api.parameters import Viewer
from services.analytics.api.reading import Reading, known, own
from services.analytics.store import people
from services.common.access import sight
from services.common.access.credentials import Caller
from services.common.access.scopes import Scope
from services.common.errors import Rejected
from services.common.http import json_response, only_parameters
from services.common.xapi import agent_parameter

_WAIT_FOR_A_NEW_PERSON = 1.5
_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class People:
    """The routes about people that tell no figures."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def find(
        self,
        request: Request,
        agent: Annotated[str | None, Query(description="An Agent as JSON, as in xAPI.")] = None,
    ) -> Response:
        """Return {"id"}: what goes into the other URLs. 404 when nobody is known by this identifier.

        It tells no figures and is no look: `X-Leermix-Viewer` is not needed here, and not read.
        """
        caller = await self._reading.caller(request, Scope.PEOPLE_READ)
        only_parameters(request, "agent")
        if agent is None:
            raise Rejected(Reason.MISSING_PARAMETER, "give an Agent as JSON", "?agent")
        key = actor_key(agent_parameter(agent))
        person = await self._of(caller, key)
        if person is None:
            lag = await self._reading.lag(_WAIT_FOR_A_NEW_PERSON)
            person = await self._of(caller, key)
            if person is None:
                raise Rejected(Reason.NOT_FOUND, f"nobody is known by this identifier: {_so_far(lag)}", "?agent")
        return json_response({"id": person})

    async def shares(self, request: Request, person: str, viewer: Viewer = None) -> Response:
        """Return {"shares": […]}: the person ids of whom this person lets look."""
        caller, person = await self._own(request, person, viewer)
        only_parameters(request)
        async with self._reading.database.transaction(snapshot=True) as connection:
            await known(connection, caller, person)
            shared = await sight.shares(connection, caller.tenant, UUID(person))
        return json_response({"shares": [str(viewer) for viewer in shared]})

    async def share(self, request: Request, person: str, viewer: str, looking: Viewer = None) -> Response:
        """Let this viewer look at this person's figures from now on: 204, also when it was so already."""
        caller, person = await self._own(request, person, looking)
        only_parameters(request)
        viewer = parameters.person_id(viewer, "viewer")
        async with self._reading.database.transaction() as connection:
            await known(connection, caller, person)
            await known(connection, caller, viewer, "viewer")
            await sight.share(connection, caller.tenant, UUID(person), UUID(viewer))
        return Response(status_code=204)

    async def unshare(self, request: Request, person: str, viewer: str, looking: Viewer = None) -> Response:
        """Take that back: 204, also when there was no share. It holds in the very next answer."""
        caller, person = await self._own(request, person, looking)
        only_parameters(request)
        viewer = parameters.person_id(viewer, "viewer")
        async with self._reading.database.transaction() as connection:
            await known(connection, caller, person)
            await known(connection, caller, viewer, "viewer")
            await sight.unshare(connection, caller.tenant, UUID(person), UUID(viewer))
        return Response(status_code=204)

    async def looks(
        self,
        request: Request,
        person: str,
        viewer: Viewer = None,
        limit: Annotated[str | None, Query(description="At most so many (100; 1000 at most).")] = None,
        before: Annotated[str | None, Query(description="RFC 3339: only looks before it, to page back.")] = None,
    ) -> Response:
        """Return {"looks": […]}, newest first: when, who, through which source, and at what."""
        caller, person = await self._own(request, person, viewer)
        only_parameters(request, "limit", "before")
        asked = parameters.limit(limit, default=100, most=1000)
        upto = _FOR_EVER if before is None else parameters.moment(before, "before")
        async with self._reading.database.transaction(snapshot=True) as connection:
            await known(connection, caller, person)
            kept = await sight.looks(connection, caller.tenant, UUID(person), asked, upto)
        return json_response({"looks": kept})

    async def _own(self, request: Request, person: str, viewer: str | None) -> tuple[Caller, str]:
        caller = await self._reading.caller(request, Scope.PEOPLE_READ)
        person = parameters.person_id(person)
        own(sight.viewer_of(viewer), person)
        return caller, person

    async def _of(self, caller: Caller, key: str) -> str | None:
        async with self._reading.database.connection() as connection:
            return await people.of(connection, caller.tenant, key)


def _so_far(lag: int | None) -> str:
    """What that rests on: nothing is said about statements that are still on their way."""
    if lag == 0:
        return "no statement was about it"
    waiting = "what was sent last" if lag is None else f"{lag} records"
    return f"no statement so far was about it, but {waiting} may not be counted yet; ask again"

"""Pauses over HTTP: from now on derive nothing, until the person says otherwise."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from schemas.reasons import Reason
from services.analytics.api import bodies
from services.analytics.api.parameters import Viewer, text_of
from services.analytics.api.reading import Reading, known
from services.analytics.api.voice.shared import mine, moment
from services.analytics.changing import Changing
from services.analytics.domain.minutes.instants import from_us, to_us
from services.analytics.domain.voice.additions import ADDED
from services.analytics.store import people, voice
from services.common.access.credentials import Caller
from services.common.consumer import Transaction
from services.common.errors import Rejected

_BACK = timedelta(days=28)
_PORTION = 200


class PauseBody(bodies.Body):
    """Since when; now, when nothing is said."""

    since: Annotated[str | None, Field(description="RFC 3339, at most 28 days ago. Default: now.")] = None


class Paused(BaseModel):
    """A time of which nothing is derived; `until` is null while it lasts."""

    since: str
    until: str | None


class Pauses(BaseModel):
    """Whether a person's pause lasts, and all pauses there were."""

    paused: bool
    pauses: list[Paused]


class PauseRoutes:
    """The routes."""

    def __init__(self, reading: Reading, changing: Changing) -> None:
        self._reading = reading
        self._changing = changing

    def add_to(self, routes: APIRouter) -> None:
        """Add them under /analytics/v1."""
        of, path, told = routes.add_api_route, "/people/{person}/pause", bodies.described(PauseBody, required=False)
        of(path, self.pause, methods=["PUT"], summary="Derive nothing from now on", openapi_extra=told)
        of(path, self.resume, methods=["DELETE"], status_code=204, summary="Derive again from now on")
        of(path, self.pauses, methods=["GET"], summary="When nothing is derived")

    async def pause(self, request: Request, person: str, viewer: Viewer = None) -> Pauses:
        """From now on (or from a moment at most 28 days ago) derive nothing of what happens, until DELETE.

        What was derived already of that time is taken back. The person's own additions count in a pause too.
        """
        caller, person = await mine(self._reading, request, person, viewer)
        body = await bodies.read(request, PauseBody, b"{}")
        since = self._since(body.since)

        async def begin(tx: Transaction) -> datetime:
            await known(tx.connection, caller, person)
            # Whoever derives locks the person before looking for pauses: from here on nothing new comes of that time.
            await people.lock(tx.connection, [(caller.tenant, person)])
            return await voice.pause(tx.connection, caller.tenant, person, since)

        begun_us = to_us(await self._changing.acting.run(begin))
        # In transactions of its own: statements are locked before persons everywhere.
        async with self._reading.database.connection() as connection:
            told = await voice.statements_since(connection, caller.tenant, person, begun_us, ADDED)
        for start in range(0, len(told), _PORTION):
            await self._taken_back(caller, told[start : start + _PORTION])
        return await self._pauses(caller, person)

    async def resume(self, request: Request, person: str, viewer: Viewer = None) -> Response:
        """Derive again what happens from now on: 204, also without a pause. What happened in it stays out."""
        caller, person = await mine(self._reading, request, person, viewer)

        async def work(tx: Transaction) -> None:
            await known(tx.connection, caller, person)
            await people.lock(tx.connection, [(caller.tenant, person)])
            await voice.resume(tx.connection, caller.tenant, person, from_us(self._reading.now_us()))

        await self._changing.acting.run(work)
        return Response(status_code=204)

    async def pauses(self, request: Request, person: str, viewer: Viewer = None) -> Pauses:
        """Return when nothing was or is derived."""
        caller, person = await mine(self._reading, request, person, viewer)
        return await self._pauses(caller, person)

    async def _taken_back(self, caller: Caller, statements: Sequence[str]) -> None:
        async def work(tx: Transaction) -> None:
            await self._changing.rederive(tx, [(caller.tenant, statement) for statement in statements])

        await self._changing.acting.run(work)

    async def _pauses(self, caller: Caller, person: str) -> Pauses:
        async with self._reading.database.transaction(snapshot=True) as connection:
            await known(connection, caller, person)
            found = (await voice.pauses(connection, [(caller.tenant, person)])).get((caller.tenant, person), [])
        return Pauses(
            paused=any(each.until_us is None for each in found),
            pauses=[
                Paused(since=text_of(each.since_us), until=None if each.until_us is None else text_of(each.until_us))
                for each in found
            ],
        )

    def _since(self, text: str | None) -> datetime:
        now = from_us(self._reading.now_us())
        since = now if text is None else moment(text, "$.since")
        if not now - _BACK <= since <= now:
            raise Rejected(Reason.INVALID_VALUE, "a pause begins now, or at most 28 days ago", "$.since")
        return since

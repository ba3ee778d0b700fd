"""Additions over HTTP: learning that no source recorded, told by the person or by somebody else."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from schemas.events import Mode
from schemas.reasons import Reason
from services.analytics.api import bodies, parameters
from services.analytics.api.parameters import Viewer, text_of
from services.analytics.api.reading import Reading, known
from services.analytics.api.voice.shared import (
    Before,
    Limit,
    Minutes,
    mine,
    minutes_of,
    moment,
    page,
    us_of,
)
from services.analytics.changing import Changing
from services.analytics.domain.minutes.days import default_window
from services.analytics.domain.minutes.instants import to_us
from services.analytics.domain.voice.additions import Addition
from services.analytics.store import tenants, voice
from services.common.access import sight
from services.common.access.credentials import Caller
from services.common.access.scopes import Scope
from services.common.consumer import Transaction
from services.common.errors import Rejected
from services.common.http import only_parameters

_MOST_WAITING = 100


class AdditionBody(bodies.Body):
    """Learning that no source recorded: in which mode, when it ended, how long it took."""

    mode: Mode
    ended: Annotated[str, Field(description="RFC 3339, today at the latest")]
    minutes: Minutes


class AddedHere(BaseModel):
    """An addition that was just made. It counts at once, or waits until the person it is about confirms it."""

    id: UUID
    state: Literal["counts", "waiting"]


class Added(BaseModel):
    """An addition, who recorded it (`self`, or a person id), and whether it counts."""

    id: UUID
    mode: Mode
    ended: str
    minutes: float
    recorder: str
    made: datetime
    state: Literal["counts", "waiting", "refused"]


class Additions(BaseModel):
    """What was added about a person, the latest first."""

    additions: list[Added]


class AdditionRoutes:
    """The routes."""

    def __init__(self, reading: Reading, changing: Changing) -> None:
        self._reading = reading
        self._changing = changing

    def add_to(self, routes: APIRouter) -> None:
        """Add them under /analytics/v1."""
        of, path, told = routes.add_api_route, "/people/{person}/additions", bodies.described(AdditionBody)
        one = f"{path}/{{addition}}"
        of(path, self.add, methods=["POST"], status_code=201, summary="This was learned too", openapi_extra=told)
        of(path, self.additions, methods=["GET"], summary="What was added about this person")
        of(f"{one}/confirmation", self.confirm, methods=["PUT"], status_code=204, summary="Yes, that is so")
        of(one, self.refuse, methods=["DELETE"], status_code=204, summary="No, or no longer")

    async def add(self, request: Request, person: str, viewer: Viewer = None) -> AddedHere:
        """Tell of learning that no source recorded. By the person it counts at once, marked as self-reported.

        By another viewer (`X-Leermix-Viewer`: that person's id) it is kept, and counts once this person confirms it.
        """
        caller = await self._reading.caller(request, Scope.PEOPLE_READ)
        only_parameters(request)
        person, recorder = parameters.person_id(person), _recorder(sight.viewer_of(viewer), person)
        body = await bodies.read(request, AdditionBody)
        async with self._reading.database.transaction(snapshot=True) as connection:
            zone = (await tenants.zones(connection, [caller.tenant], self._reading.zone))[caller.tenant]
        t_us, made = self._ended(body.ended, zone), self._changing.new_id()

        async def work(tx: Transaction) -> None:
            await known(tx.connection, caller, person)
            learner = await self._recorded(tx, caller, person, recorder)
            addition = Addition(made, learner, body.mode, t_us, us_of(body.minutes))
            await voice.add(tx.connection, caller.tenant, addition, recorder)
            if recorder == sight.SELF:
                await self._changing.derive_additions(tx, caller.tenant, [made])

        await self._changing.acting.run(work)
        return AddedHere(id=UUID(made), state="counts" if recorder == sight.SELF else "waiting")

    async def additions(
        self, request: Request, person: str, viewer: Viewer = None, limit: Limit = None, before: Before = None
    ) -> Additions:
        """Return what was added about this person: what counts, what waits for an answer, what was refused."""
        caller, person = await mine(self._reading, request, person, viewer, "limit", "before")
        asked, upto = page(limit, before)
        async with self._reading.database.transaction(snapshot=True) as connection:
            await known(connection, caller, person)
            rows = await voice.added(connection, caller.tenant, person, asked, upto)
        return Additions(additions=[_added(row) for row in rows])

    async def confirm(self, request: Request, person: str, addition: str, viewer: Viewer = None) -> Response:
        """Let what somebody recorded about this person count: 204, also when it did already."""
        return await self._answer(request, person, addition, viewer, counts=True)

    async def refuse(self, request: Request, person: str, addition: str, viewer: Viewer = None) -> Response:
        """Refuse what somebody recorded, or take back what the person added: 204. It stays so."""
        return await self._answer(request, person, addition, viewer, counts=False)

    async def _recorded(self, tx: Transaction, caller: Caller, person: str, recorder: str) -> str:
        """Return the identity that an addition is kept under, when this recorder may add one more."""
        if recorder != sight.SELF:
            await known(tx.connection, caller, recorder, "X-Leermix-Viewer")
            if await voice.waiting(tx.connection, caller.tenant, person, recorder) >= _MOST_WAITING:
                detail = f"{_MOST_WAITING} records of this viewer wait for this person's answer already"
                raise Rejected(Reason.FORBIDDEN, detail, "X-Leermix-Viewer")
        learner = await voice.identity(tx.connection, caller.tenant, person)
        if learner is None:
            raise Rejected(Reason.NOT_FOUND, "this person has no identity yet that anything could be kept under", "id")
        return learner

    async def _answer(
        self, request: Request, person: str, addition: str, viewer: str | None, *, counts: bool
    ) -> Response:
        caller, person = await mine(self._reading, request, person, viewer)
        addition = parameters.uuid_of(addition, "addition")
        change = voice.confirm if counts else voice.withdraw

        async def work(tx: Transaction) -> None:
            await known(tx.connection, caller, person)
            if not await change(tx.connection, caller.tenant, addition, person):
                raise Rejected(Reason.NOT_FOUND, "no such addition about this person, or it was refused", "addition")
            await self._changing.derive_additions(tx, caller.tenant, [addition])

        await self._changing.acting.run(work)
        return Response(status_code=204)

    def _ended(self, text: str, zone: ZoneInfo) -> int:
        t_us = to_us(moment(text, "$.ended"))
        if t_us >= default_window(self._reading.now_us(), zone)[1]:
            raise Rejected(Reason.INVALID_VALUE, "what ended after today has not been learned yet", "$.ended")
        return t_us


def _recorder(viewer: UUID | str, person: str) -> str:
    return sight.SELF if viewer in (sight.SELF, UUID(person)) else str(viewer)


def _added(row: Any) -> Added:
    waiting = "waiting" if row["confirmed"] is None else "counts"
    return Added(
        id=row["id"],
        mode=row["class"],
        ended=text_of(row["t_us"]),
        minutes=minutes_of(row["minutes_us"]),
        recorder=row["recorder"],
        made=row["created"],
        state="refused" if row["withdrawn"] is not None else waiting,
    )

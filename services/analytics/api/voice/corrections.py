"""Corrections over HTTP: "this is not right" about one statement."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, model_validator
from starlette.responses import Response

from schemas.reasons import Reason
from services.analytics.api import bodies, parameters
from services.analytics.api.parameters import Viewer
from services.analytics.api.reading import Reading, known
from services.analytics.api.voice.shared import Before, Limit, Minutes, mine, minutes_of, page, us_of
from services.analytics.changing import Changing
from services.analytics.domain.voice.additions import ADDED
from services.analytics.domain.voice.corrections import Correction
from services.analytics.store import voice
from services.common.consumer import Transaction
from services.common.errors import Rejected

_Said = Literal["formal", "social", "experiential", "not_learning"]


class CorrectionBody(bodies.Body):
    """What a person says of one statement; null keeps what the statement said."""

    mode: _Said | None = None
    minutes: Minutes | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.mode is None and self.minutes is None:
            raise ValueError("say another mode or other minutes; DELETE takes a correction back")
        if self.mode == "not_learning" and self.minutes is not None:
            raise ValueError("what was not learning has no minutes")
        return self


class Corrected(BaseModel):
    """A correction that holds."""

    statement: UUID
    mode: _Said | None
    minutes: float | None
    made: datetime


class Corrections(BaseModel):
    """What a person corrected, the latest first."""

    corrections: list[Corrected]


class CorrectionRoutes:
    """The routes."""

    def __init__(self, reading: Reading, changing: Changing) -> None:
        self._reading = reading
        self._changing = changing

    def add_to(self, routes: APIRouter) -> None:
        """Add them under /analytics/v1."""
        of, told = routes.add_api_route, bodies.described(CorrectionBody)
        path = "/people/{person}/events/{statement}/correction"
        of(path, self.correct, methods=["PUT"], summary="This is not right", openapi_extra=told)
        of(path, self.uncorrect, methods=["DELETE"], status_code=204, summary="It was right after all")
        of("/people/{person}/corrections", self.corrections, methods=["GET"], summary="What this person corrected")

    async def correct(self, request: Request, person: str, statement: str, viewer: Viewer = None) -> Corrected:
        """Say that a statement was learned in another mode, took another time, or was no learning at all.

        The event is marked `self` from then on, and a mode of the person's own names the rule `self.corrected`.
        """
        caller, person = await mine(self._reading, request, person, viewer)
        statement = parameters.uuid_of(statement, "statement")
        body = await bodies.read(request, CorrectionBody)
        said = Correction(body.mode, None if body.minutes is None else us_of(body.minutes))
        await self._reading.lag()

        async def work(tx: Transaction) -> datetime:
            await known(tx.connection, caller, person)
            learners = await voice.learners(tx.connection, caller.tenant, statement, person)
            _correctable(learners)
            made = await voice.correct(tx.connection, caller.tenant, statement, learners, said)
            await self._changing.rederive(tx, [(caller.tenant, statement)])
            return made

        made = await self._changing.acting.run(work)
        return _told(statement, body.mode, said.minutes_us, made)

    async def uncorrect(self, request: Request, person: str, statement: str, viewer: Viewer = None) -> Response:
        """Take a correction back: 204, also when there was none."""
        caller, person = await mine(self._reading, request, person, viewer)
        statement = parameters.uuid_of(statement, "statement")

        async def work(tx: Transaction) -> None:
            await known(tx.connection, caller, person)
            if await voice.uncorrect(tx.connection, caller.tenant, statement, person):
                await self._changing.rederive(tx, [(caller.tenant, statement)])

        await self._changing.acting.run(work)
        return Response(status_code=204)

    async def corrections(
        self, request: Request, person: str, viewer: Viewer = None, limit: Limit = None, before: Before = None
    ) -> Corrections:
        """Return the corrections that hold."""
        caller, person = await mine(self._reading, request, person, viewer, "limit", "before")
        asked, upto = page(limit, before)
        async with self._reading.database.transaction(snapshot=True) as connection:
            await known(connection, caller, person)
            rows = await voice.corrected(connection, caller.tenant, person, asked, upto)
        return Corrections(corrections=[_corrected(row) for row in rows])


def _correctable(learners: dict[str, str]) -> None:
    if not learners:
        detail = "no event of this person is derived from that statement; GET …/why lists them"
        raise Rejected(Reason.NOT_FOUND, detail, "statement")
    if ADDED in learners.values():
        detail = "this is an addition: take it back (DELETE …/additions/{id}) and add what is right"
        raise Rejected(Reason.INVALID_PARAMETER, detail, "statement")


def _corrected(row: Any) -> Corrected:
    return _told(row["statement"], row["class"], row["minutes_us"], row["created"])


def _told(statement: str, mode: _Said | None, minutes_us: int | None, made: datetime) -> Corrected:
    minutes = None if minutes_us is None else minutes_of(minutes_us)
    return Corrected(statement=UUID(statement), mode=mode, minutes=minutes, made=made)

"""Targets over HTTP: bands of an organisation, its teams and roles; and of a person, for that person alone (MIX.md 4).

Where targets of one scope overlap, the one that was made last holds on each day, mode by mode.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field, model_validator
from starlette.responses import Response

from schemas.events import Mode
from schemas.reasons import Reason
from services.analytics.api import bodies, parameters
from services.analytics.api.parameters import Viewer
from services.analytics.api.reading import Reading, known
from services.analytics.api.voice.shared import mine
from services.analytics.changing import Changing
from services.analytics.domain.minutes.days import day_of
from services.analytics.domain.targets import REFERENCE, Scope, against, in_context, unreachable
from services.analytics.store import targets, tenants
from services.common.access.credentials import Caller
from services.common.access.scopes import Scope as AccessScope
from services.common.consumer import Transaction
from services.common.errors import Rejected
from services.common.http import only_parameters

_WINDOW = timedelta(days=28)
_SHARED: tuple[Scope, ...] = ("organisation", "team", "role")
_OWN: tuple[Scope, ...] = ("person",)

Percent = Annotated[float, Field(ge=0, le=100, strict=True)]
Reference = Annotated[
    Literal["true", "false"] | None, Query(description="false leaves the reference line out; it is no target.")
]


class BandBody(bodies.Body):
    """A share in per cent, both edges included."""

    low: Percent
    high: Percent

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError("low must not be above high")
        return self


class OwnTarget(bodies.Body):
    """A target that a person sets for nobody else."""

    bands: Annotated[dict[Mode, BandBody], Field(min_length=1)]
    theme: bodies.Text
    reason: bodies.Text
    since: date
    until: Annotated[date, Field(description="Exclusive: the first day on which it stands no more.")]

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.until <= self.since:
            raise ValueError("until must lie after since")
        return self


class SharedTarget(OwnTarget):
    """A target of everybody, of a team, or of a role; somebody owns it."""

    scope: Literal["organisation", "team", "role"]
    of: Annotated[bodies.Text | None, Field(description="Which team or role; not given for the organisation.")] = None
    owner: bodies.Text

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if (self.scope == "organisation") != (self.of is None):
            raise ValueError("of says which team or role it is; a target of the organisation has none")
        return self


class Edges(BaseModel):
    """The edges of a band."""

    low: float
    high: float


class Target(BaseModel):
    """A target as it is kept."""

    id: UUID
    scope: Scope
    of: str | None
    bands: dict[Mode, Edges]
    theme: str
    reason: str
    owner: str
    since: date
    until: date
    made: datetime


class Targets(BaseModel):
    """Targets, those that end last first, and the line that is none: what the field believes of itself."""

    targets: list[Target]
    reference: dict[Mode, float] | None


class Weighted(Edges):
    """A band over a window, weighted by the days on which it stands."""

    days: int


class Around(BaseModel):
    """What stands around somebody over a window."""

    scope: Scope
    of: str | None
    target: dict[Mode, Weighted]


class OwnTargets(Targets):
    """A person's own targets; as context those of the person's roles, then teams, then organisation over 28 days."""

    context: list[Around]


class TargetRoutes:
    """The routes."""

    def __init__(self, reading: Reading, changing: Changing) -> None:
        self._reading = reading
        self._changing = changing

    def add_to(self, routes: APIRouter) -> None:
        """Add them under /analytics/v1."""
        of, told, own = routes.add_api_route, bodies.described(SharedTarget), bodies.described(OwnTarget)
        mine = "/people/{person}/targets"
        of("/targets", self.targets, methods=["GET"], summary="Targets of the organisation, its teams and roles")
        of("/targets", self.set, methods=["POST"], status_code=201, summary="Set a target", openapi_extra=told)
        of("/targets/{target}", self.remove, methods=["DELETE"], status_code=204, summary="Remove a target")
        of(mine, self.own, methods=["GET"], summary="A person's own targets, and what stands around the person")
        of(mine, self.set_own, methods=["POST"], status_code=201, summary="Set an own target", openapi_extra=own)
        of(f"{mine}/{{target}}", self.remove_own, methods=["DELETE"], status_code=204, summary="Remove an own target")

    async def targets(
        self,
        request: Request,
        scope: Annotated[str | None, Query(description="organisation, team or role. Default: all.")] = None,
        of: Annotated[str | None, Query(description="Only of this team or role.")] = None,
        limit: Annotated[str | None, Query(description="At most so many (200; 1000 at most).")] = None,
        reference: Reference = None,
    ) -> Targets:
        """Return the targets that were not removed. What a person set for the own learning is not among them."""
        caller = await self._reading.caller(request, AccessScope.ANALYTICS_READ)
        only_parameters(request, "scope", "of", "limit", "reference")
        scopes = tuple(each for each in _SHARED if scope in (None, each))
        if not scopes:
            raise Rejected(Reason.INVALID_PARAMETER, f"scope is one of {', '.join(_SHARED)}", "?scope")
        most = parameters.limit(limit, default=200, most=1000)
        async with self._reading.database.connection() as connection:
            kept = await targets.kept(connection, caller.tenant, scopes, of, most)
        return Targets(targets=[_told(row) for row in kept], reference=_reference(reference))

    async def set(self, request: Request) -> Target:
        """Set a target: bands, a theme, a reason, an owner and an end date."""
        caller = await self._reading.caller(request, AccessScope.ANALYTICS_WRITE)
        only_parameters(request)
        body = await bodies.read(request, SharedTarget)
        async with self._reading.database.connection() as connection:
            await _exists(connection, caller.tenant, body)
        return await self._keep(caller, body, body.scope, body.of or "", body.owner)

    async def remove(self, request: Request, target: str) -> Response:
        """Remove a target: from now on it stands on no day, past or to come. 204, also when it was removed already."""
        caller = await self._reading.caller(request, AccessScope.ANALYTICS_WRITE)
        only_parameters(request)
        return await self._remove(caller, parameters.uuid_of(target, "target"), _SHARED, None)

    async def own(
        self, request: Request, person: str, viewer: Viewer = None, reference: Reference = None
    ) -> OwnTargets:
        """Return what this person aims at, and what the organisation does around the person."""
        caller, person = await mine(self._reading, request, person, viewer, "reference")
        async with self._reading.database.transaction(snapshot=True) as connection:
            await known(connection, caller, person)
            kept = await targets.kept(connection, caller.tenant, _OWN, person, 1000)
            zone = (await tenants.zones(connection, [caller.tenant], self._reading.zone))[caller.tenant]
            until = day_of(self._reading.now_us(), zone) + timedelta(days=1)
            around = await targets.around(connection, caller.tenant, person, until - timedelta(days=1))
            standing = await targets.standing(connection, caller.tenant, around, until - _WINDOW, until)
        context = [
            Around(scope=scope, of=of or None, target=against(None, bands)["target"])
            for scope, of, bands in in_context(standing, until - _WINDOW, until)
        ]
        return OwnTargets(targets=[_told(row) for row in kept], reference=_reference(reference), context=context)

    async def set_own(self, request: Request, person: str, viewer: Viewer = None) -> Target:
        """Set a target for oneself: nobody else can, and nobody else is told of it."""
        caller, person = await mine(self._reading, request, person, viewer)
        body = await bodies.read(request, OwnTarget)
        async with self._reading.database.connection() as connection:
            await known(connection, caller, person)
        return await self._keep(caller, body, "person", person, "self")

    async def remove_own(self, request: Request, person: str, target: str, viewer: Viewer = None) -> Response:
        """Remove an own target: 204."""
        caller, person = await mine(self._reading, request, person, viewer)
        return await self._remove(caller, parameters.uuid_of(target, "target"), _OWN, person)

    async def _keep(self, caller: Caller, body: OwnTarget, scope: Scope, of: str, owner: str) -> Target:
        bands = {mode: {"low": band.low, "high": band.high} for mode, band in body.bands.items()}
        because = unreachable(targets.bands_of(orjson.dumps(bands).decode()))
        if because is not None:
            raise Rejected(Reason.INVALID_VALUE, f"no mix lies in all of these bands: {because}", "$.bands")
        values = (
            *(self._changing.new_id(), scope, of, orjson.dumps(bands).decode(), body.theme, body.reason, owner),
            *(body.since, body.until),
        )

        async def work(tx: Transaction) -> Any:
            return await targets.keep(tx.connection, caller.tenant, caller.source, values)

        return _told(await self._changing.acting.run(work))

    async def _remove(self, caller: Caller, target: str, scopes: tuple[Scope, ...], of: str | None) -> Response:
        async def work(tx: Transaction) -> bool:
            return await targets.remove(tx.connection, caller.tenant, target, scopes, of)

        if not await self._changing.acting.run(work):
            raise Rejected(Reason.NOT_FOUND, "no such target", "target")
        return Response(status_code=204)


async def _exists(connection: Any, tenant: str, body: SharedTarget) -> None:
    """Refuse a target of a team or role that nobody has: it would never be seen again."""
    found = {"team": targets.team_exists, "role": targets.role_exists}.get(body.scope)
    if found is not None and not await found(connection, tenant, body.of or ""):
        raise Rejected(Reason.NOT_FOUND, f"there is no such {body.scope}; import people first", "$.of")


def _reference(asked: str | None) -> Mapping[Mode, float] | None:
    return None if asked == "false" else dict(REFERENCE)


def _told(row: Any) -> Target:
    return Target(
        id=row["target"],
        scope=row["scope"],
        of=row["of"] or None,
        bands=orjson.loads(row["bands"]),
        **{name: row[name] for name in ("theme", "reason", "owner", "since", "until")},
        made=row["created"],
    )

"""The registry over HTTP: what an organisation's things and places are, who said so when, and what that would move.

`?dry_run=true` on a change answers what would move among stored statements, and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response

from schemas.reasons import Reason
from services.analytics.api import parameters, registry_answers
from services.analytics.api.reading import Reading
from services.analytics.api.registry_answers import AuditTrail, DryRunOf, NewVersion, WholeRegistry
from services.analytics.api.registry_bodies import entry_of, file_of
from services.analytics.domain.minutes.instants import from_us
from services.analytics.domain.registry_file import (
    SELECTORS,
    Entry,
    Registry,
    Section,
    with_entry,
    without_entry,
)
from services.analytics.registering import Asked, Registering
from services.analytics.store import registries
from services.common.access.credentials import Caller
from services.common.access.scopes import Scope
from services.common.errors import Rejected
from services.common.http import json_response, only_parameters

_DAYS, _MOST_DAYS = 90, 400
_LATEST = 2**31 - 1

_FILE_SCHEMA = {"type": "object", "example": {"registry": 1, "things": [], "places": []}}
_FILE = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": _FILE_SCHEMA} for kind in ("application/yaml", "application/json")},
    }
}


@dataclass(frozen=True, slots=True)
class Options:
    """How a change is to be made."""

    expected: int | None
    dry_run: bool
    days: int
    switch: bool


def options(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match", description="ETag of the version that this change was made for; 412 when it is stale."
        ),
    ] = None,
    dry_run: Annotated[
        Literal["true", "false"] | None, Query(description="true: change nothing, tell what would move.")
    ] = None,
    days: Annotated[
        str | None, Query(description="Of a dry run: statements of so many days (90; 400 at most).")
    ] = None,
    switch: Annotated[
        Literal["true", "false"] | None,
        Query(description="false: an operator says when figures are by this version, once history has been read."),
    ] = None,
) -> Options:
    """Read the options that every change has."""
    return Options(_expected(if_match), dry_run == "true", _looking_back(days), switch != "false")


How = Annotated[Options, Depends(options)]


class RegistryRoutes:
    """The routes."""

    def __init__(self, reading: Reading, registering: Registering) -> None:
        self._reading = reading
        self._registering = registering

    def add_to(self, routes: APIRouter) -> None:
        """Add them under /analytics/v1."""
        of = routes.add_api_route
        of("/registry", self.registry, methods=["GET"], response_model=WholeRegistry, summary="The registry")
        of("/registry", self.put, methods=["PUT"], summary="Replace the registry", openapi_extra=_FILE)
        of("/registry/versions", self.versions, methods=["GET"], summary="Who changed what when")
        of("/registry/versions/{version}", self.version, methods=["GET"], summary="The registry as it was")
        thing, place = _entry(_THING), _entry(_PLACE)
        of("/registry/things", self.thing, methods=["POST"], summary="This is a job aid", openapi_extra=thing)
        of("/registry/places", self.place, methods=["POST"], summary="This platform is social", openapi_extra=place)
        of("/registry/entries", self.remove, methods=["DELETE"], summary="Take an entry out")

    async def registry(self, request: Request) -> Response:
        """Return the registry that holds now; its version is the ETag."""
        caller = await self._reading.caller(request, Scope.ANALYTICS_READ)
        only_parameters(request)
        async with self._reading.database.connection() as connection:
            held = await registries.latest(connection, caller.tenant)
        headers = {"ETag": f'"{held.version}"'}
        if request.headers.get("if-none-match", "").strip() == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return json_response(registry_answers.whole(held).model_dump(mode="json"), headers=headers)

    async def version(self, request: Request, version: str) -> WholeRegistry:
        """Return the registry as it was in a version."""
        caller = await self._reading.caller(request, Scope.ANALYTICS_READ)
        only_parameters(request)
        asked = _number(version, "version")
        async with self._reading.database.connection() as connection:
            held = await registries.one(connection, caller.tenant, asked)
        if held is None:
            raise Rejected(Reason.NOT_FOUND, "there is no such version", "version")
        return registry_answers.whole(held)

    async def versions(
        self,
        request: Request,
        limit: Annotated[str | None, Query(description="At most so many (100; 1000 at most).")] = None,
        before: Annotated[str | None, Query(description="Only versions below this one, to page back.")] = None,
    ) -> AuditTrail:
        """Return the audit trail: when, through which source, what changed, and how far the replay is."""
        caller = await self._reading.caller(request, Scope.ANALYTICS_READ)
        only_parameters(request, "limit", "before")
        most, below = parameters.limit(limit, 100, 1000), _LATEST if before is None else _number(before, "?before")
        async with self._reading.database.connection() as connection:
            lines = await registries.versions(connection, caller.tenant, below, most)
        return AuditTrail(versions=[registry_answers.line(each) for each in lines])

    async def put(self, request: Request, how: How) -> NewVersion | DryRunOf:
        """Replace the whole registry by a file, as YAML or JSON (schemas/registry.schema.json)."""
        caller = await self._caller(request)
        given = {"things": [], "places": [], **await file_of(request)}
        return await self._do(caller, "put", lambda _: given, how)

    async def thing(self, request: Request, how: How) -> NewVersion | DryRunOf:
        """Say what a thing is. An entry with the same selectors is replaced."""
        return await self._put_entry(request, "things", how)

    async def place(self, request: Request, how: How) -> NewVersion | DryRunOf:
        """Say what a place is. An entry with the same selectors is replaced."""
        return await self._put_entry(request, "places", how)

    async def remove(
        self,
        request: Request,
        how: How,
        id: Annotated[str | None, Query(description="Of a thing.")] = None,  # noqa: A002 - the name of the selector
        id_prefix: Annotated[str | None, Query(description="Of a thing.")] = None,
        activity_type: Annotated[str | None, Query(description="Of a thing.")] = None,
        verbs: Annotated[str | None, Query(description="Of a thing; several with a space between.")] = None,
        platform: Annotated[str | None, Query(description="Of a place.")] = None,
        source: Annotated[str | None, Query(description="Of a place.")] = None,
    ) -> NewVersion | DryRunOf:
        """Take out the entry that has exactly these selectors: 404 when there is none."""
        caller = await self._caller(request, *(name for names in SELECTORS.values() for name in names))
        thing = {"id": id, "id_prefix": id_prefix, "activity_type": activity_type, "verbs": verbs and verbs.split()}
        section, wanted = _selected(thing, {"platform": platform, "source": source})

        def edit(registry: Registry) -> Registry:
            without = without_entry(registry, section, wanted)
            if without is None:
                raise Rejected(Reason.NOT_FOUND, f"no entry of {section} has exactly these selectors", "?")
            return without

        return await self._do(caller, "remove entry", edit, how)

    async def _put_entry(self, request: Request, section: Section, how: Options) -> NewVersion | DryRunOf:
        caller = await self._caller(request)
        entry = await entry_of(request)
        return await self._do(caller, "put entry", lambda registry: with_entry(registry, section, entry), how)

    async def _do(
        self, caller: Caller, operation: str, edit: Callable[[Registry], Registry], how: Options
    ) -> NewVersion | DryRunOf:
        asked = Asked(operation, edit, how.expected)
        if how.dry_run:
            trial = await self._registering.trial(caller, asked, from_us(self._reading.now_us()), how.days)
            return registry_answers.tried(trial, how.days)
        made = await self._registering.change(caller, asked, switch=how.switch)
        return registry_answers.changed(made, switch=how.switch)

    async def _caller(self, request: Request, *names: str) -> Caller:
        caller = await self._reading.caller(request, Scope.ANALYTICS_WRITE)
        only_parameters(request, "dry_run", "days", "switch", *names)
        return caller


_THING = {"id_prefix": "https://intranet.example.nl/how-to/", "mode": "experiential", "support": "extrinsic"}
_PLACE = {"platform": "Zorgwiki", "mode": "social"}


def _entry(example: Entry) -> dict[str, Any]:
    schema = {"type": "object", "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _selected(thing: dict[str, Any], place: dict[str, Any]) -> tuple[Section, Entry]:
    """Return the section and the selectors that a request names: of things or of places, not of both."""
    things = {name: value for name, value in thing.items() if value}
    places = {name: value for name, value in place.items() if value}
    if bool(things) == bool(places):
        raise Rejected(Reason.MISSING_PARAMETER, "give the selectors of one entry: of a thing, or of a place", "?")
    return ("things", things) if things else ("places", places)


def _expected(if_match: str | None) -> int | None:
    """Return the version of an ETag; None for any."""
    if if_match is None or if_match.strip() == "*":
        return None
    return _number(if_match.strip().removeprefix("W/").strip('"'), "If-Match")


def _looking_back(days: str | None) -> int:
    if days is None:
        return _DAYS
    if not (days.isascii() and days.isdigit() and len(days) < 10 and 0 < int(days) <= _MOST_DAYS):
        raise Rejected(Reason.INVALID_PARAMETER, f"a whole number of days, {_MOST_DAYS} at most", "?days")
    return int(days)


def _number(text: str, path: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Rejected(Reason.INVALID_PARAMETER, "a version is a whole number", path)
    return int(text)

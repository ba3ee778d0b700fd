"""recommend over HTTP: /recommend/v1, one person's suggestions and the catalogue.

Every request about a person names its viewer (law 9): the person, or whom the person shares with.
"""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import ValidationError

from schemas.reasons import Reason
from services.common.access.credentials import Caller
from services.common.access.scopes import Scope
from services.common.access.sight import viewer_of
from services.common.errors import Rejected, Unavailable
from services.common.http import only_parameters, read_body, requires
from services.recommend.answers import History, Next, Suggested, Told, WholeCatalogue
from services.recommend.domain.catalogue import Catalogue
from services.recommend.domain.choose import POLICY
from services.recommend.domain.suggestion import Outcome
from services.recommend.offering import Offering

_BODY_LIMIT = 10_000

Asker = Annotated[Caller, Depends(requires(Scope.RECOMMEND_READ))]
Viewer = Annotated[
    str | None,
    Header(alias="X-Leermix-Viewer", description="`self`, or the person id of a viewer with whom the person shares"),
]
Limit = Annotated[int, Query(ge=1, le=100)]


def router(offering: Offering, catalogue: Catalogue, ready: Callable[[], bool]) -> APIRouter:
    """Return the routes of recommend."""

    async def prepared() -> None:
        if not ready():
            raise Unavailable("recommend", "still starting")

    routes = APIRouter(prefix="/recommend/v1", tags=["recommend"], dependencies=[Depends(prepared)])
    api = Suggestions(offering, catalogue)
    routes.add_api_route("/people/{person}/next", api.next, methods=["GET"], summary="A person's next suggestion")
    routes.add_api_route("/people/{person}/suggestions", api.history, methods=["GET"], summary="What was offered")
    routes.add_api_route(
        "/people/{person}/suggestions/{suggestion}/outcome",
        api.outcome,
        methods=["PUT"],
        summary="Tell what came of a suggestion",
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": Told.model_json_schema()}}}
        },
    )
    routes.add_api_route("/catalogue", api.catalogue, methods=["GET"], summary="All that can be offered")
    return routes


class Suggestions:
    """The resources."""

    def __init__(self, offering: Offering, catalogue: Catalogue) -> None:
        self._offering = offering
        self._catalogue = catalogue

    async def next(self, request: Request, caller: Asker, person: UUID, viewer: Viewer = None) -> Next:
        """Return the open suggestion, until it has an outcome or is 24 hours old; only then a new one is made."""
        only_parameters(request)
        offered, new = await self._offering.next(caller, person, viewer_of(viewer))
        return Next.of(offered, new=new)

    async def history(
        self, request: Request, caller: Asker, person: UUID, viewer: Viewer = None, limit: Limit = 20
    ) -> History:
        """Return what was offered to a person and what came of it, newest first."""
        only_parameters(request, "limit")
        offered = await self._offering.history(caller, person, viewer_of(viewer), limit)
        return History(suggestions=[Suggested.of(each) for each in offered])

    async def outcome(
        self, request: Request, caller: Asker, person: UUID, suggestion: UUID, viewer: Viewer = None
    ) -> Suggested:
        """Keep what the person did: once, the same again is fine, `done` may follow `accepted`, else 409."""
        only_parameters(request)
        told = _told(await read_body(request, _BODY_LIMIT))
        return Suggested.of(await self._offering.tell(caller, person, viewer_of(viewer), suggestion, told.outcome))

    async def catalogue(self, request: Request, caller: Asker) -> WholeCatalogue:
        """Return the catalogue in use."""
        only_parameters(request)
        return WholeCatalogue(
            version=self._catalogue.version, policy=POLICY, interventions=self._catalogue.interventions
        )


def _told(body: bytes) -> Told:
    try:
        return Told.model_validate_json(body)
    except ValidationError as error:
        is_json = error.errors()[0]["type"] != "json_invalid"
        reason, path = (Reason.INVALID_VALUE, "$.outcome") if is_json else (Reason.MALFORMED_JSON, "$")
        raise Rejected(reason, f'send {{"outcome": one of {", ".join(Outcome)}}}', path) from error

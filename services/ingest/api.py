"""The LRS over HTTP: /xapi/statements and /xapi/about (xAPI 1.0.3 part 3; IEEE 9274.1.1).

The body is read raw and never becomes a model: the schema files are the contract (DESIGN, "The statement contract").
"""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from schemas.reasons import Reason
from schemas.xapi.times import parse_timestamp
from services.common import metrics
from services.common.access.credentials import Caller, Credentials
from services.common.access.scopes import Scope, allows
from services.common.database import Database
from services.common.errors import Rejected
from services.common.http import authenticate, json_response, only_parameters, refusal
from services.ingest import described, paging, store
from services.ingest.accepting import Accepting, Conflicts, NotKnownToBeKept
from services.ingest.bodies import Bodies
from services.ingest.domain.rendering import render
from services.ingest.domain.validation import parse
from services.ingest.waiting import Waiting

DEFAULT_LIMIT = 100
_LATER = ("agent", "verb", "activity", "registration", "related_activities", "related_agents")
_PAGE_PARAMETERS = ("limit", "since", "until", "ascending", "format", "attachments")
_ONE_PARAMETERS = ("statementId", "voidedStatementId", "format", "attachments")


def router(
    credentials: Credentials,
    database: Database,
    accepting: Accepting,
    waiting: Waiting,
    ready: Callable[[], bool],
    bodies: Bodies,
) -> APIRouter:
    """Return the routes of the LRS."""
    routes = APIRouter(tags=["xAPI"])
    statements = Statements(credentials, database, accepting, waiting, ready, bodies)
    known = dict.fromkeys((*_ONE_PARAMETERS, *_PAGE_PARAMETERS))
    for path, method, endpoint, summary, status, more in (
        ("/xapi/statements", "POST", statements.post, "Send statements", 200, described.sending()),
        ("/xapi/statements", "PUT", statements.put, "Send one statement with its id", 204, described.putting()),
        ("/xapi/statements", "GET", statements.get, "Read statements", 200, described.reading(known)),
        ("/xapi/about", "GET", about, "Which xAPI is spoken here", 200, described.open_to_all()),
    ):
        routes.add_api_route(path, endpoint, methods=[method], summary=summary, status_code=status, openapi_extra=more)
    routes.add_api_route("/xapi/statements", statements.get, methods=["HEAD"], include_in_schema=False)
    routes.add_api_route("/xapi/about", about, methods=["HEAD"], include_in_schema=False)
    return routes


async def about(request: Request) -> Response:
    """Tell which versions are spoken."""
    only_parameters(request)
    return json_response({"version": ["1.0.3", "2.0.0"]})


class Statements:
    """The statements resource."""

    def __init__(
        self,
        credentials: Credentials,
        database: Database,
        accepting: Accepting,
        waiting: Waiting,
        ready: Callable[[], bool],
        bodies: Bodies,
    ) -> None:
        self._credentials = credentials
        self._database = database
        self._accepting = accepting
        self._waiting = waiting
        self._ready = ready
        self._bodies = bodies

    async def post(self, request: Request) -> Response:
        """Accept one statement or an array of them, whole: 200 with the ids in order."""
        caller = await self._caller(request, Scope.STATEMENTS_WRITE)
        only_parameters(request)
        statements, batch = parse(await self._bodies.json(request))
        return await self._accept(request, caller, statements, batch=batch)

    async def put(self, request: Request) -> Response:
        """Accept the one statement of this id: 204."""
        caller = await self._caller(request, Scope.STATEMENTS_WRITE)
        only_parameters(request, "statementId")
        statement_id = _uuid(request, "statementId")
        if statement_id is None:
            raise Rejected(Reason.MISSING_PARAMETER, "PUT needs statementId", "?statementId")
        statements, batch = parse(await self._bodies.json(request))
        if batch:
            raise Rejected(Reason.WRONG_TYPE, "PUT takes one statement, not an array")
        statement = {"id": str(statement_id)} | statements[0]
        if isinstance(statement["id"], str) and statement["id"].lower() != str(statement_id):
            raise Rejected(Reason.ID_MISMATCH, "the statement's id is not the statementId of the request", "$.id")
        answer = await self._accept(request, caller, [statement], batch=False)
        return Response(status_code=204) if answer.status_code == 200 else answer

    async def get(self, request: Request) -> Response:
        """Return one statement by its id, or a page of them, newest first."""
        caller = await self._caller(request, Scope.STATEMENTS_READ_MINE)
        mine = None if allows(caller.scopes, Scope.STATEMENTS_READ) else caller.key
        for name in _LATER:
            if name in request.query_params:
                raise Rejected(Reason.NOT_SUPPORTED, "this filter is not offered yet", f"?{name}")
        if "statementId" in request.query_params or "voidedStatementId" in request.query_params:
            return await self._one(request, caller, mine)
        return await self._page(request, caller, mine)

    async def _one(self, request: Request, caller: Caller, mine: str | None) -> Response:
        only_parameters(request, *_ONE_PARAMETERS)
        _plain(request)
        wanted, voided = _uuid(request, "statementId"), _uuid(request, "voidedStatementId")
        if wanted and voided:
            raise Rejected(Reason.INVALID_PARAMETER, "give statementId or voidedStatementId, not both", "?statementId")
        async with self._database.connection() as connection:
            row = await store.one(connection, caller.tenant, wanted or voided)
        self._saw(request, row["bound"])
        found = row["body"] is not None and row["voided"] == bool(voided) and mine in (None, row["credential"])
        if not found:
            raise Rejected(Reason.NOT_FOUND, "no such statement", "?statementId" if wanted else "?voidedStatementId")
        modified = format_datetime(row["stored"].astimezone(UTC), usegmt=True)
        return json_response(render(row["body"], row["stored"]), headers={"Last-Modified": modified})

    async def _page(self, request: Request, caller: Caller, mine: str | None) -> Response:
        cursor = request.query_params.get("cursor")
        only_parameters(request, *(_PAGE_PARAMETERS if cursor is None else ("cursor",)))
        _plain(request)
        asked = paging.read(cursor, mine) if cursor is not None else _asked(request, mine)
        async with self._database.connection() as connection:
            bound, rows = await store.page(connection, caller.tenant, asked)
        self._saw(request, bound)
        shown = rows[: asked.limit]
        more = ""
        if len(rows) > asked.limit:
            more = f"{paging.PATH}?cursor={paging.token(asked, (shown[-1]['stored'], shown[-1]['id']))}"
        headers = {}
        if shown:
            headers["Last-Modified"] = format_datetime(max(row["stored"] for row in shown).astimezone(UTC), usegmt=True)
        return json_response(
            {"statements": [render(row["body"], row["stored"]) for row in shown], "more": more}, headers=headers
        )

    async def _accept(
        self, request: Request, caller: Caller, statements: list[dict[str, Any]], *, batch: bool
    ) -> Response:
        if not self._ready():
            return refusal(Reason.UNAVAILABLE, "this process is still starting; try again", away="ingest")
        try:
            ids = await self._accepting.accept(caller, statements, request.scope["xapi_version"], batch=batch)
        except Conflicts as conflicts:
            metrics.REFUSED.labels("ingest", Reason.CONFLICT.value).inc()
            rest = "the others of this request are kept" if conflicts.kept else "nothing of this request is kept"
            return refusal(
                Reason.CONFLICT, f"other statements are kept under these ids; {rest}", ids=list(conflicts.ids)
            )
        except NotKnownToBeKept as unknown:
            metrics.REFUSED.labels("ingest", Reason.UNAVAILABLE.value).inc()
            return refusal(
                Reason.UNAVAILABLE,
                "the statements are not known to be kept; send them again with these ids",
                away=unknown.away,
                ids=list(unknown.ids),
            )
        return json_response(ids)

    async def _caller(self, request: Request, wanted: Scope) -> Caller:
        return await authenticate(self._credentials, request.headers.get("authorization"), wanted)

    def _saw(self, request: Request, bound: datetime | None) -> None:
        self._waiting.saw(bound)
        request.scope["xapi_bound"] = bound


def _uuid(request: Request, name: str) -> UUID | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        if len(text) != 36:  # UUID() also takes braces, urn: and no dashes at all
            raise ValueError
        return UUID(text)
    except ValueError as error:
        raise Rejected(Reason.INVALID_PARAMETER, "not a UUID", f"?{name}") from error


def _plain(request: Request) -> None:
    """Refuse what is not offered yet: other formats than exact, and attachments."""
    if request.query_params.get("format", "exact") not in ("exact", "ids", "canonical"):
        raise Rejected(Reason.INVALID_PARAMETER, "format is exact, ids or canonical", "?format")
    if request.query_params.get("format", "exact") != "exact":
        raise Rejected(Reason.NOT_SUPPORTED, "only format=exact is offered yet", "?format")
    if _boolean(request, "attachments"):
        raise Rejected(Reason.NOT_SUPPORTED, "attachments are not offered yet", "?attachments")


def _asked(request: Request, credential: str | None) -> store.Page:
    return store.Page(
        since=_instant(request, "since") or store.EVER,
        until=_instant(request, "until") or store.FOR_EVER,
        ascending=_boolean(request, "ascending"),
        credential=credential,
        limit=_limit(request),
    )


def _instant(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        return parse_timestamp(text)
    except ValueError as error:
        raise Rejected(
            Reason.INVALID_PARAMETER, "not an RFC 3339 timestamp (a + in a URL is %2B)", f"?{name}"
        ) from error


def _boolean(request: Request, name: str) -> bool:
    text = request.query_params.get(name, "false")
    if text not in ("true", "false"):
        raise Rejected(Reason.INVALID_PARAMETER, "true or false", f"?{name}")
    return text == "true"


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit()):
        raise Rejected(Reason.INVALID_PARAMETER, "a whole number; 0 means the most there is", "?limit")
    return min(int(text.lstrip("0")[:9] or paging.MOST), paging.MOST)  # a number may be of any length

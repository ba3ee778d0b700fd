"""HTTP as every service speaks it: who is asking, errors with a word and a path, and the RED metrics."""

import base64
import binascii
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.reasons import Reason
from services.common import metrics
from services.common.access.credentials import Caller, Credentials
from services.common.access.scopes import Scope as AccessScope
from services.common.access.scopes import allows
from services.common.errors import Rejected, Unavailable

logger = logging.getLogger(__name__)

RETRY_AFTER = "2"  # seconds
_STATUS = {
    Reason.UNAUTHENTICATED: 401,
    Reason.FORBIDDEN: 403,
    Reason.OBJECTED: 403,
    Reason.NOT_FOUND: 404,
    Reason.CONFLICT: 409,
    Reason.STALE: 412,
    Reason.BODY_TOO_LARGE: 413,
    Reason.UNAVAILABLE: 503,
}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_SERVICE_OF = {"xapi": "ingest", "analytics": "analytics", "recommend": "recommend"}


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an application/json response of whatever orjson can write."""
    return Response(orjson.dumps(content), status, headers, media_type="application/json")


def refusal(reason: Reason, detail: str, path: str = "$", **more: Any) -> Response:
    """Return the one shape of an error: {"reason", "path", "detail", …} under the status that goes with the reason."""
    headers = {}
    if reason is Reason.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'Basic realm="leermix", charset="UTF-8"'
    if reason is Reason.UNAVAILABLE:
        headers["Retry-After"] = RETRY_AFTER
    return json_response({"reason": reason, "path": path, "detail": detail} | more, _STATUS.get(reason, 400), headers)


def key_and_secret(header: str | None) -> tuple[str, str]:
    """Return key and secret of an Authorization header: HTTP Basic, or as one token for who can send only that.

    A token is KEY:SECRET or KEY.SECRET: neither part has a colon or a dot. Raises `Rejected(UNAUTHENTICATED)`.
    """
    scheme, _, sent = (header or "").partition(" ")
    try:
        if scheme.lower() == "basic":
            sent = base64.b64decode(sent, validate=True).decode()
        elif scheme.lower() == "bearer":
            sent = sent.strip().replace(".", ":", 1)
        else:
            raise ValueError
        key, colon, secret = sent.partition(":")
        if not colon:
            raise ValueError
    except (binascii.Error, ValueError) as error:
        raise Rejected(
            Reason.UNAUTHENTICATED,
            "send key and secret of `leermix credentials create` as HTTP Basic, or `Bearer KEY:SECRET`",
            "Authorization",
        ) from error
    return key, secret


async def authenticate(credentials: Credentials, header: str | None, wanted: AccessScope) -> Caller:
    """Return who sends this Authorization header and may do `wanted`. Raises `Rejected` or `Unavailable`."""
    key, secret = key_and_secret(header)
    caller = await credentials.authenticate(key, secret)
    if caller is None:
        raise Rejected(Reason.UNAUTHENTICATED, "unknown key, wrong secret, or a revoked credential", "Authorization")
    if not allows(caller.scopes, wanted):
        raise Rejected(Reason.FORBIDDEN, f"this credential lacks the scope {wanted}", "Authorization")
    return caller


def requires(wanted: AccessScope) -> Callable[[Request], Awaitable[Caller]]:
    """Return a FastAPI dependency that yields the caller of a request, who must have that scope."""

    async def caller(request: Request) -> Caller:
        return await authenticate(request.app.state.credentials, request.headers.get("authorization"), wanted)

    return caller


def only_parameters(request: Request, *known: str) -> None:
    """Refuse query parameters that the resource does not have, and repeated ones; names are case-sensitive."""
    for name in request.query_params:
        if name not in known:
            choice = f"known here: {', '.join(known)}" if known else "this resource takes none"
            raise Rejected(Reason.UNKNOWN_PARAMETER, f"no such parameter; {choice}", f"?{name}")
        if len(request.query_params.getlist(name)) > 1:
            raise Rejected(Reason.INVALID_PARAMETER, "give this parameter once", f"?{name}")


async def only_storable(request: Request) -> None:
    """Refuse U+0000 in the address of a request: no table holds it, so nothing can be found by it either."""
    for name, text in request.path_params.items():
        if "\x00" in str(text):
            raise Rejected(Reason.NOT_FOUND, "there is nothing at this address: U+0000 stands in no id", name)
    for name, text in request.query_params.multi_items():
        if "\x00" in text:
            raise Rejected(Reason.INVALID_PARAMETER, "no parameter holds U+0000", f"?{name}")


async def read_body(request: Request, limit: int) -> bytes:
    """Return the whole body. Raises `Rejected(BODY_TOO_LARGE)` as soon as it exceeds the limit, chunked or not."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            chunks.append(chunk)
    except ClientDisconnect as error:  # everyday on a phone, and nobody's bug
        raise Rejected(Reason.MALFORMED_JSON, "the connection was closed in the middle of the body") from error
    return b"".join(chunks)


def _too_large(limit: int) -> Rejected:
    return Rejected(
        Reason.BODY_TOO_LARGE, f"a body is at most {limit} bytes (LEERMIX_BODY_LIMIT): send fewer statements at once"
    )


def handle_errors(app: FastAPI) -> None:
    """Give every failure of the app the one shape."""

    @app.exception_handler(Rejected)
    async def rejected(request: Request, error: Rejected) -> Response:
        metrics.REFUSED.labels(_service(request.scope), error.reason.value).inc()
        return refusal(error.reason, error.detail, error.path, **error.more)

    @app.exception_handler(Unavailable)
    async def unavailable(request: Request, error: Unavailable) -> Response:
        metrics.REFUSED.labels(_service(request.scope), Reason.UNAVAILABLE.value).inc()
        return refusal(Reason.UNAVAILABLE, f"{error.what} is away; try again", away=error.what)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        metrics.REFUSED.labels(_service(request.scope), Reason.INVALID_PARAMETER.value).inc()
        where, *names = (str(part) for part in first["loc"])
        return refusal(
            Reason.INVALID_PARAMETER, first["msg"], ("?" if where == "query" else "") + ".".join(names or [where])
        )

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return refusal(Reason.NOT_FOUND, "there is nothing at this address; /docs lists what there is")
        detail, headers = error.detail, dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(_allowed(request)) or headers.get("Allow", "")
            detail = f"this address takes {headers['Allow']}"
        return json_response(
            {"reason": Reason.NOT_SUPPORTED, "path": "$", "detail": detail}, error.status_code, headers
        )


def _allowed(request: Request) -> list[str]:
    """Return the methods of the address; Starlette names those of the first route with this path alone."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    return [
        method
        for method in sorted(_METHODS)
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]


class Observe:
    """ASGI middleware: rate, errors and duration of each route; a bug is logged without the request's contents."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        service, began = _service(scope), time.perf_counter()
        method = scope["method"] if scope["method"] in _METHODS else "other"  # the client's word: any token
        status = 500

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with metrics.HTTP_IN_PROGRESS.labels(service).track_inprogress():
            try:
                await self._app(scope, receive, observed)
            finally:
                route = getattr(scope.get("route"), "path", "unknown")
                metrics.HTTP_REQUESTS.labels(service, method, route, str(status)).inc()
                metrics.HTTP_SECONDS.labels(service, method, route).observe(time.perf_counter() - began)


def _service(scope: Scope) -> str:
    first = scope["path"].removeprefix("/").partition("/")[0]  # the path of OPTIONS * has no slash
    return _SERVICE_OF.get(first, "shell")

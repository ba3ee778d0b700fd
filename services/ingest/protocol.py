"""What xAPI puts on every exchange: the version header both ways, and consistent-through on every statements response.

A pure ASGI middleware, so that errors of every kind carry them too (XAPI.md 3 and 4: whatever the status).
"""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.reasons import Reason
from services.common.errors import Rejected
from services.common.http import refusal
from services.ingest.domain.rendering import instant
from services.ingest.waiting import Waiting

VERSION = "X-Experience-API-Version"
CONSISTENT_THROUGH = "X-Experience-API-Consistent-Through"
LATEST = "2.0.0"
_SPOKEN = re.compile(r"(1\.0|2\.0)(\.\d+)?")
_FAMILY = {"1.0": "1.0.3", "2.0": "2.0.0"}


def spoken(header: str | None) -> str:
    """Return the version ("1.0.3" or "2.0.0") in which a request is answered. Raises `Rejected`."""
    if header is None:
        raise Rejected(Reason.MISSING_VERSION, "say which xAPI you speak: X-Experience-API-Version: 1.0.3", VERSION)
    known = _SPOKEN.fullmatch(header.strip())
    if known is None:
        raise Rejected(Reason.UNSUPPORTED_VERSION, "this LRS speaks 1.0.x and 2.0.x", VERSION)
    return _FAMILY[known.group(1)]


class XapiProtocol:
    """Checks the version before anything else and puts the headers on every answer below /xapi/."""

    def __init__(self, app: ASGIApp, waiting: Waiting) -> None:
        self._app = app
        self._waiting = waiting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other paths pass through."""
        if scope["type"] != "http" or not scope["path"].startswith("/xapi/"):
            await self._app(scope, receive, send)
            return
        about = scope["path"] == "/xapi/about"
        version, refused = LATEST, None
        try:
            header = Headers(scope=scope).get(VERSION)
            version = LATEST if about and header is None else spoken(header)
        except Rejected as rejected:
            refused = refusal(rejected.reason, rejected.detail, rejected.path)
        scope["xapi_version"] = version

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[VERSION] = version
                if scope.get("xapi_last"):
                    headers["Connection"] = "close"
                if scope["path"].startswith("/xapi/statements"):
                    headers[CONSISTENT_THROUGH] = instant(scope.get("xapi_bound") or self._waiting.bound)
            await send(message)

        await (refused or self._app)(scope, receive, with_headers)

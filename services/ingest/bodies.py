"""The body of a request: bounded in bytes and in time, and in the one media type that is taken."""

import asyncio
from dataclasses import dataclass

from fastapi import Request
from starlette.requests import ClientDisconnect

from schemas.reasons import Reason
from services.common.errors import Rejected
from services.common.http import read_body

_DRAIN_SECONDS = 5.0
_DRAIN_TIMES = 4


@dataclass(frozen=True, slots=True)
class Bodies:
    """Reads bodies of at most so many bytes that arrive within so many seconds."""

    limit: int
    seconds: float

    async def json(self, request: Request) -> bytes:
        """Return the body of an application/json request, raw.

        Rejected: UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, BODY_TOO_SLOW.
        """
        _is_json(request)
        try:
            async with asyncio.timeout(self.seconds):
                return await read_body(request, self.limit)
        except TimeoutError:
            request.scope["xapi_last"] = True
            detail = f"the body was not there within {self.seconds:g} seconds (LEERMIX_BODY_SECONDS)"
            raise Rejected(Reason.BODY_TOO_SLOW, detail) from None
        except Rejected as rejected:
            if rejected.reason is Reason.BODY_TOO_LARGE and "expect" not in request.headers:
                await _drain(request, self.limit)
            raise


def _is_json(request: Request) -> None:
    """RFC 8259: a charset means nothing here, the body is UTF-8 (Communication 1.4)."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        offered = "attachments are not offered yet" if content_type == "multipart/mixed" else "none other is taken"
        raise Rejected(Reason.UNSUPPORTED_MEDIA_TYPE, f"send application/json; {offered}", "Content-Type")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Rejected(Reason.UNSUPPORTED_MEDIA_TYPE, "send the body as it is, not compressed", "Content-Encoding")


async def _drain(request: Request, limit: int) -> None:
    """Read on and drop, for a moment: who is cut off in the middle of sending never sees the answer that says why."""
    dropped = 0
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for chunk in request.stream():
                dropped += len(chunk)
                if dropped > _DRAIN_TIMES * limit:
                    return
    except (TimeoutError, ClientDisconnect):
        return

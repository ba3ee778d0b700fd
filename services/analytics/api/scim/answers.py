"""How SCIM answers (RFC 7644 3.1, 3.12): its media type, its errors, its lists; and what every request brings."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from schemas.reasons import Reason
from services.analytics.domain.people.problems import WrongFile
from services.analytics.domain.scim import filters
from services.analytics.domain.scim.filters import Condition
from services.analytics.domain.scim.problems import WrongRequest
from services.analytics.domain.scim.schemas import ERROR, LIST, MOST_RESULTS
from services.analytics.people.parts import Parts
from services.analytics.people.provisioning import Provisioning
from services.common import metrics
from services.common.access.credentials import Caller
from services.common.errors import Rejected, Unavailable
from services.common.http import RETRY_AFTER, read_body, refusal

MEDIA_TYPE = "application/scim+json"
DRY_RUN = "X-Leermix-Dry-Run"

_LIMIT = 4_000_000
_PAGE = 100


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a SCIM response."""
    return Response(orjson.dumps(content), status, headers, media_type=MEDIA_TYPE)


def listing(resources: Sequence[Mapping[str, Any]], total: int, start: int = 1) -> Response:
    """Return a ListResponse."""
    return answer(
        {
            "schemas": [LIST],
            "totalResults": total,
            "startIndex": start,
            "itemsPerPage": len(resources),
            "Resources": resources,
        }
    )


async def sent(request: Request) -> dict[str, Any]:
    """Return the body of a request, a JSON object. Raises `WrongRequest`."""
    try:
        body = orjson.loads(await read_body(request, _LIMIT))
    except orjson.JSONDecodeError as error:
        raise WrongRequest("invalidSyntax", "the body is not JSON") from error
    if not isinstance(body, dict):
        raise WrongRequest("invalidSyntax", "the body is a JSON object")
    return body


def page(request: Request) -> tuple[int, int]:
    """Return startIndex and count of a list."""
    start = _number(request.query_params.get("startIndex"), 1)
    count = _number(request.query_params.get("count"), _PAGE)
    return max(1, start), max(0, min(count, MOST_RESULTS))


def conditions(request: Request) -> list[Condition]:
    """Return what the filter of a list demands."""
    text = request.query_params.get("filter")
    return filters.conditions(text) if text else []


def wants(request: Request, attribute: str) -> bool:
    """Tell whether the answer shall have this attribute (RFC 7644 3.9)."""
    only, without = (_names(request, name) for name in ("attributes", "excludedAttributes"))
    return (not only or attribute.lower() in only) and attribute.lower() not in without


def chosen(request: Request, resource: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes that the answer shall have; those that say what it is always."""
    return {name: each for name, each in resource.items() if name in ("id", "schemas", "meta") or wants(request, name)}


def provisioning(parts: Parts, request: Request, caller: Caller) -> Provisioning:
    """Return what carries out the changes of this request."""
    dry = request.headers.get(DRY_RUN, "false").lower() == "true"
    return Provisioning(parts, caller.tenant, caller.source, dry=dry)


class ScimRoute(APIRoute):
    """A route whose failures have SCIM's shape."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                response = await handle(request)
            except WrongRequest as wrong:
                return _error(409 if wrong.kind == "uniqueness" else 400, wrong.detail, wrong.kind)
            except WrongFile as wrong:
                return _error(400, wrong.problems[0].detail, "invalidValue")
            except Rejected as refused:
                told = refusal(refused.reason, refused.detail, refused.path)
                _count(refused.reason)
                return _error(told.status_code, refused.detail, None, _kept_headers(told))
            except Unavailable as away:
                _count(Reason.UNAVAILABLE)
                return _error(503, f"{away.what} is away; try again", None, {"Retry-After": RETRY_AFTER})
            if request.headers.get(DRY_RUN, "").lower() == "true":
                response.headers[DRY_RUN] = "true"
            return response

        return handled


def _error(status: int, detail: str, kind: str | None, headers: Mapping[str, str] | None = None) -> Response:
    body = {"schemas": [ERROR], "status": str(status), "detail": detail} | ({"scimType": kind} if kind else {})
    return answer(body, status, headers)


def _kept_headers(response: Response) -> dict[str, str]:
    return {name: response.headers[name] for name in ("WWW-Authenticate", "Retry-After") if name in response.headers}


def _count(reason: Reason) -> None:
    metrics.REFUSED.labels("analytics", reason.value).inc()


def _names(request: Request, parameter: str) -> set[str]:
    text = request.query_params.get(parameter, "")
    return {name.strip().lower().rpartition(":")[2].partition(".")[0] for name in text.split(",") if name.strip()}


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise WrongRequest("invalidValue", "startIndex and count are whole numbers")
    return int(text)

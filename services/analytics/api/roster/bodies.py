"""Bodies and flags of requests about people. All raise `Rejected`."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request

from schemas.reasons import Reason
from services.analytics.domain.people.problems import WrongFile
from services.common.errors import Rejected
from services.common.http import read_body

_LIMIT = 100_000
_ERRORS = 1_000


async def json_object(request: Request, *known: str) -> dict[str, Any]:
    """Return a body that is a JSON object with only these properties; none at all is an empty one."""
    body = await read_body(request, _LIMIT)
    try:
        found = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError as error:
        raise Rejected(Reason.MALFORMED_JSON, "the body is not JSON") from error
    if not isinstance(found, dict):
        raise Rejected(Reason.WRONG_TYPE, "the body is a JSON object")
    for name in found:
        if name not in known:
            raise Rejected(Reason.UNKNOWN_PROPERTY, f"known here: {', '.join(known)}", f"$.{name[:40]}")
    return found


def uuid_in(found: dict[str, Any], name: str) -> str:
    """Return a person id of a body."""
    text = found.get(name)
    try:
        if not isinstance(text, str) or len(text) != 36:
            raise ValueError
        return str(UUID(text))
    except ValueError as error:
        raise Rejected(Reason.INVALID_UUID, f"`{name}` is a person id (a UUID)", f"$.{name}") from error


def flag(text: str | None, name: str) -> bool:
    """Return true or false of the query."""
    if text in (None, "true", "false"):
        return text == "true"
    raise Rejected(Reason.INVALID_PARAMETER, "true or false", f"?{name}")


def day(text: str | None, name: str) -> date | None:
    """Return a date of the query."""
    try:
        if text is not None and len(text) != 10:
            raise ValueError
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise Rejected(Reason.INVALID_PARAMETER, "a date is YYYY-MM-DD", f"?{name}") from error


def refused(wrong: WrongFile) -> Rejected:
    """Return what is wrong with a file as a refusal: every problem with its line and column."""
    found = [{"line": each.line, "column": each.column, "detail": each.detail} for each in wrong.problems]
    first = wrong.problems[0]
    return Rejected(
        Reason.INVALID_FILE,
        f"{len(found)} {'problem' if len(found) == 1 else 'problems'}, listed in `errors`; nothing was taken",
        f"line {first.line}" + (f", {first.column}" if first.column else ""),
        errors=found[:_ERRORS],
        problems=len(found),
    )

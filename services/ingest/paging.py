"""`more`: a link that carries the whole query and a stable place in (stored, id), never an offset."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from schemas.reasons import Reason
from services.common.errors import Rejected
from services.ingest.store import Page

PATH = "/xapi/statements"
MOST = 500
"""Statements on a page, whatever is asked for."""
_VERSION = 1


def token(asked: Page, after: tuple[datetime, UUID]) -> str:
    """Return the opaque value of `cursor` for the page that begins after this place."""
    state = [
        _VERSION,
        asked.since.isoformat(),
        asked.until.isoformat(),
        asked.ascending,
        after[0].isoformat(),
        str(after[1]),
        asked.limit,
    ]
    return base64.urlsafe_b64encode(orjson.dumps(state)).decode().rstrip("=")


def read(cursor: str, credential: str | None) -> Page:
    """Return the page a cursor asks for. Raises `Rejected`: it did not come from a `more` of ours."""
    try:
        state: list[Any] = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        version, since, until, ascending, stored, statement_id, limit = state
        if version != _VERSION or type(ascending) is not bool or type(limit) is not int or not 0 < limit <= MOST:
            raise ValueError
        return Page(
            since=_instant(since),
            until=_instant(until),
            ascending=ascending,
            after=(_instant(stored), UUID(statement_id)),
            credential=credential,
            limit=limit,
        )
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise Rejected(
            Reason.INVALID_PARAMETER, "not a cursor of this LRS: follow `more` as it was given", "?cursor"
        ) from error


def _instant(text: str) -> datetime:
    """Anybody can write a cursor: what is no instant of PostgreSQL's must not get there."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC)

"""What the routes of the person's own voice share: who may use them, and their values."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query, Request
from pydantic import AfterValidator, Field

from schemas.reasons import Reason
from services.analytics.api import parameters
from services.analytics.api.reading import Reading, own
from services.common.access import sight
from services.common.access.credentials import Caller
from services.common.access.scopes import Scope
from services.common.errors import Rejected
from services.common.http import only_parameters

_MINUTE_US = 60_000_000
_MOST_MINUTES = 12 * 60
_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)

_LEAST_US = 1_000_000


def _a_second(minutes: float) -> float:
    if us_of(minutes) < _LEAST_US:
        raise ValueError("at least a second, which is 0.016667 minutes: less would not be seen")
    return minutes


def us_of(minutes: float) -> int:
    """Return minutes as microseconds."""
    return round(minutes * _MINUTE_US)


Minutes = Annotated[float, Field(le=_MOST_MINUTES, strict=True, allow_inf_nan=False), AfterValidator(_a_second)]
"""A length of time that is believed on somebody's word: what is believed of a statement too (MIX.md 1.5)."""
Limit = Annotated[str | None, Query(description="At most so many (100; 1000 at most).")]
Before = Annotated[str | None, Query(description="RFC 3339: only what was made before it, to page back.")]


async def mine(reading: Reading, request: Request, person: str, viewer: str | None, *names: str) -> tuple[Caller, str]:
    """Return the caller and the person of a request that only that person may make."""
    caller = await reading.caller(request, Scope.PEOPLE_READ)
    only_parameters(request, *names)
    person = parameters.person_id(person)
    own(sight.viewer_of(viewer), person)
    return caller, person


def moment(text: str, path: str) -> datetime:
    """Return a moment of a body."""
    try:
        return parameters.moment(text, path)
    except Rejected as error:
        raise Rejected(Reason.INVALID_TIMESTAMP, error.detail, path) from error


def page(limit: str | None, before: str | None) -> tuple[int, datetime]:
    """Return how many are asked for, and before which moment they were made."""
    asked = parameters.limit(limit, default=100, most=1000)
    return asked, _FOR_EVER if before is None else parameters.moment(before, "before")


def minutes_of(minutes_us: int) -> float:
    """Return microseconds as the minutes of JSON."""
    return round(minutes_us / _MINUTE_US, 6)

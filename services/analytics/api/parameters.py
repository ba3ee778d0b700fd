"""Parameters of the analytics API: what a request gives as text, as values. All raise `Rejected`."""

from datetime import UTC, date, datetime
from typing import Annotated, cast, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Header, Query

from schemas.events import LearningClass
from schemas.reasons import Reason
from schemas.xapi.times import parse_timestamp
from services.analytics.domain.figures import By
from services.analytics.domain.minutes.days import day_of, default_window
from services.analytics.domain.minutes.instants import from_us, to_us
from services.common.errors import Rejected

Viewer = Annotated[
    str | None,
    Header(
        alias="X-Leermix-Viewer",
        description="Who is looking: `self` (the app vouches that it is the person) or the viewer's person id, "
        "who needs this person's share.",
    ),
]
Format = Annotated[
    str | None, Query(alias="format", description="json (default), csv, csv-nl (as a Dutch Excel opens it), parquet.")
]
Since = Annotated[
    str | None,
    Query(description="RFC 3339, inclusive. Default: the first of the 28 local days that end with the window."),
]
Until = Annotated[str | None, Query(description="RFC 3339, exclusive. Default: the end of today.")]

_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
CLASSES: tuple[LearningClass, ...] = get_args(LearningClass)


def person_id(text: str, path: str = "id") -> str:
    """Return a person id of the path."""
    return uuid_of(text, path, "a person id is a UUID")


def uuid_of(text: str, path: str, otherwise: str = "not a UUID") -> str:
    """Return an id of the path of a request, as keys write it."""
    try:
        if len(text) != 36:  # UUID() also takes braces, urn: and no dashes at all
            raise ValueError
        return str(UUID(text))
    except ValueError as error:
        raise Rejected(Reason.INVALID_PARAMETER, otherwise, path) from error


def moment(text: str, name: str) -> datetime:
    """Return an RFC 3339 timestamp of the query."""
    try:
        found = parse_timestamp(text)
    except ValueError as error:
        raise Rejected(
            Reason.INVALID_PARAMETER, "not an RFC 3339 timestamp (a + in a URL is %2B)", f"?{name}"
        ) from error
    if not _EARLIEST <= found < _LATEST:
        raise Rejected(Reason.INVALID_PARAMETER, "a moment lies between the years 1900 and 9000", f"?{name}")
    return found


def window(since: str | None, until: str | None, zone: ZoneInfo, now_us: int) -> tuple[int, int]:
    """Return [since, until): by default the 28 local days that end with the window, and the window ends today."""
    until_us = default_window(now_us, zone)[1] if until is None else to_us(moment(until, "until"))
    since_us = default_window(until_us - 1, zone)[0] if since is None else to_us(moment(since, "since"))
    if since_us >= until_us:
        raise Rejected(Reason.INVALID_PARAMETER, "since must lie before until", "?since")
    return since_us, until_us


def month(text: str | None, zone: ZoneInfo, now_us: int) -> tuple[date, date]:
    """Return the first day of a calendar month and of the next; by default the one in which today lies."""
    if text is None:
        first = day_of(now_us, zone).replace(day=1)
    else:
        try:
            first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
            if len(text) != 7 or not _EARLIEST.year <= first.year < _LATEST.year:
                raise ValueError
        except ValueError as error:
            raise Rejected(Reason.INVALID_PARAMETER, "a month is YYYY-MM, such as 2026-10", "?month") from error
    return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)


def classes(text: str | None) -> frozenset[LearningClass]:
    """Return the classes to be shown: the one that is asked for, or all."""
    if text is None:
        return frozenset(CLASSES)
    for known in CLASSES:
        if text == known:
            return frozenset({known})
    raise Rejected(Reason.INVALID_PARAMETER, f"mode is one of {', '.join(CLASSES)}", "?mode")


def by(text: str | None) -> By:
    """Return what shares are of: minutes when nobody says."""
    for known in get_args(By):
        if text == known:
            return cast("By", known)
    if text is None:
        return "minutes"
    raise Rejected(Reason.INVALID_PARAMETER, f"by is one of {', '.join(get_args(By))}", "?by")


def truth(text: str | None, name: str, *, otherwise: bool) -> bool:
    """Return what `true` or `false` says; `otherwise` when nobody says."""
    if text is None:
        return otherwise
    if text not in ("true", "false"):
        raise Rejected(Reason.INVALID_PARAMETER, f"{name} is true or false", f"?{name}")
    return text == "true"


def limit(text: str | None, default: int, most: int) -> int:
    """Return how many are asked for, at most `most`."""
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise Rejected(Reason.INVALID_PARAMETER, "a whole number above 0", "?limit")
    return min(int(text), most)


def text_of(moment_us: int) -> str:
    """Return a moment as the API writes it: RFC 3339 in UTC, with as many digits as it needs."""
    return from_us(moment_us).isoformat().removesuffix("+00:00") + "Z"

"""Windows of whole months: figures about groups have nothing finer (MIX.md 3.1)."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from schemas.reasons import Reason
from services.analytics.api import parameters
from services.analytics.domain.minutes.days import day_bounds, day_of
from services.common.errors import Rejected

_MOST_MONTHS = 13
_USUAL_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Months:
    """The local days [first, until) of whole months, the last of them to date; and the same in microseconds."""

    first: date
    until: date
    since_us: int
    until_us: int

    @property
    def last(self) -> date:
        """The last day."""
        return self.until - timedelta(days=1)


def one_month(text: str | None, zone: ZoneInfo, now_us: int) -> Months:
    """Return a month, by default the one in which today lies."""
    return _months(*parameters.month(text, zone, now_us), zone, now_us)


def months(since: str | None, until: str | None, zone: ZoneInfo, now_us: int) -> Months:
    """Return the months from `since` up to, not including, `until`: by default the last three, with this one."""
    _, following = parameters.month(None, zone, now_us)
    end = following if until is None else _named(until, "?until", zone, now_us)
    begin = _back(end, _USUAL_MONTHS) if since is None else _named(since, "?since", zone, now_us)
    if begin >= end:
        raise Rejected(Reason.INVALID_PARAMETER, "since must lie before until", "?since")
    if begin < _back(end, _MOST_MONTHS):
        raise Rejected(Reason.INVALID_PARAMETER, f"at most {_MOST_MONTHS} months at once", "?since")
    return _months(begin, end, zone, now_us)


def _months(first: date, following: date, zone: ZoneInfo, now_us: int) -> Months:
    """Return these months without the days to come; a month to come has none."""
    tomorrow = day_of(now_us, zone) + timedelta(days=1)
    until = max(first, min(following, tomorrow))
    return Months(first, until, day_bounds(first, zone)[0], day_bounds(until, zone)[0])


def _named(text: str, path: str, zone: ZoneInfo, now_us: int) -> date:
    try:
        return parameters.month(text, zone, now_us)[0]
    except Rejected as error:
        raise Rejected(error.reason, error.detail, path) from error


def _back(month: date, months: int) -> date:
    years, place = divmod(month.year * 12 + month.month - 1 - months, 12)
    return date(years, place + 1, 1)

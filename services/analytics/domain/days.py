"""Days: stretches cut at the midnights of the tenant's time zone (MIX.md 1, rules 13 and 15).

A day runs from the first instant of its local date to the first instant of the next, so it has 23 to 25 hours where
clocks change, and none at all where a zone skipped a date. Minutes are elapsed time, whatever the clock showed.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from schemas.events import LearningClass
from services.analytics.domain.claims import Claim, from_us, to_us
from services.analytics.domain.stretches import Stretch

_DAY = timedelta(days=1)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return the first microsecond of a local date, and that of the next."""
    return _first_instant(day, zone), _first_instant(day + _DAY, zone)


def day_of(moment_us: int, zone: ZoneInfo) -> date:
    """Return the day into which a moment falls."""
    day = from_us(moment_us).astimezone(zone).date()
    # Where a clock goes back over midnight a local date comes twice: the second time is of the day that has begun.
    if moment_us >= _first_instant(day + _DAY, zone):
        return day + _DAY
    return day


def default_window(now_us: int, zone: ZoneInfo, days: int = 28) -> tuple[int, int]:
    """Return the bounds of so many local days of which the last is today."""
    today = day_of(now_us, zone)
    return _first_instant(today - (days - 1) * _DAY, zone), _first_instant(today + _DAY, zone)


def by_day(stretches: Iterable[Stretch], zone: ZoneInfo) -> dict[date, dict[LearningClass, int]]:
    """Return the microseconds of each mode on each day that has any."""
    totals: dict[date, dict[LearningClass, int]] = {}
    for stretch in stretches:
        for day, length_us in _cut(stretch.start_us, stretch.end_us, zone):
            modes = totals.setdefault(day, {})
            modes[stretch.mode] = modes.get(stretch.mode, 0) + length_us
    return totals


def days_touched(claims: Iterable[Claim], zone: ZoneInfo) -> set[date]:
    """Return the days whose figures these claims can change: those of their intervals and of their moments."""
    touched: set[date] = set()
    for claim in claims:
        touched.add(day_of(claim.t_us, zone))
        touched.update(day for day, _ in _cut(claim.start_us, claim.end_us, zone))
    return touched


def _cut(start_us: int, end_us: int, zone: ZoneInfo) -> Iterator[tuple[date, int]]:
    """Yield the days of an interval, each with its share of it."""
    day = day_of(start_us, zone)
    while start_us < end_us:
        midnight = _first_instant(day + _DAY, zone)
        stop = min(end_us, midnight)
        if stop > start_us:
            yield day, stop - start_us
        start_us, day = stop, day + _DAY


@lru_cache(maxsize=4096)
def _first_instant(day: date, zone: ZoneInfo) -> int:
    """Return the first instant whose local date is `day` or later."""
    midnight = datetime.combine(day, time.min, zone)
    latest, earliest = (to_us(midnight.replace(fold=fold).astimezone(UTC)) for fold in (0, 1))
    if latest <= earliest:
        return latest  # midnight exists: once, or twice where the clock goes back over it
    # Midnight was skipped: the clock went forward over it, at some instant between these two readings of it.
    offset = midnight.replace(fold=1).utcoffset()
    while latest - earliest > 1:
        middle = (earliest + latest) // 2
        if from_us(middle).astimezone(zone).utcoffset() == offset:
            latest = middle
        else:
            earliest = middle
    return latest

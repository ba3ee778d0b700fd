"""Days: the calendar days of the tenant's time zone (MIX.md 1, rules 13 and 15).

A day runs from the first instant of its local date to the first instant of the next, so it has 23 to 25 hours where
clocks change, and none at all where a zone skipped a date. Minutes are elapsed time, whatever the clock showed.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.analytics.domain.minutes.instants import from_us, to_us

_DAY = timedelta(days=1)
_HOUR_US = 3_600_000_000


def day_bounds(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return the first microsecond of a local date, and that of the next."""
    return first_instant(day, zone), first_instant(day + _DAY, zone)


def day_of(moment_us: int, zone: ZoneInfo) -> date:
    """Return the day into which a moment falls."""
    day, end_us = _day_of_hour(moment_us // _HOUR_US, zone)
    return day if moment_us < end_us else _day_of(moment_us, zone)


@lru_cache(maxsize=16_384)
def _day_of_hour(hour: int, zone: ZoneInfo) -> tuple[date, int]:
    """Return the day in which an hour (of UTC, since the epoch) begins, and the first instant after that day."""
    day = _day_of(hour * _HOUR_US, zone)
    return day, first_instant(day + _DAY, zone)


def _day_of(moment_us: int, zone: ZoneInfo) -> date:
    day = from_us(moment_us).astimezone(zone).date()
    # Where a clock goes back over midnight a local date comes twice: the second time is of the day that has begun.
    if moment_us >= first_instant(day + _DAY, zone):
        return day + _DAY
    return day


def default_window(now_us: int, zone: ZoneInfo, days: int = 28) -> tuple[int, int]:
    """Return the bounds of so many local days of which the last is today."""
    today = day_of(now_us, zone)
    return first_instant(today - (days - 1) * _DAY, zone), first_instant(today + _DAY, zone)


def days_touched(intervals: Iterable[tuple[int, int]], zone: ZoneInfo) -> set[date]:
    """Return the days that these intervals [start, end) touch; an empty one touches the day of its start."""
    touched: set[date] = set()
    for start_us, end_us in intervals:
        day = day_of(start_us, zone)
        touched.add(day)
        while (midnight := first_instant(day + _DAY, zone)) < end_us:
            day += _DAY
            if midnight < first_instant(day + _DAY, zone):  # a date that the zone skipped has no time
                touched.add(day)
    return touched


@lru_cache(maxsize=4096)
def first_instant(day: date, zone: ZoneInfo) -> int:
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

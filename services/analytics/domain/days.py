"""Days of the first pipeline: its stretches cut at midnights. What a day is stands in minutes/days.py."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from schemas.events import LearningClass
from services.analytics.domain.claims import Claim
from services.analytics.domain.minutes.days import day_bounds as day_bounds
from services.analytics.domain.minutes.days import day_of as day_of
from services.analytics.domain.minutes.days import default_window as default_window
from services.analytics.domain.minutes.days import first_instant
from services.analytics.domain.stretches import Stretch

_DAY = timedelta(days=1)


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
        midnight = first_instant(day + _DAY, zone)
        stop = min(end_us, midnight)
        if stop > start_us:
            yield day, stop - start_us
        start_us, day = stop, day + _DAY

"""Calendar months, each named by its first day."""

from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from services.analytics.domain.groups.contribution import Contribution, contribution
from services.analytics.domain.minutes.days import first_instant
from services.analytics.domain.minutes.facts import Held
from services.analytics.domain.minutes.sums import reach


def month_of(day: date) -> date:
    """Return the month in which a day lies."""
    return day.replace(day=1)


def following(month: date) -> date:
    """Return the month after this one."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def before(month: date, number: int = 1) -> date:
    """Return the month so many before this one."""
    place = month.year * 12 + month.month - 1 - number
    return date(place // 12, place % 12 + 1, 1)


def months(first: date, last: date) -> list[date]:
    """Return the months from one to another, both included."""
    found = []
    while first <= last:
        found.append(first)
        first = following(first)
    return found


def contributions(
    held: Iterable[Held], since: date, last: date, horizon_us: int, zone: ZoneInfo
) -> Mapping[date, Contribution]:
    """Return what a person contributes to each month from `since` to `last` that has anything.

    `held` is everything of the person that reaches into these; nothing counts from the horizon on.
    """
    spans = [(*_reach(each), each) for each in held]
    found: dict[date, Contribution] = {}
    for month in months(since, last):
        start, end = first_instant(month, zone), min(first_instant(following(month), zone), horizon_us)
        here = [each for first, until, each in spans if first < end and until >= start]
        if here and (made := contribution(here, start, end)) is not None:
            found[month] = made
    return found


def _reach(each: Held) -> tuple[int, int]:
    start, end = reach(each.footprint)
    return min(start, each.fact.t_us, each.claimed.since_us or start), max(end, each.fact.t_us)

"""Where somebody was in a calendar month: one team, one role, one location per person per month (MIX.md 3.1).

The one with most days counts; of equals the later one. A membership without a team, role or location says nothing of
it.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from services.analytics.domain.people.wanted import Membership

_DAY = timedelta(days=1)


def membership_on(memberships: Iterable[Membership], day: date) -> Membership | None:
    """Return the membership that holds on a day: of several the one that began last."""
    return max((each for each in memberships if each.holds_on(day)), key=_order, default=None)


def belongs_in(memberships: Iterable[Membership], month: date) -> bool:
    """Tell whether somebody belongs to the organisation on any day of the month that begins with this day."""
    return any(each.since < _next(month) and (each.until is None or each.until > month) for each in memberships)


def team_of_month(memberships: Iterable[Membership], month: date) -> str | None:
    """Return the team of the month that begins with this day; None without one."""
    return _of_month(((each.team, each) for each in memberships if each.team), month)


def role_of_month(memberships: Iterable[Membership], month: date) -> str | None:
    """Return the role of the month that begins with this day; None without one."""
    return _of_month(((each.role, each) for each in memberships if each.role), month)


def location_of_month(memberships: Iterable[Membership], month: date) -> str | None:
    """Return the location of the month that begins with this day; None without one."""
    return _of_month(((each.location, each) for each in memberships if each.location), month)


def _of_month(told: Iterable[tuple[str, Membership]], month: date) -> str | None:
    periods: dict[str, list[tuple[date, date]]] = {}
    for value, each in told:
        since, until = max(each.since, month), min(each.until or date.max, _next(month))
        if since < until:
            periods.setdefault(value, []).append((since, until))
    days = {value: _days(sorted(held)) for value, held in periods.items()}
    return max(days, key=lambda value: (*_weight(days, periods, value), value), default=None)


def _weight(
    days: Mapping[str, int], periods: Mapping[str, list[tuple[date, date]]], value: str
) -> tuple[int, date, date]:
    held = periods[value]
    return days[value], max(until for _, until in held), max(since for since, _ in held)


def _days(held: list[tuple[date, date]]) -> int:
    """Return how many days these cover, each day once."""
    total, reached = 0, date.min
    for since, until in held:
        total += max(0, (until - max(since, reached)).days)
        reached = max(reached, until)
    return total


def _order(membership: Membership) -> tuple[date, str]:
    return membership.since, membership.team


def _next(month: date) -> date:
    return (month.replace(day=28) + 4 * _DAY).replace(day=1)

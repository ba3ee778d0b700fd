"""Day sums: one person's claims folded into the days that they touch."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.events import LearningClass
from services.analytics.domain.claims import Claim
from services.analytics.domain.days import by_day, day_of
from services.analytics.domain.stretches import stretches


class Sum(NamedTuple):
    """What a class has on a day: time, and how many statements."""

    microseconds: int
    events: int


def day_sums(claims: Iterable[Claim], days: Iterable[date], zone: ZoneInfo) -> dict[date, dict[LearningClass, Sum]]:
    """Return the sums of these days; `claims` must hold all of the person's that touch one of them (MIX.md 1, 16)."""
    kept = set(claims)
    minutes = by_day(stretches(kept), zone)
    events = Counter((day_of(claim.t_us, zone), claim.mode) for claim in kept)
    sums: dict[date, dict[LearningClass, Sum]] = {}
    for day in days:
        timed = minutes.get(day, {})
        counted = {mode: number for (on, mode), number in events.items() if on == day}
        sums[day] = {mode: Sum(timed.get(mode, 0), counted.get(mode, 0)) for mode in timed.keys() | counted.keys()}
    return sums

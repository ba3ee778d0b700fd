"""When the people of the story work: weekdays, shifts, weekends, nights, and days off."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.console.story.hospital import Person

_EARLY = (time(7, 0), timedelta(hours=8, minutes=15))
_LATE = (time(14, 45), timedelta(hours=8))
_NIGHT = (time(22, 45), timedelta(hours=8, minutes=15))
_OFFICE = (time(8, 30), timedelta(hours=8, minutes=30))
_KITCHEN_EARLY = (time(6, 30), timedelta(hours=8))
_KITCHEN_LATE = (time(11, 30), timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch of work, in UTC: elapsed time stays right where the clocks change."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.end - self.start) / timedelta(minutes=1))


def month_bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of a month and of the next one, in UTC; `month` is its first day."""
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    first, last = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in (month, following))
    return first, last


def shifts(person: Person, month: date, zone: ZoneInfo, draws: random.Random) -> list[Shift]:
    """Return a person's shifts of a month, none of which leaves it."""
    first, last = month_bounds(month, zone)
    worked = []
    part_time = draws.random() < 0.4
    for offset in range(31):
        day = month + timedelta(days=offset)
        hours = _hours(person, day)
        free = draws.random() < (0.2 if part_time else 0.03)
        if hours is None or free:
            continue
        start = datetime.combine(day, hours[0], zone).astimezone(UTC)
        if first <= start and start + hours[1] < last:
            worked.append(Shift(start, start + hours[1]))
    return worked


def _hours(person: Person, day: date) -> tuple[time, timedelta] | None:
    """Return when somebody's shift begins on that day and how long it is, or None on a day off."""
    if person.team.pattern == "office":
        return _OFFICE if day.weekday() < 5 else None
    turn = day.toordinal() + 3 * person.number
    if turn % 7 >= 5:
        return None
    week = turn // 7
    if person.team.pattern == "early_late":
        return (_KITCHEN_EARLY, _KITCHEN_LATE)[week % 2]
    return (_EARLY, _LATE, _EARLY, _NIGHT)[week % 4]

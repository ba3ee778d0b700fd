"""What is known about a person when a suggestion is made, read from the mix that analytics published."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from schemas.events import MODES, DaySum, LearningClass, Mix, Mode
from services.recommend.domain.choose import Situation

WINDOW_DAYS = 28
_MINUTE = 60_000_000  # microseconds
_NO_LEARNING: LearningClass = "not_learning"


def situation_of(mix: Mix | None, now: datetime, offered: Collection[str]) -> Situation:
    """The Situation of a person with this mix, to whom these interventions were offered before.

    Minutes are those of the 28 local days of which the last is today (MIX.md 1, rule 15). There are no targets yet,
    hence no gaps. Somebody of whom no learning is recorded at all, on any day, has no data.
    """
    seen = frozenset(offered)
    if mix is None:
        return Situation(has_data=False, offered=seen)
    if not any(_tells_of_learning(day) for day in mix.days):
        return Situation(has_data=False, visible=mix.visible, offered=seen)
    today = now.astimezone(ZoneInfo(mix.time_zone)).date()
    return Situation(has_data=True, minutes=_minutes(mix, today), visible=mix.visible, offered=seen)


def _tells_of_learning(day: DaySum) -> bool:
    return any(day.microseconds.values()) or any(n for kind, n in day.events.items() if kind != _NO_LEARNING)


def _minutes(mix: Mix, today: date) -> dict[Mode, float]:
    first = today - timedelta(days=WINDOW_DAYS - 1)
    days = [day.microseconds for day in mix.days if first <= day.day <= today]
    return {mode: sum(day.get(mode, 0) for day in days) / _MINUTE for mode in MODES}

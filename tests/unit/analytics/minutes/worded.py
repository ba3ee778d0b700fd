"""Facts and statements in few words, for the tests of the minutes. Times are UTC unless they say otherwise."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.analytics.domain.classify.classified import Classified, Learner
from services.analytics.domain.minutes.days import day_of
from services.analytics.domain.minutes.facts import Fact, Held, footprints
from services.analytics.domain.minutes.instants import to_us
from services.analytics.domain.minutes.reading import facts_of
from services.analytics.domain.minutes.sums import DaySum, day_sums, touched
from services.analytics.domain.minutes.threads import held as held_of

MINUTE = 60_000_000
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
UTC = ZoneInfo("UTC")
VERBS = "http://adlnet.gov/expapi/verbs/"
ANNA = {"mbox": "mailto:anna@example.nl"}
COURSE = "https://lms.example.nl/course"
FORMAL = Classified("formal", "test.formal")
SOCIAL = Classified("social", "test.social", default_us=2 * MINUTE, default_from="registry")
AID = Classified("experiential", "test.aid", default_us=3 * MINUTE, default_from="registry")


def at(text: str) -> int:
    """The microseconds of `10:00` on 2 November 2026, of `3 09:00` on another day of that month, or of RFC 3339."""
    if "T" in text:
        return to_us(datetime.fromisoformat(text))
    day, _, clock = text.rpartition(" ")
    return to_us(datetime.fromisoformat(f"2026-11-{int(day or 2):02}T{clock}+00:00"))


def stamp(text: str) -> str:
    """The same as a timestamp."""
    return datetime.fromtimestamp(at(text) / 1e6, ZoneInfo("UTC")).isoformat()


def statement(verb: str, when: str | None, duration: str | None = None, **more: Any) -> dict[str, Any]:
    """A statement of Anna about the course in its registration; `on`, `registration`, `sid`, `actor` change that."""
    on, sid = more.get("on", COURSE), more.get("sid") or f"{verb} {when} {more.get('on', '')}"
    said: dict[str, Any] = {
        "id": sid,
        "actor": more.get("actor", ANNA),
        "verb": {"id": VERBS + verb},
        "object": on if isinstance(on, dict) else {"id": on},
    }
    registration = more.get("registration", "r1" if on == COURSE else None)
    if registration:
        said["context"] = {"registration": registration}
    if when is not None:
        said["timestamp"] = stamp(when)
    if duration is not None:
        said["result"] = {"duration": duration}
    return said


def facts(classified: Classified, *statements: dict[str, Any], arrived: str = "20 12:00") -> list[Fact]:
    """What these statements say; without learners in `classified` it is the actor."""
    found = []
    for each in statements:
        named = classified if classified.learners else _with(classified, Learner(each["actor"]))
        found += facts_of(each, arrived_us=at(arrived), source="test", classified=named)
    return found


def _with(classified: Classified, *learners: Learner) -> Classified:
    return replace(classified, learners=learners)


def held(*parts: Iterable[Fact]) -> list[Held]:
    """All facts of one person, with what their threads give them."""
    return held_of(fact for part in parts for fact in part)


def totals(*parts: Iterable[Fact], zone: ZoneInfo = UTC) -> dict[str, DaySum]:
    """The sums of one person over all days, by class."""
    everything = held(*parts)
    found: dict[str, DaySum] = {}
    for sums in day_sums(footprints(everything), touched(footprints(everything), zone), zone).values():
        for mode, row in sums.items():
            total = found.setdefault(mode, DaySum())
            total += row
    return found


def minutes(*parts: Iterable[Fact], zone: ZoneInfo = UTC) -> dict[str, float]:
    """The minutes of one person by class."""
    return {mode: row.minutes_us / MINUTE for mode, row in totals(*parts, zone=zone).items()}


def by_day(*parts: Iterable[Fact], zone: ZoneInfo = UTC) -> dict[int, dict[str, float]]:
    """The minutes of one person by day of the month and class."""
    everything = held(*parts)
    days = day_sums(footprints(everything), touched(footprints(everything), zone), zone)
    return {day.day: {mode: row.minutes_us / MINUTE for mode, row in sums.items()} for day, sums in days.items()}


def day(text: str, zone: ZoneInfo = UTC) -> Any:
    return day_of(at(text), zone)

"""Pauses: times of which nothing about a person is derived, whenever a statement about them comes."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.analytics.domain.minutes.facts import Fact
from services.analytics.domain.voice.additions import ADDED


@dataclass(frozen=True, slots=True)
class Pause:
    """A time [since, until); None: it lasts."""

    since_us: int
    until_us: int | None = None


def paused(pauses: Iterable[Pause], t_us: int) -> bool:
    """Tell whether what happened at that moment lies in one of the person's pauses."""
    return any(each.since_us <= t_us and (each.until_us is None or t_us < each.until_us) for each in pauses)


def silent(fact: Fact, pauses: Iterable[Pause]) -> bool:
    """Tell whether nothing is derived from a fact because the person paused; a pause does not silence the own word."""
    return fact.rule != ADDED and paused(pauses, fact.t_us)

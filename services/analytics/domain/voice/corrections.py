"""Corrections: "this is not right" about one statement, laid over its fact before there are any minutes."""

from dataclasses import dataclass, replace

from schemas.events import MODES, LearningClass
from services.analytics.domain.minutes.facts import Fact

CORRECTED = "self.corrected"
"""The rule that is named where a person chose the mode (law 6)."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What one learner says of one statement. None keeps what the statement said; `minutes_us` is never 0."""

    mode: LearningClass | None
    minutes_us: int | None


def overlay(fact: Fact, correction: Correction | None) -> Fact:
    """Return the fact as the person tells it, marked self-reported; without a correction, as it was."""
    if correction is None:
        return fact
    told = replace(fact, flags=fact.flags | {"self"})
    if correction.minutes_us is not None:
        told = replace(told, duration_us=correction.minutes_us, flags=told.flags - {"disbelieved"})
    if correction.mode is None:
        return told
    return _in_mode(replace(told, rule=CORRECTED, entry=None), correction.mode)


def _in_mode(fact: Fact, mode: LearningClass) -> Fact:
    if mode in MODES and fact.given:  # guiding can be learning too: the person may say so (MIX.md 1.3)
        return replace(fact, mode=mode, role="learner")
    return replace(fact, mode=mode)  # not_learning claims nothing by its mode alone (MIX.md 1.4)

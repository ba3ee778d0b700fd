"""Figures of a group: nothing below k people, and nothing of a mode that only a few contributed to (law 9).

MIX.md 3. This version knows one block, the whole organisation: there are no teams yet to be joined.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.events import MODES, LearningClass
from services.analytics.domain.mix import Tally, figures

K = 5
"""The fewest people of whom a group figure may be told."""

_BESIDE: Mapping[str, LearningClass] = {
    "unclassified": "unclassified",
    "unclassified_minutes": "unclassified",
    "not_learning": "not_learning",
}
"""Figures that stand beside the mix: each is withheld by itself (null), since no shown sum contains it."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """What a class has in the month over all people: time, statements, and by how many people."""

    microseconds: int
    events: int
    contributors: int


def group_figures(pooled: Mapping[LearningClass, Pooled], people: int, k: int = K) -> dict[str, Any]:
    """Return the pooled figures of `people` (those with learning in the month), or that they are hidden and why."""
    because = _because(pooled, people, k)
    if because is not None:
        return {"hidden": True, "because": because}
    counted = Tally({cls: of.events for cls, of in pooled.items()}, {})
    told = figures({cls: of.microseconds for cls, of in pooled.items()}, counted)
    for name, cls in _BESIDE.items():
        if _few(pooled, cls, k):
            told[name] = None
    del told["flags"]
    return {"hidden": False, "people": people} | told


def _because(pooled: Mapping[LearningClass, Pooled], people: int, k: int) -> str | None:
    if people < k:
        return f"fewer than {k} people have recorded learning in this month"
    if any(_few(pooled, mode, k) for mode in MODES):
        return f"a mode has fewer than {k} contributors in this month"
    return None


def _few(pooled: Mapping[LearningClass, Pooled], cls: LearningClass, k: int) -> bool:
    return cls in pooled and 0 < pooled[cls].contributors < k

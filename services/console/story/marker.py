"""The anchor of the story: one statement with a fixed id that says which month was told, kept by the LRS itself.

A second run asks for it and so sends the very same statements, months later and from any machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid5
from zoneinfo import ZoneInfo

from services.console.story.hospital import HOME
from services.console.story.month import NAMESPACE
from services.console.story.shifts import month_bounds

STORY = 1
"""The version of the story: to be raised with every change of what `tell` returns."""
MARKER_ID = str(uuid5(NAMESPACE, "marker"))

_EXTENSION = "https://leermix.example/xapi/extensions/demo-story"


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the story is told from: the first day of its month, the zone of its clocks, the dice, its version."""

    month: date
    zone: ZoneInfo
    seed: int
    story: int = STORY


def last_full_month(today: date) -> date:
    """Return the first day of the calendar month before today's."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def marker(anchor: Anchor) -> dict[str, Any]:
    """Return the statement that keeps the anchor. Its actor is a group without members: nobody's learning."""
    first, _ = month_bounds(anchor.month, anchor.zone)
    return {
        "id": MARKER_ID,
        "actor": {
            "objectType": "Group",
            "name": "De Lindehof",
            "account": {"homePage": HOME, "name": "lindehof"},
        },
        "verb": {"id": "https://w3id.org/xapi/tla/verbs/scheduled", "display": {"nl": "plande", "en": "scheduled"}},
        "object": {
            "objectType": "Activity",
            "id": "https://leermix.example/demo/story",
            "definition": {
                "name": {"nl": "Het verhaal van de demo", "en": "The story of the demo"},
                "extensions": {
                    _EXTENSION: {
                        "month": anchor.month.isoformat(),
                        "zone": anchor.zone.key,
                        "seed": anchor.seed,
                        "story": anchor.story,
                    }
                },
            },
        },
        "timestamp": first.isoformat(),
        "version": "1.0.3",
    }


def anchor_in(statement: Mapping[str, Any]) -> Anchor:
    """Return the anchor that a marker keeps."""
    kept = statement["object"]["definition"]["extensions"][_EXTENSION]
    return Anchor(date.fromisoformat(kept["month"]), ZoneInfo(kept["zone"]), kept["seed"], kept["story"])

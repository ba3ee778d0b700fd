"""First one wins (law 3): what becomes of statements that meet each other under one id. Pure; the store executes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from services.ingest.records import Key, Received

_TICK = timedelta(microseconds=1)


class Verdict(Enum):
    """What the store says of a record whose id it had kept before."""

    SAME = auto()
    """The very same: nothing to do."""
    EQUAL = auto()
    """Equal by the specification, but a reader may have counted something else: a ruling says what is kept."""
    CONFLICT = auto()
    """Another statement: a dead letter, and a ruling."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store holds under an id."""

    digest: bytes
    fingerprint: bytes


def judge(kept: Kept, received: Received) -> Verdict:
    """Compare a later arrival with what is kept under its id."""
    if received.digest != kept.digest:
        return Verdict.CONFLICT
    return Verdict.SAME if received.fingerprint == kept.fingerprint else Verdict.EQUAL


def stamp_stored(arrivals: Iterable[Received], watermark: datetime) -> tuple[list[datetime], datetime]:
    """Return the final `stored` of each arrival, and the partition's new watermark.

    What was stamped at or before the watermark moves just after it, so that consistent-through is a true bound.
    """
    stored = []
    for received in arrivals:
        watermark = max(received.stored, watermark + _TICK)
        stored.append(watermark)
    return stored, watermark


def firsts(arrivals: Iterable[Received]) -> Mapping[Key, int]:
    """Return for each key the place of its first arrival in this batch."""
    places: dict[Key, int] = {}
    for place, received in enumerate(arrivals):
        places.setdefault(received.key, place)
    return places

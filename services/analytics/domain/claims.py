"""Claims: what one statement says about one person's time (MIX.md 1, rules 2, 4 and 5).

Time is integer microseconds since the Unix epoch, UTC, from here until JSON: sums are exact and order cannot matter.
A claim is the interval that ends at the statement's `timestamp` and lasts its `result.duration`. Without a duration
that can be believed it is empty (it starts where it ends): the event counts, its minutes do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from schemas.events import LearningClass
from schemas.xapi.times import parse_duration, parse_timestamp
from services.analytics.domain.minutes.instants import from_us as from_us
from services.analytics.domain.minutes.instants import to_us as to_us

Known = Literal["reported", "session", "default", "none"]
"""How minutes are known, best first (law 6). This version finds `reported` and `none`."""
Flag = Literal["arrival", "disbelieved"]
"""What is odd: the statement had no usable timestamp; it had a duration that is not believed."""

CAP_US = 12 * 3600 * 1_000_000
"""The longest duration that is believed when nobody says otherwise."""

_EARLIEST = datetime(2, 1, 1, tzinfo=UTC)
_LATEST = datetime(9998, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement about one person: the moment `t_us`, and the interval [start_us, end_us) that it claims."""

    statement_id: str
    person: str
    mode: LearningClass
    t_us: int
    start_us: int
    end_us: int
    known: Known
    flags: frozenset[Flag] = frozenset()

    @property
    def length_us(self) -> int:
        """How much wall-clock time is claimed; 0 for an event without minutes."""
        return self.end_us - self.start_us


def claim(
    statement: Mapping[str, Any], *, person: str, mode: LearningClass, arrived_us: int, cap_us: int = CAP_US
) -> Claim:
    """Return what a stored statement (with its id) claims for one person who learned by it in that mode.

    `arrived_us` is the arrival that ingest stamped, for a statement without a timestamp.
    """
    t_us, arrival = _moment(statement.get("timestamp"), arrived_us)
    flags: set[Flag] = {"arrival"} if arrival else set()
    length_us = 0
    if mode != "not_learning":
        length_us, disbelieved = _believed(statement.get("result", {}).get("duration"), cap_us)
        flags |= {"disbelieved"} if disbelieved else set()
    return Claim(
        statement_id=statement["id"],
        person=person,
        mode=mode,
        t_us=t_us,
        start_us=t_us - length_us,
        end_us=t_us,
        known="reported" if length_us else "none",
        flags=frozenset(flags),
    )


def _moment(text: str | None, arrived_us: int) -> tuple[int, bool]:
    """Return the statement's t, and whether it is the arrival because no calendar can hold what was sent."""
    if text is None:
        return arrived_us, True
    try:
        moment = parse_timestamp(text)
    except ValueError:
        return arrived_us, True
    if not _EARLIEST <= moment < _LATEST:
        return arrived_us, True
    return to_us(moment), False


def _believed(text: str | None, cap_us: int) -> tuple[int, bool]:
    """Return the length of a duration and False, or 0 and whether one was sent that is not believed."""
    if text is None:
        return 0, False
    try:
        duration = parse_duration(text)
    except ValueError:
        return 0, True
    if duration.calendar or not 0 < duration.microseconds <= cap_us:
        return 0, True
    return duration.microseconds, False

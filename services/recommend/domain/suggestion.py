"""The life of a suggestion: offered, open for a day at most, closed by what the person did with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

OPEN_FOR = timedelta(hours=24)
"""After this a suggestion without outcome is no longer the person's next one."""


class Outcome(StrEnum):
    """What the person did with a suggestion. Every answer is a fine answer; none of them counts against anyone."""

    ACCEPTED = "accepted"
    """I am going to do it."""
    DONE = "done"
    """I did it."""
    ALREADY_DOING = "already_doing"
    """I do this already, or know it."""
    NOT_NOW = "not_now"
    """A good idea, at another time."""
    NOT_POSSIBLE = "not_possible"
    """Something that it needs is not there: a question was answered with no."""
    NOT_SUITABLE = "not_suitable"
    """It does not fit me or my work."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An intervention offered to a person. `offered_at` is aware of its time zone."""

    id: str
    intervention: str
    offered_at: datetime
    outcome: Outcome | None = None


def is_open(suggestion: Suggestion, now: datetime) -> bool:
    """Whether it is still the person's next suggestion: no outcome yet, and less than 24 hours old."""
    return suggestion.outcome is None and now - suggestion.offered_at < OPEN_FOR


def may_follow(before: Outcome | None, after: Outcome) -> bool:
    """Whether `after` may be told of a suggestion whose outcome is `before`.

    An outcome is told once, and the same again changes nothing; only who was going to do it can come back with "done".
    """
    return before in (None, after) or (before is Outcome.ACCEPTED and after is Outcome.DONE)

"""What classification says of one statement: a class, the rule that gave it, and who learned (law 6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from schemas.events import LearningClass

Role = Literal["learner", "peer", "coach", "instructor", "assessor"]
"""What somebody was in a statement. Time of a learner or peer enters the mix; the others *gave* it (MIX.md 1.3)."""

GIVING: frozenset[Role] = frozenset({"coach", "instructor", "assessor"})

HOUR_US = 3_600_000_000


@dataclass(slots=True, unsafe_hash=True)
class Learner:
    """Somebody whom a statement is about, as the statement names that person: an Agent with an IFI."""

    agent: Mapping[str, Any]
    role: Role = "learner"


@dataclass(slots=True, unsafe_hash=True)
class Classified:
    """The class of a statement and everything that the rule or registry entry behind it fixes.

    `rule` is the id of the rule of ours; `entry` that of the registry entry that decided, if one did. `learners` is
    empty when nobody can be told (`no_learner`). `formal_context`: the act stands inside a course.
    `default_us` is what a statement without any measured time is taken to have lasted (0: no default), on the word of
    `default_from` (`ours` or the registry entry's id). A duration above `cap_us` is disbelieved. A visit without
    durations that took longer than `session_us` is none. `timed` is False where nothing of this has minutes (results
    of ordinary work, MIX.md 1.4). `tags` are sorted `name:value` texts (support, theme, angle, …).
    """

    cls: LearningClass
    rule: str
    entry: str | None = None
    formal_context: bool = False
    learners: tuple[Learner, ...] = ()
    default_us: int = 0
    default_from: str = ""
    cap_us: int = 12 * HOUR_US
    session_us: int = 4 * HOUR_US
    timed: bool = True
    tags: tuple[str, ...] = ()

"""Facts: what one statement says about one learner, before anything is known of what else happened (MIX.md 1, 2–6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from schemas.events import LearningClass
from services.analytics.domain.classify.classified import GIVING, Role

Known = Literal["reported", "session", "default", "none"]
"""How minutes are known, best first (law 6)."""
Flag = Literal["arrival", "disbelieved", "self", "beside"]
"""What is odd: no usable timestamp was sent; its duration is not believed; the person reported or corrected it; it
counts through another identity of the same person (then its event is taken back)."""
Part = Literal["opener", "closer", "outcome", "other"]
"""What a verb does to a visit (MIX.md 1.6)."""


# None of these is ever changed. They are not frozen because they are made by the thousand, and a frozen one costs
# three times as much to make.


@dataclass(slots=True, unsafe_hash=True)
class Fact:
    """One statement about one learner, as far as that statement alone can tell.

    `learner` is the actor_key of the identity; `alias` that of its mbox_sha1sum, when it is an mbox. `thread` and
    `object` are 64-bit digests (signed) of the thread's key text and of the object's id. `duration_us` is the believed
    duration, 0 without one. With the flag `arrival` only its own duration or default counts.
    """

    statement: str
    learner: str
    alias: str | None
    role: Role
    mode: LearningClass
    rule: str
    entry: str | None
    source: str
    t_us: int
    flags: frozenset[Flag]
    duration_us: int
    default_us: int
    default_from: str
    session_us: int
    thread: int
    object: int
    part: Part
    discrete: bool
    tags: tuple[str, ...] = ()

    @property
    def given(self) -> bool:
        """Whether this time was given to others, and is shown outside the mix."""
        return self.role in GIVING


@dataclass(slots=True, unsafe_hash=True)
class Claimed:
    """What its thread gives a fact: the interval it claims, and how that is known.

    [start_us, end_us) is the longest claim (empty at t_us when `known` is `none`). `since_us` is the start of a second
    session claim that ends at t_us (the time since the thread's previous statement, inside a session visit). `moment`:
    the fact is the last of its run, so the run's moment counts on the day of its t (MIX.md 1.14).
    """

    start_us: int
    end_us: int
    known: Known
    since_us: int | None
    moment: bool


@dataclass(slots=True, unsafe_hash=True)
class Footprint:
    """All that a fold must know of something held: when, what it counts as, and what it claims.

    The fields are those of `Fact` and `Claimed`. A day holds many more footprints than what changes on it, so they are
    flat, and are read without the rest.
    """

    statement: str
    mode: LearningClass
    given: bool
    t_us: int
    flags: frozenset[Flag]
    part: Part
    start_us: int
    end_us: int
    known: Known
    since_us: int | None
    moment: bool


@dataclass(slots=True, unsafe_hash=True)
class Held:
    """A fact with what its thread gave it: what the folds are made of."""

    fact: Fact
    claimed: Claimed

    @property
    def footprint(self) -> Footprint:
        """What a fold must know of it."""
        fact, of = self.fact, self.claimed
        return Footprint(
            *(fact.statement, fact.mode, fact.role in GIVING, fact.t_us, fact.flags, fact.part),
            *(of.start_us, of.end_us, of.known, of.since_us, of.moment),
        )


def footprints(held: Iterable[Held]) -> list[Footprint]:
    """Return what a fold must know of these."""
    return [each.footprint for each in held]

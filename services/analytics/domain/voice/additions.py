"""Additions: learning that no source recorded, told by the person, or by another and confirmed by the person."""

from dataclasses import dataclass
from hashlib import blake2b

from schemas.events import Mode
from services.analytics.domain.minutes.facts import Fact

ADDED = "self.added"
"""The rule that is named for an addition (law 6)."""
SOURCE = "self"
"""What stands where a statement's fact names its source."""

LONGEST_US = 12 * 3600 * 1_000_000
"""The longest time that one addition or correction may tell: what is believed of a statement too (MIX.md 1.5)."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What was added about one learner, by the actor_key of an identity: a mode, when it ended, how long it took."""

    id: str
    learner: str
    mode: Mode
    t_us: int
    minutes_us: int


def fact_of(addition: Addition) -> Fact:
    """Return the fact that an addition is: reported, self-reported, and in a thread of its own."""
    own = int.from_bytes(blake2b(f"addition {addition.id}".encode(), digest_size=8).digest(), signed=True)
    return Fact(
        statement=addition.id,
        learner=addition.learner,
        alias=None,
        role="learner",
        mode=addition.mode,
        rule=ADDED,
        entry=None,
        source=SOURCE,
        t_us=addition.t_us,
        flags=frozenset({"self"}),
        duration_us=addition.minutes_us,
        default_us=0,
        default_from="",
        session_us=0,
        thread=own,
        object=own,
        part="other",
        discrete=True,
    )

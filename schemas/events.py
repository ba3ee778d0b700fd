"""The values of our own topics, as pydantic models: what one service may rely on from another."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal["formal", "social", "experiential"]
MODES: tuple[Mode, ...] = ("formal", "social", "experiential")
LearningClass = Literal["formal", "social", "experiential", "not_learning", "unclassified"]


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Kept(_Event):
    """The store keeps this statement, and a reader may have seen another one under its id."""

    ruling: Literal["kept"] = "kept"
    tenant: str
    id: UUID
    statement: dict[str, Any]
    arrived: datetime
    timestamp_sent: bool
    source: str
    kind: str


class Voided(_Event):
    """This statement is voided: take back what was derived from it, whether it has come already or is yet to come."""

    ruling: Literal["voided"] = "voided"
    tenant: str
    id: UUID
    by: UUID


Ruling = Annotated[Kept | Voided, Field(discriminator="ruling")]


class Person(_Event):
    """A human known by one or more identities (actor_keys). `version` grows; readers ignore lower ones.

    `merged_into`: this person turned out to be another one, who has the identities now. Flags: `objected`, who wants
    no figures about themselves: nobody may make or show any.
    """

    tenant: str
    person: UUID
    version: int
    identities: list[str]
    team: str | None = None
    role: str | None = None
    merged_into: UUID | None = None
    flags: list[str] = []


class LearningEvent(_Event):
    """What one statement claims about one person's learning; an upsert per (tenant, statement, derivation, event).

    start and end are the claimed interval (null without minutes); `known` says how the minutes are known, `entry` which
    entry of the organisation's registry decided. Time of a coach, instructor or assessor was given, and is in no mix.
    Which derivation is served stands in the mixes; others are replays beside it.
    """

    tenant: str
    person: UUID
    learner: str
    role: Literal["learner", "peer", "coach", "instructor", "assessor"] = "learner"
    statement: UUID
    event: int
    derivation: int = 1
    rule_set: str
    rule: str
    entry: str | None = None
    learning_class: LearningClass
    at: datetime
    start: datetime | None
    end: datetime | None
    known: Literal["reported", "session", "default", "none"]
    moment: bool = False
    flags: list[str]
    tags: list[str] = []
    version: int
    retracted: bool = False


class DaySum(_Event):
    """One local day of a person: minutes in microseconds and numbers of events, per mode."""

    day: date
    microseconds: dict[Mode, int]
    events: dict[LearningClass, int]


class Mix(_Event):
    """A person's last 28 day sums per mode, with the modes that some connected source can see.

    `derivation` is the one that is served now. Of who objected there are no days.
    """

    tenant: str
    person: UUID
    version: int
    as_of: datetime
    time_zone: str
    derivation: int = 1
    days: list[DaySum]
    visible: dict[Mode, bool]


class Suggestion(_Event):
    """A suggestion that was newly made: what, by which policy, with which probability, and why."""

    tenant: str
    person: UUID
    suggestion: UUID
    intervention: str
    mode: Mode
    policy: str
    catalogue: str
    propensity: float
    reasons: list[str]
    at: datetime

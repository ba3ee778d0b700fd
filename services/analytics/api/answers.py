"""What is answered about one person, as models: they stand in /openapi.json, and a test holds the answers to them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from schemas.events import LearningClass, Mode
from services.analytics.domain.classify.classified import Role
from services.analytics.domain.figures import By
from services.analytics.domain.minutes.facts import Flag, Known


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Progress(_Told):
    """How far a replay is, while history is still being derived."""

    done: int
    of: int


class Coverage(_Told):
    """Which part of a mode's minutes is reported, of a session, and by default."""

    reported: float
    session: float
    default: float


class Band(_Told):
    """A target, in per cent; `days`: for how many days of the window it stands."""

    low: float
    high: float
    days: int


class Context(_Told):
    """A target around the person: of a role, a team or the organisation."""

    scope: str
    of: str
    target: dict[Mode, Band]
    gap: dict[Mode, float | None]


class Shares(_Told):
    """Shares if every default were half or twice as long."""

    halved: dict[Mode, float] | None
    doubled: dict[Mode, float] | None


class Odd(_Told):
    """How many statements are odd in which way."""

    disbelieved: int = Field(description="A duration that nobody believes: it gives no minutes.")
    arrival: int = Field(description="No timestamp was sent: the arrival stands in.")
    defaults: int = Field(description="Minutes by default.")
    no_duration: int = Field(description="No claim of their own.")
    future: int = Field(description="Dated after today: in no figure.")


class Frame(_Told):
    """What an answer about a person rests on."""

    person: str
    since: str
    until: str
    time_zone: str
    rule_set: str
    registry: int
    derivation: int
    replay: Progress | None
    complete_through: datetime | None = Field(description="Everything that was sent before is counted.")
    lag: int | None = Field(description="Records on the log that are not counted yet; null: nobody knows now.")


class PersonMix(Frame):
    """One person's recorded mix over a window."""

    minutes: dict[Mode, float]
    measured: dict[Mode, float] = Field(description="Minutes without any default.")
    moments: dict[Mode, int]
    events: dict[Mode, int]
    given: dict[Mode, float] = Field(description="Minutes given to others, as coach, instructor or assessor.")
    by: By
    share: dict[Mode, float] | None = Field(description="null without anything, and while a mode is not visible.")
    share_with_defaults: Shares | None
    coverage: dict[Mode, Coverage | None]
    target: dict[Mode, Band] | None = Field(description="What the person set for themselves.")
    gap: dict[Mode, float | None] | None
    context: list[Context] = Field(description="Targets around the person; nobody is measured by them.")
    reference: dict[Mode, int] | None = Field(description="70:20:10: a line to compare with, and no target.")
    unclassified: int
    unclassified_minutes: float
    not_learning: int
    visible: dict[Mode, bool]
    flags: Odd


class Stretch(_Told):
    """A piece of time, and on whose word it is of that mode."""

    start: str
    end: str
    minutes: float
    mode: LearningClass
    known: Known
    statement: str
    rule: str
    entry: str | None


class Event(_Told):
    """What one statement says, and what it claims."""

    at: str
    minutes: float
    mode: LearningClass
    role: Role
    known: Known
    default_from: str | None
    moment: bool
    statement: str
    rule: str
    entry: str | None
    source: str
    flags: list[Flag]
    tags: list[str]


class PersonWhy(Frame):
    """Why a mix is what it is, a page at a time."""

    stretches: list[Stretch]
    events: list[Event]
    more: str = Field(description="The URL of the next page, or empty.")

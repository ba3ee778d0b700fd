"""What is answered about groups, as models: they stand in /openapi.json."""

from typing import Literal

from pydantic import BaseModel, Field

from schemas.events import Mode
from services.analytics.api.answers import Band, Context
from services.analytics.domain.groups.marks import What

GroupKind = Literal["organisation", "team", "role", "location"]


class Which(BaseModel):
    """Which group it is. The name is the organisation's word for it."""

    kind: GroupKind
    id: str | None = None
    name: str | None = None


class Frame(BaseModel):
    """What an answer rests on."""

    group: Which
    month: str = Field(description="YYYY-MM: figures of groups are of calendar months, and of nothing finer.")
    since: str
    until: str = Field(description="The end of the month, or of today where that comes first.")
    time_zone: str
    rule_set: str = Field(description="Under which rules the figures are told: older ones until enough people change.")
    registry: int = Field(description="Under which version of the registry, likewise.")
    partly_read_by: list[str] = Field(
        [], description="The older RULE_SET+rREGISTRY under which some of the teams in it are still told."
    )
    waits_for: str | None = Field(
        None,
        description="The RULE_SET+rREGISTRY that is served, where not all of this is told by it: too few people are "
        "concerned, or the month was not released since.",
    )
    complete_through: str | None = Field(
        description="When the month was last released. Figures follow when enough people have something new."
    )
    k: int = Field(description="Nothing is told of fewer people.")
    hidden: bool = Field(description="Whether what was asked for is not told, or not all of it.")
    because: str | None = None
    pooled_with: list[Which] = Field(
        [], description="The teams that this one is told together with: the figures, if any, are of all of them."
    )


class Shares(BaseModel):
    """Shares if every default were half or twice as long, in whole per cent."""

    halved: dict[Mode, float] | None = None
    doubled: dict[Mode, float] | None = None


class PerformanceSupport(BaseModel):
    """A segment inside experiential. Better support takes less time: its minutes are no achievement."""

    uses: int
    people: int | None
    minutes: float


class Figures(BaseModel):
    """Pooled figures: sums over people, not means of their shares. null: not told, because of too few people."""

    pooled: Literal[True] = True
    source: str | None = None
    people: int | None = Field(description="People with recorded learning, on the roster or not.")
    roster: int | None = Field(description="People who were on the roster in this month, whether they learned or not.")
    seen: int | None = Field(description="How many of `people` were on the roster: people seen of the roster.")
    minutes: dict[Mode, float | None]
    moments: dict[Mode, int | None]
    events: dict[Mode, int | None]
    by: Literal["minutes", "moments", "events"]
    share: dict[Mode, float] | None = Field(description="null also while a mode is not visible.")
    share_with_defaults: Shares
    coverage: dict[Mode, dict[str, float] | None] = Field(
        description="Which part of the minutes is reported, of a session, by default; in whole per cent."
    )
    visible: dict[Mode, bool] = Field(description="Whether any source shows the mode: what none shows is not zero.")
    unclassified: int | None
    unclassified_minutes: float | None
    not_learning: int | None
    given_minutes: float | None = Field(description="Given to others, as coach, instructor or assessor.")
    target: dict[Mode, Band] | None = Field(None, description="The bands that stand over this month for this group.")
    gap: dict[Mode, float | None] | None = Field(None, description="Percentage points to a band's nearest edge.")
    context: list[Context] = Field([], description="The bands of what is around the group.")
    performance_support: PerformanceSupport | None = None
    as_of: str | None = Field(description="Since when the oldest of these figures stands as it is.")


class GroupMix(Figures, Frame):
    """The mix of a group in a month."""


class GroupHidden(Frame):
    """Nothing is told of the group in this month, and why."""

    hidden: Literal[True] = True


class Mark(BaseModel):
    """Something to know beside the trend: it is no shift of learning."""

    month: str
    what: What
    of: str


class Trend(BaseModel):
    """The mix of a group, month by month."""

    group: Which
    months: list[GroupMix | GroupHidden]
    marks: list[Mark]


class Rule(BaseModel):
    """How many statements a rule, or an entry of the registry, accounts for."""

    mode: str
    rule: str
    events: int


class GroupWhy(Frame):
    """Why the mix is what it is: down to rules and counts, and no further."""

    rules: list[Rule] = []
    other: dict[str, int] = Field({}, description="Statements by other rules, or of too few people.")


class SeenSource(BaseModel):
    """A source that shows a mode."""

    source: str
    kind: str | None
    reaches_at_least: int | None = Field(description="People, in steps of k; null where that cannot be told.")


class SeenMode(BaseModel):
    """What shows a mode to this group."""

    visible: bool
    sources: list[SeenSource]


class Sight(Frame):
    """What can be seen of a group: what is recorded is not all that is learned."""

    people: int | None = None
    roster: int | None = None
    seen: int | None = None
    modes: dict[Mode, SeenMode] = {}


class Quartiles(BaseModel):
    """Minutes: each is the mean of the k people around the quartile."""

    lower: float
    median: float
    upper: float


class Distribution(Frame):
    """How the minutes of a mode are distributed over the people who have any, from 4k people."""

    quartiles: dict[Mode, Quartiles | None] = {}

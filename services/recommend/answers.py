"""What the API answers, as /docs shows it."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

from services.recommend import store
from services.recommend.domain.catalogue import Intervention, Kirkpatrick, Mode, Precondition
from services.recommend.domain.suggestion import OPEN_FOR, Outcome


class Offer(BaseModel):
    """A catalogue entry as it was offered."""

    id: str
    title_nl: str
    title_en: str
    description_nl: str
    description_en: str
    mode: Mode
    minutes: int
    with_whom: Literal["alone", "peer", "team", "coach"]
    moments: list[str]
    needs: list[str]
    kirkpatrick: Kirkpatrick
    performance_support_form: str | None
    repeatable: bool


class Why(BaseModel):
    """A reason: a code for programs, a sentence for people."""

    code: str
    text_nl: str
    text_en: str


class Suggested(BaseModel):
    """A suggestion: what, why, with which probability, and what came of it."""

    suggestion: UUID
    person: UUID
    intervention: Offer
    mode: Mode
    why: list[Why]
    questions: list[Precondition]
    policy: str
    catalogue: str
    propensity: float
    offered_at: datetime
    open_until: datetime
    outcome: Outcome | None
    outcome_at: datetime | None

    @classmethod
    def of(cls, offered: store.Offered, **more: Any) -> Self:
        """The answer for a kept suggestion."""
        return cls(
            suggestion=offered.suggestion,
            person=offered.person,
            **orjson.loads(offered.shown),
            mode=offered.mode,
            policy=offered.policy,
            catalogue=offered.catalogue,
            propensity=offered.propensity,
            offered_at=offered.offered_at,
            open_until=offered.offered_at + OPEN_FOR,
            outcome=offered.outcome,
            outcome_at=offered.outcome_at,
            **more,
        )


class Next(Suggested):
    """The open suggestion, and whether this very request made it."""

    new: bool


class History(BaseModel):
    """Suggestions, newest first."""

    suggestions: list[Suggested]


class WholeCatalogue(BaseModel):
    """Everything that can be offered, and the policy that chooses."""

    version: str
    policy: str
    interventions: tuple[Intervention, ...]


class Told(BaseModel):
    """What the person did with a suggestion."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome

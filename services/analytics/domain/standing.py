"""What a statement id stands for, as far as analytics has heard: whose content counts, and whether it is voided.

The first content seen counts until a ruling says which one the store keeps; then the ruling's, whenever records come
(law 3). A void takes back, also when it comes before the statement. So any order gives the same end (law 4).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

VOIDED = "http://adlnet.gov/expapi/verbs/voided"

Basis = Literal["record", "ruling"]
Word = Literal["record", "kept", "voided"]


@dataclass(slots=True, unsafe_hash=True)
class Content:
    """A statement with what its record or ruling says beside it."""

    statement: Mapping[str, Any]
    arrived_us: int
    source: str
    kind: str

    @property
    def voiding(self) -> bool:
        """Whether this is a voiding statement (xAPI 1.0.3 Data 2.3.2), which cannot itself be voided."""
        verb, target = self.statement["verb"]["id"], self.statement["object"]
        return bool(verb == VOIDED and target.get("objectType") == "StatementRef")


@dataclass(slots=True, unsafe_hash=True)
class Told:
    """One piece of news about a statement id: a record came, or the store kept this content, or voided the id."""

    word: Word
    content: Content | None = None


@dataclass(slots=True, unsafe_hash=True)
class Standing:
    """What is remembered of an id between transactions."""

    basis: Basis | None = None
    voiding: bool = False
    voided: bool = False


@dataclass(slots=True, unsafe_hash=True)
class Judged:
    """What news makes of an id: its standing, whether its claims must be derived anew, and from which content.

    `changed` without a content: nothing may be claimed.
    """

    standing: Standing
    changed: bool
    content: Content | None = None


def judge(before: Standing, news: Iterable[Told]) -> Judged:
    """Return what an id stands for after this news, in the order in which it came."""
    standing, content = before, None
    for told in news:
        if told.content is None:
            standing = Standing(standing.basis, standing.voiding, voided=True)
        elif told.word == "kept":
            standing, content = Standing("ruling", told.content.voiding, standing.voided), told.content
        elif standing.basis is None:
            standing, content = Standing("record", told.content.voiding, standing.voided), told.content
    if standing.voided and not standing.voiding:
        return Judged(standing, changed=standing != before or content is not None)
    return Judged(standing, content is not None, content)

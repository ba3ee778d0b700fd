"""Vocabulary that nobody has told us about: what it stands under, and how much it weighs.

A row is a verb, an activity type, a platform and the beginning of object ids, as sources of one kind send them. Where
fewer than k people stand behind a row it is joined with its neighbours: the whole origin, then any id, then the rest.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from services.analytics.domain.few import K, shown
from services.analytics.domain.object_ids import prefix_of

Reason = Literal["unclassified", "kind"]
"""Why a row is here: no rule covers it, or the kind of its source alone decided."""


@dataclass(frozen=True, slots=True)
class Term:
    """What a statement is made of, as far as a rule could look at it; absent parts are empty."""

    reason: Reason
    kind: str
    verb: str
    activity_type: str
    platform: str
    prefix: str


@dataclass(slots=True)
class Weight:
    """What stands behind a row: claimed time, events, and whose."""

    minutes_us: int = 0
    events: int = 0
    people: set[str] = field(default_factory=set)

    def add(self, other: "Weight") -> None:
        """Put the weight of another row on top."""
        self.minutes_us += other.minutes_us
        self.events += other.events
        self.people |= other.people


def term(reason: Reason, kind: str, statement: Mapping[str, Any]) -> Term:
    """Return what a stored statement is made of."""
    target = statement["object"]
    return Term(
        reason=reason,
        kind=kind,
        verb=statement["verb"]["id"],
        activity_type=(target.get("definition") or {}).get("type", ""),
        platform=(statement.get("context") or {}).get("platform", ""),
        prefix=prefix_of(str(target["id"])) if target.get("objectType", "Activity") == "Activity" else "",
    )


def ranked(events: Iterable[tuple[Term, int, str]], limit: int, k: int = K) -> tuple[list[tuple[Term, Weight]], Weight]:
    """Return the rows by weight (minutes, then events, then people), and what the rows that are not told weigh.

    `events` are terms with the time each claims and whose it is. The remainder has k people or nobody.
    """
    weights: dict[Term, Weight] = {}
    for each, minutes_us, person in events:
        weights.setdefault(each, Weight()).add(Weight(minutes_us, 1, {person}))
    for wider in (_origin, _anywhere):
        weights = _joined(weights, wider, k)
    rows = sorted(weights.items(), key=lambda row: _order(*row))
    kept = set(shown([(each, weight.people) for each, weight in rows], limit, k))
    rest = Weight()
    for each, weight in rows:
        if each not in kept:
            rest.add(weight)
    return [row for row in rows if row[0] in kept], rest


def _joined(weights: Mapping[Term, Weight], wider: Callable[[Term], Term], k: int) -> dict[Term, Weight]:
    """Join the rows of few people under a wider term; the others stay as they are."""
    found = {each: weight for each, weight in weights.items() if len(weight.people) >= k}
    for each, weight in weights.items():
        if len(weight.people) < k:
            found.setdefault(wider(each), Weight()).add(weight)
    return found


def _origin(each: Term) -> Term:
    return replace(each, prefix=prefix_of(each.prefix, 0) if "://" in each.prefix else each.prefix)


def _anywhere(each: Term) -> Term:
    return replace(each, prefix="")


def _order(each: Term, weight: Weight) -> tuple[Any, ...]:
    named = (each.verb, each.activity_type, each.platform, each.prefix, each.kind, each.reason)
    return (-weight.minutes_us, -weight.events, -len(weight.people), *named)

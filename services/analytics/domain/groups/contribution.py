"""Contributions: what one person's statements add to the figures of a calendar month (MIX.md 3).

A person's time of a mode is divided over *leaves*: whose source, by which rule, and whether it was performance support.
Beside the five classes stand kinds of our own: time that was `given` to others, and two heads to be counted: `people`
with recorded learning, and people `reached` by performance support.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from schemas.events import MODES, LearningClass
from services.analytics.domain.minutes.facts import Held, footprints
from services.analytics.domain.minutes.stretches import stretches
from services.analytics.domain.minutes.sums import DaySum, window_sums

Kind = Literal[
    "formal", "social", "experiential", "not_learning", "unclassified", "given", "people", "reached"
]  # fmt: skip

_SUPPORT = "support:"


class Leaf(NamedTuple):
    """What is told apart in a contribution. With a kind alone it stands for all that the person has of that kind."""

    kind: Kind
    source: str = ""
    rule: str = ""
    support: bool = False


class Part(NamedTuple):
    """What is added up: time, statements, and moments. A head is one `event`."""

    minutes_us: int = 0
    events: int = 0
    moments: int = 0


FIGURES = range(len(Part._fields))
NOTHING = Part()


class Certainty(NamedTuple):
    """How the minutes of a class are known, and what they would be with defaults half or twice as long."""

    reported_us: int = 0
    session_us: int = 0
    default_us: int = 0
    halved_us: int = 0
    doubled_us: int = 0


UNKNOWN = Certainty()


class ReadBy(NamedTuple):
    """Under which rules, and which version of the registry over them, statements are read."""

    rule_set: str
    registry: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one person contributes to a month. There is no empty one."""

    leaves: Mapping[Leaf, Part]
    certainty: Mapping[Kind, Certainty]

    def kinds(self) -> dict[Kind, dict[Leaf, Part]]:
        """Return the leaves of each kind that has any."""
        kinds: dict[Kind, dict[Leaf, Part]] = {}
        for leaf, part in self.leaves.items():
            kinds.setdefault(leaf.kind, {})[leaf] = part
        return kinds


def plus(parts: Iterable[Part]) -> Part:
    """Add parts up."""
    minutes = events = moments = 0
    for part in parts:
        minutes, events, moments = minutes + part[0], events + part[1], moments + part[2]
    return Part(minutes, events, moments)


def contribution(held: Iterable[Held], since_us: int, until_us: int) -> Contribution | None:
    """Return what a person contributes to [since, until): None if nothing.

    `held` is everything of the person that reaches into it. Stretches are cut exactly; a minute goes to the leaf of
    the statement on whose word it is, statements and moments to their own.
    """
    kept = list(held)
    sums = window_sums(footprints(kept), since_us, until_us, until_us)
    leaves: dict[Leaf, list[int]] = {}
    of_statement = {each.fact.statement: _leaf(each) for each in kept if not each.fact.given}
    for stretch in stretches(kept):
        length_us = min(stretch.end_us, until_us) - max(stretch.start_us, since_us)
        if length_us > 0:
            leaves.setdefault(of_statement[stretch.statement], [0, 0, 0])[0] += length_us
    for each in kept:
        if since_us <= each.fact.t_us < until_us and not each.fact.given:
            counted = leaves.setdefault(_leaf(each), [0, 0, 0])
            counted[1] += 1
            counted[2] += each.claimed.moment and each.fact.mode != "not_learning"
    found = {leaf: Part(*counted) for leaf, counted in leaves.items()} | _beside(leaves, sums)
    return Contribution(found, {cls: _certainty(of) for cls, of in sums.items() if of.minutes_us}) if found else None


def _leaf(each: Held) -> Leaf:
    fact = each.fact
    return Leaf(fact.mode, fact.source, fact.entry or fact.rule, any(tag.startswith(_SUPPORT) for tag in fact.tags))


def _beside(leaves: Iterable[Leaf], sums: Mapping[LearningClass, DaySum]) -> dict[Leaf, Part]:
    """Return the kinds that are no classes."""
    beside: dict[Leaf, Part] = {}
    given = Part(sum(of.given_us for of in sums.values()), sum(of.given_events for of in sums.values()), 0)
    if any(given):
        beside[Leaf("given")] = given
    if any(leaf.kind in MODES for leaf in leaves):
        beside[Leaf("people")] = Part(0, 1, 0)
    if any(leaf.support and leaf.kind == "experiential" for leaf in leaves):
        beside[Leaf("reached")] = Part(0, 1, 0)
    return beside


def _certainty(of: DaySum) -> Certainty:
    return Certainty(of.reported_us, of.session_us, of.default_us, of.halved_us, of.doubled_us)


def dumped(each: Contribution) -> dict[str, Any]:
    """Return a contribution as JSON."""
    return {
        "leaves": [[*leaf, *part] for leaf, part in sorted(each.leaves.items())],
        "certainty": {cls: list(of) for cls, of in each.certainty.items()},
    }


def loaded(data: Mapping[str, Any]) -> Contribution:
    """Return what was dumped."""
    leaves = {Leaf(*row[:4]): Part(*row[4:]) for row in data["leaves"]}
    return Contribution(leaves, {cls: Certainty(*of) for cls, of in data["certainty"].items()})

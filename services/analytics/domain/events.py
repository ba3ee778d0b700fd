"""Learning events: what one statement claims about each person who learned by it, and what changes when it does."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from schemas.xapi.agents import actor_key
from services.analytics.domain.claims import Claim, claim
from services.analytics.domain.classify.classified import GIVING
from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import EMPTY_REGISTRY
from services.analytics.domain.classify.rules import RuleSet
from services.analytics.domain.standing import Content


@dataclass(frozen=True, slots=True)
class Derived:
    """What a statement claims for one learner, who is not yet known as a person (`claim.person` is empty)."""

    learner: str
    claim: Claim
    rule: str
    rule_set: str
    source: str


@dataclass(frozen=True, slots=True)
class Event:
    """A learning event of a person; `number` tells those of one statement apart, `version` grows with each change."""

    tenant: str
    number: int
    version: int
    retracted: bool
    derived: Derived

    @property
    def claim(self) -> Claim:
        """What it claims."""
        return self.derived.claim

    @property
    def person(self) -> str:
        """Whose learning it is."""
        return self.derived.claim.person


def derive(content: Content, rules: RuleSet, cap_us: int) -> list[Derived]:
    """Return what a statement claims, one for each learner; empty when nobody can be told."""
    found = classify(content.statement, content.source, content.kind, rules, EMPTY_REGISTRY)
    shared = claim(content.statement, person="", mode=found.cls, arrived_us=content.arrived_us, cap_us=cap_us)
    return [
        Derived(actor_key(each.agent), shared, found.rule, rules.version, content.source)
        for each in found.learners
        if each.role not in GIVING
    ]


def settle(tenant: str, old: Iterable[Event], new: Iterable[Derived]) -> list[Event]:
    """Return the events of one statement that change: those to be written, and those taken back.

    `old` are all there ever were, `new` what holds now, for persons. A person keeps the number of the event.
    """
    before = {(event.person, event.derived.rule_set): event for event in old}
    number = max((event.number for event in before.values()), default=-1) + 1
    changed = []
    wanted = {(derived.claim.person, derived.rule_set): derived for derived in reversed(list(new))}
    for key, derived in sorted(wanted.items()):
        event = before.pop(key, None)
        if event is None:
            changed.append(Event(tenant, number, 1, False, derived))
            number += 1
        elif event.retracted or event.derived != derived:
            changed.append(replace(event, version=event.version + 1, retracted=False, derived=derived))
    changed += [
        replace(event, version=event.version + 1, retracted=True) for event in before.values() if not event.retracted
    ]
    return changed

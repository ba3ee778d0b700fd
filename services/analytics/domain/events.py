"""Learning events: facts of persons, numbered and versioned, and what changes when a statement says something else."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from services.analytics.domain.minutes.facts import Claimed, Fact, Held

Thread = tuple[str, bool, int]
"""A person's thread: mode, whether its time was given, the thread's digest (MIX.md 1.6)."""


@dataclass(slots=True, unsafe_hash=True)  # not frozen: made by the thousand, and a frozen one costs three times that
class Event:
    """A learning event of a person under one derivation.

    `number` tells the events of one statement apart; `version` grows with each change; `held` is what is claimed.
    """

    tenant: str
    derivation: int
    number: int
    version: int
    retracted: bool
    person: str
    held: Held

    @property
    def fact(self) -> Fact:
        """What the statement says."""
        return self.held.fact

    @property
    def claimed(self) -> Claimed:
        """What its thread gives it."""
        return self.held.claimed

    def claiming(self, held: Held, version: int) -> "Event":
        """Return the same event with another claim; `replace` would do, at three times the price."""
        return Event(self.tenant, self.derivation, self.number, version, self.retracted, self.person, held)

    @property
    def place(self) -> tuple[str, int]:
        """What tells it from the other events of its person: statement and number."""
        return self.held.fact.statement, self.number

    @property
    def thread(self) -> Thread | None:
        """Its thread; None where nothing is claimed (MIX.md 1.4)."""
        fact = self.held.fact
        return None if fact.mode == "not_learning" else (fact.mode, fact.given, fact.thread)


def unclaimed(fact: Fact) -> Held:
    """Return a fact that nothing is claimed for yet."""
    return Held(fact, Claimed(fact.t_us, fact.t_us, "none", None, moment=False))


def facts_said(events: Iterable[Event]) -> list[Fact]:
    """Return what a statement says as its events tell it: those that count, and those beside them."""
    return [_alone(event.fact) for event in events if not event.retracted or _beside(event.fact)]


def _beside(fact: Fact) -> bool:
    """Tell whether a fact is kept beside another one, of the same statement and person, that counts."""
    return "beside" in fact.flags


def _alone(fact: Fact) -> Fact:
    """Return a fact as its statement says it, beside nothing."""
    return replace(fact, flags=fact.flags - {"beside"}) if _beside(fact) else fact


def once_per_person(facts: Collection[Fact], persons: Mapping[str, str]) -> dict[str, Fact]:
    """Return the facts of one statement by learner. One for each person counts (MIX.md 1.3), the others are `beside`.

    `persons` tells whose an identity is. Of several identities of one person the learner's role comes before the
    giver's, then the first role and key in order.
    """
    found: dict[str, Fact] = {}
    counted: set[str] = set()
    for fact in sorted(facts, key=_rank) if len(facts) > 1 else facts:
        # The alias only served to find the person: it is not kept with the event.
        kept = fact if fact.alias is None else replace(fact, alias=None)
        person = persons[fact.learner]
        found[fact.learner] = kept if person not in counted else replace(kept, flags=kept.flags | {"beside"})
        counted.add(person)
    return found


def _rank(fact: Fact) -> tuple[bool, str, str]:
    return fact.given, fact.role, fact.learner


def settle(
    tenant: str, derivation: int, old: Iterable[Event], facts: Collection[Fact], persons: Mapping[str, str]
) -> list[Event]:
    """Return the events of one statement that change: those to be written, and those taken back.

    `old` are all there ever were, `facts` what the statement says now; `persons` tells whose identities are. A learner
    keeps the number of the event, and an event goes where its identity goes, also when it is taken back. What is beside
    another fact has an event too, taken back: should the two identities turn out to be two people, the events tell it.
    """
    before = {event.fact.learner: event for event in old}
    number = max((event.number for event in before.values()), default=-1) + 1
    changed = []
    for learner, fact in sorted(once_per_person(facts, persons).items()):
        event, person = before.pop(learner, None), persons[learner]
        if event is None:
            changed.append(Event(tenant, derivation, number, 1, _beside(fact), person, unclaimed(fact)))
            number += 1
        elif (event.retracted, event.person, event.fact) != (_beside(fact), person, fact):
            changed.append(_next(event, person, unclaimed(fact), retracted=_beside(fact)))
    for learner, event in before.items():
        person, fact = persons.get(learner, event.person), _alone(event.fact)
        if (event.retracted, event.person, event.fact) != (True, person, fact):
            changed.append(_next(event, person, replace(event.held, fact=fact), retracted=True))
    return changed


def _next(event: Event, person: str, held: Held, *, retracted: bool) -> Event:
    return replace(event, version=event.version + 1, retracted=retracted, person=person, held=held)

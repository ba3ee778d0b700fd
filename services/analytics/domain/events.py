"""Learning events: facts of persons, numbered and versioned, and what changes when a statement says something else."""

from collections.abc import Iterable, Mapping
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


def once_per_person(facts: Iterable[Fact], persons: Mapping[str, str]) -> dict[str, Fact]:
    """Return the facts of one statement that count, by learner: one for each person (MIX.md 1.3).

    `persons` tells whose an identity is; who is absent there (somebody who paused) has none. Of several identities of
    one person the learner's role comes before the giver's, then the first role and key in order.
    """
    kept: dict[str, Fact] = {}
    for fact in sorted(facts, key=lambda each: (each.given, each.role, each.learner)):
        person = persons.get(fact.learner)
        if person is not None:
            kept.setdefault(person, fact)
    # The alias only served to find the person: it is not kept with the event.
    return {fact.learner: fact if fact.alias is None else replace(fact, alias=None) for fact in kept.values()}


def settle(
    tenant: str, derivation: int, old: Iterable[Event], wanted: Mapping[str, Fact], persons: Mapping[str, str]
) -> list[Event]:
    """Return the events of one statement that change: those to be written, and those taken back.

    `old` are all there ever were, `wanted` what counts now, by learner. A learner keeps the number of the event.
    """
    before = {event.fact.learner: event for event in old}
    number = max((event.number for event in before.values()), default=-1) + 1
    changed = []
    for learner, fact in sorted(wanted.items()):
        event = before.pop(learner, None)
        if event is None:
            changed.append(Event(tenant, derivation, number, 1, False, persons[learner], unclaimed(fact)))
            number += 1
        elif event.retracted or event.fact != fact or event.person != persons[learner]:
            changed.append(
                replace(
                    event,
                    version=event.version + 1,
                    retracted=False,
                    person=persons[learner],
                    held=unclaimed(fact),
                )
            )
    changed += [
        replace(event, version=event.version + 1, retracted=True) for event in before.values() if not event.retracted
    ]
    return changed

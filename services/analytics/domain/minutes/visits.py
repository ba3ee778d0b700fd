"""Visits: one object's statements in a thread, as long as they belong together (MIX.md 1, rules 6 and 7)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.analytics.domain.minutes.facts import Fact, Part

GAP_US = 10 * 60 * 1_000_000
"""G: what lies further apart does not belong together."""

_PART_ORDER: dict[Part, int] = {"closer": 0, "outcome": 1, "other": 2, "opener": 3}


def thread_order(fact: Fact) -> tuple[int, int, str]:
    """Return the key of a thread's order: t; closer, outcome, other, opener; id. It is total: order cannot matter."""
    return fact.t_us, _PART_ORDER[fact.part], fact.statement


@dataclass(slots=True)
class Visit:
    """One object's statements in thread order. Openers only lead: one that follows another part begins a new visit."""

    facts: list[Fact] = field(default_factory=list)
    opener: Fact | None = None
    leading: Fact | None = None
    closer: Fact | None = None
    outcome: Fact | None = None

    def add(self, fact: Fact) -> None:
        """Take the next statement: `opener` and `closer` are the first ones, `leading` and `outcome` the last."""
        self.facts.append(fact)
        if fact.part == "opener":
            self.opener = self.opener or fact
            self.leading = fact
        elif fact.part == "closer":
            self.closer = self.closer or fact
        elif fact.part == "outcome":
            self.outcome = fact

    def goes_on_with(self, fact: Fact) -> bool:
        """Say whether the object's next statement belongs to this visit too (MIX.md 1.7)."""
        last = self.facts[-1]
        if fact.part == "opener" and last.part != "opener":
            return False
        if fact.t_us - last.t_us <= GAP_US:
            return True
        if self.opener is None:
            return False
        return fact.part == "outcome" or (fact.part == "closer" and self.closer is None)

    @property
    def marked(self) -> bool:
        """Whether something says that this was a visit, so that its durations are about the whole of it."""
        return bool(self.opener or self.closer or self.outcome)

    @property
    def end(self) -> Fact:
        """Its end: the first closer, else the last outcome, else the last statement."""
        return self.closer or self.outcome or self.facts[-1]

    @property
    def span(self) -> tuple[int, int]:
        """From its first statement to its end."""
        return self.facts[0].t_us, self.end.t_us


def visits(ordered: Iterable[Fact]) -> list[Visit]:
    """Return the visits of a thread, whose facts come in its order."""
    current: dict[int, Visit] = {}
    found: list[Visit] = []
    for fact in ordered:
        visit = current.get(fact.object)
        if visit is None or not visit.goes_on_with(fact):
            visit = current[fact.object] = Visit()
            found.append(visit)
        visit.add(fact)
    return found

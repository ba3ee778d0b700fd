"""What becomes of events when identities move from one person to another: a merge, or its undoing.

Events alone tell: each identity that a statement speaks of has one, taken back where another identity of the same
person counts (domain/events.py). Only what a pause kept from being derived is not among them.
"""

from collections.abc import Iterable, Mapping, Sequence

from services.analytics.domain.events import Event, facts_said, settle
from services.analytics.domain.voice.pauses import Pause, silent

Pauses = Mapping[str, Sequence[Pause]]
"""The pauses of persons, as they are after the move."""


def moved(held: Iterable[Event], moves: Mapping[str, str], pauses: Pauses) -> list[Event]:
    """Return the events that change: `held` are all there ever were of the persons concerned, `moves` says whose the
    identities are now that moved, by actor_key."""
    statements: dict[tuple[str, int, str], list[Event]] = {}
    for event in held:
        statements.setdefault((event.tenant, event.derivation, event.fact.statement), []).append(event)
    changed = []
    for (tenant, derivation, _), theirs in sorted(statements.items()):
        whose = {event.fact.learner: moves.get(event.fact.learner, event.person) for event in theirs}
        counting = [fact for fact in facts_said(theirs) if not silent(fact, pauses.get(whose[fact.learner], ()))]
        changed += settle(tenant, derivation, theirs, counting, whose)
    return changed


def heard_again(held: Iterable[Event], moves: Mapping[str, str], pauses: Pauses) -> set[str]:
    """Return the statements of which something may have been taken back in a pause that is somebody else's now."""
    everyone = [each for theirs in pauses.values() for each in theirs]
    return {
        event.fact.statement
        for event in held
        if event.retracted
        and silent(event.fact, everyone)
        and not silent(event.fact, pauses.get(moves.get(event.fact.learner, event.person), ()))
    }

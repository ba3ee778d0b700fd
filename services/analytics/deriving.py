"""What statements say under each derivation, with the person's own word laid over it."""

from collections.abc import Collection, Mapping, Sequence

from services.analytics.decoding import Key
from services.analytics.domain.events import Event, facts_said
from services.analytics.domain.minutes.facts import Fact
from services.analytics.domain.standing import Content
from services.analytics.domain.voice.corrections import overlay
from services.analytics.folding import Found, Live
from services.analytics.store import voice
from services.common.database import Connection


def said(contents: Mapping[Key, Content | None], live: Live) -> Found:
    """Return the facts of each statement under each derivation of its tenant; none for what claims nothing (None)."""
    return {
        (key, reading.derivation.number): [] if content is None else reading.facts(content)
        for key, content in contents.items()
        for reading in live[key[0]]
    }


def said_before(old: Mapping[Key, Sequence[Event]], live: Live) -> Found:
    """Return what their events (all there ever were) tell of statements that nothing else tells of."""
    return {
        (key, number): facts_said(event for event in theirs if event.derivation == number)
        for key, theirs in old.items()
        for number in [reading.derivation.number for reading in live[key[0]]]
    }


def derivable(contents: Mapping[Key, Sequence[Content]], live: Live) -> Found:
    """Return the facts of everything that may turn out to count, but for what cannot be derived.

    A record that fails here needs no locks: it fails again where it is handled, alone.
    """
    found: dict[tuple[Key, int], list[Fact]] = {}
    for key, told in contents.items():
        for reading in live[key[0]]:
            facts = found.setdefault((key, reading.derivation.number), [])
            for content in told:
                try:
                    facts += reading.facts(content)
                except Exception:  # noqa: BLE001, S112 - whatever it is, `handle` raises it again for this record
                    continue
    return found


async def corrected(connection: Connection, keys: Collection[Key], found: Found) -> Found:
    """Return the facts with the corrections of these statements, which are locked, laid over them."""
    marks = await voice.corrections(connection, keys) if keys else {}
    if not marks:
        return found
    return {
        (key, derivation): [overlay(fact, marks.get((*key, fact.learner))) for fact in facts]
        for (key, derivation), facts in found.items()
    }

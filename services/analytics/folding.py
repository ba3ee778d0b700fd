"""From statements whose facts change to events and days: all in the caller's transaction.

Everything is recomputed from the facts that hold, and nothing is added to or subtracted from an earlier sum: so any
order, repetition or crash gives the same days (law 4), and a repeat changes nothing at all.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.events import LearningClass
from services.analytics import publishing
from services.analytics.decoding import Key
from services.analytics.domain.events import Event, settle
from services.analytics.domain.minutes.facts import Fact
from services.analytics.domain.recomputing import Part, reach_us
from services.analytics.domain.voice.pauses import silent
from services.analytics.identifying import Identified, identify
from services.analytics.readings import Reading
from services.analytics.store import days, events, people, voice
from services.analytics.store.events import Owner, Window
from services.analytics.store.people import Person
from services.analytics.surroundings import Surroundings
from services.common.consumer import Transaction

MANY = 100
_PLAN_ANEW = """
    -- Until commit, do not use plans that were made while the tables were smaller: what reads a small table whole is
    -- right for one person and takes minutes for thousands. Planning costs less than such a plan can.
    SET LOCAL plan_cache_mode = force_custom_plan
"""

Found = Mapping[tuple[Key, int], Sequence[Fact]]
"""What statements say, by statement and derivation."""
Live = Mapping[str, Sequence[Reading]]
"""The readings of each tenant."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What these statements ever said, and the persons that they are or were about, locked."""

    old: Mapping[Key, Sequence[Event]]
    identified: Identified


async def prepare(tx: Transaction, found: Found, keys: Collection[Key], around: Surroundings) -> Prepared:
    """Look up the events of locked statements (`keys`: those that may have any) and lock all persons concerned."""
    actors = {(key[0], fact.learner): fact.alias for (key, _), facts in found.items() for fact in facts}
    if len(actors) + len(keys) > MANY:
        await tx.connection.execute(_PLAN_ANEW)
    numbers = {derivation for _, derivation in found}
    old = await events.of_statements(tx.connection, keys, numbers)
    before = set[Person]()
    while True:
        before |= {(event.tenant, event.person) for theirs in old.values() for event in theirs}
        identified = await identify(tx, actors, before, around)
        if not before:
            return Prepared(old, identified)
        # A merge may have moved events before the locks were had.
        old = await events.of_statements(tx.connection, keys, numbers)
        if all((event.tenant, event.person) in identified.locked for theirs in old.values() for event in theirs):
            return Prepared(old, identified)


async def fold(
    tx: Transaction, found: Found, live: Live, keys: Collection[Key], around: Surroundings
) -> Counter[LearningClass]:
    """Make exactly this of these locked statements; return how many events of each class were derived to be served."""
    prepared = await prepare(tx, found, keys, around)
    changed = await _settled(tx, found, prepared)
    if changed:
        known = {(e.tenant, e.derivation, e.place): e for theirs in prepared.old.values() for e in theirs}
        before = [known[at] for e in changed if (at := (e.tenant, e.derivation, e.place)) in known]
        await refold(tx, before, changed, prepared.identified, live, around)
    served = {(tenant, each.derivation.number) for tenant, each in _readings(live) if each.derivation.active}
    return Counter(e.fact.mode for e in changed if not e.retracted and (e.tenant, e.derivation) in served)


async def refold(
    tx: Transaction,
    before: Sequence[Event],
    changed: Sequence[Event],
    identified: Identified,
    live: Live,
    around: Surroundings,
) -> None:
    """Derive the threads of these events and the days that they touch anew; write all of it and publish it.

    `before` are the changed events as they were; the persons of all are locked.
    """
    parts = _parts(before, changed, live)
    await _give(tx, parts, identified, {owner: part.digests for owner, part in parts.items()})
    written = [event for part in parts.values() for event in part.rethread()]
    await _give(tx, parts, identified, {})
    await events.write(tx.connection, written)
    publishing.publish_events(tx, written, live)
    changes = _changes(parts, written)
    if changes:
        sums = {owner: part.sums() for owner, part in parts.items()}
        await days.rewrite(tx.connection, sums, anew=[owner for owner, part in parts.items() if part.lessens])
        versions = await people.change(tx.connection, changes)
        await publishing.publish_mixes(tx, versions, live, identified.locked, around.now())


async def _settled(tx: Transaction, found: Found, prepared: Prepared) -> list[Event]:
    """Return the events that change, numbered and of persons, without claims yet."""
    persons, locked = prepared.identified.persons, prepared.identified.locked
    pausers = [person for person, each in locked.items() if each.pauses]
    pausing = await voice.pauses(tx.connection, pausers) if pausers else {}
    changed: list[Event] = []
    for (key, derivation), facts in sorted(found.items(), key=lambda each: each[0]):
        whose = {fact.learner: persons[key[0], fact.learner] for fact in facts}
        counting = [fact for fact in facts if not silent(fact, pausing.get((key[0], whose[fact.learner]), ()))]
        old = [event for event in prepared.old.get(key, ()) if event.derivation == derivation]
        changed += settle(key[0], derivation, old, counting, whose)
    return changed


def _parts(before: Iterable[Event], changed: Iterable[Event], live: Live) -> dict[Owner, Part]:
    zones = {(tenant, each.derivation.number): each.derivation.zone for tenant, each in _readings(live)}
    theirs: dict[Owner, tuple[list[Event], list[Event]]] = {}
    for place, these in enumerate((before, changed)):
        for event in these:
            owner = Owner(event.tenant, event.derivation, event.person)
            theirs.setdefault(owner, ([], []))[place].append(event)
    return {owner: Part(zones[owner[:2]], was, now) for owner, (was, now) in sorted(theirs.items())}


async def _give(
    tx: Transaction, parts: Mapping[Owner, Part], identified: Identified, digests: Mapping[Owner, set[int]]
) -> None:
    """Give each part what it must know."""
    windows = [
        Window(owner, since, until, identified.locked[owner.tenant, owner.person].longest_us)
        for owner, part in parts.items()
        for since, until in part.windows()
    ]
    threads = [(owner, digest) for owner, theirs in digests.items() for digest in theirs]
    for owner, seen in (await events.footprints(tx.connection, windows)).items():
        parts[owner].see(seen)
    for owner, found in (await events.threads(tx.connection, threads)).items():
        parts[owner].take(found)


def _changes(parts: Mapping[Owner, Part], written: Iterable[Event]) -> dict[Person, tuple[int, date]]:
    """Return how far each person's events reach now, and the first of their days that changed."""
    longest: dict[Person, int] = {}
    for event in written:
        person = (event.tenant, event.person)
        longest[person] = max(longest.get(person, 0), reach_us(event.held))
    first: dict[Person, date] = {}
    for owner, part in parts.items():
        if part.days:  # nothing of who has only events that count for nothing, before and after, changes
            person = (owner.tenant, owner.person)
            first[person] = min(first.get(person, date.max), *part.days)
    return {person: (longest.get(person, 0), day) for person, day in first.items()}


def _readings(live: Live) -> Iterable[tuple[str, Reading]]:
    return ((tenant, each) for tenant, theirs in live.items() for each in theirs)

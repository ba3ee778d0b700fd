"""From statements whose claims change to events, days and mixes: all in the caller's transaction.

Everything is recomputed from the claims that hold, and nothing is added to or subtracted from an earlier sum: so any
order, repetition or crash gives the same days (law 4), and a repeat changes nothing at all.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from schemas import events as published
from schemas.events import MODES, LearningClass
from schemas.topics import LEARNING_EVENTS, MIXES, PEOPLE
from services.analytics.decoding import Key
from services.analytics.domain.claims import from_us, to_us
from services.analytics.domain.days import day_bounds, day_of, days_touched
from services.analytics.domain.events import Derived, Event, settle
from services.analytics.domain.sums import Sum, day_sums
from services.analytics.domain.visible import visible_modes
from services.analytics.store import claims, days, people, tenants
from services.analytics.store.people import Actor, Person
from services.common.consumer import Transaction
from services.common.eventlog import Entry

MIX_DAYS = 28
MANY = 100
_PLAN_ANEW = """
    -- Until commit, do not use plans that were made while the tables were smaller: what reads a small table whole is
    -- right for one person and takes minutes for thousands. Planning costs less than such a plan can.
    SET LOCAL plan_cache_mode = force_custom_plan
"""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a fold needs besides rows: the clock, randomness for new persons, and the installation's zone."""

    now: Callable[[], datetime]
    new_id: Callable[[], str]
    zone: ZoneInfo


async def lock_people(
    tx: Transaction, actors: Iterable[Actor], keys: Iterable[Key], around: Surroundings
) -> tuple[dict[Actor, str], dict[Key, list[Event]]]:
    """Find or make the persons behind these identities, and lock them with all whom these statements ever concerned.

    The statements are locked already. Returns who is who, and all events there ever were of the statements.
    """
    actors, keys = set(actors), list(keys)
    if len(actors) + len(keys) > MANY:
        await tx.connection.execute(_PLAN_ANEW)
    persons, added = await people.identify(tx.connection, actors, around.new_id)
    for (tenant, actor_key), person in added.items():
        record = published.Person.model_validate(
            {"tenant": tenant, "person": person, "version": 1, "identities": [actor_key]}
        )
        tx.publish(PEOPLE, Entry(_key((tenant, person)), record.model_dump_json().encode()))
    old = await claims.of_statements(tx.connection, keys)
    concerned = {(tenant, person) for (tenant, _), person in persons.items()}
    concerned |= {(event.tenant, event.person) for events in old.values() for event in events}
    await people.lock(tx.connection, concerned)
    return persons, old


async def fold(
    tx: Transaction, derived: Mapping[Key, Sequence[Derived]], around: Surroundings
) -> Counter[LearningClass]:
    """Make exactly this of these locked statements; return how many events of each class were derived."""
    actors = [(key[0], each.learner) for key, found in derived.items() for each in found]
    persons, old = await lock_people(tx, actors, derived, around)
    changed: list[Event] = []
    for key, found in sorted(derived.items()):
        named = [replace(each, claim=replace(each.claim, person=persons[key[0], each.learner])) for each in found]
        changed += settle(key[0], old[key], named)
    if changed:
        await claims.write(tx.connection, changed)
        for event in changed:
            tx.publish(LEARNING_EVENTS, Entry(_key((event.tenant, event.person)), _learning_event(event)))
        before = [event for events in old.values() for event in events if not event.retracted]
        await _refold(tx, before, changed, around)
    return Counter(event.claim.mode for event in changed if not event.retracted)


async def _refold(tx: Transaction, before: Sequence[Event], changed: Sequence[Event], around: Surroundings) -> None:
    """Fold the days anew that old and new claims touch, and publish the mix of each person they are of."""
    longest: dict[Person, int] = {}
    for event in changed:
        person = (event.tenant, event.person)
        longest[person] = max(longest.get(person, 0), event.claim.length_us)
    versions = await people.change(tx.connection, longest)
    zones = await tenants.zones(tx.connection, {tenant for tenant, _ in longest}, around.zone)
    touched: dict[Person, set[date]] = {person: set() for person in longest}
    for event in [*before, *changed]:
        if (person := (event.tenant, event.person)) in touched:
            touched[person] |= days_touched([event.claim], zones[event.tenant])
    await days.rewrite(tx.connection, await _sums(tx, touched, zones))
    await _publish_mixes(tx, versions, zones, around.now())


async def _sums(
    tx: Transaction, touched: Mapping[Person, set[date]], zones: Mapping[str, ZoneInfo]
) -> dict[Person, dict[date, dict[LearningClass, Sum]]]:
    windows = [
        claims.Window(*person, *day_bounds(day, zones[person[0]])) for person, dates in touched.items() for day in dates
    ]
    holding = await claims.touching(tx.connection, windows)
    return {
        person: day_sums((event.claim for event in holding[person]), dates, zones[person[0]])
        for person, dates in touched.items()
    }


async def _publish_mixes(
    tx: Transaction, versions: Mapping[Person, int], zones: Mapping[str, ZoneInfo], now: datetime
) -> None:
    kinds = await tenants.kinds(tx.connection, zones)
    today = {tenant: day_of(to_us(now), zone) for tenant, zone in zones.items()}
    wanted = {person: (today[person[0]] - timedelta(days=MIX_DAYS - 1), today[person[0]]) for person in versions}
    for person, sums in sorted((await days.between(tx.connection, wanted)).items()):
        tenant, person_id = person
        recorded = {cls for classes in sums.values() for cls in classes}
        record = published.Mix.model_validate(
            {
                "tenant": tenant,
                "person": person_id,
                "version": versions[person],
                "as_of": now.astimezone(UTC),
                "time_zone": zones[tenant].key,
                "days": [_day_sum(day, classes) for day, classes in sums.items()],
                "visible": visible_modes(kinds[tenant], recorded),
            }
        )
        tx.publish(MIXES, Entry(_key(person), record.model_dump_json().encode()))


def _day_sum(day: date, classes: Mapping[LearningClass, Sum]) -> published.DaySum:
    return published.DaySum(
        day=day,
        microseconds={mode: classes[mode].microseconds for mode in MODES if mode in classes},
        events={cls: of.events for cls, of in classes.items()},
    )


def _learning_event(event: Event) -> bytes:
    derived, claim = event.derived, event.claim
    timed = claim.length_us > 0
    record = published.LearningEvent.model_validate(
        {
            "tenant": event.tenant,
            "person": claim.person,
            "learner": derived.learner,
            "statement": claim.statement_id,
            "event": event.number,
            "rule_set": derived.rule_set,
            "rule": derived.rule,
            "learning_class": claim.mode,
            "at": from_us(claim.t_us),
            "start": from_us(claim.start_us) if timed else None,
            "end": from_us(claim.end_us) if timed else None,
            "known": claim.known,
            "flags": sorted(claim.flags),
            "version": event.version,
            "retracted": event.retracted,
        }
    )
    return record.model_dump_json().encode()


def _key(person: Person) -> bytes:
    return "/".join(person).encode()

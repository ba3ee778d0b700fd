"""What analytics tells the log: learning events of every derivation, and the mixes of the one that is served."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from schemas.events import MODES, LearningClass
from schemas.topics import LEARNING_EVENTS, MIXES
from services.analytics.domain.events import Event
from services.analytics.domain.minutes.days import day_of
from services.analytics.domain.minutes.instants import from_us, to_us
from services.analytics.domain.minutes.sums import DaySum
from services.analytics.domain.visible import visible_modes
from services.analytics.identifying import person_key
from services.analytics.readings import Reading
from services.analytics.store import days, tenants
from services.analytics.store.events import Owner
from services.analytics.store.people import Locked, Person
from services.common.consumer import Transaction
from services.common.eventlog import Entry

MIX_DAYS = 28


def publish_events(tx: Transaction, written: Iterable[Event], live: Mapping[str, Sequence[Reading]]) -> None:
    """Publish learning events as they are now (schemas: events.LearningEvent)."""
    labels = {
        (tenant, each.derivation.number): each.derivation.label for tenant, theirs in live.items() for each in theirs
    }
    for event in written:
        body = _learning_event(event, labels[event.tenant, event.derivation])
        tx.publish(LEARNING_EVENTS, Entry(person_key(event.tenant, event.person), orjson.dumps(body)))


def _learning_event(event: Event, rule_set: str) -> dict[str, Any]:
    fact, claimed = event.fact, event.claimed
    timed = claimed.end_us > claimed.start_us
    return {
        "tenant": event.tenant,
        "person": event.person,
        "learner": fact.learner,
        "role": fact.role,
        "statement": fact.statement,
        "event": event.number,
        "derivation": event.derivation,
        "rule_set": rule_set,
        "rule": fact.rule,
        "entry": fact.entry,
        "learning_class": fact.mode,
        "at": from_us(fact.t_us),
        "start": from_us(claimed.start_us) if timed else None,
        "end": from_us(claimed.end_us) if timed else None,
        "known": claimed.known,
        "moment": claimed.moment,
        "flags": sorted(fact.flags),
        "tags": list(fact.tags),
        "version": event.version,
        "retracted": event.retracted,
    }


async def publish_mixes(
    tx: Transaction,
    versions: Mapping[Person, int],
    live: Mapping[str, Sequence[Reading]],
    locked: Mapping[Person, Locked],
    now: datetime,
) -> None:
    """Publish the mix of each of these locked persons: the last 28 days of the derivation that is served."""
    served = {tenant: each.derivation for tenant, theirs in live.items() for each in theirs if each.derivation.active}
    kinds = await tenants.kinds(tx.connection, served)
    windows: dict[Owner, tuple[date, date]] = {}
    for tenant, person in versions:
        if (derivation := served.get(tenant)) is not None:
            today = day_of(to_us(now), derivation.zone)
            windows[Owner(tenant, derivation.number, person)] = (today - timedelta(days=MIX_DAYS - 1), today)
    for owner, sums in sorted((await days.between(tx.connection, windows)).items()):
        whose = (owner.tenant, owner.person)
        body = {
            "tenant": owner.tenant,
            "person": owner.person,
            "version": versions[whose],
            "as_of": now.astimezone(UTC),
            "time_zone": served[owner.tenant].zone.key,
            "derivation": owner.derivation,
            "days": [] if locked[whose].objected else [_day_sum(day, classes) for day, classes in sums.items()],
            "visible": visible_modes(kinds[owner.tenant], {cls for classes in sums.values() for cls in classes}),
        }
        tx.publish(MIXES, Entry(person_key(*whose), orjson.dumps(body)))


def _day_sum(day: date, classes: Mapping[LearningClass, DaySum]) -> dict[str, Any]:
    return {
        "day": day,
        "microseconds": {mode: classes[mode].minutes_us for mode in MODES if mode in classes},
        "events": {cls: of.events for cls, of in classes.items() if of.events},
    }

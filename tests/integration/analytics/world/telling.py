"""A generated world as the two topics tell it: records in any order, and the rulings that the store would publish."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from schemas.events import Kept, Voided
from schemas.topics import RULINGS, STATEMENTS
from services.common.eventlog import Entry
from tests.world.world import World

VOIDED = "http://adlnet.gov/expapi/verbs/voided"

Delivery = dict[str, Any]


@dataclass(frozen=True)
class News:
    """One record of a topic."""

    topic: str
    entry: Entry


def news(made: World, tenant: str, rng: random.Random) -> list[News]:
    """Return everything that is told of a world, shuffled: each delivery, some again and again, some of them
    otherwise than the store keeps them, and a ruling for each of those and each void."""
    kept = _kept(made)
    told = [News(STATEMENTS, _record(each, tenant)) for each in made.deliveries]
    told += rng.sample(told, len(told) // 20)
    for statement_id in sorted(rng.sample(sorted(kept), len(kept) // 50)):
        other = _otherwise(kept, statement_id, rng)
        told += [News(STATEMENTS, _record(other, tenant)), News(RULINGS, _ruling(kept[statement_id], tenant))]
    told += [News(RULINGS, _voided(each["statement"], tenant)) for each in kept.values() if _voids(each["statement"])]
    rng.shuffle(told)
    return told


def requests(told: list[News], rng: random.Random) -> Iterator[tuple[str, list[Entry]]]:
    """Cut news into requests of one topic each, of 1 to 40 records."""
    while told:
        size = rng.choice((1, 1, 5, 20, 40))
        part, told = told[:size], told[size:]
        for topic in (STATEMENTS, RULINGS):
            if entries := [each.entry for each in part if each.topic == topic]:
                yield topic, entries


def _kept(made: World) -> dict[str, Delivery]:
    kept: dict[str, Delivery] = {}
    for each in made.deliveries:
        kept.setdefault(each["statement"]["id"], each)
    return kept


def _otherwise(kept: dict[str, Delivery], statement_id: str, rng: random.Random) -> Delivery:
    """Another content under this id: somebody else's statement, or the same that came again much later."""
    if rng.random() < 0.3 or "timestamp" not in kept[statement_id]["statement"]:
        later = datetime.fromisoformat(kept[statement_id]["arrived"]) + timedelta(seconds=rng.randint(1, 200_000))
        return kept[statement_id] | {"arrived": later.isoformat()}
    other = kept[rng.choice(sorted(kept))]
    return other | {"statement": other["statement"] | {"id": statement_id}}


def _record(each: Delivery, tenant: str) -> Entry:
    headers = {name: each[name] for name in ("source", "kind", "arrived")}
    headers |= {"tenant": tenant, "id": each["statement"]["id"]}
    return Entry(b"k", orjson.dumps(each["statement"]), tuple((name, text.encode()) for name, text in headers.items()))


def _ruling(each: Delivery, tenant: str) -> Entry:
    ruling = Kept(
        tenant=tenant,
        id=each["statement"]["id"],
        statement=each["statement"],
        arrived=datetime.fromisoformat(each["arrived"]),
        timestamp_sent="timestamp" in each["statement"],
        source=each["source"],
        kind=each["kind"],
    )
    return Entry(str(ruling.id).encode(), ruling.model_dump_json().encode())


def _voids(statement: dict[str, Any]) -> bool:
    return statement["verb"]["id"] == VOIDED


def _voided(statement: dict[str, Any], tenant: str) -> Entry:
    target = statement["object"]["id"]
    ruling = Voided.model_validate({"tenant": tenant, "id": target, "by": statement["id"]})
    return Entry(target.encode(), ruling.model_dump_json().encode())

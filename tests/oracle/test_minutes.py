"""The product's minutes of a generated world against the oracle's, for every person, day and class."""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.xapi.agents import actor_key
from services.analytics.domain.classify.classified import Classified, Learner
from services.analytics.domain.minutes.facts import footprints
from services.analytics.domain.minutes.instants import to_us
from services.analytics.domain.minutes.sums import day_sums, touched
from services.analytics.domain.recorded import Recorded
from services.analytics.domain.standing import Content
from tests.oracle.compare import identity, spoken
from tests.oracle.painting import figures
from tests.world.cast import Label
from tests.world.world import World, world

AMSTERDAM = "Europe/Amsterdam"
SECOND = 1_000_000


def classified(statement: dict, label: Label) -> Classified:
    """What classification would say, made of what is true."""
    actor = statement["actor"]
    learners = tuple(Learner(agent) for agent in actor.get("member", [actor]))
    if label.who == "object":
        learners = (Learner(statement["object"]), Learner(actor, "coach"))
    return Classified(
        label.cls, "world", learners=learners, default_us=label.default * SECOND, default_from="world",
        cap_us=label.cap * SECOND, timed=label.timed,
    )  # fmt: skip


def recorded(made: World, deliveries: list[dict]) -> Recorded:
    """The world, taken by the product in this order."""
    people = {actor_key(agent): person.id for person in made.people for agent in person.agents}
    taken = Recorded(lambda c: classified(c.statement, made.labels[c.statement["id"]]), people)
    for each in deliveries:
        arrived_us = to_us(datetime.fromisoformat(each["arrived"]))
        taken.add(Content(each["statement"], arrived_us, each["source"], each["kind"]))
    return taken


def product(made: World, deliveries: list[dict], zone: str = AMSTERDAM) -> dict:
    """What the product makes of it, in the oracle's words."""
    found, days_of = {}, ZoneInfo(zone)
    for person, held in recorded(made, deliveries).held().items():
        for day, sums in day_sums(footprints(held), touched(footprints(held), days_of), days_of).items():
            found |= {(person, day, mode): spoken(row) for mode, row in sums.items() if spoken(row)}
    return found


def oracle(made: World, zone: str = AMSTERDAM) -> dict:
    """What the oracle makes of it."""
    person_of = {identity(agent): person.id for person in made.people for agent in person.agents}
    return figures(made.deliveries, made.labels, lambda agent: person_of[identity(agent)], zone)


def compare(found: dict, expected: dict) -> None:
    """Say where two accounts differ, in the order of persons and days."""
    different = [key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key)]
    for key in sorted(different, key=str)[:5]:
        print(key, "\n  product", found.get(key), "\n  oracle ", dict(expected.get(key, {})))
    assert not different, f"{len(different)} of {len(expected)} differ"


def test_every_person_day_and_class_of_60_people_over_60_days():
    made = world(60, 60, seed=1)
    assert made.voids
    compare(product(made, list(made.deliveries)), oracle(made))


def test_every_person_day_and_class_of_500_people_over_90_days():
    made = world(500, 90, seed=7)
    assert len({each["statement"]["id"] for each in made.deliveries}) < len(made.deliveries)
    compare(product(made, list(made.deliveries)), oracle(made))


def test_crowded_days_in_another_time_zone():
    made = world(12, 20, seed=3, busy=3)
    zone = "America/St_Johns"
    compare(product(made, list(made.deliveries), zone), oracle(made, zone))


def test_any_order_and_any_repetition_give_the_same():
    made = world(40, 40, seed=4)
    rng = random.Random(4)
    shuffled = [*made.deliveries, *rng.sample(made.deliveries, 200)]
    rng.shuffle(shuffled)
    assert product(made, shuffled) == product(made, list(made.deliveries))

"""Law 4: any order, repetition, partition, member or restart gives the same days, once the rulings are read."""

import random
from datetime import datetime

from schemas.topics import LEARNING_EVENTS, MIXES, PEOPLE, RULINGS, STATEMENTS
from schemas.xapi.agents import actor_key
from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import EMPTY_REGISTRY
from services.analytics.domain.minutes.facts import footprints
from services.analytics.domain.minutes.instants import to_us
from services.analytics.domain.minutes.sums import day_sums, touched
from services.analytics.domain.recorded import Recorded
from services.analytics.domain.standing import Content
from services.analytics.rules import base_rules
from tests.integration.analytics.conftest import AMSTERDAM
from tests.integration.analytics.statements import ARRIVED, agent, kept, record, statement, voided, voiding

LATER = "2026-03-02T11:20:00+00:00"
NAMES = ("anna", "bob", "carl", "dora", "eve", "admin")


def world():
    """What is told about a handful of ids, in an order that means nothing; and what is true in the end."""
    plain = [statement("anna", f"2026-03-0{day}T0{hour}:10:00Z", "PT45M") for day in (2, 3) for hour in (7, 8)]
    group = statement(actor={"objectType": "Group", "member": [agent("bob"), agent("anna"), agent("bob")]})
    over_midnight = statement("bob", "2026-03-03T00:20:00+01:00", "PT1H")
    disbelieved = statement("bob", "2026-03-04T09:00:00Z", "PT21H")
    # Two contents under one id: the store kept the first, and says so wherever it read the other.
    first = statement("anna", "2026-03-05T09:00:00Z", "PT10M")
    other = statement("carl", "2026-03-06T09:00:00Z", "PT50M", id=first["id"])
    # The same statement twice, without a timestamp: the store kept the later arrival.
    timeless = statement("dora", None, "PT15M")
    # Voided, and two contents of an id that is voided.
    gone = statement("anna", "2026-03-02T15:00:00Z", "PT1H")
    void_gone = voiding(gone["id"])
    disputed = statement("carl", "2026-03-02T15:00:00Z", "PT1H")
    disputed_too = statement("dora", "2026-03-02T16:00:00Z", "PT2H", id=disputed["id"])
    void_disputed = voiding(disputed["id"])
    # A voiding statement that somebody tries to void, and one that lost its id to an ordinary statement that is voided.
    void_void = voiding(void_gone["id"], "eve")
    lost = voiding(gone["id"], "carl")
    won = statement("eve", "2026-03-07T10:00:00Z", "PT20M", id=lost["id"])
    void_won = voiding(won["id"])
    kept_of = [(first, ARRIVED), (timeless, LATER), (disputed_too, ARRIVED), (won, ARRIVED)]
    records = [
        *((each, ARRIVED) for each in [*plain, group, over_midnight, disbelieved, first, other, timeless]),
        *((each, ARRIVED) for each in [gone, void_gone, disputed, disputed_too, void_disputed, void_void, lost, won]),
        *((each, ARRIVED) for each in [void_won]),
        (timeless, LATER),
    ]
    voids = [(gone, void_gone), (disputed, void_disputed), (void_gone, void_void), (won, void_won)]
    truth = [(each, ARRIVED) for each in [*plain, group, over_midnight, disbelieved, first]]
    truth += [(timeless, LATER)] + [(each, ARRIVED) for each in [void_gone, void_disputed, void_void, void_won]]
    return records, kept_of, voids, truth


def told(tenant, records, kept_of, voids):
    """Everything as (topic, entry) pairs of one tenant."""
    return [
        *((STATEMENTS, record(made, tenant, arrived=arrived)) for made, arrived in records),
        *((RULINGS, kept(made, tenant, arrived=arrived)) for made, arrived in kept_of),
        *((RULINGS, voided(target["id"], by["id"], tenant)) for target, by in voids),
    ]


def recomputed(truth):
    """The day sums per actor_key, straight from the statements that count."""
    recorded = Recorded(
        lambda content: classify(content.statement, content.source, content.kind, base_rules(), EMPTY_REGISTRY),
        {actor_key(agent(name)): actor_key(agent(name)) for name in NAMES},
    )
    for made, arrived in truth:
        recorded.add(Content(made, to_us(datetime.fromisoformat(arrived)), "app", "lms"))
    return {
        (learner, str(day), cls, figures.minutes_us, figures.moments, figures.events)
        for learner, theirs in recorded.held().items()
        for day, sums in day_sums(footprints(theirs), touched(footprints(theirs), AMSTERDAM), AMSTERDAM).items()
        for cls, figures in sums.items()
    }


async def sums_of(group, tenant):
    rows = await group.rows(
        """
        SELECT actor_key, day::text, class, minutes_us, moments, events
        FROM analytics.person_days JOIN analytics.identities USING (tenant, person)
        WHERE tenant = $1 AND origin = 'statement' AND minutes_us + events > 0
        """,
        tenant,
    )
    return {tuple(row.values()) for row in rows}


async def test_any_order_repetition_partition_and_restart_gives_the_same_days(group):
    random_ = random.Random(4)
    records, kept_of, voids, truth = world()
    orders = {}
    for number in range(25):
        tenant = f"world-{number}"
        entries = told(tenant, records, kept_of, voids)
        entries += random_.choices(entries, k=6)
        random_.shuffle(entries)
        orders[tenant] = entries
    group.start()
    while any(orders.values()):
        for entries in orders.values():
            for _ in range(random_.randint(0, 3)):
                request = [entries.pop() for _ in range(min(len(entries), random_.randint(1, 4)))]
                number = random_.randrange(6)
                for topic in (STATEMENTS, RULINGS):
                    if mine := [entry for to, entry in request if to == topic]:
                        group.append(topic, number, *mine)
        if len(group.members) < 2:
            group.start()
        elif random_.random() < 0.5:
            await group.stop()
        else:
            await group.caught_up()
    await group.caught_up()
    expected = recomputed(truth)
    # By hand: two times 45 minutes, and the group's 30.
    assert (actor_key(agent("anna")), "2026-03-02", "formal", 120 * 60_000_000, 3, 3) in expected
    for tenant in orders:
        assert await sums_of(group, tenant) == expected, tenant


async def test_a_repeat_changes_nothing_and_publishes_nothing(group):
    records, kept_of, voids, _ = world()
    entries = told("default", records, kept_of, voids)
    group.start()
    for topic, entry in entries:
        group.append(topic, 0, entry)
    await group.caught_up()
    before = await group.rows("SELECT count(*) AS rows, max(id) AS last FROM analytics.outbox")
    people = await group.rows("SELECT person, version FROM analytics.persons ORDER BY person")
    for topic, entry in entries:
        group.append(topic, 1, entry)
    await group.caught_up()
    assert await group.rows("SELECT count(*) AS rows, max(id) AS last FROM analytics.outbox") == before
    assert await group.rows("SELECT person, version FROM analytics.persons ORDER BY person") == people


async def test_members_that_meet_in_the_same_persons_neither_deadlock_nor_lose_a_minute(group):
    """240 statements, each about the same 8 people in an order of its own, on all partitions at once."""
    random_ = random.Random(8)
    names = [f"p{number}" for number in range(8)]
    for member in range(3):
        group.start()
        assert len(group.members) == member + 1
    for number in range(240):
        members = random_.sample(names, len(names))
        made = statement(
            at=f"2026-02-{1 + number % 20:02}T{8 + number // 20:02}:00:00Z",
            duration="PT10M",
            actor={"objectType": "Group", "member": [agent(name) for name in members]},
        )
        group.append(STATEMENTS, number % 6, record(made))
    await group.caught_up()
    rows = await group.rows("SELECT person, sum(minutes_us) AS total FROM analytics.person_days GROUP BY person")
    assert [row["total"] for row in rows] == [240 * 600_000_000] * 8
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    assert (await group.rows(deadlocks))[0]["deadlocks"] == 0


async def test_what_is_published_ends_in_what_the_tables_say(group):
    """The last version of each event, person and mix on the log is what stands in the tables."""
    records, kept_of, voids, _ = world()
    entries = told("default", records, kept_of, voids)
    random.Random(2).shuffle(entries)
    group.start()
    for topic, entry in entries:
        group.append(topic, 0, entry)
        await group.caught_up()
    events = {}
    for _, value in await group.published(LEARNING_EVENTS):
        at = (value["statement"], value["derivation"], value["event"])
        assert value["version"] == (events[at]["version"] + 1 if at in events else 1)
        events[at] = value
    rows = await group.rows("SELECT statement::text, derivation, number, person::text, retracted FROM analytics.events")
    assert {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows} == {
        at: (value["person"], value["retracted"]) for at, value in events.items()
    }
    assert any(value["retracted"] for value in events.values())
    people = dict(await group.published(PEOPLE))
    assert {key.decode() for key in people} == {f"default/{value['person']}" for value in people.values()}
    keys = [actor_key(agent(name)) for name in NAMES]
    assert {key for value in people.values() for key in value["identities"]} >= set(keys[:2])
    mixes = {}
    for key, value in await group.published(MIXES):
        assert key not in mixes or value["version"] > mixes[key]["version"]
        mixes[key] = value
    anna = next(key for key, value in people.items() if keys[0] in value["identities"])
    days = {day["day"]: (day["microseconds"].get("formal"), day["events"]) for day in mixes[anna]["days"]}
    assert days["2026-03-05"] == (600_000_000, {"formal": 1})

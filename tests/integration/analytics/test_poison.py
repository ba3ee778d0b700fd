"""Law 7: what cannot be taken becomes a dead letter with its reason, and the rest of its batch stands."""

import orjson
import pytest

from schemas.topics import RULINGS, STATEMENTS
from services.common.eventlog import Entry
from services.common.outbox import outgoing_from_row
from tests.integration.analytics.statements import kept, record, statement, voided


async def dead_letters(group):
    """(topic, reason) of every dead letter, in order."""
    rows = await group.rows("SELECT topics, keys, bodies, headers FROM analytics.outbox ORDER BY id")
    return [
        (topic, dict(entry.headers)["reason"].decode())
        for row in rows
        for topic, entry in outgoing_from_row(*row.values())
        if topic.endswith(".dlq")
    ]


async def minutes(group):
    rows = await group.rows("SELECT sum(minutes_us)::bigint / 60000000 AS minutes FROM analytics.person_days")
    return rows[0]["minutes"]


def without(entry, header):
    return Entry(entry.key, entry.value, tuple(pair for pair in entry.headers if pair[0] != header))


def instead(entry, header, value):
    return Entry(entry.key, entry.value, (*without(entry, header).headers, (header, value)))


good = record(statement())
UNDECODABLE = {
    "no tenant": without(good, "tenant"),
    "an empty tenant": instead(good, "tenant", b""),
    "a tenant no table can hold": instead(good, "tenant", b"a\0b"),
    "no arrival": without(good, "arrived"),
    "an arrival in no zone": instead(good, "arrived", b"2026-03-02T11:00:00"),
    "an id that is none": instead(good, "id", b"17"),
    "not JSON": Entry(b"k", b"{", good.headers),
    "not a statement": Entry(b"k", b"[]", good.headers),
    "a tombstone": Entry(b"k", None, good.headers),
    "no verb": Entry(b"k", orjson.dumps({"actor": {}, "object": {}}), good.headers),
}


@pytest.mark.parametrize("poison", UNDECODABLE.values(), ids=UNDECODABLE)
async def test_a_record_that_is_no_statement(group, poison):
    group.append(STATEMENTS, 0, record(statement("anna")), poison, record(statement("bob")))
    group.start()
    await group.caught_up()
    assert await dead_letters(group) == [(f"{STATEMENTS}.dlq", "undecodable")]
    assert await minutes(group) == 60


async def test_a_record_that_is_no_ruling(group):
    sound = statement()
    strange = orjson.loads(kept(sound).value) | {"ruling": "perhaps"}
    group.append(STATEMENTS, 0, record(sound))
    group.append(RULINGS, 0, Entry(b"k", orjson.dumps(strange)), voided(sound["id"], sound["id"]))
    group.start()
    await group.caught_up()
    assert await dead_letters(group) == [(f"{RULINGS}.dlq", "undecodable")]
    assert await minutes(group) is None


async def test_a_record_that_breaks_the_handler_costs_itself_alone(group):
    """One breaks the derivation, one the database; what stands between them counts, newcomers and all."""
    breaks_deriving = statement("carl", result="ten minutes")
    breaks_writing = instead(record(statement("dora")), "source", b"a\0b")
    group.append(STATEMENTS, 0, record(statement("anna")), record(breaks_deriving), record(statement("bob")))
    group.append(STATEMENTS, 0, record(statement("anna", "2026-03-03T10:00:00Z")), breaks_writing)
    group.start()
    await group.caught_up()
    assert await dead_letters(group) == [(f"{STATEMENTS}.dlq", "handler_error")] * 2
    assert await minutes(group) == 90
    people = await group.rows("SELECT count(DISTINCT person) AS n FROM analytics.person_days")
    assert people[0]["n"] == 2

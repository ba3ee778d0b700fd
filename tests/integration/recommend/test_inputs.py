"""What recommend keeps of people and mixes: the newest version, in any order; tombstones erase, for good."""

import asyncio
from uuid import uuid4

from schemas.topics import MIXES, PEOPLE
from services.common.eventlog import Entry

from .conftest import Recommend, read


async def test_lower_versions_are_ignored(recommend: Recommend) -> None:
    person = await recommend.somebody()
    await recommend.tell_person(person, version=5)
    await recommend.tell_mix(person, version=7, social=1)
    await recommend.until(person, lambda row: (row["version"], row["mix_version"]) == (5, 7))
    await recommend.tell_mix(person, version=3, formal=99)
    await recommend.tell_person(person, version=4)
    await recommend.caught_up()
    row = await recommend.row(person)
    assert (row["version"], row["mix_version"]) == (5, 7)
    assert b'"social":60000000' in row["mix"]


async def test_a_tombstone_erases_and_a_replay_does_not_undo_it(both: Recommend) -> None:
    person = await both.somebody()
    assert (await both.next(person)).status_code == 200
    await both.say(PEOPLE, person, None, version=2)
    await both.tell_person(person, version=1)
    await both.until(person, lambda row: row["erased"])
    await both.tell_mix(person, version=2, formal=99)
    await both.caught_up()
    row = await both.row(person)
    assert (row["erased"], row["version"], row["mix"]) == (True, 2, None)
    assert await both.fetch("SELECT * FROM recommend.suggestions") == []
    assert (await both.next(person)).status_code == 404
    assert (await both.history(person)).status_code == 404


async def test_a_mix_that_came_before_its_person_goes_with_the_tombstone(recommend: Recommend) -> None:
    person = uuid4()
    await recommend.tell_mix(person, formal=99)
    await recommend.until(person, lambda row: row["mix"] is not None)
    await recommend.say(PEOPLE, person, None, version=1)
    await recommend.until(person, lambda row: row["erased"])
    assert (await recommend.row(person))["mix"] is None


async def test_an_old_tombstone_erases_nothing(recommend: Recommend) -> None:
    person = uuid4()
    await recommend.tell_person(person, version=9)
    await recommend.tell_mix(person, version=9, formal=3)
    await recommend.until(person, lambda row: (row["version"], row["mix_version"]) == (9, 9))
    await recommend.say(PEOPLE, person, None, version=8)
    await recommend.say(MIXES, person, None, version=8)
    await recommend.caught_up()
    row = await recommend.row(person)
    assert (row["erased"], row["version"], row["mix"] is None) == (False, 9, False)


async def test_a_mix_can_go_alone(recommend: Recommend) -> None:
    person = await recommend.somebody()
    await recommend.say(MIXES, person, None, version=2)
    await recommend.caught_up()
    row = await recommend.row(person)
    assert (row["erased"], row["mix_version"], row["mix"]) == (False, 2, None)
    told = (await recommend.next(person)).json()
    assert "starter" in [each["code"] for each in told["why"]]


async def test_a_handled_batch_can_hold_many_people_and_versions(recommend: Recommend) -> None:
    """One request is one batch: the newest of each person counts, whatever stands around it."""
    people = [uuid4() for _ in range(30)]
    entries = [
        Entry(f"default/{person}".encode(), _person(person, version)) for version in (2, 3, 1) for person in people
    ]
    await recommend.runtime.log.append(PEOPLE, entries, route=b"one")
    await recommend.caught_up()
    rows = await recommend.fetch("SELECT person, version FROM recommend.people")
    assert {(row["person"], row["version"]) for row in rows} == {(person, 3) for person in people}


async def test_what_is_no_record_of_the_topic_is_a_dead_letter_and_the_rest_goes_on(recommend: Recommend) -> None:
    person = await recommend.somebody()
    key, good = f"default/{person}".encode(), _person(person, 3)
    bad = [
        Entry(key, b"nonsense"),
        Entry(key, good.replace(b"default", b"elsewhere")),
        Entry(b"default/nobody", good),
        Entry(b"\0", good),
        Entry(b"\xff/" + str(person).encode(), good),
        Entry(None, good),
        Entry(key, None),
        Entry(key, None, (("version", b"many"),)),
    ]
    await recommend.runtime.log.append(PEOPLE, [*bad, Entry(key, good)], route=key)
    nowhere = (await recommend.row(person))["mix"].replace(b"Europe/Amsterdam", b"Europe/Nowhere")
    await recommend.runtime.log.append(MIXES, [Entry(key, nowhere.replace(b'"version":1', b'"version":2'))], route=key)
    await recommend.caught_up()
    row = await recommend.row(person)
    assert (row["version"], row["mix_version"]) == (3, 1)
    assert await _letters(recommend, PEOPLE, len(bad)) == [b"undecodable"] * len(bad)
    assert await _letters(recommend, MIXES, 1) == [b"undecodable"]


async def test_a_record_that_breaks_the_handler_costs_only_itself(recommend: Recommend) -> None:
    people = [uuid4() for _ in range(3)]
    versions = [1, 2**63, 1]  # the middle one does not fit into a bigint
    entries = [
        Entry(f"default/{person}".encode(), _person(person, version))
        for person, version in zip(people, versions, strict=True)
    ]
    await recommend.runtime.log.append(PEOPLE, entries, route=b"one")
    await recommend.caught_up()
    assert [(await recommend.row(person))["version"] for person in people] == [1, None, 1]
    assert await _letters(recommend, PEOPLE, 1) == [b"handler_error"]


async def _letters(recommend: Recommend, topic: str, expected: int) -> list[bytes | None]:
    """The reasons of a topic's dead letters, once there are so many."""
    async with asyncio.timeout(10):
        while (await recommend.runtime.log.ranges(f"{topic}.dlq"))[0].end < expected:
            await asyncio.sleep(0.02)
    return [record.header("reason") for record in await read(recommend.runtime.log, f"{topic}.dlq")]


def _person(person: object, version: int) -> bytes:
    return f'{{"tenant":"default","person":"{person}","version":{version},"identities":[]}}'.encode()

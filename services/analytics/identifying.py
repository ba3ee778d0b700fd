"""Who learned: the persons behind identities, locked, with what keeps a fold from counting something of theirs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas import events as published
from schemas.topics import PEOPLE
from services.analytics.store import people
from services.analytics.store.people import Actor, Locked, Person
from services.analytics.surroundings import Surroundings
from services.common.consumer import Transaction
from services.common.eventlog import Entry


@dataclass(frozen=True, slots=True)
class Identified:
    """Whose identities are, and the locked persons."""

    persons: Mapping[Actor, str]
    locked: Mapping[Person, Locked]


async def identify(
    tx: Transaction, actors: Mapping[Actor, str | None], also: Iterable[Person], around: Surroundings
) -> Identified:
    """Find or make the persons behind these identities and lock them, and others with them, in id order.

    A merge or its undoing may have moved identities before the lock was had: then it is looked again (LOG.md).
    """
    also, mine = set(also), set[Actor]()
    while True:
        persons = await people.identify(tx.connection, actors, around.new_id, mine)
        locked = await people.lock(tx.connection, also | {(tenant, person) for (tenant, _), person in persons.items()})
        if not await people.moved(tx.connection, persons):
            break
    if mine:
        await publish_people(tx, {(actor[0], persons[actor]) for actor in mine})
    return Identified(persons, locked)


async def publish_people(tx: Transaction, persons: Iterable[Person]) -> None:
    """Tell the log what these persons are now."""
    for told in await people.records(tx.connection, persons):
        record = published.Person.model_validate(told)
        tx.publish(PEOPLE, Entry(person_key(record.tenant, str(record.person)), record.model_dump_json().encode()))


def person_key(tenant: str, person: str) -> bytes:
    """Return the key of a person's records on the log."""
    return f"{tenant}/{person}".encode()

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

    A merge, its undoing or an import may have taken identities elsewhere before the lock was had: only while the lock
    is held is it certain whose they are, so it is looked again (LOG.md).
    """
    also, gained = set(also), set[Person]()
    while True:
        persons, new = await people.identify(tx.connection, actors, around.new_id)
        gained |= new
        wanted = {(tenant, persons[tenant, key]) for tenant, key in actors}
        locked = await people.lock(tx.connection, wanted | also)
        merged = {person: into for person in wanted if (into := locked[person].merged_into) is not None}
        for person, into in merged.items():
            await people.follow_merge(tx.connection, person, into)
        if not merged and await people.known(tx.connection, actors) == {each: persons[each] for each in actors}:
            break
    if gained:
        await publish_people(tx, gained)
    return Identified(persons, locked)


async def publish_people(tx: Transaction, persons: Iterable[Person]) -> None:
    """Tell the log what these persons are now."""
    for told in await people.records(tx.connection, persons):
        record = published.Person.model_validate(told)
        tx.publish(PEOPLE, Entry(person_key(record.tenant, str(record.person)), record.model_dump_json().encode()))


def person_key(tenant: str, person: str) -> bytes:
    """Return the key of a person's records on the log."""
    return f"{tenant}/{person}".encode()

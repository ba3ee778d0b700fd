"""Telling the log what persons are now, when something about them changed that is no learning."""

from collections.abc import Collection
from datetime import date

from services.analytics.identifying import publish_people
from services.analytics.publishing import publish_mixes
from services.analytics.readings import Readings
from services.analytics.store import people
from services.analytics.store.people import Person
from services.analytics.surroundings import Surroundings
from services.common.consumer import Transaction

BEGINNING = date(1900, 1, 1)
"""Before everything: all months of who is marked with it are summed up anew."""


class Announcing:
    """Publishes persons and their mixes anew, with a version above all that were told before."""

    def __init__(self, readings: Readings, around: Surroundings) -> None:
        self._readings = readings
        self._around = around

    async def identities(self, tx: Transaction, persons: Collection[Person]) -> None:
        """Publish who these locked persons are."""
        await people.next_version(tx.connection, persons)
        await publish_people(tx, persons)

    async def people(self, tx: Transaction, persons: Collection[Person]) -> None:
        """Publish what these locked persons are, and their mixes; their months are summed up anew for groups."""
        versions = await self._changed(tx, persons)
        await publish_people(tx, versions)

    async def mixes(self, tx: Transaction, persons: Collection[Person]) -> None:
        """Publish the mixes alone."""
        await self._changed(tx, persons)

    async def _changed(self, tx: Transaction, persons: Collection[Person]) -> Collection[Person]:
        locked = await people.lock(tx.connection, persons)
        versions = await people.change(tx.connection, dict.fromkeys(locked, (0, BEGINNING)))
        live = await self._readings.live(tx.connection, {tenant for tenant, _ in locked})
        await publish_mixes(tx, versions, live, locked, self._around.now())
        return versions.keys()

"""The parts of what is done about people, given a runtime: the service and the console build the same."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import uuid4

from services.analytics.acting import Acting
from services.analytics.announcing import Announcing
from services.analytics.history import History
from services.analytics.identifying import publish_people
from services.analytics.people.parts import Parts
from services.analytics.readings import Readings
from services.analytics.store import SCHEMA, people
from services.analytics.store.people import Person
from services.analytics.surroundings import Surroundings
from services.common.consumer import Transaction
from services.common.runtime import Runtime


def parts_of(runtime: Runtime, readings: Readings) -> Parts:
    """Return them."""
    around = Surroundings(_now, _new_id)
    acting = Acting(runtime.database, runtime.outbox(SCHEMA))
    move, announce = History(readings, around).move, Announcing(readings, around).people
    return Parts(runtime.database, acting, move, _publish, announce, _now, _new_id, readings.zone)


async def _publish(tx: Transaction, persons: Collection[Person]) -> None:
    await people.next_version(tx.connection, persons)
    await publish_people(tx, persons)


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid4())

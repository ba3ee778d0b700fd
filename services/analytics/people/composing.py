"""The parts of what is done about people, given a runtime: the service and the console build the same."""

from datetime import UTC, datetime
from uuid import uuid4

from services.analytics.acting import Acting
from services.analytics.announcing import Announcing
from services.analytics.history import History
from services.analytics.people.parts import Parts
from services.analytics.readings import Readings
from services.analytics.store import SCHEMA
from services.analytics.surroundings import Surroundings
from services.common.runtime import Runtime


def parts_of(runtime: Runtime, readings: Readings) -> Parts:
    """Return them."""
    around = Surroundings(_now, _new_id)
    history, announcing = History(readings, around), Announcing(readings, around)
    return Parts(
        runtime.database,
        Acting(runtime.database, runtime.outbox(SCHEMA)),
        history.move,
        announcing.identities,
        announcing.people,
        _now,
        _new_id,
        readings.zone,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid4())

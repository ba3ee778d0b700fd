"""The composition of analytics: what it consists of, given a runtime."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from schemas.topics import RULINGS, STATEMENTS
from services.analytics.acting import Acting
from services.analytics.announcing import Announcing
from services.analytics.api import roster, router, scim
from services.analytics.api.reading import Reading
from services.analytics.catching_up import CatchingUp
from services.analytics.changing import Changing
from services.analytics.classifying import Classifying
from services.analytics.handlers import LearningHandler
from services.analytics.history import History
from services.analytics.people.composing import parts_of
from services.analytics.readings import Readings
from services.analytics.registering import Registering
from services.analytics.releasing import Releasing
from services.analytics.replaying import Replaying
from services.analytics.rules import base_data, base_rules
from services.analytics.store import SCHEMA
from services.analytics.surroundings import Surroundings
from services.common.runtime import Runtime, Service


def service(runtime: Runtime) -> Service:
    """Return analytics, built on this runtime."""
    settings = runtime.settings
    readings = Readings(base_rules().version, base_data(), ZoneInfo(settings.time_zone))
    # On Kafka a ruling is published by a relay after its commit, and control records stand between: where that topic
    # ends says nothing about what a reader has to wait for.
    topics = (STATEMENTS,) if runtime.distributed else (STATEMENTS, RULINGS)
    catching_up = CatchingUp(runtime.database, runtime.log, runtime.signals, topics)
    around = Surroundings(_now, _new_id)
    acting = Acting(runtime.database, runtime.outbox(SCHEMA))
    history, announcing = History(readings, around), Announcing(readings, around)
    replaying = Replaying(runtime.database, acting, history, announcing)
    reading = Reading(runtime.credentials, runtime.database, catching_up, readings, _now, settings.k_anonymity)
    releasing = Releasing(runtime.database, _now, settings.k_anonymity, settings.release_seconds)
    changing = Changing(acting, history.rederive, history.derive_additions, _new_id)
    classifying = Classifying(base_rules())
    registering = Registering(runtime.database, acting, classifying, readings.zone, settings.k_anonymity)
    parts = parts_of(runtime, readings)

    async def prepare() -> None:
        async with runtime.database.transaction() as connection:
            await readings.prepare(connection)

    return Service(
        name=SCHEMA,
        migrations=Path(__file__).parent / "migrations",
        routers=[
            router(reading, releasing, changing, registering, classifying),
            roster.router(parts, settings.body_limit),
            scim.router(parts, settings.origin),
        ],
        handlers=[LearningHandler(readings, around, catching_up.announce)],
        tasks=[replaying.run, releasing.run],
        prepare=prepare,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid4())

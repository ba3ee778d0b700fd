"""The composition of analytics: what it consists of, given a runtime."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from schemas.topics import RULINGS, STATEMENTS
from services.analytics.api import router
from services.analytics.api.reading import Reading
from services.analytics.catching_up import CatchingUp
from services.analytics.folding import Surroundings
from services.analytics.handlers import LearningHandler
from services.analytics.rules import base_rules
from services.analytics.store import SCHEMA
from services.common.runtime import Runtime, Service

_HOUR_US = 3_600_000_000


def service(runtime: Runtime) -> Service:
    """Return analytics, built on this runtime."""
    settings, rules = runtime.settings, base_rules()
    zone = ZoneInfo(settings.time_zone)
    # On Kafka a ruling is published by a relay after its commit, and control records stand between: where that topic
    # ends says nothing about what a reader has to wait for.
    topics = (STATEMENTS,) if runtime.distributed else (STATEMENTS, RULINGS)
    catching_up = CatchingUp(runtime.database, runtime.log, runtime.signals, topics)
    handler = LearningHandler(
        rules,
        round(settings.believed_duration_hours * _HOUR_US),
        Surroundings(_now, _new_id, zone),
        catching_up.announce,
    )
    reading = Reading(runtime.credentials, runtime.database, catching_up, zone, _now, rules.version)
    return Service(
        name=SCHEMA,
        migrations=Path(__file__).parent / "migrations",
        routers=[router(reading)],
        handlers=[handler],
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid4())

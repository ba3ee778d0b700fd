"""The composition of ingest: what it consists of, given a runtime."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from schemas.topics import STATEMENTS
from services.common.eventlog import Partition
from services.common.positions import Positions
from services.common.runtime import Runtime, Service
from services.ingest import store
from services.ingest.accepting import Accepting
from services.ingest.api import router
from services.ingest.bodies import Bodies
from services.ingest.handlers import StoreHandler
from services.ingest.protocol import XapiProtocol
from services.ingest.waiting import Waiting


def service(runtime: Runtime) -> Service:
    """Return ingest, built on this runtime."""
    settings = runtime.settings
    waiting = Waiting(runtime.database, runtime.signals, lambda: runtime.database.away)
    handler = StoreHandler(waiting.announce)
    accepting = Accepting(
        log=runtime.log,
        database=runtime.database,
        waiting=waiting,
        database_away=lambda: runtime.database.away,
        authority_home=settings.origin,
        wait_seconds=settings.store_wait_seconds,
        most_members=settings.group_members,
    )

    async def prepare() -> None:
        """Make this month's partition, and the row of every partition of the log before its first append."""
        async with runtime.database.transaction() as connection:
            await handler.prepare_months(connection, datetime.now(UTC))
        positions = Positions(runtime.database, "ingest", store.GROUP)
        for number, held in sorted((await runtime.log.ranges(STATEMENTS)).items()):
            await positions.locate(Partition(STATEMENTS, number), held)

    return Service(
        name="ingest",
        migrations=Path(__file__).parent / "migrations",
        routers=[
            router(
                runtime.credentials,
                runtime.database,
                accepting,
                waiting,
                lambda: "ingest" in runtime.prepared,
                Bodies(settings.body_limit, settings.body_seconds),
            )
        ],
        handlers=[handler],
        tasks=[waiting.run],
        prepare=prepare,
        middleware=[partial(XapiProtocol, waiting=waiting)],
        accepts_without_database=True,
        needs_log=True,
    )

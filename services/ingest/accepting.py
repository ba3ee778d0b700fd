"""From a request to the log: validate, stamp, look for conflicts, append once, wait to be readable (laws 1, 3)."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson

from schemas.topics import STATEMENTS
from schemas.xapi.agents import actor_key
from services.common import metrics
from services.common.access.credentials import Caller
from services.common.database import Database
from services.common.errors import Unavailable
from services.common.eventlog import EventLog
from services.ingest import store
from services.ingest.domain.bounds import bound_members
from services.ingest.domain.equality import digest
from services.ingest.domain.stamping import stamp
from services.ingest.domain.validation import validate_request
from services.ingest.domain.voiding import voided_target
from services.ingest.records import Received, fingerprint, to_entry
from services.ingest.waiting import Waiting

_CONFLICT_LOOK_SECONDS = 1.0
_TICK = timedelta(microseconds=1)


class NotKnownToBeKept(Exception):  # noqa: N818
    """The append was not acknowledged: the statements may be kept or not. Retry with these ids."""

    def __init__(self, away: str, ids: Sequence[str]) -> None:
        super().__init__(away)
        self.away = away
        self.ids = ids


class Conflicts(Exception):  # noqa: N818
    """Other statements are kept under these ids; `kept` tells whether the rest of the request is."""

    def __init__(self, ids: Sequence[str], *, kept: bool) -> None:
        super().__init__(f"{len(ids)} ids")
        self.ids = ids
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Accepting:
    """The write side of the LRS."""

    log: EventLog
    database: Database
    waiting: Waiting
    database_away: Callable[[], bool]
    authority_home: str
    wait_seconds: float
    most_members: int

    async def accept(self, caller: Caller, statements: list[dict[str, Any]], version: str, *, batch: bool) -> list[str]:
        """Accept one request's statements whole, or raise; return their ids in order.

        Raises `Rejected` (nothing kept), `Conflicts`, or `NotKnownToBeKept`.
        """
        validate_request(statements, version, batch=batch)
        bound_members(statements, self.most_members, batch=batch)
        if not statements:
            return []
        received = self._stamp(caller, statements, version)
        ids = [str(each.id) for each in received]
        sent = [each for each, statement in zip(received, statements, strict=True) if "id" in statement]
        known = await self._known(caller.tenant, sent)
        conflicting = [str(each.id) for each in sent if known.get(each.id, each.digest) != each.digest]
        if conflicting:
            raise Conflicts(conflicting, kept=False)
        fresh = [each for each in received if each.id not in known]
        if fresh:
            await self._append(caller, fresh, statements[0], ids)
        metrics.STATEMENTS_ACCEPTED.labels(caller.kind).inc(len(ids))
        return ids

    def _stamp(self, caller: Caller, statements: list[dict[str, Any]], version: str) -> list[Received]:
        now = datetime.now(UTC)
        authority = {
            "objectType": "Agent",
            "name": caller.source,
            "account": {"homePage": self.authority_home, "name": caller.key},
        }
        return [
            _received(caller, statement, version, now, now + number * _TICK, authority)
            for number, statement in enumerate(statements)
        ]

    async def _known(self, tenant: str, sent: list[Received]) -> dict[UUID, bytes]:
        """Return the digests kept under the ids a client sent; what cannot be seen in time is judged by the store."""
        if not sent or self.database_away():
            return {}
        try:
            async with asyncio.timeout(_CONFLICT_LOOK_SECONDS), self.database.connection() as connection:
                return await store.digests(connection, tenant, [each.id for each in sent])
        except (Unavailable, TimeoutError):
            return {}

    async def _append(self, caller: Caller, fresh: list[Received], first: dict[str, Any], ids: list[str]) -> None:
        route = actor_key(first["actor"]).encode()
        entries = [to_entry(each, route, number, len(fresh)) for number, each in enumerate(fresh, 1)]
        try:
            appended = await self.log.append(STATEMENTS, entries, route)
        except Unavailable as error:
            raise NotKnownToBeKept(error.what, ids) from error
        metrics.LOG_APPENDED.labels(STATEMENTS).inc(len(entries))
        if await self.waiting.until_readable(appended, self.wait_seconds):
            known = await self._known(caller.tenant, fresh)
            conflicting = [str(each.id) for each in fresh if known.get(each.id, each.digest) != each.digest]
            if conflicting:
                raise Conflicts(conflicting, kept=True)


def _received(
    caller: Caller,
    statement: dict[str, Any],
    version: str,
    arrived: datetime,
    stored: datetime,
    authority: dict[str, Any],
) -> Received:
    statement_id = UUID(statement["id"]) if "id" in statement else uuid4()
    stamped = stamp(statement, version=version, statement_id=str(statement_id), stored=stored, authority=authority)
    target = voided_target(statement)
    return Received(
        tenant=caller.tenant,
        id=statement_id,
        body=orjson.dumps(stamped),
        digest=digest(statement),
        fingerprint=fingerprint(stamped, caller.source, arrived),
        stored=stored,
        arrived=arrived,
        timestamp_sent="timestamp" in statement,
        source=caller.source,
        kind=caller.kind,
        credential=caller.key,
        voids=UUID(target) if target else None,
    )

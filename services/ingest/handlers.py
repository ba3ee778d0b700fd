"""ingest's store: projects the statements topic into PostgreSQL and has the last word on every id (law 3)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from schemas import events
from schemas.reasons import Reason
from schemas.topics import RULINGS, STATEMENTS
from services.common import metrics
from services.common.consumer import Decoded, Transaction
from services.common.eventlog import Batch, Entry, Record
from services.ingest import store
from services.ingest.domain.judging import Verdict, firsts, judge, stamp_stored
from services.ingest.records import Key, Received, from_record

Applied = Callable[[Batch, bool], None]
"""Called after each commit with the batch, and whether it held a conflict."""


class StoreHandler:
    """Keeps the first content of each id, stamps `stored`, derives voiding, and rules where readers may differ."""

    group = store.GROUP
    topics = (STATEMENTS,)
    schema = "ingest"
    watermarked = True

    def __init__(self, applied: Applied) -> None:
        self._applied = applied
        self._months: set[tuple[int, int]] = set()

    def decode(self, record: Record) -> Received:
        """Read the record's headers and see that its value is a JSON object."""
        return from_record(record)

    async def lock(self, tx: Transaction, items: Sequence[Decoded[Received]]) -> None:
        """Lock the ids of all statements and of what they void, by inserting those that are absent bare."""
        received = [item.value for item in items]
        keys = {each.key for each in received} | set(_targets(received))
        if keys:
            await store.keep_ids(tx.connection, [], keys)

    async def handle(self, tx: Transaction, items: Sequence[Decoded[Received]]) -> None:
        """Keep what is new, judge what is not, void what is voided."""
        received = [item.value for item in items]
        stored, tx.watermark = stamp_stored(received, tx.watermark)
        places = firsts(received)
        new = [(received[place], stored[place]) for place in places.values()]
        kept_now = await store.keep_ids(tx.connection, new, _targets(received))
        bodies = [(each, at) for each, at in new if each.key in kept_now]
        if bodies:
            await self._keep_bodies(tx, bodies)
        again = [
            item for place, item in enumerate(items)
            if item.value.key not in kept_now or places[item.value.key] != place
        ]  # fmt: skip
        if again:
            await self._judge(tx, again)
        await self._void(tx, [each for each, _ in bodies])

    def committed(self, batch: Batch, dead: Sequence[tuple[Record, Reason]]) -> None:
        """Wake the POSTs that wait to be readable."""
        self._applied(batch, any(reason is Reason.CONFLICT for _, reason in dead))

    async def _keep_bodies(self, tx: Transaction, bodies: Sequence[tuple[Received, datetime]]) -> None:
        for month in sorted({(at.year, at.month) for _, at in bodies} - self._months):
            await store.ensure_month(tx.connection, datetime(*month, 1, tzinfo=UTC))
        await store.keep_bodies(tx.connection, bodies)
        metrics.STATEMENTS_STORED.inc(len(bodies))

    async def _judge(self, tx: Transaction, items: Sequence[Decoded[Received]]) -> None:
        kept = await store.kept(tx.connection, {item.value.key for item in items})
        ruled: set[Key] = set()
        for item in items:
            key = item.value.key
            verdict = judge(kept[key].kept, item.value)
            if verdict is Verdict.CONFLICT:
                tx.reject(item.record, Reason.CONFLICT)
            if verdict is not Verdict.SAME and key not in ruled and kept[key].body is not None:
                ruled.add(key)
                _publish(tx, kept_ruling(key, kept[key]))

    async def _void(self, tx: Transaction, kept: Sequence[Received]) -> None:
        voids = {(each.tenant, each.voids): each.id for each in kept if each.voids is not None}
        if not voids:
            return
        rows = [(tenant, target, by) for (tenant, target), by in sorted(voids.items())]
        for tenant, target in await store.void(tx.connection, rows):
            _publish(tx, events.Voided(tenant=tenant, id=target, by=voids[tenant, target]))

    async def prepare_months(self, connection: Any, now: datetime) -> None:
        """Make the partitions of this month and the next, so that no batch has to."""
        for month in (now, now.replace(day=28) + timedelta(days=4)):
            await store.ensure_month(connection, month)
            self._months.add((month.year, month.month))


def kept_ruling(key: Key, kept: store.KeptStatement) -> events.Kept:
    """Return the ruling that says what is kept under an id."""
    return events.Kept.model_validate(
        {
            "tenant": key[0],
            "id": key[1],
            "statement": orjson.loads(kept.body or b"{}"),
            "arrived": kept.arrived,
            "timestamp_sent": kept.timestamp_sent,
            "source": kept.source,
            "kind": kept.kind,
        }
    )


def _targets(received: Sequence[Received]) -> list[Key]:
    return [(each.tenant, each.voids) for each in received if each.voids is not None]


def _publish(tx: Transaction, ruling: events.Kept | events.Voided) -> None:
    tx.publish(RULINGS, Entry(str(ruling.id).encode(), ruling.model_dump_json().encode()))

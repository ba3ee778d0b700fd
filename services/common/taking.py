"""One batch, one transaction: the position first, then the handler's effects, then the outbox (law 2).

Two passes (docs/adr/0003): the batch as a whole, and where that fails its records one by one under savepoints, so that
a bug costs its record and nothing else (law 7).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from schemas.reasons import Reason
from services.common.consumer import Decoded, Handler, Transaction
from services.common.database import Database, is_away, must_be_retried
from services.common.errors import Rejected, Stale
from services.common.eventlog import Batch, Record
from services.common.logs import frames_of
from services.common.outbox import Outbox
from services.common.positions import Positions

T = TypeVar("T")

_ALLOWED = 1.5  # times as long as one statement may take, a transaction may: less than the watchdog's patience

logger = logging.getLogger(__name__)


class Taking(Generic[T]):
    """Takes batches for one handler; `turns` is called whenever there is progress within one."""

    def __init__(
        self,
        handler: Handler[T],
        positions: Positions,
        database: Database,
        outbox: Outbox,
        turns: Callable[[], None],
    ) -> None:
        self._handler = handler
        self._positions = positions
        self._database = database
        self._outbox = outbox
        self._turns = turns

    async def take(self, batch: Batch) -> Transaction:
        """Take the batch and return what was committed with it.

        Raises `Stale`, what must be retried, and what says that PostgreSQL is away (`TooSlow`: for this).
        """
        try:
            return await self._transact(batch, one_by_one=False)
        except Exception as error:
            if isinstance(error, Stale) or must_be_retried(error) or is_away(error):
                raise
            logger.warning("batch failed, taking it record by record", extra={"group": self._handler.group})
            return await self._transact(batch, one_by_one=True)

    async def _transact(self, batch: Batch, *, one_by_one: bool) -> Transaction:
        allowed = _ALLOWED * self._database.command_timeout
        async with self._database.transaction() as connection, asyncio.timeout(allowed):
            watermark = await self._positions.move(connection, batch)
            tx = Transaction(connection, self._handler.group, watermark)
            items = self._decode(tx, batch)
            if one_by_one:
                await self._handler.lock(tx, items)
                for item in items:
                    await self._handle_alone(tx, item)
            elif items:
                await self._handler.handle(tx, items)
            if tx.watermark != watermark:
                await self._positions.advance(connection, batch.partition, tx.watermark)
            if tx.outgoing:
                await self._outbox.write(connection, tx.outgoing)
        return tx

    def _decode(self, tx: Transaction, batch: Batch) -> list[Decoded[T]]:
        items = []
        for record in batch.records:
            try:
                items.append(Decoded(record, self._handler.decode(record)))
            except Rejected as rejected:
                tx.reject(record, rejected.reason)
            except Exception as error:  # noqa: BLE001 - decoding is pure: whatever it is, it is this record's
                self._bury(tx, record, error)
        return items

    async def _handle_alone(self, tx: Transaction, item: Decoded[T]) -> None:
        self._turns()  # many records, each with its savepoint, may take a while
        mark = tx.mark()
        try:
            async with tx.connection.transaction():
                await self._handler.handle(tx, [item])
        except Rejected as rejected:
            tx.rewind(mark)
            tx.reject(item.record, rejected.reason)
        except Exception as error:
            if must_be_retried(error) or is_away(error):
                raise
            tx.rewind(mark)
            self._bury(tx, item.record, error)

    def _bury(self, tx: Transaction, record: Record, error: Exception) -> None:
        """Make the record on which our code fails a dead letter, loudly: the traceback without the message, which may
        quote the statement.
        """
        tx.reject(record, Reason.HANDLER_ERROR)
        logger.error(
            "handler failed",
            extra={
                "group": self._handler.group,
                "topic": record.partition.topic,
                "partition": record.partition.number,
                "offset": record.position,
                "exception": frames_of(error),
            },
        )

"""Transactions of requests that change what analytics knows: with an outbox, as a handler's are (law 2)."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from services.common.consumer import Transaction
from services.common.database import Connection, Database
from services.common.outbox import Outbox

T = TypeVar("T")
_GROUP = "analytics.requests"


class Acting:
    """Runs changes, each in a transaction of its own."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    async def run(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` and publish what it leaves; again from the start when two got in each other's way.

        Everything that it does through the transaction is committed together or not at all.
        """
        done: list[Transaction] = []

        async def attempt(connection: Connection) -> T:
            tx = Transaction(connection, _GROUP, datetime.now(UTC))
            result = await work(tx)
            if tx.outgoing:
                await self._outbox.write(connection, tx.outgoing)
            done[:] = [tx]
            return result

        result = await self._database.retrying(attempt)
        if done[0].outgoing:
            self._outbox.committed(done[0].outgoing)
        return result

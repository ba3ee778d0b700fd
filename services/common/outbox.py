"""What a handler publishes is a row written in its own transaction (law 2); somebody else brings it to the log."""

from collections.abc import Sequence
from typing import Protocol

import orjson

from services.common.database import Connection
from services.common.eventlog import Entry, Headers
from services.common.eventlog.postgres import PostgresEventLog

Outgoing = tuple[str, Entry]
"""A topic, and the entry to append to it."""


class Outbox(Protocol):
    """Where a transaction leaves what it publishes."""

    async def write(self, connection: Connection, outgoing: Sequence[Outgoing]) -> None:
        """Leave it, inside the caller's transaction and as its last statement."""

    def committed(self, outgoing: Sequence[Outgoing]) -> None:
        """Hear that the transaction was committed: wake whoever carries it on."""


class TableOutbox:
    """The outbox as a table of the service's schema; a `Relay` empties it into the log."""

    def __init__(self, schema: str) -> None:
        self.schema = schema
        self._listeners: list[_Wake] = []

    async def write(self, connection: Connection, outgoing: Sequence[Outgoing]) -> None:
        """Insert one row for the whole batch."""
        await connection.execute(
            f"INSERT INTO {self.schema}.outbox (topics, keys, bodies, headers) VALUES ($1, $2, $3, $4)",
            [topic for topic, _ in outgoing],
            [entry.key for _, entry in outgoing],
            [entry.value for _, entry in outgoing],
            [_headers_to_text(entry.headers) for _, entry in outgoing],
        )

    def committed(self, outgoing: Sequence[Outgoing]) -> None:
        """Wake the relay of this process."""
        for wake in self._listeners:
            wake()

    def on_commit(self, wake: "_Wake") -> None:
        """Have `wake` called after each commit in this process."""
        self._listeners.append(wake)


class LogOutbox:
    """The outbox where the log is in the same PostgreSQL: the append in the handler's transaction is the row."""

    def __init__(self, log: PostgresEventLog) -> None:
        self._log = log

    async def write(self, connection: Connection, outgoing: Sequence[Outgoing]) -> None:
        """Append to the log inside the caller's transaction."""
        await self._log.append_in(connection, outgoing)

    def committed(self, outgoing: Sequence[Outgoing]) -> None:
        """Wake who reads those topics."""
        self._log.announce(outgoing)


class _Wake(Protocol):
    def __call__(self) -> None: ...


def _headers_to_text(headers: Headers) -> str:
    return orjson.dumps([[name, value.decode("latin-1")] for name, value in headers]).decode()


def outgoing_from_row(topics: list[str], keys: list[bytes], bodies: list[bytes], headers: list[str]) -> list[Outgoing]:
    """Return what a row of the table says is to be published."""
    return [
        (
            topic,
            Entry(key, body, tuple((name, value.encode("latin-1")) for name, value in orjson.loads(text))),
        )
        for topic, key, body, text in zip(topics, keys, bodies, headers, strict=True)
    ]

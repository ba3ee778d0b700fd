"""PostgreSQL: a pool that tells the kinds of failure apart, and migrations."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from services.common.backoff import pause
from services.common.errors import TooSlow, Unavailable

Connection = asyncpg.Connection | PoolConnectionProxy
T = TypeVar("T")

_RETRIED = ("40001", "40P01")  # serialization_failure, deadlock_detected
_AWAY_CLASSES = ("08", "53", "57", "58")  # connection, resources, operator intervention, system
_QUERY_CANCELED = "57014"
_ASK_SECONDS = 0.5
_SILENCE_SECONDS = 3.0
_MIGRATION_SECONDS = 3600.0  # it may rewrite a large table, and would be begun again for ever
_MIGRATION_LOCK = 0x6C6D6978  # "lmix"

logger = logging.getLogger(__name__)


def must_be_retried(error: BaseException) -> bool:
    """Tell whether the whole transaction should be run again at once."""
    return getattr(error, "sqlstate", None) in _RETRIED


def is_away(error: BaseException) -> bool:
    """Tell whether the error says that PostgreSQL is away: to be waited for, never anybody's fault."""
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate is not None:
        return str(sqlstate)[:2] in _AWAY_CLASSES
    if isinstance(error, ValueError):
        return False  # asyncpg's client-side DataError is an InterfaceError too, but it is a bug
    if isinstance(error, RuntimeError):
        return "handler is closed" in str(error)  # uvloop's word for writing to a connection that has just broken
    # InternalClientError: asyncpg met an answer it did not wait for, when the server died in the middle of one.
    return isinstance(
        error, asyncpg.InterfaceError | asyncpg.InternalClientError | OSError | TimeoutError | Unavailable
    )


async def _leave_as_it_is(_: Connection) -> None:
    """Spare each use of a connection the round trip of a reset: what lasts in a session is for `Database.session`."""


def _took_too_long(error: BaseException) -> bool:
    return isinstance(error, TimeoutError) or getattr(error, "sqlstate", None) == _QUERY_CANCELED


class Database:
    """A pool of connections. Opening it does not connect: PostgreSQL may come later, and go, and come back.

    `away` is what `watch` saw last. While it is true nobody is made to wait: `connection` raises at once.
    """

    def __init__(self, dsn: str, *, size: int = 10, command_timeout: float = 30.0) -> None:
        self.dsn = dsn
        self.away = False
        self.command_timeout = command_timeout
        """How long one statement may take, in seconds."""
        self._size = size
        self._pool: asyncpg.Pool | None = None

    async def open(self) -> None:
        """Make the pool; no connection yet."""
        self._pool = await self._new_pool()

    async def _new_pool(self) -> asyncpg.Pool:
        return await asyncpg.create_pool(
            self.dsn,
            min_size=0,
            max_size=self._size,
            command_timeout=self.command_timeout,
            timeout=3.0,
            max_inactive_connection_lifetime=300,
            reset=_leave_as_it_is,
        )

    async def close(self) -> None:
        """Close every connection, within seconds."""
        if self._pool is None:
            return
        try:
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:
            self._pool.terminate()
        self._pool = None

    async def watch(self) -> None:
        """Ask PostgreSQL again and again whether it is there, on a connection of its own, until cancelled.

        One that hangs says nothing and closes nothing: after three seconds of silence everything that waits for it
        is let go, with a lost connection, and told to try again.
        """
        asking: asyncpg.Connection | None = None
        try:
            while True:
                try:
                    async with asyncio.timeout(_SILENCE_SECONDS):
                        asking = asking or await asyncpg.connect(self.dsn, timeout=_SILENCE_SECONDS)
                        await asking.execute("SELECT 1")
                    self.away = False
                except Exception as error:
                    if not is_away(error):
                        raise
                    if asking is not None:
                        asking.terminate()
                        asking = None
                    await self._gone()
                await pause(_ASK_SECONDS)
        finally:
            if asking is not None:
                asking.terminate()

    async def _gone(self) -> None:
        if not self.away and self._pool is not None:
            logger.warning("postgresql does not answer")
            self.away = True
            silent, self._pool = self._pool, await self._new_pool()
            silent.terminate()

    @property
    def pool(self) -> asyncpg.Pool:
        """Return the pool itself, for who manages connections of its own (the event log)."""
        if self._pool is None:
            raise Unavailable("postgresql", "the pool is not open")
        return self._pool

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection; raises `Unavailable` when PostgreSQL is or goes away, `TooSlow` when what is done with
        the connection takes too long.
        """
        if self.away:
            raise Unavailable("postgresql", "it does not answer")
        lent = False
        try:
            async with self.pool.acquire(timeout=3.0) as connection:
                lent = True
                yield connection
        except Exception as error:
            if isinstance(error, Unavailable) or not is_away(error):
                raise
            kind = TooSlow if lent and _took_too_long(error) else Unavailable
            raise kind("postgresql", type(error).__name__) from error

    @asynccontextmanager
    async def session(self) -> AsyncIterator[asyncpg.Connection]:
        """Lend a connection of its own, for what lasts longer than a transaction: advisory locks go when it does.

        Raises `Unavailable` when PostgreSQL is or goes away.
        """
        if self.away:
            raise Unavailable("postgresql", "it does not answer")
        own: asyncpg.Connection | None = None
        try:
            own = await asyncpg.connect(self.dsn, timeout=_SILENCE_SECONDS, command_timeout=self.command_timeout)
            yield own
        except Exception as error:
            if isinstance(error, Unavailable) or not is_away(error):
                raise
            raise Unavailable("postgresql", type(error).__name__) from error
        finally:
            if own is not None:
                own.terminate()

    async def answers_elsewhere(self) -> bool:
        """Ask PostgreSQL whether it is there, on a new connection: those of the pool may all be busy."""
        try:
            async with asyncio.timeout(_SILENCE_SECONDS):
                asking = await asyncpg.connect(self.dsn, timeout=_SILENCE_SECONDS)
                try:
                    await asking.execute("SELECT 1")
                finally:
                    asking.terminate()
        except Exception as error:
            if not is_away(error):
                raise
            return False
        return True

    @asynccontextmanager
    async def transaction(self, *, snapshot: bool = False) -> AsyncIterator[Connection]:
        """Lend a connection inside a transaction; `snapshot`: read only, everything from one moment."""
        async with self.connection() as connection:
            isolation: Literal["repeatable_read", "read_committed"] = (
                "repeatable_read" if snapshot else "read_committed"
            )
            async with connection.transaction(isolation=isolation, readonly=snapshot):
                yield connection

    async def retrying(self, work: Callable[[Connection], Awaitable[T]], attempts: int = 10) -> T:
        """Run `work` in a transaction, again from the start when PostgreSQL says that two got in each other's way."""
        for attempt in range(attempts):
            try:
                async with self.transaction() as connection:
                    return await work(connection)
            except asyncpg.PostgresError as error:
                if not must_be_retried(error) or attempt == attempts - 1:
                    raise
                await asyncio.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")


async def migrate(database: Database, schema: str, *folders: Path, **names: str) -> None:
    """Bring a schema up to date: every *.sql of the folders once, in order of name, each in its own transaction.

    `{schema}` (and other `names`) in a file are replaced: what every service has is written once.
    """
    async with database.session() as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK, timeout=_MIGRATION_SECONDS)
        await _apply(connection, schema, folders, names)


async def _apply(connection: Connection, schema: str, folders: tuple[Path, ...], names: dict[str, str]) -> None:
    await connection.execute(
        f"CREATE SCHEMA IF NOT EXISTS {schema};"
        f"CREATE TABLE IF NOT EXISTS {schema}.migrations ("
        "name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())"
    )
    done = {row["name"] for row in await connection.fetch(f"SELECT name FROM {schema}.migrations")}
    for path in (path for folder in folders for path in sorted(folder.glob("*.sql"))):
        name = f"{path.parent.parent.name}/{path.name}"
        if name in done:
            continue
        sql = path.read_text(encoding="utf-8").replace("{schema}", schema)
        for placeholder, value in names.items():
            sql = sql.replace("{" + placeholder + "}", value)
        async with connection.transaction():
            await connection.execute(sql, timeout=_MIGRATION_SECONDS)
            await connection.execute(f"INSERT INTO {schema}.migrations (name) VALUES ($1)", name)
        logger.info("migrated", extra={"schema": schema, "migration": name})

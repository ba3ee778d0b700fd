"""PostgreSQL as a child of this process, with its data in one folder."""

import asyncio
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import asyncpg
import orjson
import psutil

from services.local.children import Child, Say, silent, wait_ready
from services.local.errors import LocalError
from services.local.folders import FolderLock, read_json, write_private
from services.local.ports import check_free
from services.local.postgres_binaries import for_uid
from services.local.postgres_home import (
    USER,
    Home,
    clean_environment,
    make_data,
    make_runtime,
    open_home,
    remove_runtime,
)
from services.local.strays import forget_dead, stop_strays

DATABASE = "leermix"
_SOCKET_PORT = 5432
_STOP = [(signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0)]  # fast shutdown, then immediate

_SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    # Tables that begin to fill are soon known: plans that were made while one was empty read all of it.
    "autovacuum_naptime": "10s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A log without personal data: no statements, parameters or key values of what failed.
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True)
class Running:
    """An embedded database that runs now: the process that owns it and how to connect."""

    pid: int
    dsn: str


class Postgres:
    """PostgreSQL 18 in `folder`; one owner at a time, holder of a lock on it.

    Connections go by a unix socket in a short private folder, and by 127.0.0.1 as well when `port` is given; the
    DSN names the one or the other, is the same after a restart, and asyncpg takes it as it is. `settings` are
    PostgreSQL's own and go over ours.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        say: Say = silent,
    ) -> None:
        self._folder = folder.absolute()
        self._port = port
        self._settings = {**_SETTINGS, **(settings or {})}
        self._say = say
        self._lock: FolderLock | None = None
        self._child: Child | None = None
        self._home: Home | None = None
        self._runtime: Path | None = None

    @property
    def dsn(self) -> str:
        """How to connect to the database `leermix`."""
        return self.dsn_of(DATABASE)

    @property
    def pid(self) -> int | None:
        """The postmaster's pid; None before the first start."""
        return self._child.pid if self._child else None

    @property
    def alive(self) -> bool:
        """Whether the postmaster is there."""
        return self._child is not None and self._child.alive

    def dsn_of(self, database: str) -> str:
        """How to connect to another database of this server."""
        if self._home is None or self._runtime is None:
            raise LocalError("PostgreSQL was not started yet")
        secret = quote(self._home.password, safe="")
        if self._port is not None:
            return f"postgresql://{USER}:{secret}@127.0.0.1:{self._port}/{database}"
        return f"postgresql://{USER}:{secret}@/{database}?host={self._runtime}&port={_SOCKET_PORT}"

    async def start(self) -> str:
        """Start, after stopping what a killed owner left, and return the DSN. AlreadyRunning when it has an owner."""
        if self.alive:
            raise LocalError(f"PostgreSQL runs already (process {self.pid})")
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            lock = FolderLock(self._folder)
            lock.acquire()
            self._lock = lock
        try:
            return await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> str:
        self._home = home = open_home(self._folder)
        await stop_strays(home.data, "postgres", _STOP, self._say)
        await forget_dead(home.data / "postmaster.pid")
        if self._port is not None:
            check_free(self._port)
        programs = for_uid(home.uid, self._folder, self._say)
        await make_data(home, programs, self._say)
        self._runtime = make_runtime(home)
        self._child = self._postmaster(home, programs, self._runtime)
        self._child.start()
        await wait_ready(self._child, self._probe, self._say)
        await self._make_database()
        self._write_connection(home)
        return self.dsn

    def _postmaster(self, home: Home, programs: Path, runtime: Path) -> Child:
        settings = {
            **self._settings,
            "listen_addresses": "127.0.0.1" if self._port else "",
            "port": str(self._port or _SOCKET_PORT),
            "unix_socket_directories": str(runtime),
            "unix_socket_permissions": "0700",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Child(
            "PostgreSQL",
            [str(programs / "postgres"), "-D", home.name_of(home.data), *options],
            self._folder / "postgres.log",
            cwd=home.data,
            env=clean_environment(),
            uid=home.uid,
            dies_by=signal.SIGINT,
        )

    async def _probe(self) -> str | None:
        """Connect; None when that succeeds, else what the server is doing."""
        try:
            connection = await asyncpg.connect(self.dsn_of("postgres"), timeout=5)
        except asyncpg.InvalidPasswordError as error:
            raise LocalError(f"{self._folder / 'password'} is not the password of the database beside it") from error
        except asyncpg.CannotConnectNowError as error:
            return str(error)  # "the database system is starting up", or what recovery is at
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            return "waiting for its first answer"
        await connection.close()
        return None

    async def _make_database(self) -> None:
        connection = await asyncpg.connect(self.dsn_of("postgres"))
        try:
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
        finally:
            await connection.close()

    def _write_connection(self, home: Home) -> None:
        owner = psutil.Process()
        content = {"pid": owner.pid, "created": owner.create_time(), "dsn": self.dsn}
        write_private(home.connection, orjson.dumps(content).decode())

    async def stop(self) -> None:
        """Stop cleanly (a minute at most, then at once) and let go of the folder."""
        if self._child is not None:
            await self._child.stop(*_STOP)
        if self._home is not None:
            self._home.connection.unlink(missing_ok=True)
        if self._runtime is not None:
            remove_runtime(self._runtime)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def restart(self) -> str:
        """Start again under the same lock, after a crash or while it runs; the DSN stays the same."""
        if self._child is not None:
            await self._child.stop(*_STOP)
        return await self.start()

    async def wait(self) -> int:
        """Wait until the postmaster ends and return its exit code; what to do then is the caller's decision."""
        if self._child is None:
            raise LocalError("PostgreSQL was not started yet")
        return await self._child.wait() or 0

    async def kill(self) -> None:
        """SIGKILL the postmaster, as a crash would; returns when it is gone."""
        if self._child is not None:
            await self._child.kill()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.shield(self.stop())


def running(folder: Path) -> Running | None:
    """The embedded database that runs in `folder` now, or None. Reads only; takes no lock."""
    known: dict[str, Any] = read_json(folder / "connection.json")
    try:
        owner = psutil.Process(known["pid"])
        if abs(owner.create_time() - known["created"]) < 1:
            return Running(owner.pid, known["dsn"])
    except (KeyError, psutil.Error):
        pass
    return None

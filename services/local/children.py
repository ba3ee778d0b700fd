"""Child processes that belong to this one: started, watched until ready, stopped in bounded time.

Polling instead of an event loop's child watcher: a child is bound to no loop, so a test session may start it in
one loop and stop it in another. Start children from the main thread: on Linux they are told to end with the
*thread* that started them.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.local import launch
from services.local.errors import LocalError

Say = Callable[[str], None]

_POLL_S = 0.05
_LOG_LIMIT = 10_000_000


def silent(message: str) -> None:
    """Say nothing: the default of every `say`."""


@dataclass
class Child:
    """One program. Its output goes to `log`, kept over restarts (one older file beside it).

    It leads a session of its own, so that Ctrl-C in the terminal reaches only this process, which then stops its
    children in order. `dies_by` is the signal the kernel sends it when this process is gone (Linux).
    """

    name: str
    command: Sequence[str]
    log: Path
    cwd: Path | None = None
    env: Mapping[str, str] | None = None
    uid: int | None = None
    dies_by: signal.Signals | None = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def pid(self) -> int | None:
        """The pid of the program, None before its first start."""
        return self.process.pid if self.process else None

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the program; returns at once."""
        if self.alive:
            raise LocalError(f"{self.name} runs already (process {self.pid})")
        _rotate(self.log)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*launcher(self.uid, self.dies_by), *self.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.cwd,
                env=dict(self.env) if self.env is not None else None,
                start_new_session=True,
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when the program has ended already."""
        if self.process is not None:
            self.process.send_signal(number)

    async def wait(self, seconds: float | None = None) -> int | None:
        """Wait for the end and return the exit code, or None when `seconds` were not enough."""
        if self.process is None:
            raise LocalError(f"{self.name} was never started")
        deadline = None if seconds is None else time.monotonic() + seconds
        while (code := self.process.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                return None
            await asyncio.sleep(_POLL_S)
        return code

    async def stop(self, *steps: tuple[signal.Signals, float]) -> None:
        """Send each signal in turn and wait its seconds; what is still there then is killed."""
        if not self.alive:
            return
        for number, seconds in steps:
            self.send(signal.SIGCONT)  # a paused program would not hear it
            self.send(number)
            if await self.wait(seconds) is not None:
                return
        await self.kill()

    async def kill(self) -> None:
        """SIGKILL, and wait until the program is gone, which takes a moment when it is large."""
        self.send(signal.SIGKILL)
        await self.wait()

    def tail(self, lines: int = 15) -> str:
        """The last lines of its log, for an error message."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 8192))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])


def launcher(uid: int | None, dies_by: signal.Signals | None = None) -> list[str]:
    """The words before a command that drop to `uid` and tie its life to this process; none when not needed."""
    arguments: list[str] = []
    if uid is not None:
        arguments += ["--uid", str(uid)]
    if dies_by is not None and sys.platform == "linux":
        arguments += ["--signal", str(dies_by.value), "--parent", str(os.getpid())]
    return [sys.executable, "-I", "-S", launch.__file__, *arguments, "--"] if arguments else []


async def wait_ready(child: Child, probe: Callable[[], Awaitable[str | None]], say: Say) -> None:
    """Call `probe` until it returns None; a text means "not yet" and is said now and then.

    There is no limit of time: crash recovery takes as long as it takes. A child that ends is an error with the
    end of its log.
    """
    began = said = time.monotonic()
    while (state := await probe()) is not None:
        if not child.alive:
            raise LocalError(f"{child.name} ended while starting. The end of {child.log}:\n{child.tail()}")
        now = time.monotonic()
        if now - said >= 3:
            say(f"{child.name}: {state} ({now - began:.0f} s)")
            said = now
        await asyncio.sleep(_POLL_S)


def unreachable(paths: Sequence[Path], uid: int) -> list[str]:
    """Those of `paths` that `uid` cannot enter or execute, as the kernel judges it."""
    result = subprocess.run(
        [*launcher(uid)[:-1], "--check", "--", *map(str, paths)], capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise LocalError(f"This machine does not let root become uid {uid}: {result.stderr.strip()[-300:]}")
    return result.stdout.splitlines()


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))

"""Processes that a killed parent left behind: found by the folder they work in, never by a bare pid."""

import asyncio
import signal
import time
from pathlib import Path

import psutil

from services.local.children import Say


def working_in(folder: Path, name: str) -> list[psutil.Process]:
    """The processes called `name` whose working directory is `folder`."""
    wanted = folder.resolve()
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == name and Path(process.cwd()) == wanted:
                found.append(process)
        except (psutil.Error, OSError):  # gone by now, or another user's
            continue
    return found


async def stop_strays(folder: Path, name: str, steps: list[tuple[signal.Signals, float]], say: Say) -> None:
    """Stop what works in `folder`: a moment to end by itself, then each signal in turn with its seconds, then SIGKILL.

    Signals go to the heads only (PostgreSQL's postmaster, not its workers, to whom they mean other things).
    """
    if not working_in(folder, name):
        return
    await _gone(folder, name, 1.0)
    for number, seconds in [*steps, (signal.SIGKILL, 10.0)]:
        strays = _heads(working_in(folder, name))
        if not strays:
            return
        say(f"Found {name} left by an earlier run (process {strays[0].pid}); stopping it ({number.name})")
        for stray in strays:
            _send(stray, number)
        await _gone(folder, name, seconds)


async def forget_dead(pid_file: Path, patience: float = 2.0) -> None:
    """Remove a pid file whose process is dead but not yet reaped: PostgreSQL takes a zombie for a running server.

    To be called after `stop_strays`, when nothing works in the folder any more.
    """
    deadline = time.monotonic() + patience
    while _is_zombie(pid_file):
        if time.monotonic() > deadline:
            await asyncio.to_thread(pid_file.unlink, missing_ok=True)
            return
        await asyncio.sleep(0.1)


def _is_zombie(pid_file: Path) -> bool:
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except (OSError, ValueError, psutil.Error):
        return False


async def _gone(folder: Path, name: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while working_in(folder, name) and time.monotonic() < deadline:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.1)


def _heads(processes: list[psutil.Process]) -> list[psutil.Process]:
    pids = {process.pid for process in processes}
    heads = []
    for process in processes:
        try:
            if process.ppid() not in pids:
                heads.append(process)
        except psutil.NoSuchProcess:
            continue
    return heads


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return

"""leermix as its users run it: `leermix up` or `leermix up-kafka` as a child, on a free port with data of its own."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx
import psutil

LEERMIX = Path(sys.executable).parent / "leermix"
EVERYTHING = ("all", "analytics/read", "analytics/write", "people/read", "people/write", "recommend/read")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class System:
    """One running leermix; `command` is `up` or `up-kafka`."""

    def __init__(self, command: str, environment: dict[str, str] | None = None) -> None:
        self.command = command
        self.folder = Path(tempfile.mkdtemp(prefix="lm-"))
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.environment = (
            os.environ
            | (environment or {})
            | {
                "LEERMIX_DATA": str(self.folder / "data"),
                "LEERMIX_PORT": str(self.port),
                "LEERMIX_HOST": "127.0.0.1",
            }
        )
        self._main: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def start(self, within: float = 180) -> float:
        """Start it and wait until it is ready; return the seconds that took."""
        began = time.monotonic()
        with (self.folder / "terminal.txt").open("ab") as terminal:
            self._main = subprocess.Popen(
                [LEERMIX, self.command], env=self.environment, stdout=terminal, stderr=terminal, start_new_session=True
            )
        async with httpx.AsyncClient(base_url=self.origin, timeout=5) as http:
            while not await _is_ready(http):
                assert self._main.poll() is None, f"leermix {self.command} ended:\n{self.terminal()[-3000:]}"
                assert time.monotonic() - began < within, f"not ready within {within} s:\n{self.terminal()[-3000:]}"
                await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def stop(self) -> int:
        """Stop it as Ctrl-C does; return its exit code."""
        if self._main is None:
            return 0
        if self._main.poll() is None:
            self._main.send_signal(signal.SIGINT)
        code = await asyncio.to_thread(self._main.wait, 60)
        self._main = None
        return code

    def terminal(self) -> str:
        """Return what it has shown."""
        return (self.folder / "terminal.txt").read_text(errors="replace")

    def errors(self) -> list[str]:
        """Return the lines of its JSON logs that tell of an error or worse."""
        return [
            line
            for log in (self.folder / "data").rglob("*.log")
            for line in log.read_text(errors="replace").splitlines()
            if '"level":"ERROR"' in line or '"level":"CRITICAL"' in line
        ]

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Return the processes of the tree by what they are: main, postgres, kafka, ingest, analytics, …"""
        assert self._main is not None
        main = psutil.Process(self._main.pid)
        told: dict[str, list[psutil.Process]] = {"main": [main]}
        for child in main.children(recursive=True):
            try:
                words = child.cmdline()
            except psutil.Error:
                continue
            told.setdefault(_what(words), []).append(child)
        return told

    def kill(self, what: str) -> None:
        """Kill -9 one kind of process, the parent among them first; `whole` is everything at once."""
        processes = self.processes()
        if what == "whole":  # noqa: SIM108
            victims = [each for kind in processes.values() for each in kind]
        else:
            victims = processes[what][:1]
        for each in victims:
            with suppress(psutil.NoSuchProcess):  # a child may have gone with its parent already
                each.kill()

    def signal(self, what: str, number: signal.Signals) -> None:
        """Send a signal to every process of one kind (SIGSTOP hangs it, SIGCONT lets it go on)."""
        for each in self.processes()[what]:
            each.send_signal(number)

    def ended(self) -> bool:
        """Tell whether the main process is gone."""
        return self._main is None or self._main.poll() is not None

    def credential(
        self, *, source: str, kind: str, scopes: tuple[str, ...] = EVERYTHING, tenant: str = "default"
    ) -> tuple[str, str]:
        """Make a credential with the console, as a user would."""
        words = [
            str(LEERMIX),
            "credentials",
            "create",
            "--source",
            source,
            "--kind",
            kind,
            "--tenant",
            tenant,
            "--json",
        ]
        for scope in scopes:
            words += ["--scope", scope]
        told: dict[str, Any] = json.loads(subprocess.check_output(words, env=self.environment))
        return told["key"], told["secret"]

    def cpu_seconds(self) -> dict[str, float]:
        """Return the CPU each kind of process has used so far, children that ended not counted."""
        told: dict[str, float] = {}
        for what, processes in self.processes().items():
            for each in processes:
                try:
                    times = each.cpu_times()
                except psutil.Error:
                    continue
                told[what] = told.get(what, 0.0) + times.user + times.system
        return told


async def _is_ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/health/ready")).status_code == 200
    except httpx.TransportError:
        return False


def _what(words: list[str]) -> str:
    line = " ".join(words)
    if "kafka.Kafka" in line:
        return "kafka"
    if words and "postgres" in words[0]:
        return "postgres"
    if words and "caddy" in words[0]:
        return "gateway"
    for service in ("ingest", "analytics", "recommend"):
        if f"serve {service}" in line:
            return service
    return "other"

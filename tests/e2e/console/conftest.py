"""The console as its users have it: `leermix` in a shell, with a data folder and a port of its own."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.harness.system import LEERMIX, free_port

WITHIN = 90.0  # seconds, on a machine that is busy


class Console:
    """One data folder, one port, and whatever is run with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LEERMIX_", "MAKE"))}
        self.environment = inherited | {"LEERMIX_DATA": str(self.data), "LEERMIX_PORT": str(self.port)}
        self.up: subprocess.Popen[str] | None = None
        self.terminal = folder / "terminal.txt"

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [LEERMIX, *words],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=False,
        )

    def json(self, *words: str):
        """Run a command that must succeed, and return its answer."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *words: str, **environment: str) -> str:
        """Start `leermix up`, wait until it says that it is up, and return what it answered."""
        with self.terminal.open("a") as terminal:
            self.up = subprocess.Popen(
                [LEERMIX, "up", *words],
                env=self.environment | environment,
                stdout=subprocess.PIPE,
                stderr=terminal,
                text=True,
                start_new_session=True,
            )
        assert self.up.stdout is not None
        if "--json" in words:
            return self.up.stdout.readline()
        lines = []
        while not lines or "Ctrl-C stops" not in lines[-1]:
            lines.append(self.up.stdout.readline())
            assert lines[-1], f"it ended: {self.terminal.read_text()}"
        return "".join(lines)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal to what runs, and return how it ended."""
        assert self.up is not None
        self.up.send_signal(number)
        self.up.communicate(timeout=WITHIN)
        code, self.up = self.up.returncode, None
        return code

    def ready(self) -> httpx.Response:
        """Ask until /health/ready says 200."""
        return self._asked(200)

    def unready(self) -> str:
        """Ask until /health/ready says 503, and return why."""
        return str([each["because"] for each in self._asked(503).json()["services"].values()])

    def _asked(self, status: int) -> httpx.Response:
        deadline = time.monotonic() + WITHIN
        while True:
            try:
                told = httpx.get(f"{self.origin}/health/ready", timeout=10)
            except httpx.HTTPError:
                told = None
            if told is not None and told.status_code == status:
                return told
            assert time.monotonic() < deadline, self.terminal.read_text()
            time.sleep(0.1)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.up is not None:
            self.stop(signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def console() -> Iterator[Console]:
    """An empty one."""
    made = Console(Path(tempfile.mkdtemp(prefix="lc-")))
    yield made
    made.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Console]:
    """One that runs, with its first credential in `credential`; for tests that do it no harm."""
    made = Console(Path(tempfile.mkdtemp(prefix="lc-")))
    made.credential = json.loads(made.start("--json"))["credential"]
    yield made
    made.close()


def statement(name: str = "sam") -> dict:
    """Return a statement without an id: half an hour of a course."""
    return {
        "actor": {"mbox": f"mailto:{name}@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {
            "id": "https://example.org/courses/1",
            "definition": {"type": "http://adlnet.gov/expapi/activities/course"},
        },
        "result": {"duration": "PT30M"},
    }


def lrs(console: Console, credential: dict) -> httpx.Client:
    """Return a client of the LRS."""
    return httpx.Client(
        base_url=f"{console.origin}/xapi",
        auth=(credential["key"], credential["secret"]),
        headers={"X-Experience-API-Version": "1.0.3"},
        timeout=30,
    )

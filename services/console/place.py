"""The data folder as the console sees it: one owner at a time, and a note of what runs in it.

`<LEERMIX_DATA>/lock` is held by whoever runs or changes the data; `running.json` (0600: it carries a password) tells
other commands of this machine what runs there and how to reach its database.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import psutil

from services.local.children import Say
from services.local.errors import AlreadyRunning, LocalError
from services.local.folders import FolderLock, read_json, write_private

_PATIENCE = 90.0  # seconds: longer than PostgreSQL is given to stop


@dataclass(frozen=True)
class Noted:
    """What runs in a data folder: its process, its form, and how to reach it."""

    pid: int
    created: float
    mode: str
    """`embedded` or `kafka`."""
    url: str
    database: str
    kafka: str | None = None
    time_zone: str | None = None
    """Its LEERMIX_TIME_ZONE: that of the tenants that are made while it runs."""


class Place:
    """A data folder (LEERMIX_DATA)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._patient_until = time.monotonic() + _PATIENCE

    @property
    def database(self) -> Path:
        """Where the embedded PostgreSQL keeps everything."""
        return self.folder / "database"

    @property
    def kafka(self) -> Path:
        """Where the distributed form on one machine keeps everything of its own."""
        return self.folder / "kafka-mode"

    @property
    def log(self) -> Path:
        """The JSON log of the embedded process."""
        return self.folder / "leermix.log"

    @property
    def _note(self) -> Path:
        return self.folder / "running.json"

    def acquired(self) -> FolderLock | None:
        """Own the folder until the lock is released; None while another process owns it.

        Raises `AlreadyRunning` when that lasts longer than a start or a stop does, `LocalError` when it is no folder.
        """
        lock = FolderLock(self.folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except AlreadyRunning:
            if time.monotonic() > self._patient_until:
                raise
            return None
        except OSError as error:
            raise LocalError(
                f"{self.folder} cannot hold data ({error.strerror}). Choose another folder with LEERMIX_DATA."
            ) from error
        return lock

    @contextmanager
    def held(self, say: Say) -> Iterator[None]:
        """Own the folder for a while. Who is only starting or stopping in it is waited for.

        Raises `AlreadyRunning` with the pid of what runs there.
        """
        said, fresh = False, not self.folder.exists()
        while (lock := self.acquired()) is None:
            self.refuse_second()
            if not said:
                say(f"Waiting for another leermix that starts or stops in {self.folder}")
            said = True
            time.sleep(0.2)
        try:
            yield
        finally:
            if fresh:
                self._leave_nothing()
            lock.release()

    def _leave_nothing(self) -> None:
        """Remove the folder that a refused start made, when nothing but the lock came into it."""
        if [each.name for each in self.folder.iterdir()] == ["lock"]:
            (self.folder / "lock").unlink()
            self.folder.rmdir()

    @contextmanager
    def noted(self, *, mode: str, url: str, database: str, kafka: str | None, time_zone: str) -> Iterator[None]:
        """Let other commands find what runs here, for as long as it does. The folder must be held."""
        created = psutil.Process().create_time()
        note = Noted(os.getpid(), created, mode, url, database, kafka, time_zone)
        write_private(self._note, orjson.dumps(asdict(note)).decode())
        try:
            yield
        finally:
            self._note.unlink(missing_ok=True)

    def running(self) -> Noted | None:
        """Return what runs here now; a note that a killed process left does not count."""
        try:
            note = Noted(**read_json(self._note))
            if abs(psutil.Process(note.pid).create_time() - note.created) < 1:
                return note
        except (TypeError, psutil.Error):
            pass
        return None

    def refuse_second(self) -> None:
        """Raise `AlreadyRunning` when something runs here: asked before the port, which it has too."""
        note = self.running()
        if note is not None:
            raise AlreadyRunning(self.folder, note.pid)

"""The lock file of the broker's jars, and the comparison of each jar with it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from services.local.errors import LocalError
from services.local.folders import read_json, write_private

LOCK_FILE = Path(__file__).resolve().parents[2] / "deploy" / "local" / "kafka.lock"


class WrongChecksum(LocalError):  # noqa: N818
    """A jar is not the one that the lock file names."""

    def __init__(self, file: Path, expected: str, found: str) -> None:
        super().__init__(
            f"{file} is not what the lock file says.\n  expected sha-256 {expected}\n  found    sha-256 {found}\n"
            "Nothing was removed. When you trust the lock file, remove that file and fetch again."
        )
        self.file = file


@dataclass(frozen=True)
class Jar:
    """One line of the lock file."""

    group: str
    artifact: str
    version: str
    file: str
    sha256: str

    @classmethod
    def read(cls, line: str) -> Self:
        """Parse `group:artifact:version file sha-256`."""
        coordinates, file, sha256 = line.split()
        group, artifact, version = coordinates.split(":")
        return cls(group, artifact, version, file, sha256)

    def check(self, path: Path) -> None:
        """Raise WrongChecksum unless the file at `path` is this jar, to the last bit."""
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != self.sha256:
            raise WrongChecksum(path, self.sha256, found)


def read_lock(path: Path = LOCK_FILE) -> list[Jar]:
    """The jars of a lock file in the order of the classpath."""
    try:
        lines = [line for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
        return [Jar.read(line) for line in lines]
    except (OSError, ValueError) as error:
        raise LocalError(f"{path} cannot be read as a lock file: {error}") from error


class Stamp:
    """Which files were compared, by size and time of change, so that a start need not read 45 MB again."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "checked.json"
        self._known = read_json(self._path)

    def covers(self, jar: Jar, path: Path) -> bool:
        """Whether the file was found to be this jar, and has not changed since."""
        return bool(self._known.get(jar.file) == [jar.sha256, *_state(path)])

    def add(self, jar: Jar, path: Path) -> None:
        """Remember that the file is this jar."""
        self._known[jar.file] = [jar.sha256, *_state(path)]

    def save(self) -> None:
        """Write what was added."""
        write_private(self._path, json.dumps(self._known, indent=0))


def _state(path: Path) -> list[int]:
    state = path.stat()
    return [state.st_size, state.st_mtime_ns]

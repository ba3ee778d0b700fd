"""A data folder with one owner at a time, and the small files in it."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from services.local.errors import AlreadyRunning


class FolderLock:
    """`flock` on `<folder>/lock`: the kernel lets go when the holder ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the folder or raise AlreadyRunning with the pid of its holder."""
        fd = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(fd, 32).decode().strip()
            os.close(fd)
            raise AlreadyRunning(self._folder, int(holder) if holder.isdigit() else None) from None
        os.ftruncate(fd, 0)
        os.write(fd, f"{os.getpid()}\n".encode())
        self._fd = fd

    def release(self) -> None:
        """Let go; nothing happens when it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(fd)
    temporary.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file of ours; empty when there is none or it cannot be read as one."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}

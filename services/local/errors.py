"""What can go wrong when a part is started on this machine; each message says what to do about it."""

from pathlib import Path


class LocalError(Exception):
    """A local part cannot be fetched, started or stopped; the message names the cause and the way out."""


class AlreadyRunning(LocalError):  # noqa: N818 - the name says what was found
    """Another process holds the folder. `folder` and `pid` (None when unknown) say which."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(
            f"{folder} is in use by {holder}, which may still be starting or stopping. "
            f"Stop that one first{f' (kill {pid})' if pid else ''}, or choose another folder with LEERMIX_DATA."
        )
        self.folder = folder
        self.pid = pid


class PortTaken(LocalError):  # noqa: N818
    """The port is in use by something else. `setting` is the environment variable that chooses another."""

    def __init__(self, port: int, setting: str | None = None) -> None:
        way_out = f"Choose another with {setting}, or stop" if setting else "Stop"
        super().__init__(f"Port {port} is taken. {way_out} what listens there.")
        self.port = port
        self.setting = setting

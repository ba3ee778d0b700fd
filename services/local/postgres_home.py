"""The data folder of PostgreSQL: whose it is, how it is made, and where its socket lies.

In the folder: `data` (PostgreSQL's own, 0700), `password` and `connection.json` (0600), `lock`, `postgres.log`.
"""

import contextlib
import os
import secrets
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from services.local.children import Child, Say, unreachable
from services.local.errors import LocalError
from services.local.folders import read_json, write_private
from services.local.postgres_binaries import MAJOR

USER = "leermix"
_NOBODY = 65534
_CWD = "/proc/self/cwd"


@dataclass(frozen=True)
class Home:
    """A data folder and the uid that PostgreSQL runs as in it (None: this process's own)."""

    folder: Path
    uid: int | None

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.folder / "data"

    @property
    def connection(self) -> Path:
        """The file that tells other processes of this machine how to connect."""
        return self.folder / "connection.json"

    @property
    def password(self) -> str:
        """The password that initdb was given."""
        try:
            return (self.folder / "password").read_text().strip()
        except OSError as error:
            raise LocalError(
                f"{self.folder / 'password'} cannot be read ({error.strerror}), so nobody can connect to the "
                f"database in {self.data}. Put it back from a backup."
            ) from error

    def name_of(self, folder: Path) -> str:
        """How the server, whose working directory `folder` is, names it.

        As root on Linux by its working directory: that works whatever private folders lie above it.
        """
        return _CWD if self.uid is not None and sys.platform == "linux" else str(folder)

    def give(self, path: Path) -> None:
        """Make `path` belong to the uid that PostgreSQL runs as."""
        if self.uid is not None:
            os.chown(path, self.uid, self.uid)


def open_home(folder: Path) -> Home:
    """Find out as whom PostgreSQL runs here. It refuses root, so root becomes the owner of the data, or nobody."""
    data = folder / "data"
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() == 0:
        home = Home(folder, owner or _NOBODY)
        if sys.platform != "linux" and unreachable([folder], home.uid or _NOBODY):
            raise LocalError(
                f"PostgreSQL runs as uid {home.uid} when leermix is started by root, and that user cannot enter "
                f"{folder}. Choose another folder with LEERMIX_DATA, or start leermix as another user."
            )
        return home
    if owner is not None and owner != os.geteuid():
        raise LocalError(
            f"{data} belongs to uid {owner}, and this is uid {os.geteuid()}: it was made by another user, or by "
            "root. Start leermix as that user or as root, or choose another folder with LEERMIX_DATA."
        )
    return Home(folder, None)


async def make_data(home: Home, programs: Path, say: Say) -> None:
    """Make the database cluster unless it is there: beside its place, and renamed when complete.

    So what an interrupted start leaves is never taken for a database: the next start begins anew.
    """
    if home.data.exists():
        _check_version(home.data)
        return
    say("Making the database (once, a few seconds)")
    if not (home.folder / "password").exists():
        write_private(home.folder / "password", secrets.token_urlsafe(24))
    unfinished = home.folder / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    home.give(unfinished)
    await _initdb(home, programs, unfinished)
    unfinished.rename(home.data)
    _sync(home.folder)


async def _initdb(home: Home, programs: Path, target: Path) -> None:
    runtime = make_runtime(home)
    password_file = runtime / "password"
    write_private(password_file, home.password)
    home.give(password_file)
    child = Child(
        "initdb",
        [
            str(programs / "initdb"),
            f"--pgdata={home.name_of(target)}",
            f"--username={USER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        ],
        home.folder / "initdb.log",
        cwd=target,
        env=clean_environment(),
        uid=home.uid,
        dies_by=signal.SIGKILL,
    )
    try:
        child.start()
        code = await child.wait()
    finally:
        child.send(signal.SIGKILL)
        password_file.unlink()
    if code:
        raise LocalError(f"initdb failed. The end of {child.log}:\n{child.tail()}")


def make_runtime(home: Home) -> Path:
    """The folder of the socket: short (107 bytes is the limit), private, and the same at every start."""
    known = read_json(home.folder / "runtime.json").get("folder")
    if isinstance(known, str) and _is_ours(Path(known), home):
        return Path(known)
    runtime = _make_again(known)
    if runtime is None:
        runtime = Path(tempfile.mkdtemp(prefix="leermix-", dir="/tmp"))
        write_private(home.folder / "runtime.json", f'{{"folder": "{runtime}"}}')
    home.give(runtime)
    return runtime


def _make_again(known: object) -> Path | None:
    """The remembered folder, made anew; None when there is none to remember or it is another's now."""
    if not isinstance(known, str):
        return None
    try:
        Path(known).mkdir(mode=0o700)
    except OSError:
        return None
    return Path(known)


def remove_runtime(runtime: Path) -> None:
    """Remove the folder of the socket, with what a killed postmaster left in it."""
    for left in runtime.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        runtime.rmdir()


def clean_environment() -> dict[str, str]:
    """This process's, without what changes PostgreSQL's mind: PGDATA, PGPORT, a locale that is not installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


def _is_ours(runtime: Path, home: Home) -> bool:
    owner = os.geteuid() if home.uid is None else home.uid
    try:
        state = runtime.lstat()
    except OSError:
        return False
    return state.st_uid == owner and state.st_mode == 0o040700


def _check_version(data: Path) -> None:
    version = (data / "PG_VERSION").read_text().strip()
    if version != str(MAJOR):
        raise LocalError(
            f"{data} was made by PostgreSQL {version}, and this is PostgreSQL {MAJOR}. Start the leermix that made "
            "it, take a `leermix backup`, and restore that into a new folder."
        )


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

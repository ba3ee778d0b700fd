"""The registry: said in one call, tried out first, and every version kept (MIX.md 2)."""

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from services.analytics.rules import base_rules
from services.analytics.store import derivations
from services.common.access.scopes import Scope
from tests.integration.analytics.desk.conftest import NOW
from tests.integration.analytics.statements import statement

KB = "https://pages.example.nl/x/"
JOB_AID = {"id_prefix": KB, "mode": "experiential", "support": "extrinsic", "default_minutes": 3}
WIKI = {"platform": "Zorgwiki", "mode": "social"}
FILE = """
registry: 1
things:
  - id_prefix: https://pages.example.nl/x/
    mode: experiential
places:
  - platform: Zorgwiki
    mode: social
"""
VIEWED = {"id": "http://id.tincanapi.com/verb/viewed"}


async def test_this_is_a_job_aid_in_one_call(desk):
    told = await desk.ask("POST", "/registry/things", json=JOB_AID)
    assert (told["version"], told["derivation"], told["dry_run"]) == (1, 2, False)
    assert told["replay"] == {"derivation": 2, "state": "building", "done": 0, "total": 0, "switch": True}
    assert (told["added"], told["removed"]) == ([{"section": "things", "entry": JOB_AID}], [])
    held = await desk.ask("GET", "/registry")
    assert (held["version"], held["source"]) == (1, "app")
    assert held["registry"] == {"registry": 1, "things": [JOB_AID], "places": []}
    (row,) = await desk.rows("SELECT * FROM analytics.derivations WHERE derivation = 2")
    assert (row["state"], row["registry"], row["switch"], row["reason"]) == ("building", 1, True, "registry 1")
    assert row["time_zone"] == "Europe/Amsterdam"


async def test_the_same_again_changes_nothing(desk):
    await desk.ask("POST", "/registry/things", json=JOB_AID)
    told = await desk.ask("POST", "/registry/things", json=JOB_AID)
    assert (told["version"], told["derivation"], told["replay"], told["added"]) == (1, None, None, [])
    assert len(await desk.rows("SELECT FROM analytics.derivations")) == 2


async def test_the_audit_trail_tells_who_changed_what(desk):
    await desk.ask("POST", "/registry/things", json=JOB_AID)
    other = {"headers": await desk.credential(source="hr-console")}
    await desk.ask(
        "POST", "/registry/things", json=JOB_AID | {"default_minutes": 5}, params={"switch": "false"}, **other
    )
    await desk.ask("PUT", "/registry", content=FILE, headers={"content-type": "application/yaml"})
    await desk.ask("DELETE", "/registry/entries", params={"platform": "Zorgwiki"})
    lines = (await desk.ask("GET", "/registry/versions"))["versions"]
    assert [(line["version"], line["source"], line["operation"]) for line in lines] == [
        (4, "app", "remove entry"),
        (3, "app", "put"),
        (2, "hr-console", "put entry"),
        (1, "app", "put entry"),
    ]
    assert lines[0]["removed"] == [{"section": "places", "entry": WIKI}]
    assert lines[2]["added"][0]["entry"]["default_minutes"] == 5
    assert lines[2]["removed"][0]["entry"]["default_minutes"] == 3
    assert [line["replay"]["state"] for line in lines] == ["building", "dropped", "building", "dropped"]
    paged = (await desk.ask("GET", "/registry/versions", params={"before": 3, "limit": 1}))["versions"]
    assert [line["version"] for line in paged] == [2]
    assert (await desk.ask("GET", "/registry/versions/1"))["registry"]["things"] == [JOB_AID]
    assert (await desk.ask("GET", "/registry/versions/0"))["registry"]["things"] == []
    await desk.refused("GET", "/registry/versions/9", 404, "not_found")


async def test_a_change_for_another_version_is_refused(desk):
    await desk.ask("POST", "/registry/things", json=JOB_AID, headers={"if-match": '"0"'})
    stale = {"json": WIKI, "headers": {"if-match": '"0"'}}
    assert await desk.refused("POST", "/registry/places", 412, "stale", **stale) == "If-Match"
    await desk.refused("POST", "/registry/places", 412, "stale", params={"dry_run": "true"}, **stale)
    for etag in ('"1"', 'W/"2"', "*"):
        await desk.ask("POST", "/registry/places", json=WIKI | {"platform": etag}, headers={"if-match": etag})
    await desk.refused("POST", "/registry/places", 400, "invalid_parameter", json=WIKI, headers={"if-match": "new"})


async def test_the_etag_saves_a_reading(desk):
    answer = await desk.http.get("/analytics/v1/registry")
    assert answer.headers["etag"] == '"0"'
    again = await desk.http.get("/analytics/v1/registry", headers={"if-none-match": '"0"'})
    assert (again.status_code, again.content) == (304, b"")


async def test_changes_at_the_same_time_follow_each_other(desk):
    entries = [JOB_AID | {"id_prefix": f"{KB}{number}/"} for number in range(5)]
    told = await asyncio.gather(*(desk.ask("POST", "/registry/things", json=each) for each in entries))
    assert sorted(each["version"] for each in told) == [1, 2, 3, 4, 5]
    held = (await desk.ask("GET", "/registry"))["registry"]["things"]
    assert sorted(each["id_prefix"] for each in held) == [each["id_prefix"] for each in entries]
    states = await desk.rows("SELECT state FROM analytics.derivations WHERE derivation > 1 ORDER BY derivation")
    assert [row["state"] for row in states] == ["dropped"] * 4 + ["building"]


async def test_a_file_is_json_too(desk):
    await desk.ask("PUT", "/registry", json={"registry": 1, "things": [JOB_AID]})
    assert (await desk.ask("GET", "/registry"))["registry"] == {"registry": 1, "things": [JOB_AID], "places": []}
    await desk.ask("PUT", "/registry", json={"registry": 1})
    assert (await desk.ask("GET", "/registry"))["registry"]["things"] == []


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("application/yaml", "", "empty_body"),
        ("application/yaml", "registry: [", "malformed_json"),
        ("application/yaml", "- registry", "wrong_type"),
        ("application/yaml", "a: !!python/name:os.system", "malformed_json"),
        ("application/yaml", "registry: 1\nthings: &a [*a]", "invalid_value"),
        ("application/yaml", "[" * 900_000, "invalid_value"),
        ("application/yaml", "a: " * 300_000, "malformed_json"),
        ("application/json", "[" * 900_000, "malformed_json"),
        ("application/yaml", "registry: 2", "invalid_value"),
        ("application/yaml", "registry: 1\nthings: [{id: a, mode: formal, since: 2026-01-01}]", "invalid_value"),
        ("application/json", '{"registry": 1, "things": [{"mode": "formal"}]}', "invalid_value"),
        ("application/json", '{"registry": 1, "things": [{"id": "\\u0000", "mode": "formal"}]}', "invalid_value"),
        ("application/json", "registry: 1", "malformed_json"),
        ("text/csv", "registry", "unsupported_media_type"),
    ],
)
async def test_what_is_no_registry_is_refused(desk, kind, body, reason):
    for params in ({}, {"dry_run": "true"}):
        more = {"content": body, "headers": {"content-type": kind}, "params": params}
        await desk.refused("PUT", "/registry", 400, reason, **more)
    assert (await desk.ask("GET", "/registry"))["version"] == 0


async def test_an_entry_is_taken_out_by_all_its_selectors(desk):
    entry = {"id_prefix": KB, "verbs": ["https://v.nl/a", "https://v.nl/b"], "mode": "not_learning"}
    await desk.ask("POST", "/registry/things", json=entry)
    path = "/registry/entries"
    await desk.refused("DELETE", path, 404, "not_found", params={"id_prefix": KB})
    await desk.refused("DELETE", path, 400, "missing_parameter")
    await desk.refused("DELETE", path, 400, "missing_parameter", params={"id_prefix": KB, "source": "app"})
    told = await desk.ask("DELETE", path, params={"id_prefix": KB, "verbs": "https://v.nl/b https://v.nl/a"})
    assert told["removed"][0]["entry"] == entry


async def test_it_needs_the_scope_to_say_something(desk):
    reader = {"headers": await desk.credential(Scope.ALL, Scope.ANALYTICS_READ)}
    await desk.refused("POST", "/registry/things", 403, "forbidden", json=JOB_AID, **reader)
    await desk.refused("PUT", "/registry", 403, "forbidden", json={}, params={"dry_run": "true"}, **reader)
    assert (await desk.ask("GET", "/registry", **reader))["version"] == 0
    elsewhere = {"headers": await desk.credential(tenant="elsewhere")}
    assert (await desk.ask("POST", "/registry/things", json=JOB_AID, **elsewhere))["derivation"] == 1
    assert (await desk.ask("GET", "/registry"))["version"] == 0


def look(name, at="manual", **more):
    return statement(name, verb=VIEWED, object={"id": f"{KB}{at}"}, **more)


async def tried(desk, entry=JOB_AID, **params):
    return await desk.ask("POST", "/registry/things", json=entry, params={"dry_run": "true", **params})


async def test_a_dry_run_tells_what_would_move_and_changes_nothing(desk):
    for number in range(6):
        await desk.person(f"p{number}")
        await desk.store(look(f"p{number}"), stored=NOW - timedelta(days=number))
    await desk.store(statement("p0"))
    told = await tried(desk)
    assert (told["dry_run"], told["version"], told["days"], told["looked_at"], told["complete"]) == (
        *(True, 0, 90, 5),
        True,
    )
    assert told["moves"] == [
        {
            "from": "formal",
            "to": "experiential",
            "statements": 5,
            "people": 5,
            "id_prefixes": [{"value": KB, "statements": 5}],
            "activity_types": [],
        }
    ]
    assert told["added"] == [{"section": "things", "entry": JOB_AID}]
    assert (await desk.ask("GET", "/registry"))["version"] == 0
    assert len(await desk.rows("SELECT FROM analytics.derivations")) == 1
    await desk.ask("POST", "/registry/things", json=JOB_AID)
    assert (await tried(desk))["moves"] == []


async def test_a_dry_run_gives_nobody_away(desk):
    for number in range(4):
        await desk.person(f"p{number}")
        for _ in range(3):
            await desk.store(look(f"p{number}"))
    told = await tried(desk)
    assert told["looked_at"] == 10
    assert [(move["statements"], move["people"], move["id_prefixes"]) for move in told["moves"]] == [(None, "<5", [])]
    # A fifth identity of a person there already is nobody new.
    (one,) = await desk.rows("SELECT person FROM analytics.identities LIMIT 1")
    await desk.identity("p9", one["person"])
    await desk.store(look("p9"))
    assert (await tried(desk))["moves"][0]["people"] == "<5"
    await desk.store(look("p5"))
    assert (await tried(desk))["moves"][0]["people"] == 5


async def test_who_objected_is_in_no_dry_run(desk):
    for number in range(5):
        await desk.person(f"p{number}")
        await desk.store(look(f"p{number}"))
    assert (await tried(desk))["moves"][0]["people"] == 5
    await desk.execute(
        "INSERT INTO access.objections (tenant, person) SELECT tenant, person FROM analytics.persons LIMIT 1"
    )
    assert [(move["statements"], move["people"]) for move in (await tried(desk))["moves"]] == [(None, "<5")]


async def test_a_dry_run_looks_back_as_far_as_it_is_asked(desk):
    for days in (1, 80, 100, 390):
        for _ in range(5):
            await desk.store(look("anna"), stored=NOW - timedelta(days=days))
    await desk.store(look("anna") | {"id": (voided := look("anna"))["id"]})
    await desk.execute("UPDATE ingest.statement_ids SET voided_by = id WHERE id = $1", voided["id"])
    assert (await tried(desk))["looked_at"] == 10
    assert (await tried(desk, days=10))["looked_at"] == 5
    assert (await tried(desk, days=400))["looked_at"] == 20
    for days in ("0", "401", "9999", "-1", "1.5", ""):
        more = {"json": JOB_AID, "params": {"dry_run": "true", "days": days}}
        assert await desk.refused("POST", "/registry/things", 400, "invalid_parameter", **more) == "?days"


async def test_a_dry_run_stops_in_time_and_says_so(desk, monkeypatch):
    monkeypatch.setattr("services.analytics.registering._PAGE", 20)
    monkeypatch.setattr("services.analytics.registering._PORTION", 10)
    for _ in range(50):
        await desk.store(look("anna"))
    assert (await tried(desk))["looked_at"] == 50
    monkeypatch.setattr("services.analytics.registering._MOST_STATEMENTS", 20)
    told = await tried(desk)
    assert (told["looked_at"], told["complete"]) == (20, False)
    monkeypatch.setattr("services.analytics.registering._MOST_SECONDS", 0)
    told = await tried(desk)
    assert (told["looked_at"], told["complete"]) == (10, False)


_DERIVED = "SELECT derivation, registry, state, completed IS NOT NULL AS whole FROM analytics.derivations ORDER BY 1"


async def test_before_the_first_statement_a_registry_holds_at_once(desk):
    await desk.rows("DELETE FROM analytics.derivations")
    told = await desk.ask("PUT", "/registry", json={"registry": 1, "things": [JOB_AID]})
    assert (told["version"], told["derivation"], told["replay"]["state"]) == (1, 1, "active")
    assert [tuple(row) for row in await desk.rows(_DERIVED)] == [(1, 1, "active", True)]
    again = await desk.ask("PUT", "/registry", json={"registry": 1})
    assert (again["derivation"], again["replay"]["state"]) == (2, "building")


async def test_before_the_first_statement_a_registry_that_is_not_to_be_served_is_not(desk):
    await desk.rows("DELETE FROM analytics.derivations")
    body = {"registry": 1, "things": [JOB_AID]}
    assert (await desk.ask("PUT", "/registry", json=body, params={"switch": "false"}))["derivation"] == 2
    assert [tuple(row) for row in await desk.rows(_DERIVED)] == [(1, 0, "active", True), (2, 1, "building", False)]


async def test_a_registry_at_the_moment_of_the_first_statement_waits_for_it(desk):
    await desk.rows("DELETE FROM analytics.derivations")
    async with desk.database.transaction() as connection:
        await derivations.live(connection, ["default"], base_rules().version, ZoneInfo("Europe/Amsterdam"))
        put = asyncio.create_task(desk.ask("PUT", "/registry", json={"registry": 1, "things": [JOB_AID]}))
        while not await desk.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            await asyncio.sleep(0.01)
    assert (await put)["derivation"] == 2
    assert [tuple(row) for row in await desk.rows(_DERIVED)] == [(1, 0, "active", True), (2, 1, "building", False)]

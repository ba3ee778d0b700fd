"""Targets: who may set which, what is refused, and what stands around somebody (MIX.md 4)."""

from datetime import date

import pytest

from services.analytics.domain.targets import bands_over
from services.analytics.store import targets
from services.common.access.scopes import Scope

BANDS = {"formal": {"low": 5, "high": 12.5}, "social": {"low": 20, "high": 30}}
TARGET = {
    "scope": "organisation",
    "bands": BANDS,
    "theme": "new law on consent",
    "reason": "everybody has to know it by summer",
    "owner": "quality and safety",
    "since": "2026-03-01",
    "until": "2026-07-01",
}
OWN = {name: TARGET[name] for name in ("bands", "theme", "reason", "since", "until")}


async def team(desk, person=None):
    await desk.execute("INSERT INTO analytics.teams VALUES ('default', 'ward-3', 'Ward 3')")
    if person:
        await desk.execute(
            "INSERT INTO analytics.memberships VALUES ('default', $1, 'ward-3', 'nurse', NULL, NULL, '2026-01-01')",
            person,
        )


async def test_a_target_is_set_listed_and_removed(desk):
    made = await desk.ask("POST", "/targets", 201, json=TARGET)
    assert (made["scope"], made["of"], made["bands"]["formal"]) == ("organisation", None, {"low": 5, "high": 12.5})
    listed = await desk.ask("GET", "/targets")
    assert listed["targets"] == [made]
    assert listed["reference"] == {"formal": 10, "social": 20, "experiential": 70}
    assert (await desk.ask("GET", "/targets", params={"reference": "false"}))["reference"] is None
    for _ in range(2):
        await desk.ask("DELETE", f"/targets/{made['id']}", 204)
    assert (await desk.ask("GET", "/targets"))["targets"] == []


async def test_scopes_keep_readers_and_tenants_apart(desk):
    reader = {"headers": await desk.credential(Scope.ALL, Scope.ANALYTICS_READ, Scope.PEOPLE_READ)}
    await desk.refused("POST", "/targets", 403, "forbidden", json=TARGET, **reader)
    made = await desk.ask("POST", "/targets", 201, json=TARGET)
    await desk.refused("DELETE", f"/targets/{made['id']}", 403, "forbidden", **reader)
    assert len((await desk.ask("GET", "/targets", **reader))["targets"]) == 1
    writer = {"headers": await desk.credential(Scope.ANALYTICS_WRITE)}
    await desk.refused("GET", "/targets", 403, "forbidden", **writer)
    elsewhere = {"headers": await desk.credential(tenant="elsewhere")}
    assert (await desk.ask("GET", "/targets", **elsewhere))["targets"] == []
    await desk.refused("DELETE", f"/targets/{made['id']}", 404, "not_found", **elsewhere)


async def test_a_team_or_role_must_be_there(desk):
    for scope, of in (("team", "ward-3"), ("role", "nurse")):
        body = TARGET | {"scope": scope, "of": of}
        assert await desk.refused("POST", "/targets", 404, "not_found", json=body) == "$.of"
    await team(desk, await desk.person("anna"))
    for scope, of in (("team", "ward-3"), ("role", "nurse")):
        await desk.ask("POST", "/targets", 201, json=TARGET | {"scope": scope, "of": of})
    assert len((await desk.ask("GET", "/targets", params={"scope": "team"}))["targets"]) == 1
    assert len((await desk.ask("GET", "/targets", params={"of": "nurse"}))["targets"]) == 1
    assert await desk.refused("GET", "/targets", 400, "invalid_parameter", params={"scope": "person"}) == "?scope"


@pytest.mark.parametrize(
    ("change", "reason", "path"),
    [
        ({"until": None}, "invalid_value", "$.until"),
        ({"until": "2026-03-01"}, "invalid_value", "$"),
        ({"bands": {}}, "invalid_value", "$.bands"),
        ({"bands": {"formal": {"low": 6, "high": 5}}}, "invalid_value", "$.bands.formal"),
        ({"bands": {"formal": {"low": -1, "high": 5}}}, "invalid_value", "$.bands.formal.low"),
        ({"bands": {"formal": {"low": 60, "high": 80}, "social": {"low": 50, "high": 60}}}, "invalid_value", "$.bands"),
        ({"bands": {"unclassified": {"low": 6, "high": 9}}}, "invalid_value", "$.bands.unclassified.[key]"),
        ({"scope": "person", "of": "anna"}, "invalid_value", "$.scope"),
        ({"scope": "team"}, "invalid_value", "$"),
        ({"of": "ward-3"}, "invalid_value", "$"),
        ({"owner": " "}, "invalid_value", "$.owner"),
        ({"reason": "a\u0000b"}, "invalid_value", "$.reason"),
        ({"theme": "x" * 501}, "invalid_value", "$.theme"),
        ({"colour": "red"}, "unknown_property", "$.colour"),
    ],
)
async def test_what_is_no_target_is_refused(desk, change, reason, path):
    assert await desk.refused("POST", "/targets", 400, reason, json=TARGET | change) == path


async def test_a_refusal_does_not_speak_of_the_validator(desk):
    answer = await desk.http.post("/analytics/v1/targets", json=TARGET | {"bands": {}})
    assert answer.json()["detail"] == "it must not be empty"
    answer = await desk.http.post("/analytics/v1/targets", json=TARGET | {"until": "2026-03-01"})
    assert answer.json()["detail"] == "until must lie after since"


@pytest.mark.parametrize("name", ["bands", "theme", "reason", "owner", "since", "until"])
async def test_a_target_says_why_whose_and_until_when(desk, name):
    body = {each: value for each, value in TARGET.items() if each != name}
    assert await desk.refused("POST", "/targets", 400, "missing_property", json=body) == f"$.{name}"


async def test_a_personal_target_is_of_the_person_alone(desk):
    anna, bob = await desk.person("anna"), await desk.person("bob")
    path, by_bob = f"/people/{anna}/targets", {"headers": {"x-leermix-viewer": bob}}
    await desk.refused("POST", path, 403, "forbidden", json=OWN, **by_bob)
    await desk.refused("POST", path, 400, "unknown_property", json=OWN | {"owner": "my boss"})
    made = await desk.ask("POST", path, 201, json=OWN)
    assert (made["scope"], made["of"], made["owner"]) == ("person", anna, "self")
    assert [each["id"] for each in (await desk.ask("GET", path))["targets"]] == [made["id"]]
    await desk.refused("GET", path, 403, "forbidden", **by_bob)
    assert (await desk.ask("GET", "/targets"))["targets"] == []
    await desk.refused("DELETE", f"/targets/{made['id']}", 404, "not_found")
    await desk.refused("DELETE", f"/people/{bob}/targets/{made['id']}", 404, "not_found")
    await desk.ask("DELETE", f"{path}/{made['id']}", 204)
    assert (await desk.ask("GET", path))["targets"] == []


async def test_around_a_person_stand_role_then_team_then_organisation(desk):
    anna = await desk.person("anna")
    await team(desk, anna)
    await desk.ask("POST", "/targets", 201, json=TARGET)
    await desk.ask("POST", "/targets", 201, json=TARGET | {"scope": "team", "of": "ward-3", "until": "2026-03-11"})
    await desk.ask("POST", "/targets", 201, json=TARGET | {"scope": "role", "of": "nurse", "since": "2026-03-20"})
    context = (await desk.ask("GET", f"/people/{anna}/targets"))["context"]
    assert [(each["scope"], each["of"], each["target"]["formal"]["days"]) for each in context] == [
        ("role", "nurse", 1),
        ("team", "ward-3", 10),
        ("organisation", None, 20),
    ]


async def test_the_later_made_of_two_targets_holds(desk):
    await desk.ask("POST", "/targets", 201, json=TARGET)
    later = TARGET | {"bands": {"formal": {"low": 40, "high": 60}}, "since": "2026-03-05", "until": "2026-03-10"}
    await desk.ask("POST", "/targets", 201, json=later)
    async with desk.database.connection() as connection:
        found = await targets.standing(
            connection, "default", [("organisation", "")], date(2026, 3, 1), date(2026, 3, 11)
        )
    over = bands_over(found, date(2026, 3, 1), date(2026, 3, 11))
    assert (over["formal"].low, over["formal"].high, over["social"].low) == (22.5, 36.25, 20)

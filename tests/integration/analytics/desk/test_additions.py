"""\"This was learned too\": by the person it counts, by somebody else once the person has said yes."""

from uuid import uuid4

import pytest

from services.analytics.store import voice

ENDED = "2026-03-19T16:00:00+01:00"
TOLD = {"mode": "social", "ended": ENDED, "minutes": 45}


async def test_an_own_addition_counts_at_once(desk):
    anna = await desk.person("anna")
    made = await desk.ask("POST", f"/people/{anna}/additions", 201, json=TOLD)
    assert made["state"] == "counts"
    assert desk.additions == [("default", made["id"])]
    (line,) = (await desk.ask("GET", f"/people/{anna}/additions"))["additions"]
    assert {name: line[name] for name in ("id", "mode", "ended", "minutes", "recorder", "state")} == {
        "id": made["id"],
        "mode": "social",
        "ended": "2026-03-19T15:00:00Z",
        "minutes": 45,
        "recorder": "self",
        "state": "counts",
    }
    async with desk.database.connection() as connection:
        (held,) = await voice.counting(connection, "default", None, 10)
        assert held.addition.minutes_us == 45 * 60_000_000
        assert await voice.additions(connection, "default", [made["id"]]) == [held]
        assert await voice.counting(connection, "default", made["id"], 10) == []
    await desk.ask("DELETE", f"/people/{anna}/additions/{made['id']}", 204)
    assert len(desk.additions) == 2
    async with desk.database.connection() as connection:
        assert await voice.counting(connection, "default", None, 10) == []
        assert [each.counts for each in await voice.additions(connection, "default", [made["id"]])] == [False]


async def test_what_another_records_counts_once_the_person_says_so(desk):
    anna, bob, eve = [await desk.person(name) for name in ("anna", "bob", "eve")]
    by_bob = {"headers": {"x-leermix-viewer": bob}}
    made = await desk.ask("POST", f"/people/{anna}/additions", 201, json=TOLD, **by_bob)
    assert made["state"] == "waiting"
    assert desk.additions == []
    one = f"/people/{anna}/additions/{made['id']}"
    for method, path in (("PUT", f"{one}/confirmation"), ("DELETE", one), ("GET", f"/people/{anna}/additions")):
        await desk.refused(method, path, 403, "forbidden", **by_bob)
    await desk.refused("PUT", f"/people/{eve}/additions/{made['id']}/confirmation", 404, "not_found")
    (line,) = (await desk.ask("GET", f"/people/{anna}/additions"))["additions"]
    assert (line["recorder"], line["state"]) == (bob, "waiting")
    for _ in range(2):
        await desk.ask("PUT", f"{one}/confirmation", 204)
    assert desk.additions == [("default", made["id"])] * 2
    assert (await desk.ask("GET", f"/people/{anna}/additions"))["additions"][0]["state"] == "counts"


async def test_a_refused_record_stays_refused(desk):
    anna, bob = await desk.person("anna"), await desk.person("bob")
    made = await desk.ask("POST", f"/people/{anna}/additions", 201, json=TOLD, headers={"x-leermix-viewer": bob})
    one = f"/people/{anna}/additions/{made['id']}"
    for _ in range(2):
        await desk.ask("DELETE", one, 204)
    await desk.refused("PUT", f"{one}/confirmation", 404, "not_found")
    assert (await desk.ask("GET", f"/people/{anna}/additions"))["additions"][0]["state"] == "refused"


async def test_who_records_is_somebody_and_does_not_flood(desk, monkeypatch):
    anna, bob = await desk.person("anna"), await desk.person("bob")
    nobody = {"x-leermix-viewer": str(uuid4())}
    await desk.refused("POST", f"/people/{anna}/additions", 404, "not_found", json=TOLD, headers=nobody)
    monkeypatch.setattr("services.analytics.api.voice.additions._MOST_WAITING", 2)
    by_bob = {"json": TOLD, "headers": {"x-leermix-viewer": bob}}
    for _ in range(2):
        await desk.ask("POST", f"/people/{anna}/additions", 201, **by_bob)
    await desk.refused("POST", f"/people/{anna}/additions", 403, "forbidden", **by_bob)


async def test_somebody_without_any_identity_cannot_be_added_to(desk):
    anna = await desk.person("anna")
    await desk.execute("DELETE FROM analytics.identities")
    await desk.refused("POST", f"/people/{anna}/additions", 404, "not_found", json=TOLD)


@pytest.mark.parametrize(
    ("change", "reason", "path"),
    [
        ({"mode": "not_learning"}, "invalid_value", "$.mode"),
        ({"minutes": 0}, "invalid_value", "$.minutes"),
        ({"minutes": 721}, "invalid_value", "$.minutes"),
        ({"ended": "yesterday"}, "invalid_timestamp", "$.ended"),
        ({"ended": "2026-03-20T10:00:00"}, "invalid_timestamp", "$.ended"),
        ({"ended": "2026-03-21T00:00:00+01:00"}, "invalid_value", "$.ended"),
        ({"recorder": "bob"}, "unknown_property", "$.recorder"),
    ],
)
async def test_what_cannot_be_is_refused(desk, change, reason, path):
    anna = await desk.person("anna")
    assert await desk.refused("POST", f"/people/{anna}/additions", 400, reason, json=TOLD | change) == path
    assert desk.additions == []


async def test_later_today_is_today(desk):
    anna = await desk.person("anna")
    await desk.ask("POST", f"/people/{anna}/additions", 201, json=TOLD | {"ended": "2026-03-20T23:59:59+01:00"})


async def test_a_page_of_additions(desk):
    anna = await desk.person("anna")
    for minutes in (1, 2, 3):
        await desk.ask("POST", f"/people/{anna}/additions", 201, json=TOLD | {"minutes": minutes})
    first = (await desk.ask("GET", f"/people/{anna}/additions", params={"limit": 2}))["additions"]
    assert [each["minutes"] for each in first] == [3, 2]
    rest = await desk.ask("GET", f"/people/{anna}/additions", params={"before": first[-1]["made"]})
    assert [each["minutes"] for each in rest["additions"]] == [1]

"""The quality of data: odd events, people whom nobody listed, learnerless statements, silent sources."""

from datetime import UTC, date, datetime, timedelta

from services.analytics.store import quality
from services.common.access.scopes import Scope
from tests.integration.analytics.desk.conftest import NOW
from tests.integration.analytics.statements import statement

DAY = date(2026, 3, 10)


async def people(desk, count, first=0):
    return [await desk.person(f"p{number}") for number in range(first, first + count)]


async def test_odd_events_are_counted_and_those_of_few_are_not_told(desk):
    found = await people(desk, 6)
    for person in found:
        await desk.day(person, DAY, events=3, disbelieved=1, defaults=2)
        await desk.day(person, DAY, "unclassified", events=1)
    await desk.day(found[0], DAY - timedelta(days=1), events=4, arrival=4)
    await desk.day(found[0], date(2026, 2, 10), events=100)
    told = await desk.ask("GET", "/quality")
    assert (told["month"], told["until"], told["rule_set"] is not None) == ("2026-03", "2026-03-21", True)
    assert told["counts"] == {
        "events": 20,
        "disbelieved": 5,
        "arrival": None,
        "future": 0,
        "defaults": 10,
        "untimed": 0,
        "unclassified": 5,
    }
    assert (await desk.ask("GET", "/quality", params={"month": "2026-02"}))["counts"]["events"] is None
    assert (await desk.ask("GET", "/quality", params={"month": "2026-01"}))["counts"]["events"] == 0


async def test_what_one_person_does_tells_nobody_how_much(desk):
    found = await people(desk, 7)
    for person in found:
        await desk.day(person, DAY, events=3)
    before = await desk.ask("GET", "/quality")
    await desk.day(found[0], DAY - timedelta(days=1), events=2)
    assert await desk.ask("GET", "/quality") == before
    assert (before["counts"]["events"], before["people"]["seen"]) == (20, 5)


async def test_who_objected_is_in_nothing(desk):
    for person in await people(desk, 10):
        await desk.day(person, DAY, events=1)
    assert (await desk.ask("GET", "/quality"))["people"]["seen"] == 10
    await desk.execute(
        "INSERT INTO access.objections (tenant, person) SELECT tenant, person FROM analytics.persons LIMIT 6"
    )
    told = await desk.ask("GET", "/quality")
    assert (told["counts"]["events"], told["people"]) == (None, {"seen": None, "unlinked": None})


async def test_what_says_it_happened_after_today(desk):
    for person in await people(desk, 5):
        await desk.day(person, date(2026, 3, 21), events=2)
        await desk.day(person, date(2027, 1, 1), events=1)
    told = (await desk.ask("GET", "/quality"))["counts"]
    assert (told["future"], told["events"]) == (10, 0)


async def test_people_whom_the_roster_does_not_list(desk):
    found = await people(desk, 11)
    for person in found:
        await desk.day(person, DAY, events=1)
    for place, person in enumerate(found[:6]):
        await desk.execute(
            "INSERT INTO analytics.roster (tenant, reference, person) VALUES ('default', $1, $2)", str(place), person
        )
    assert (await desk.ask("GET", "/quality"))["people"] == {"seen": 10, "unlinked": 5}
    await desk.execute("UPDATE analytics.roster SET active = false WHERE reference IN ('0', '1')")
    assert (await desk.ask("GET", "/quality"))["people"] == {"seen": 10, "unlinked": None}
    assert (await desk.ask("GET", "/quality", params={"month": "2026-02"}))["people"] == {"seen": 0, "unlinked": 0}


async def test_statements_that_say_nothing_of_anybody(desk, monkeypatch):
    anna = await desk.person("anna")
    nobody = {"objectType": "Group", "name": "ward 3", "account": {"homePage": "https://a.nl", "name": "w3"}}
    seen = statement("anna")
    await desk.store(seen)
    await desk.event(seen["id"], "anna", anna)
    await desk.store(statement("anna"))  # of somebody, but not derived: a pause, for one
    for _ in range(5):
        await desk.store(statement("anna") | {"actor": nobody})
    await desk.store(statement("anna") | {"actor": nobody}, stored=datetime(2026, 2, 1, tzinfo=UTC))
    told = await desk.ask("GET", "/quality")
    assert told["learnerless"] == {"statements": 5, "looked_at": 5, "complete": True}
    monkeypatch.setattr("services.analytics.api.quality._MOST_STATEMENTS", 6)
    told = (await desk.ask("GET", "/quality"))["learnerless"]
    assert (told["looked_at"], told["complete"]) == (5, False)


async def test_sources_that_fell_silent(desk):
    for source in ("daily", "stopped", "never"):
        await desk.credential(source=source)
    for days in range(10):
        await desk.store(statement("anna"), "daily", stored=NOW - timedelta(days=days))
        await desk.store(statement("anna"), "daily", stored=NOW - timedelta(days=days, minutes=5))
        await desk.store(statement("anna"), "stopped", stored=NOW - timedelta(days=days + 20))
    # 23:30 UTC is the next day in Amsterdam.
    await desk.store(statement("anna"), "never-registered", stored=NOW)
    told = {each["source"]: each for each in (await desk.ask("GET", "/quality"))["sources"]}
    assert told["daily"] == {
        "source": "daily",
        "kind": "lms",
        "last": "2026-03-20",
        "usual_gap_days": 1,
        "silent_since": None,
    }
    assert (told["stopped"]["last"], told["stopped"]["silent_since"]) == ("2026-02-28", "2026-02-28")
    assert (told["never"]["last"], told["never"]["silent_since"]) == (None, None)


async def test_it_needs_the_scope_for_groups(desk):
    people_only = {"headers": await desk.credential(Scope.PEOPLE_READ)}
    await desk.refused("GET", "/quality", 403, "forbidden", **people_only)
    await desk.refused("GET", "/quality", 400, "invalid_parameter", params={"month": "2026-3"})
    told = await desk.ask("GET", "/quality", headers=await desk.credential(tenant="elsewhere"))
    assert (told["counts"]["events"], told["rule_set"]) == (0, None)
    assert [each["source"] for each in told["sources"]] == ["app"]


async def test_every_route_is_typed_in_the_document(desk):
    document = (await desk.http.get("/openapi.json")).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answers = [each for code, each in operation["responses"].items() if code.startswith("2")]
            typed = any(each.get("content", {}).get("application/json", {}).get("schema") for each in answers)
            assert typed or "204" in operation["responses"], (method, path)
            assert ("requestBody" in operation) >= (method == "post"), (method, path)


async def test_a_source_is_found_by_its_index_however_long_it_was_silent(desk):
    await desk.store(statement("anna"))
    async with desk.database.transaction() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.fetch("EXPLAIN " + quality._SOURCES, "default", "Europe/Amsterdam", 40)
    assert "Index Cond: ((tenant = 'default'::text) AND (source >= d.source) AND (ROW(source, stored) <" in str(plan)
    assert "Sort Key: d.source" not in str(plan)

"""What nobody has told us about: by weight, of five people or more, each with an entry that the registry takes."""

from datetime import UTC, datetime, timedelta

from schemas.xapi.agents import actor_key
from services.common.access.scopes import Scope
from tests.integration.analytics.desk.conftest import NOW
from tests.integration.analytics.statements import agent, statement

DID = {"id": "https://example.nl/verbs/did"}


async def used(desk, number, thing, kind="other", cls="unclassified", rule="none", minutes=10, verb=DID):
    """Somebody used a thing."""
    name = f"p{number}"
    found = await desk.rows(
        "SELECT person::text FROM analytics.identities WHERE actor_key = $1", actor_key(agent(name))
    )
    made = statement(name, verb=verb, object=thing)
    await desk.store(made, kind=kind)
    person = found[0]["person"] if found else await desk.person(name)
    await desk.event(made["id"], name, person, cls, rule, minutes=minutes)


def aid(number):
    return {"id": f"https://w.example.nl/richtlijn/{number}", "definition": {"type": "https://example.nl/types/card"}}


async def test_rows_by_weight_with_a_proposal_that_the_registry_takes(desk):
    for number in range(5):
        await used(desk, number, aid(number), minutes=1)
        await used(desk, number, {"id": f"https://lms.example.nl/x/{number}"}, "lms", "formal", "kind:lms")
        await used(desk, number, {"id": "https://lms.example.nl/y/1"}, "lms", "formal", "formal.course", minutes=99)
    told = await desk.ask("GET", "/vocabulary")
    assert (told["since"], told["until"], told["registry"]) == ("2026-01-01", "2026-03-21", 0)
    assert (told["looked_at"], told["complete"], told["rest"]) == (10, True, None)
    assert [
        (row["reason"], row["id_prefix"], row["minutes"], row["events"], row["people"]) for row in told["rows"]
    ] == [
        ("kind", "https://lms.example.nl/x/", 50, 5, 5),
        ("unclassified", "https://w.example.nl/richtlijn/", 5, 5, 5),
    ]
    assert told["rows"][1]["known"] == {"verb": False, "activity_type": False}
    assert told["rows"][0]["known"] == {"verb": False, "activity_type": None}
    proposal = told["rows"][1]["proposal"]
    assert proposal["because"] == "the word richtlijn in its id"
    changed = await desk.ask("POST", "/registry/things", json=proposal["entry"], params={"dry_run": "true"})
    assert [(move["from"], move["to"], move["people"]) for move in changed["moves"]] == [
        ("unclassified", "experiential", 5)
    ]


async def test_what_few_used_is_summed(desk):
    for number in range(6):
        await used(desk, number, {"id": "https://kb.example.nl/a/b"})
    for number in range(5):
        await used(desk, number, {"id": f"https://x.nl/{number}"}, verb={"id": f"https://v.nl/{number}"})
    told = await desk.ask("GET", "/vocabulary")
    assert [(row["id_prefix"], row["events"], row["proposal"]) for row in told["rows"]] == [
        ("https://kb.example.nl/a/", 5, None)
    ]
    assert told["rest"] == {"minutes": 50, "events": 5, "people": 5}
    # Were the others fewer, the row itself would give them away to who knows the whole.
    await desk.execute(
        "DELETE FROM analytics.events WHERE statement IN (SELECT id FROM ingest.statements WHERE "
        "convert_from(body, 'UTF8') LIKE '%v.nl/4%')"
    )
    told = await desk.ask("GET", "/vocabulary")
    assert (told["rows"], told["rest"]) == ([], {"minutes": 100, "events": 10, "people": 5})


async def test_of_few_people_nothing_is_told(desk):
    for number in range(4):
        await used(desk, number, aid(number))
    told = await desk.ask("GET", "/vocabulary")
    assert (told["looked_at"], told["rows"], told["rest"]) == (0, [], None)


async def test_who_objected_is_in_no_row(desk):
    for number in range(5):
        await used(desk, number, aid(number))
    assert len((await desk.ask("GET", "/vocabulary"))["rows"]) == 1
    await desk.execute(
        "INSERT INTO access.objections (tenant, person) SELECT tenant, person FROM analytics.persons LIMIT 1"
    )
    assert (await desk.ask("GET", "/vocabulary"))["rows"] == []


async def test_windows_are_whole_months(desk):
    for number in range(5):
        await used(desk, number, aid(number))
    moved = datetime(2026, 2, 10, tzinfo=UTC)
    await desk.execute("UPDATE analytics.events SET t_us = t_us - $1", (NOW - moved) // timedelta(microseconds=1))
    assert len((await desk.ask("GET", "/vocabulary", params={"since": "2026-02"}))["rows"]) == 1
    assert len((await desk.ask("GET", "/vocabulary", params={"until": "2026-03"}))["rows"]) == 1
    assert (await desk.ask("GET", "/vocabulary", params={"since": "2026-03"}))["rows"] == []
    for params in ({"since": "2026-03-01"}, {"since": "2026-04"}, {"since": "2025-02"}, {"limit": "none"}):
        await desk.refused("GET", "/vocabulary", 400, "invalid_parameter", params=params)


async def test_the_work_is_bounded(desk, monkeypatch):
    monkeypatch.setattr("services.analytics.api.vocabulary._MOST_EVENTS", 7)
    monkeypatch.setattr("services.analytics.api.vocabulary._PORTION", 3)
    for number in range(8):
        await used(desk, number, aid(number))
    told = await desk.ask("GET", "/vocabulary")
    assert (told["looked_at"], told["complete"], told["rows"][0]["events"]) == (5, False, 5)


async def test_the_newest_are_found_by_their_index(desk):
    for number in range(5):
        await used(desk, number, aid(number))
    async with desk.database.transaction() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.fetch(
            "EXPLAIN SELECT e.statement FROM analytics.events e WHERE e.tenant = 'default' AND e.derivation = 1 "
            "AND e.t_us >= 0 AND e.t_us < 9 AND NOT e.retracted AND (e.class = 'unclassified' OR e.rule LIKE 'kind:%') "
            "ORDER BY e.t_us DESC LIMIT 10"
        )
    assert "unclear_events" in str(plan)


async def test_it_needs_the_scope_for_groups(desk):
    people = {"headers": await desk.credential(Scope.PEOPLE_READ)}
    await desk.refused("GET", "/vocabulary", 403, "forbidden", **people)
    elsewhere = {"headers": await desk.credential(tenant="elsewhere")}
    told = await desk.ask("GET", "/vocabulary", **elsewhere)
    assert (told["rows"], told["rule_set"], told["registry"]) == ([], None, None)

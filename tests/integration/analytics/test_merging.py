"""Merges with their history: what two persons learned is one mix, and undone it is two again, to the minute."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from schemas.topics import STATEMENTS
from schemas.xapi.agents import actor_key
from services.analytics.people import merging
from services.analytics.people.composing import parts_of
from services.analytics.releasing import Releasing
from services.common.outbox import TableOutbox
from services.common.runtime import Runtime
from services.common.settings import Settings
from tests.integration.analytics.statements import record, statement

MARCH = {"since": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}


def by_account(name):
    return {"actor": {"account": {"homePage": "https://lms.example.nl", "name": name}}}


async def figures(house, *people):
    told = [await house.told(f"/people/{person}/mix", **MARCH) for person in people]
    why = [await house.told(f"/people/{person}/why", **MARCH) for person in people]
    return [each["minutes"] for each in told], [each["stretches"] for each in why]


async def found(house, agent):
    return (await house.told("/people", agent=orjson.dumps(agent).decode()))["id"]


async def two(house):
    """Anna learned by her address and by her account, at times that overlap."""
    await house.send(
        statement("anna", "2026-03-02T10:30:00Z", "PT30M"),
        statement("anna", "2026-03-03T10:30:00Z", "PT30M"),
        statement("anna", "2026-03-02T10:40:00Z", "PT20M", object={"id": "https://lms.example.nl/course/2"},
                  **by_account("anna")),
        statement("anna", "2026-03-05T09:00:00Z", "PT15M", **by_account("anna")),
    )  # fmt: skip
    return await house.person("anna"), await found(house, by_account("anna")["actor"])


async def merged(house, kept, gone):
    answer = await house.http.post(f"/analytics/v1/people/{kept}/merges", json={"merged": gone})
    assert answer.status_code == 201, answer.text
    return answer.json()["merge"]


async def test_a_merge_makes_one_mix_and_undoing_it_the_same_two_again(house):
    anna, other = await two(house)
    before = await figures(house, anna, other)
    assert [each["formal"] for each in before[0]] == [60, 35]
    merge = await merged(house, anna, other)
    assert await found(house, by_account("anna")["actor"]) == anna
    one = await figures(house, anna)
    assert one[0][0]["formal"] == 85  # ten minutes were both at once
    gone = await house.get(f"/people/{other}/mix", **MARCH)
    assert (gone.status_code, gone.json()["reason"]) == (404, "not_found")
    assert anna in gone.json()["detail"]
    await house.send(statement("anna", "2026-03-06T09:00:00Z", "PT5M", **by_account("anna")))
    assert (await figures(house, anna))[0][0]["formal"] == 90
    assert (await house.http.post(f"/analytics/v1/merges/{merge}/undo")).status_code == 200
    after = await figures(house, anna, other)
    assert [each["formal"] for each in after[0]] == [60, 40]
    await house.http.post(f"/analytics/v1/people/{anna}/merges", json={"merged": other})
    assert (await figures(house, anna))[0][0]["formal"] == 90


async def test_undone_without_news_between_the_figures_are_as_before(house):
    anna, other = await two(house)
    before = await figures(house, anna, other)
    for _ in range(2):
        merge = await merged(house, other, anna)
        assert await figures(house, other) != (before[0][1:], before[1][1:])
        await house.http.post(f"/analytics/v1/merges/{merge}/undo")
        assert await figures(house, anna, other) == before


async def test_an_import_that_a_human_confirms_joins_and_can_be_taken_back(house):
    anna, other = await two(house)
    before = await figures(house, anna, other)
    file = b"reference;mbox;account;team\n;;;ICU\n1001;anna@example.nl;https://lms.example.nl|anna;ICU\n"
    headers = {"content-type": "text/csv"}
    told = await house.http.post("/analytics/v1/people/import", content=file, headers=headers)
    assert told.json()["counts"]["matches_proposed"] == 1
    assert await figures(house, anna, other) == before
    (match,) = (await house.told("/matches"))["matches"]
    answer = await house.http.post(f"/analytics/v1/matches/{match['match']}/confirm")
    decided = answer.json()
    assert decided["kept"] == anna
    assert (await figures(house, anna))[0][0]["formal"] == 85
    await house.http.post(f"/analytics/v1/merges/{decided['merge']}/undo")
    assert await figures(house, anna, other) == before


async def test_an_objection_holds_in_the_very_next_answer_and_is_taken_back(house):
    anna, _ = await two(house)
    objection = f"/analytics/v1/people/{anna}/objection"
    for _ in range(2):
        assert (await house.http.put(objection)).status_code == 204
        for path in ("mix", "why"):
            answer = await house.get(f"/people/{anna}/{path}", **MARCH)
            assert (answer.status_code, answer.json()["reason"]) == (403, "objected")
        assert (await house.get(f"/people/{anna}/looks")).status_code == 200
        assert (await house.http.delete(objection)).status_code == 204
        assert (await figures(house, anna))[0][0]["formal"] == 60


async def test_the_months_of_whom_an_announcement_made_stale_are_summed_up(house):
    anna, _ = await two(house)
    releasing = Releasing(house.runtime.database, lambda: datetime.now(UTC), 5, 60)
    for method in ("PUT", "DELETE"):
        await releasing.refresh("default")
        assert (await house.http.request(method, f"/analytics/v1/people/{anna}/objection")).status_code == 204
    await releasing.refresh("default")
    async with house.runtime.database.connection() as connection:
        query = "SELECT count(*) FROM analytics.persons WHERE stale_from <= current_date"
        assert await connection.fetchval(query) == 0


async def persons_of(group, *names):
    """Three persons with a statement each, and what merges and undoes them."""
    for place, name in enumerate(names):
        group.append(STATEMENTS, place, record(statement(**by_account(name))))
    group.start()
    await group.caught_up()
    rows = [
        await group.rows(
            "SELECT person::text FROM analytics.identities WHERE actor_key = $1", actor_key(by_account(name)["actor"])
        )
        for name in names
    ]
    runtime = Runtime(Settings(), group.database, None, None, None, TableOutbox, distributed=True)
    return [row[0]["person"] for row in rows], parts_of(runtime, group.readings)


async def misplaced(group):
    """Return how many events are with another person than their identity."""
    rows = await group.rows(
        """
        SELECT count(*) AS number FROM analytics.events e
        JOIN analytics.identities i ON i.tenant = e.tenant AND i.actor_key = e.learner
        WHERE NOT e.retracted AND i.person <> e.person
        """
    )
    return rows[0]["number"]


@pytest.mark.parametrize("undoing", [False, True])
async def test_a_statement_that_waits_for_the_lock_goes_where_its_identity_went(group, undoing):
    (kept, gone), parts = await persons_of(group, "a", "b")
    if undoing:
        done = await merging.merge(parts, "default", kept, gone, "hr")

    async def while_a_statement_waits(tx, tenant, moves, persons):
        group.append(STATEMENTS, 2, record(statement(**by_account("b"))))
        async with asyncio.timeout(10):
            while not await group.rows("SELECT 1 FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
        await parts.move(tx, tenant, moves, persons)

    slow = replace(parts, move=while_a_statement_waits)
    if undoing:
        await merging.undo(slow, "default", done.merge)
    else:
        await merging.merge(slow, "default", kept, gone, "hr")
    await group.caught_up()
    assert await misplaced(group) == 0
    events = {
        str(row["person"]): row["events"]
        for row in await group.rows("SELECT person, sum(events) AS events FROM analytics.person_days GROUP BY 1")
    }
    assert (events[kept], events.get(gone, 0)) == ((1, 2) if undoing else (3, 0))


async def test_statements_that_come_while_persons_are_merged_and_split_are_nobody_elses(group):
    people, parts = await persons_of(group, "a0", "a1", "a2")
    made = [
        statement("anna", f"2026-03-{day:02d}T{hour:02d}:00:00Z", "PT7M", **by_account(f"a{day % 3}"))
        for day in range(2, 26)
        for hour in range(8, 18)
    ]
    for place, each in enumerate(made):
        group.append(STATEMENTS, place % 3, record(each))
    group.start()
    for turn in range(20):
        done = await merging.merge(parts, "default", people[turn % 3], people[(turn + 1) % 3], "hr")
        await asyncio.sleep(0.005)
        await merging.undo(parts, "default", done.merge)
    await group.caught_up()
    assert await misplaced(group) == 0
    sums = await group.rows("SELECT person, sum(events) AS events FROM analytics.person_days GROUP BY 1 ORDER BY 1")
    assert sum(row["events"] for row in sums) == len(made) + 3
    assert [str(row["person"]) for row in sums if row["events"]] == sorted(people)

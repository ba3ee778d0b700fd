"""Releasing on a real PostgreSQL: months follow people, derivations and the calendar, whoever does what at once."""

import asyncio
from datetime import UTC, date, datetime

import orjson
import pytest

from services.analytics import releasing as module
from services.analytics.releasing import Releasing
from tests.integration.analytics.statements import statement

MARCH = date(2026, 3, 1)


class Clock:
    def __init__(self, *moment: int) -> None:
        self.now = datetime(*moment, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def releasing(house, clock=None) -> Releasing:
    return Releasing(house.runtime.database, clock or Clock(2026, 4, 2), 5, 60)


async def rows(house, query, *arguments):
    async with house.runtime.database.connection() as connection:
        return await connection.fetch(query, *arguments)


async def sent(house, people, at="2026-03-02T10:00:00Z", **more):
    await house.send(*(statement(f"p{n}", at, **more) for n in people))
    for n in people:
        await house.told(f"/people/{await house.person(f'p{n}')}/mix")  # which waits until it is counted


async def contributions(house):
    found = await rows(house, "SELECT derivation, month, person, sums FROM analytics.person_months")
    return {(row["derivation"], row["month"], row["person"]): orjson.loads(row["sums"]) for row in found}


async def released(house, month=MARCH):
    (row,) = await rows(house, "SELECT whole, news, told FROM analytics.group_months WHERE month = $1", month)
    return None if row["whole"] is None else orjson.loads(row["whole"])


async def test_months_of_people_are_what_their_days_add_up_to(house):
    for n in range(6):
        await sent(house, [n, n + 1], f"2026-03-{28 + n % 4}T22:50:00Z", duration=f"PT{30 * (n + 1)}M")
    await releasing(house).refresh("default")
    days = await rows(
        house,
        """
        SELECT date_trunc('month', day)::date AS month, person, sum(minutes_us)::bigint AS minutes,
               sum(events)::bigint AS events, sum(moments)::bigint AS moments
        FROM analytics.person_days WHERE class = 'formal' GROUP BY 1, 2
        """,
    )
    expected = {(row["month"], row["person"]): tuple(row.values())[2:] for row in days}
    assert len(expected) > 7
    months = {
        (month, person): tuple(
            map(sum, zip(*(leaf[4:] for leaf in sums["leaves"] if leaf[0] == "formal"), strict=True))
        )
        for (_, month, person), sums in (await contributions(house)).items()
    }
    assert months == expected
    assert await rows(house, "SELECT FROM analytics.persons WHERE stale_from IS NOT NULL") == []


async def test_the_running_month_ends_today_and_the_future_counts_when_it_comes(house):
    clock = Clock(2026, 3, 20, 12)
    keeping = releasing(house, clock)
    await sent(house, range(5))
    await sent(house, range(5), "2026-03-25T10:00:00Z")
    await keeping.refresh("default")
    await keeping.release("default")
    assert (await released(house))["kinds"]["formal"][1] == 5
    (row,) = await rows(house, "SELECT DISTINCT stale_from FROM analytics.persons")
    assert row["stale_from"] == date(2026, 3, 25)
    clock.now = datetime(2026, 3, 25, 0, tzinfo=UTC)
    await keeping.refresh("default")
    await keeping.release("default")
    assert (await released(house))["kinds"]["formal"][1] == 10
    (row,) = await rows(house, "SELECT DISTINCT stale_from FROM analytics.persons")
    assert row["stale_from"] is None


async def test_another_derivation_is_released_once_everybody_is_summed_up_under_it(house, monkeypatch):
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    keeping = releasing(house)
    await sent(house, range(7))
    await keeping.refresh("default")
    await keeping.release("default")
    assert (await released(house))["kinds"]["formal"][1] == 7
    async with house.runtime.database.transaction() as connection:
        await connection.execute("UPDATE analytics.derivations SET state = 'complete'")
        await connection.execute(
            """
            INSERT INTO analytics.derivations
                (tenant, derivation, rule_set, registry, time_zone, state, reason, completed, activated, announced)
            SELECT tenant, 2, rule_set, registry, time_zone, 'active', 'a test', now(), now(), now()
            FROM analytics.derivations
            """
        )
        await connection.execute("CREATE TEMP TABLE other AS SELECT * FROM analytics.events")
        await connection.execute("UPDATE other SET derivation = 2, class = 'social'")
        await connection.execute("INSERT INTO analytics.events SELECT * FROM other")
    await keeping.release("default")  # not before all are summed up
    assert (await released(house))["kinds"]["formal"][1] == 7
    await keeping.refresh("default")
    await keeping.release("default")
    assert (await released(house))["kinds"]["social"][1] == 7
    assert {derivation for derivation, _, _ in await contributions(house)} == {2}


async def test_whoever_sums_up_while_statements_come_in_misses_none(house):
    keeping, other = releasing(house), releasing(house)
    done = asyncio.Event()

    async def again(each: Releasing) -> None:
        while not done.is_set():
            await each.refresh("default")
            await each.release("default")

    tasks = [asyncio.create_task(again(each)) for each in (keeping, other)]
    for day in range(1, 15):
        await asyncio.gather(*(house.send(statement(f"p{n}", f"2026-03-{day:02}T1{n % 9}:00:00Z")) for n in range(8)))
    await sent(house, range(8), "2026-03-30T10:00:00Z")
    done.set()
    await asyncio.gather(*tasks)
    await keeping.refresh("default")
    after = await contributions(house)
    await rows(house, "UPDATE analytics.persons SET stale_from = date '2000-01-01'")
    await rows(house, "DELETE FROM analytics.person_months")
    await keeping.refresh("default")
    assert await contributions(house) == after
    assert len(after) == 8
    await keeping.release("default")
    assert (await released(house))["kinds"]["formal"][1] == 8 * 15


async def test_of_many_people_who_asks_waits_for_the_background(house, monkeypatch):
    monkeypatch.setattr(module, "_FEW_PEOPLE", 3)
    keeping = releasing(house)
    await sent(house, range(6))
    await keeping.ready("default", [MARCH])
    assert await rows(house, "SELECT FROM analytics.group_months") == []
    await keeping.refresh("default")
    await keeping.ready("default", [MARCH])  # nothing was released yet: then it is worth waiting for
    assert (await released(house))["people"] == 6
    await sent(house, [6])
    await keeping.ready("default", [MARCH])
    assert (await released(house))["people"] == 6
    task = asyncio.create_task(keeping.run())
    async with asyncio.timeout(10):
        while (await released(house))["people"] == 6:
            await asyncio.sleep(0.05)
    task.cancel()


@pytest.mark.parametrize("change", ["teams", "objections"])
async def test_what_else_a_release_rests_on_is_news(house, change):
    keeping = releasing(house)
    await sent(house, range(11))
    await keeping.refresh("default")
    await keeping.release("default")
    person = await house.person("p0")
    if change == "objections":
        await rows(house, "INSERT INTO access.objections (tenant, person) VALUES ('default', $1)", person)
    else:
        await rows(house, "INSERT INTO analytics.teams (tenant, team, name) VALUES ('default', 'a', 'A')")
        await rows(
            house,
            "INSERT INTO analytics.memberships (tenant, person, team, since) VALUES ('default', $1, 'a', $2)",
            person,
            date(2026, 1, 1),
        )
    await keeping.release("default")
    whole = await released(house)
    assert (whole["people"], whole["roster"]) == ((10, 0) if change == "objections" else (11, 1))

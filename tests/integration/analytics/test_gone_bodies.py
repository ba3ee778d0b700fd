"""The person's word holds of statements, too, that are not in the store: it lags, or their bodies have left."""

from datetime import UTC, datetime, timedelta

from tests.integration.analytics.statements import agent, statement

MINUTES = "SELECT day, class, minutes_us / 60000000 AS m FROM analytics.person_days WHERE minutes_us > 0 ORDER BY day"


async def rows(house):
    async with house.runtime.database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(MINUTES)]


async def test_a_correction_and_a_pause_about_statements_without_bodies(house):
    now = datetime.now(UTC)
    days = [now - timedelta(days=ago) for ago in (4, 3, 2)]
    both = {"objectType": "Group", "member": [agent("anna"), {"account": {"homePage": "https://h", "name": "anna"}}]}
    told = [statement("anna", day.isoformat(), "PT30M", actor=both) for day in days]
    await house.send(*told)
    anna = await house.person("anna")
    await house.told(f"/people/{anna}/mix")
    assert len(await rows(house)) == 6
    async with house.runtime.database.connection() as connection:
        assert await connection.execute("DELETE FROM ingest.statements") == "DELETE 3"
    path = f"/analytics/v1/people/{anna}"
    answer = await house.http.put(f"{path}/events/{told[0]['id']}/correction", json={"mode": "social", "minutes": 5})
    assert answer.status_code == 200
    answer = await house.http.put(f"{path}/pause", json={"since": (days[1] + timedelta(hours=1)).isoformat()})
    assert answer.status_code == 200
    mix = await house.told(f"/people/{anna}/mix")
    assert mix["minutes"] == {"formal": 30, "social": 5, "experiential": 0}
    assert sorted(row[1:] for row in await rows(house)) == [("formal", 30)] * 4 + [("social", 5)]

"""A tenant keeps the zone it was made with: the setting is the default for new ones (laws 4, 5)."""

from services.common.access import zones
from services.common.access.scopes import Scope
from tests.integration.analytics.conftest import running
from tests.integration.analytics.statements import statement


async def minutes(house) -> dict[str, float]:
    await house.told(f"/people/{await house.person('anna')}/mix")  # it waits until all that was sent is counted
    async with house.runtime.database.connection() as connection:
        rows = await connection.fetch("SELECT day::text, minutes_us / 60000000 AS m FROM analytics.person_days")
    return {row["day"]: row["m"] for row in rows}


async def test_another_setting_counts_no_minute_twice(database, caplog):
    over_midnight = statement("anna", "2026-03-02T23:20:00Z", "PT30M")  # it ends then; 10 minutes lie before
    more = statement("anna", "2026-03-03T09:00:00Z", "PT5M")
    async with running(database, time_zone="Europe/Amsterdam") as house:
        await house.send(over_midnight)
        assert await minutes(house) == {"2026-03-02": 10, "2026-03-03": 20}
    async with running(database, time_zone="Pacific/Auckland") as house:
        await house.send(more)
        assert await minutes(house) == {"2026-03-02": 10, "2026-03-03": 25}
        assert await zones.others(house.runtime.database, "Pacific/Auckland") == {"default": "Europe/Amsterdam"}
        headers = await house.credential(tenant="new")
        await house.send(statement("bob"), headers=headers)
        told = await house.told(f"/people/{await house.person('bob', headers)}/mix", headers)
        assert told["time_zone"] == "Pacific/Auckland"
    assert "leermix derivations start --time-zone" in caplog.text


async def test_a_tenant_of_an_older_version_is_given_the_setting_once(database):
    async with running(database, time_zone="Asia/Tokyo") as house:
        async with house.runtime.database.connection() as connection:
            await connection.execute("UPDATE access.tenants SET time_zone = NULL")
        await zones.pin(house.runtime.database, "Asia/Tokyo")
        await zones.pin(house.runtime.database, "Europe/Amsterdam")
        assert await zones.others(house.runtime.database, "UTC") == {"default": "Asia/Tokyo"}


async def test_a_tenant_that_has_no_source_yet_follows_the_setting(database):
    async with running(database) as house:
        async with house.runtime.database.connection() as connection:
            await connection.execute("INSERT INTO access.tenants (tenant, time_zone) VALUES ('empty', 'UTC')")
        await zones.pin(house.runtime.database, "Asia/Tokyo")
        assert await zones.others(house.runtime.database, "Asia/Tokyo") == {"default": "Europe/Amsterdam"}
        await house.credential(Scope.ALL, tenant="empty")
        assert await zones.others(house.runtime.database, "Europe/Amsterdam") == {"empty": "Asia/Tokyo"}

"""`leermix derivations` on the database of a running house: what is wrong is refused, and nothing is kept of it."""

import json

import pytest

from services.analytics.store import replays
from tests.integration.analytics.conftest import running
from tests.integration.analytics.statements import statement
from tests.integration.console.test_people import leermix


async def kept(house):
    async with house.runtime.database.connection() as connection:
        return [each["derivation"] for each in await replays.listed(connection)]


async def test_a_zone_that_nobody_knows_is_refused_before_anything_is_kept(database):
    async with running(database) as house:
        await house.send(statement("anna", "2026-03-02T10:00:00Z", "PT30M"))
        anna = await house.person("anna")
        for zone in ("Mars/X", "Europe", ""):
            _, told = await leermix(database, "derivations", "start", "--time-zone", zone, code=2)
            assert f"{zone!r} is no time zone; use a name such as Europe/Amsterdam" in told
            with pytest.raises(ValueError, match="is no time zone"):
                async with house.runtime.database.connection() as connection:
                    await replays.start(connection, "default", reason="a test", time_zone=zone)
        assert await kept(house) == [1]
        await house.send(statement("anna", "2026-03-03T10:00:00Z", "PT30M"))
        assert (await house.told(f"/people/{anna}/mix"))["lag"] == 0
        out, _ = await leermix(database, "derivations", "start", "--time-zone", "Asia/Tokyo", "--json")
        assert json.loads(out)["derivation"] == 2


async def test_what_is_not_there_cannot_be_compared(database):
    async with running(database) as house:
        await house.send(statement("anna", "2026-03-02T10:00:00Z", "PT30M"))
        await house.person("anna")
        out, told = await leermix(database, "derivations", "compare", "1", "99", code=1)
        assert "Derivation 99 of tenant default is not there" in told
        assert out == ""
        _, told = await leermix(database, "derivations", "compare", "1", "1", code=2)
        assert "Give two derivations" in told
        await leermix(database, "derivations", "start")
        out, _ = await leermix(database, "derivations", "compare", "1", "2", "--json")
        assert set(json.loads(out)["derivations"]) == {"1", "2"}

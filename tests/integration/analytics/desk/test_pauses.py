"""\"Not now\": what happens in a pause is not derived, and what was is taken back."""

from datetime import timedelta

import pytest

from services.analytics.domain.voice.additions import ADDED
from services.analytics.domain.voice.pauses import Pause
from services.analytics.store import voice
from tests.integration.analytics.desk.conftest import EPOCH, NOW


def us(moment):
    return (moment - EPOCH) // timedelta(microseconds=1)


async def held(desk, person):
    async with desk.database.connection() as connection:
        return (await voice.pauses(connection, [("default", person)])).get(("default", person), [])


async def test_a_pause_begins_now_and_ends_when_the_person_says_so(desk):
    anna = await desk.person("anna")
    path = f"/people/{anna}/pause"
    assert await desk.ask("GET", path) == {"paused": False, "pauses": []}
    told = await desk.ask("PUT", path)
    assert told == {"paused": True, "pauses": [{"since": "2026-03-20T12:00:00Z", "until": None}]}
    assert await held(desk, anna) == [Pause(us(NOW))]
    desk.now = NOW + timedelta(hours=2)
    assert await desk.ask("PUT", path) == told
    for _ in range(2):
        await desk.ask("DELETE", path, 204)
    ended = {"since": "2026-03-20T12:00:00Z", "until": "2026-03-20T14:00:00Z"}
    assert await desk.ask("GET", path) == {"paused": False, "pauses": [ended]}
    desk.now = NOW + timedelta(hours=3)
    assert len((await desk.ask("PUT", path))["pauses"]) == 2
    assert desk.rederived == []


async def test_what_was_derived_of_that_time_is_taken_back(desk):
    anna, bob = await desk.person("anna"), await desk.person("bob")
    inside = await desk.learned("anna", anna, at=NOW - timedelta(days=1))
    await desk.learned("anna", anna, at=NOW - timedelta(days=3))
    await desk.learned("anna", anna, at=NOW - timedelta(days=1), rule=ADDED)
    await desk.learned("bob", bob, at=NOW - timedelta(days=1))
    await desk.ask("PUT", f"/people/{anna}/pause", json={"since": "2026-03-18T12:00:00Z"})
    assert desk.rederived == [("default", inside)]


async def test_many_are_taken_back_in_portions(desk, monkeypatch):
    monkeypatch.setattr("services.analytics.api.voice.pauses._PORTION", 2)
    anna = await desk.person("anna")
    made = {("default", await desk.learned("anna", anna, at=NOW - timedelta(days=1))) for _ in range(5)}
    await desk.ask("PUT", f"/people/{anna}/pause", json={"since": "2026-03-18T12:00:00Z"})
    assert (set(desk.rederived), len(desk.rederived)) == (made, 5)


async def test_a_pause_that_lasts_may_be_made_to_begin_earlier(desk):
    anna = await desk.person("anna")
    await desk.ask("PUT", f"/people/{anna}/pause")
    told = await desk.ask("PUT", f"/people/{anna}/pause", json={"since": "2026-03-19T12:00:00Z"})
    assert told["pauses"] == [{"since": "2026-03-19T12:00:00Z", "until": None}]


async def test_pauses_of_whoever_was_merged_into_somebody_hold_on(desk):
    anna, phone, old = [await desk.person(name) for name in ("anna", "phone", "old")]
    await desk.ask("PUT", f"/people/{old}/pause")
    await desk.execute("UPDATE analytics.persons SET merged_into = $1 WHERE person = $2", phone, old)
    await desk.execute("UPDATE analytics.persons SET merged_into = $1 WHERE person = $2", anna, phone)
    assert await held(desk, anna) == [Pause(us(NOW))]


@pytest.mark.parametrize("since", ["2026-03-20T12:00:01Z", "2026-02-20T11:59:59Z"])
async def test_a_pause_begins_neither_later_nor_long_ago(desk, since):
    anna = await desk.person("anna")
    body = {"json": {"since": since}}
    assert await desk.refused("PUT", f"/people/{anna}/pause", 400, "invalid_value", **body) == "$.since"


async def test_only_the_person_pauses(desk):
    anna, bob = await desk.person("anna"), await desk.person("bob")
    for method in ("GET", "PUT", "DELETE"):
        await desk.refused(method, f"/people/{anna}/pause", 403, "forbidden", headers={"x-leermix-viewer": bob})

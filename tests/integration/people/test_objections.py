"""Who objects is told no figures, and nobody else is, from the very next answer on (law 9)."""

import asyncio
from uuid import UUID

import pytest

from schemas.reasons import Reason
from services.common.access import sight
from services.common.access.credentials import Caller
from services.common.access.scopes import Scope
from services.common.errors import Rejected
from tests.integration.people.test_imports import HEADER, TEAMS, mbox

SELF = {"x-leermix-viewer": "self"}


async def somebody(house, name="anna"):
    await house.take(HEADER, *TEAMS, f"{name};{name}@example.nl;;ICU")
    person = await house.who(mbox(name))
    async with asyncio.timeout(20):
        while (await next_of(house, person)).status_code == 404:
            await asyncio.sleep(0.02)
    return person


async def next_of(house, person, viewer="self"):
    return await house.http.get(f"/recommend/v1/people/{person}/next", headers={"x-leermix-viewer": viewer})


async def look(house, person, viewer=sight.SELF):
    caller = Caller("k", "default", "portal", "other", frozenset({Scope.PEOPLE_READ}))
    async with house.runtime.database.transaction() as connection:
        await sight.look(connection, caller, UUID(person), viewer, "mix")


async def object_to(house, person, method="PUT", **headers):
    answer = await house.http.request(method, f"/analytics/v1/people/{person}/objection", headers=SELF | headers)
    return answer.status_code


async def test_it_holds_in_the_very_next_answer_of_every_service_and_so_does_taking_it_back(house):
    person = await somebody(house)
    for _ in range(3):
        assert (await next_of(house, person)).status_code == 200
        await look(house, person)
        assert await object_to(house, person) == 204
        answer = await next_of(house, person)
        assert (answer.status_code, answer.json()["reason"]) == (403, "objected")
        for path in ("suggestions",):
            answer = await house.http.get(f"/recommend/v1/people/{person}/{path}", headers=SELF)
            assert (answer.status_code, answer.json()["reason"]) == (403, "objected")
        with pytest.raises(Rejected) as refused:
            await look(house, person)
        assert refused.value.reason is Reason.OBJECTED
        assert await object_to(house, person, "DELETE") == 204


async def test_it_is_for_the_person_alone_and_a_viewer_without_a_share_learns_nothing_of_it(house):
    anna, bob = await somebody(house), await somebody(house, "bob")
    assert await object_to(house, anna, **{"x-leermix-viewer": bob}) == 403
    assert await object_to(house, anna) == 204
    answer = await next_of(house, anna, bob)
    assert (answer.status_code, answer.json()["reason"]) == (403, "forbidden")
    assert (await house.get(f"/people/{anna}", 403, **{"x-leermix-viewer": bob}))["reason"] == "forbidden"
    assert (await next_of(house, bob)).status_code == 200


async def test_the_log_hears_of_it_once(house):
    person = await somebody(house)
    version = "SELECT version FROM analytics.persons WHERE person = $1"
    before = (await house.rows(version, person))[0][0]
    for _ in range(2):
        assert await object_to(house, person) == 204
    assert (await house.rows(version, person))[0][0] == before + 1


async def test_the_own_record_tells_of_teams_and_no_figures(house):
    person = await somebody(house)
    assert await object_to(house, person) == 204
    assert await house.get(f"/people/{person}", **SELF) == {
        "id": person,
        "identities": 2,
        "merged_into": None,
        "objected": True,
        "memberships": [
            {"team": "ICU", "role": None, "location": None, "relation": None, "since": "2026-03-20", "until": None}
        ],
    }
    assert (await house.get(f"/people/{person}", 400))["reason"] == "missing_parameter"

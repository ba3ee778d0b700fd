"""Who a person is, who may look, and who looked (law 9)."""

from uuid import uuid4

import pytest

from services.common.access.scopes import Scope
from tests.integration.analytics.statements import statement

MARCH = {"since": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}


async def two(house):
    await house.send(statement("anna"), statement("bob"))
    return await house.person("anna"), await house.person("bob")


def viewer(who):
    return {"x-leermix-viewer": who}


async def refused(answer, status, reason):
    assert (answer.status_code, answer.json()["reason"]) == (status, reason), answer.text


async def test_a_person_is_found_with_and_without_a_viewer(house):
    anna, bob = await two(house)
    assert anna != bob
    del house.http.headers["x-leermix-viewer"]
    assert await house.person("anna") == anna


async def test_whoever_cannot_be_found(house):
    await two(house)
    await refused(await house.get("/people", agent='{"mbox": "mailto:nobody@example.nl"}'), 404, "not_found")
    await refused(await house.get("/people", agent='{"mbox": "nobody"}'), 400, "invalid_parameter")
    await refused(await house.get("/people", agent="anna"), 400, "invalid_parameter")
    await refused(await house.get("/people"), 400, "missing_parameter")
    await refused(await house.get("/people", name="anna"), 400, "unknown_parameter")


async def test_scopes_and_tenants_keep_people_apart(house):
    anna, _ = await two(house)
    xapi = await house.credential(Scope.ALL, Scope.ANALYTICS_READ)
    for path in ("/people?agent={}", f"/people/{anna}/mix", f"/people/{anna}/looks"):
        await refused(await house.get(path, xapi), 403, "forbidden")
    elsewhere = await house.credential(tenant="elsewhere")
    for path in (f"/people/{anna}/mix", f"/people/{anna}/why", f"/people/{anna}/looks", f"/people/{uuid4()}/mix"):
        await refused(await house.get(path, elsewhere), 404, "not_found")
    await refused(await house.get("/people", elsewhere, agent='{"mbox": "mailto:anna@example.nl"}'), 404, "not_found")
    await refused(await house.get("/people", {"authorization": "none"}, agent="{}"), 401, "unauthenticated")


async def test_a_request_about_a_person_names_its_viewer(house):
    anna, _ = await two(house)
    del house.http.headers["x-leermix-viewer"]
    for path in ("mix", "why", "shares", "looks"):
        await refused(await house.get(f"/people/{anna}/{path}"), 400, "missing_parameter")
        await refused(await house.get(f"/people/{anna}/{path}", viewer("boss")), 400, "invalid_parameter")
        await refused(await house.get(f"/people/anna/{path}", viewer("self")), 400, "invalid_parameter")


async def test_sharing_lets_look_and_taking_it_back_holds_at_once(house):
    anna, bob = await two(house)
    await refused(await house.get(f"/people/{anna}/mix", viewer(bob)), 403, "forbidden")
    share = f"/analytics/v1/people/{anna}/shares/{bob}"
    for _ in range(2):
        assert (await house.http.put(share)).status_code == 204
    assert (await house.told(f"/people/{anna}/shares", viewer(anna)))["shares"] == [bob]
    for path in ("mix", "why"):
        assert (await house.get(f"/people/{anna}/{path}", viewer(bob))).status_code == 200
    assert (await house.get(f"/people/{bob}/mix", viewer(anna))).status_code == 403
    for _ in range(2):
        assert (await house.http.delete(share)).status_code == 204
    await refused(await house.get(f"/people/{anna}/mix", viewer(bob)), 403, "forbidden")
    assert (await house.told(f"/people/{anna}/shares"))["shares"] == []


async def test_only_the_person_shares_and_sees_who_looked(house):
    anna, bob = await two(house)
    await house.http.put(f"/analytics/v1/people/{anna}/shares/{bob}")
    for path in ("shares", "looks"):
        await refused(await house.get(f"/people/{anna}/{path}", viewer(bob)), 403, "forbidden")
    for method in ("PUT", "DELETE"):
        path = f"/analytics/v1/people/{anna}/shares"
        await refused(await house.http.request(method, f"{path}/{bob}", headers=viewer(bob)), 403, "forbidden")
        await refused(await house.http.request(method, f"{path}/{uuid4()}"), 404, "not_found")
        await refused(await house.http.request(method, f"{path}/bob"), 400, "invalid_parameter")
        other = f"/analytics/v1/people/{uuid4()}/shares/{bob}"
        await refused(await house.http.request(method, other), 404, "not_found")


async def test_every_look_is_kept_and_shown_to_the_person(house):
    anna, bob = await two(house)
    assert (await house.told(f"/people/{anna}/looks"))["looks"] == []
    await house.http.put(f"/analytics/v1/people/{anna}/shares/{bob}")
    await house.get(f"/people/{anna}/mix", **MARCH)
    await house.get(f"/people/{anna}/why", viewer(bob), **MARCH)
    await house.get(f"/people/{anna}/mix", viewer(anna), **MARCH)
    looks = (await house.told(f"/people/{anna}/looks"))["looks"]
    assert [(each["viewer"], each["what"]) for each in looks] == [("self", "mix"), (bob, "why"), ("self", "mix")]
    assert {each["source"] for each in looks} == {"app-lms"}
    earlier = await house.told(f"/people/{anna}/looks", before=looks[0]["at"], limit=1)
    assert earlier["looks"] == looks[1:2]
    assert (await house.told(f"/people/{bob}/looks"))["looks"] == []


@pytest.mark.parametrize("path", ["shares", "looks"])
async def test_unknown_parameters_are_refused(house, path):
    anna, _ = await two(house)
    await refused(await house.get(f"/people/{anna}/{path}", all="true"), 400, "unknown_parameter")

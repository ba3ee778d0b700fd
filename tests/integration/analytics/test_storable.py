"""U+0000, which no table holds, in an address: refused in the words of the place, nowhere a failure of ours."""

import pytest

NOTHING = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "path", ["roles/%00/mix", "locations/a%00b/mix", "teams/%00/trend", "people/%00/mix", "targets/%00"]
)
async def test_no_id_holds_it(house, path):
    method = "DELETE" if path.startswith("targets") else "GET"
    answer = await house.http.request(method, f"/analytics/v1/{path}")
    assert (answer.status_code, answer.json()["reason"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "name"),
    [("targets?of=%00", "of"), ("organisation/mix?source=a%00", "source"), ("people?agent=%00", "agent")],
)
async def test_no_parameter_holds_it(house, path, name):
    answer = await house.http.get(f"/analytics/v1/{path}")
    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid_parameter")
    assert answer.json()["path"] == f"?{name}"


@pytest.mark.parametrize("resource", ["Users", "Groups"])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_scim_says_so_in_its_own_shape(house, resource, method):
    answer = await house.http.request(method, f"/analytics/v1/scim/v2/{resource}/%00", json={})
    assert (answer.status_code, answer.json()["status"]) == (404, "404")
    answer = await house.http.get(f"/analytics/v1/scim/v2/{resource}", params={"filter": 'id eq "\x00"'})
    assert (answer.status_code, answer.json()["status"]) == (400, "400")


@pytest.mark.parametrize("name", ["id", "userName", "externalId", "displayName", "members.value"])
async def test_nor_is_anything_found_by_it_in_a_filter(house, name):
    for resource in ("Users", "Groups"):
        answer = await house.http.get(f"/analytics/v1/scim/v2/{resource}", params={"filter": f'{name} eq "\\u0000"'})
        assert answer.status_code in (200, 400), (resource, answer.text)


async def test_xapi_refuses_it_likewise(house):
    answer = await house.http.get("/xapi/statements", params={"statementId": f"{NOTHING}\x00"})
    assert answer.status_code == 400
    answer = await house.http.get("/xapi/statements", params={"verb": "http://example.nl/\x00"})
    assert answer.status_code == 400

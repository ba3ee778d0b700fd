"""SCIM as Entra ID and Okta speak it: their requests, word for word where it matters."""

from datetime import timedelta

import pytest

from services.common.access.scopes import Scope
from tests.integration.people.conftest import TODAY
from tests.integration.people.test_imports import mbox

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
HELD = "SELECT team, role, location, relation, since, until FROM analytics.memberships ORDER BY reference, since, team"


@pytest.fixture
async def scim(house):
    house.http.headers.update(await house.credential(Scope.PEOPLE_WRITE, bearer=True))

    async def speak(method, path, body=None, status=200, **headers):
        sent = {"content-type": "application/scim+json"} | headers
        answer = await house.http.request(method, f"/analytics/v1/scim/v2{path}", json=body, headers=sent)
        assert answer.status_code == status, answer.text
        if status == 204:
            return None
        assert answer.headers["content-type"] == "application/scim+json"
        return answer.json()

    return speak


def entra(name="anna", **more):
    """A User as Entra ID makes one."""
    return {
        "schemas": [USER, ENTERPRISE],
        "externalId": f"ext-{name}",
        "userName": f"{name}@example.nl",
        "active": True,
        "displayName": "Anna de Vries",
        "emails": [{"primary": True, "type": "work", "value": f"{name}@example.nl"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Anna de Vries", "familyName": "de Vries", "givenName": "Anna"},
        "roles": [],
        "title": "nurse",
        ENTERPRISE: {"employeeNumber": "1001", "department": "ICU", "manager": {"value": "x"}},
    } | more


async def patch(scim, path, *operations, status=200, **headers):
    return await scim("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, status, **headers)


async def test_entra_looks_a_user_up_makes_it_and_changes_it(house, scim):
    empty = await scim("GET", '/Users?filter=userName eq "anna@example.nl"')
    assert (empty["totalResults"], empty["Resources"]) == (0, [])
    made = await scim("POST", "/Users", entra(), 201)
    user = made["id"]
    assert made["meta"]["location"] == f"http://leermix.test/analytics/v1/scim/v2/Users/{user}"
    assert "Vries" not in str(made)
    assert await house.who(mbox("anna")) is not None
    assert await house.rows(HELD) == [("ICU", "nurse", None, None, TODAY, None)]
    found = await scim("GET", '/Users?filter=userName eq "ANNA@example.nl"')
    assert [each["id"] for each in found["Resources"]] == [user]
    house.clock.now += timedelta(days=3)
    changed = await patch(
        scim,
        f"/Users/{user}",
        {"op": "Replace", "path": f"{ENTERPRISE}:department", "value": "ER"},
        {"op": "Add", "path": 'addresses[type eq "work"].locality', "value": "Delft"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "a.devries@example.nl"},
        {"op": "Replace", "path": "name.familyName", "value": "Jansen"},
    )
    assert changed[ENTERPRISE]["department"] == "ER"
    assert changed["emails"] == [{"value": "a.devries@example.nl", "type": "work", "primary": True}]
    day = TODAY + timedelta(days=3)
    assert await house.rows(HELD) == [
        ("ICU", "nurse", None, None, TODAY, day), ("ER", "nurse", "Delft", None, day, None),
    ]  # fmt: skip
    assert await house.who(mbox("a.devries")) is not None
    assert await house.who(mbox("anna")) is None
    assert "Jansen" not in str(await house.rows("SELECT * FROM analytics.roster"))


async def test_entra_disables_with_a_word_enables_again_and_deletes(house, scim):
    user = (await scim("POST", "/Users", entra(), 201))["id"]
    person = await house.who(mbox("anna"))
    gone = await patch(scim, f"/Users/{user}", {"op": "Replace", "path": "active", "value": "False"})
    assert gone["active"] is False
    assert (await scim("GET", f"/Users/{user}"))["active"] is False
    assert await house.rows("SELECT count(*) FROM analytics.memberships WHERE until IS NULL") == [(0,)]
    back = await patch(scim, f"/Users/{user}", {"op": "replace", "value": {"active": True}})
    assert back["active"] is True
    await scim("DELETE", f"/Users/{user}", status=204)
    for method in ("GET", "DELETE"):
        told = await scim(method, f"/Users/{user}", status=404)
        assert (told["schemas"], told["status"]) == (["urn:ietf:params:scim:api:messages:2.0:Error"], "404")
    kept = await house.rows("SELECT resource::text, identities, active, person::text FROM analytics.roster")
    assert kept == [("{}", [], False, person)]
    assert await house.who(mbox("anna")) == person
    again = await scim("POST", "/Users", entra(), 201)
    assert again["active"] is True
    assert await house.who(mbox("anna")) == person


async def test_okta_makes_replaces_and_deactivates(house, scim):
    okta = {
        "schemas": [USER],
        "userName": "bob@example.nl",
        "name": {"givenName": "Bob", "familyName": "Bakker"},
        "emails": [{"primary": True, "value": "bob@example.nl", "type": "work"}],
        "displayName": "Bob Bakker",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }
    empty = await scim("GET", "/Users?filter=userName%20eq%20%22bob%40example.nl%22&startIndex=1&count=100")
    assert empty["totalResults"] == 0
    made = await scim("POST", "/Users", okta, 201)
    assert "password" not in made
    replaced = await scim("PUT", f"/Users/{made['id']}", made | {"title": "planner"})
    assert replaced["title"] == "planner"
    off = await patch(scim, f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})
    assert off["active"] is False
    told = await scim("POST", "/Users", okta, 409)
    assert told["scimType"] == "uniqueness"
    assert (await scim("GET", "/Users?startIndex=1&count=1"))["itemsPerPage"] == 1


async def test_groups_are_teams_and_members_come_and_go(house, scim):
    anna, bob = [(await scim("POST", "/Users", entra(name), 201))["id"] for name in ("anna", "bob")]
    group = {"schemas": [GROUP], "externalId": "g/1", "displayName": "Night shift", "members": []}
    made = await scim("POST", "/Groups", group, 201)
    assert (made["id"], made["members"]) == ("g/1", [])
    one = f"/Groups/{made['meta']['location'].rpartition('/')[2]}"
    house.clock.now += timedelta(days=1)
    day = TODAY + timedelta(days=1)
    await patch(scim, one, {"op": "Add", "path": "members", "value": [{"value": anna}, {"value": bob}]})
    found = await scim("GET", '/Groups?filter=displayName eq "night shift"')
    assert [member["value"] for member in found["Resources"][0]["members"]] == [anna, bob]
    found = await scim("GET", '/Groups?excludedAttributes=members&filter=displayName eq "Night shift"')
    assert "members" not in found["Resources"][0]
    assert (await scim("GET", f"/Users/{anna}"))["groups"][0]["value"] == "g/1"
    told = await scim("GET", f'/Groups?filter=id eq "g/1" and members eq "{bob}"&attributes=id')
    assert told["Resources"] == [{"schemas": [GROUP], "id": "g/1", "meta": made["meta"]}]
    held = "SELECT team, until FROM analytics.memberships WHERE reference = $1 ORDER BY since, team"
    assert await house.rows(held, "ext-anna") == [("ICU", day), ("g/1", None)]
    house.clock.now += timedelta(days=1)
    day += timedelta(days=1)
    await patch(scim, one, {"op": "Remove", "path": "members", "value": [{"value": anna}]})
    await patch(scim, one, {"op": "remove", "path": f'members[value eq "{bob}"]'})
    assert (await scim("GET", one))["members"] == []
    assert (await house.rows(held, "ext-anna"))[1:] == [("g/1", day), ("ICU", None)]
    await patch(scim, one, {"op": "replace", "value": {"id": "g/1", "displayName": "Nights"}})
    assert (await scim("GET", one))["displayName"] == "Nights"
    await scim("PUT", one, {"schemas": [GROUP], "displayName": "Nights", "members": [{"value": bob}]})
    await scim("DELETE", one, status=204)
    await scim("GET", one, status=404)
    assert (await house.rows(held, "ext-bob"))[-1] == ("ICU", None)
    assert await house.rows("SELECT removed FROM analytics.teams WHERE team = 'g/1'") == [(True,)]


async def test_a_user_whose_reference_came_by_a_file_is_taken_over(house, scim):
    house.http.headers.update(await house.credential())
    await house.take("reference;mbox;team", ";;ICU", "ext-anna;anna@example.nl;ICU")
    person = await house.who(mbox("anna"))
    house.http.headers.update(await house.credential(Scope.PEOPLE_WRITE, bearer=True))
    assert (await scim("GET", '/Users?filter=externalId eq "ext-anna"'))["totalResults"] == 0
    await scim("POST", "/Users", entra(), 201)
    assert await house.who(mbox("anna")) == person
    assert await house.rows("SELECT count(*) FROM analytics.roster") == [(1,)]


async def test_the_reference_without_an_external_id_is_the_employee_number(house, scim):
    sent = entra()
    del sent["externalId"]
    await scim("POST", "/Users", sent, 201)
    assert await house.rows("SELECT reference FROM analytics.roster") == [("1001",)]


async def test_a_dry_run_tells_what_would_be_and_changes_nothing(house, scim):
    dry = {"X-Leermix-Dry-Run": "true"}
    made = await scim("POST", "/Users", entra(), 201, **dry)
    assert made["userName"] == "anna@example.nl"
    assert await house.rows("SELECT count(*) FROM analytics.roster") == [(0,)]
    user = (await scim("POST", "/Users", entra(), 201))["id"]
    before = await house.roster()
    gone = await patch(scim, f"/Users/{user}", {"op": "replace", "path": "active", "value": False}, **dry)
    assert gone["active"] is False
    await scim("DELETE", f"/Users/{user}", status=204, **dry)
    await scim("POST", "/Groups", {"displayName": "X", "externalId": "x"}, 201, **dry)
    assert await house.roster() == before


async def test_the_same_again_changes_nothing(house, scim):
    user = (await scim("POST", "/Users", entra(), 201))["id"]
    before = await house.roster()
    await scim("PUT", f"/Users/{user}", entra())
    await patch(scim, f"/Users/{user}", {"op": "replace", "value": {"title": "nurse", "active": "True"}})
    assert await house.roster() == before


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind"),
    [
        ("POST", "/Users", {"schemas": [USER]}, 400, "invalidValue"),
        ("POST", "/Users", entra(emails=[{"value": "anna@"}]), 400, "invalidValue"),
        ("POST", "/Users", entra(active="perhaps"), 400, "invalidValue"),
        ("GET", '/Users?filter=userName co "a"', None, 400, "invalidFilter"),
        ("GET", '/Users?filter=nickName eq "a"', None, 400, "invalidFilter"),
        ("GET", "/Users?count=many", None, 400, "invalidValue"),
        ("POST", "/Groups", {"schemas": [GROUP]}, 400, "invalidValue"),
        ("POST", "/Groups", {"displayName": "x", "members": [{"value": "nobody"}]}, 400, "invalidValue"),
        ("PATCH", "/Users/nobody", {"Operations": []}, 404, None),
        ("GET", "/Users/nobody", None, 404, None),
        ("GET", "/Groups/none", None, 404, None),
        ("GET", "/Schemas/none", None, 404, None),
        ("POST", "/Users", [], 400, "invalidSyntax"),
    ],
)
async def test_refusals_have_scims_shape(scim, method, path, body, status, kind):
    told = await scim(method, path, body, status)
    assert told["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert (told["status"], told.get("scimType")) == (str(status), kind)


async def test_a_wrong_patch_is_refused_whole(house, scim):
    user = (await scim("POST", "/Users", entra(), 201))["id"]
    before = await house.roster()
    for wrong in (
        {"op": "rename", "path": "title", "value": "x"}, {"op": "replace", "path": "a b", "value": "x"},
        {"op": "remove"}, {"op": "replace", "value": "x"}, {"op": "replace", "path": 'emails[type co "w"].value'},
        {"op": "remove", "path": "userName"},
    ):  # fmt: skip
        await patch(scim, f"/Users/{user}", {"op": "replace", "path": "title", "value": "y"}, wrong, status=400)
    assert await house.roster() == before


async def test_scim_needs_its_scope_and_sees_its_tenant_alone(house, scim):
    user = (await scim("POST", "/Users", entra(), 201))["id"]
    other = await house.credential(Scope.PEOPLE_WRITE, tenant="elsewhere")
    assert (await scim("GET", "/Users", **other))["totalResults"] == 0
    await scim("GET", f"/Users/{user}", status=404, **other)
    reader = await house.credential(Scope.PEOPLE_READ, Scope.ALL)
    assert (await scim("GET", "/Users", status=403, **reader))["status"] == "403"
    assert (await scim("GET", "/Users", status=401, authorization="Bearer nothing"))["status"] == "401"


async def test_what_is_supported_is_told(scim):
    assert (await scim("GET", "/ServiceProviderConfig"))["patch"] == {"supported": True}
    kinds = await scim("GET", "/ResourceTypes")
    assert [each["id"] for each in kinds["Resources"]] == ["User", "Group"]
    assert (await scim("GET", "/ResourceTypes/User"))["schema"] == USER
    assert (await scim("GET", f"/Schemas/{USER}"))["id"] == USER
    assert (await scim("GET", "/Schemas"))["totalResults"] == 3

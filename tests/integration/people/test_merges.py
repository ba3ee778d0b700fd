"""Two persons made one, and two again: identities, entries of the roster, objections."""

import asyncio
from uuid import uuid4

from tests.integration.people.test_imports import HEADER, TEAMS, account, mbox


async def two(house):
    return await house.person(mbox("anna")), await house.person(account("anna"))


async def merge(house, kept, merged):
    return (await house.post(f"/people/{kept}/merges", {"merged": merged}, 201))["merge"]


async def test_identities_and_events_move_and_come_back(house):
    anna, other = await two(house)
    before = await house.roster()
    made = await house.post(f"/people/{anna}/merges", {"merged": other}, 201)
    assert (made["kept"], made["merged"], made["identities"], made["undone"]) == (anna, other, 1, None)
    assert await house.who(account("anna")) == anna
    assert (await house.events_of(anna), await house.events_of(other)) == (2, 0)
    assert (await house.get(f"/people/{other}", **{"x-leermix-viewer": "self"}))["merged_into"] == anna
    assert await house.get("/merges") == {"merges": [made]}
    undone = await house.post(f"/merges/{made['merge']}/undo")
    assert undone["undone"] is not None
    assert await house.get("/merges") == {"merges": [undone]}
    assert await house.who(account("anna")) == other
    assert (await house.events_of(anna), await house.events_of(other)) == (1, 1)
    after = await house.roster()
    assert after[3] == before[3]
    assert (await house.get(f"/people/{other}", **{"x-leermix-viewer": "self"}))["merged_into"] is None
    assert [persons for _, persons in house.moved] == [{anna, other}, {anna, other}]


async def test_what_cannot_be_merged(house):
    anna, other = await two(house)
    third = await house.person(mbox("carol"))
    refused = [
        (anna, anna, 400), (anna, str(uuid4()), 404), (str(uuid4()), anna, 404), (anna, "other", 400),
    ]  # fmt: skip
    for kept, merged, status in refused:
        await house.post(f"/people/{kept}/merges", {"merged": merged}, status)
    made = await merge(house, anna, other)
    for kept, merged in ((third, other), (other, third), (anna, other)):
        told = await house.post(f"/people/{kept}/merges", {"merged": merged}, 409)
        assert anna in told["detail"]
    await house.post(f"/merges/{made}/undo")
    await house.post(f"/merges/{made}/undo", status=409)
    await house.post(f"/merges/{uuid4()}/undo", status=404)


async def test_chains_give_back_exactly_what_each_merge_moved_in_any_order(house):
    for order in ((0, 1), (1, 0)):
        names = [f"{name}{order[0]}" for name in ("a", "b", "c")]
        a, b, c = [await house.person(mbox(name)) for name in names]
        merges = [await merge(house, b, c), await merge(house, a, b)]
        assert {await house.who(mbox(name)) for name in names} == {a}
        told = await house.post(f"/people/{a}/merges", {"merged": c}, 409)
        assert a in told["detail"]
        for place in order:
            await house.post(f"/merges/{merges[place]}/undo")
        assert [await house.who(mbox(name)) for name in names] == [a, b, c]
        assert [await house.events_of(person) for person in (a, b, c)] == [1, 1, 1]
        again = await merge(house, a, c)
        assert await house.who(mbox(names[2])) == a
        await house.post(f"/merges/{again}/undo")
        assert await house.who(mbox(names[2])) == c
    listed = (await house.get(f"/merges?person={c}"))["merges"]
    assert len(listed) == 2
    assert all(each["undone"] for each in listed)


async def test_what_came_after_a_merge_stays_with_who_was_kept(house):
    anna, other = await two(house)
    made = await merge(house, anna, other)
    await house.take(HEADER, *TEAMS, "1001;anna@example.nl;https://lms.example.nl|anna2;ICU")
    await house.post(f"/merges/{made}/undo")
    assert await house.who(account("anna2")) == anna
    assert await house.who(account("anna")) == other


async def test_memberships_go_with_their_entry_and_come_back(house):
    await house.take(HEADER, *TEAMS, "1001;anna@example.nl;;ICU", "1002;anna.b@example.nl;;ORG")
    anna, other = await house.who(mbox("anna")), await house.who(mbox("anna.b"))
    made = await merge(house, anna, other)
    held = "SELECT team FROM analytics.memberships WHERE person = $1 ORDER BY team"
    assert await house.rows(held, anna) == [("ICU",), ("ORG",)]
    told = await house.take(HEADER, "1001;anna@example.nl;;ICU", "1002;anna.b@example.nl;;ORG")
    assert {name: number for name, number in told["counts"].items() if number} == {"people_unchanged": 2}
    await house.post(f"/merges/{made}/undo")
    assert await house.rows(held, anna) == [("ICU",)]
    assert await house.rows(held, other) == [("ORG",)]


async def test_a_merge_of_many_at_once_and_their_undoing_meet_no_deadlock(house):
    people = [await house.person(mbox(f"p{number}")) for number in range(8)]
    pairs = [(one, other) for one in people for other in people if one != other]
    answers = await asyncio.gather(
        *(house.http.post(f"/analytics/v1/people/{a}/merges", json={"merged": b}) for a, b in pairs)
    )
    done = [answer.json()["merge"] for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} == {201, 409}
    assert len(done) == 7
    await asyncio.gather(*(house.http.post(f"/analytics/v1/merges/{made}/undo") for made in done))
    assert [await house.who(mbox(f"p{number}")) for number in range(8)] == people
    assert await house.rows("SELECT count(*) FROM analytics.persons WHERE merged_into IS NOT NULL") == [(0,)]


async def test_an_objection_of_ones_own_stays_when_a_merge_is_undone(house):
    anna, other = await two(house)
    own = {"x-leermix-viewer": "self"}
    await house.http.put(f"/analytics/v1/people/{other}/objection", headers=own)
    made = await merge(house, anna, other)
    await house.http.put(f"/analytics/v1/people/{anna}/objection", headers=own)
    await house.post(f"/merges/{made}/undo")
    assert (await house.get(f"/people/{anna}", **own))["objected"]


async def test_an_objection_comes_along_and_goes_again(house):
    anna, other = await two(house)
    objection = f"/analytics/v1/people/{other}/objection"
    assert (await house.http.put(objection, headers={"x-leermix-viewer": "self"})).status_code == 204
    made = await merge(house, anna, other)
    own = {"x-leermix-viewer": "self"}
    assert (await house.get(f"/people/{anna}", **own))["objected"]
    assert (await house.http.put(objection, headers=own)).status_code == 409
    await house.post(f"/merges/{made}/undo")
    assert not (await house.get(f"/people/{anna}", **own))["objected"]
    assert (await house.get(f"/people/{other}", **own))["objected"]

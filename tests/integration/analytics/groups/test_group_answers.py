"""Groups over HTTP, from statements to answers: what is told, what is not, and that it follows (law 9; MIX.md 3)."""

import asyncio
from pathlib import Path
from urllib.parse import quote

import pytest

import services.analytics
from services.common.access.scopes import Scope
from tests.integration.analytics.statements import statement

MIX = "/organisation/mix"
SOCIAL = {"verb": {"id": "http://adlnet.gov/expapi/verbs/commented"}}
COURSE = {
    "object": {
        "id": "https://lms.example.nl/course/2",
        "definition": {"type": "http://adlnet.gov/expapi/activities/course"},
    }
}
VAGUE = {"verb": {"id": "https://example.nl/verbs/did"}, "object": {"id": "https://example.nl/things/1"}}


async def send(house, people, kind="lms", at="2026-03-02T10:00:00Z", **more):
    await house.send(*(statement(f"p{n}", at, **more) for n in people), headers=await house.credential(kind=kind))


async def team(house, name, people, parent=None):
    """Put people, by the numbers of their names, into a team that is new."""
    ids = [await house.person(f"p{n}") for n in people]
    async with house.runtime.database.connection() as connection:
        await connection.execute(
            "INSERT INTO analytics.teams (tenant, team, name, parent) VALUES ('default', $1, $2, $3)",
            name,
            name.title(),
            parent,
        )
        await connection.execute(
            "INSERT INTO analytics.memberships (tenant, person, team, since) "
            "SELECT 'default', unnest($1::uuid[]), $2, date '2026-01-01'",
            ids,
            name,
        )


async def test_five_people_are_a_figure_and_four_are_not(house):
    await send(house, range(4))
    hidden = await house.told(MIX, month="2026-03")
    assert hidden["hidden"] is True
    assert not {"minutes", "people"} & hidden.keys()
    assert hidden["because"] == (await house.told(MIX, month="2026-02"))["because"]
    await send(house, [4], at="2026-03-31T20:00:00Z")
    told = await house.told(MIX, month="2026-03")
    assert (told["hidden"], told["people"], told["minutes"]["formal"]) == (False, 5, 150)
    assert (told["visible"], told["share"]) == ({"formal": True, "social": False, "experiential": False}, None)
    # 22:30 UTC on the last of March is April in Amsterdam.
    await send(house, [5], at="2026-03-31T22:30:00Z", duration="PT10M")
    assert (await house.told(MIX, month="2026-03"))["people"] == 5


@pytest.mark.parametrize("name", ["a/b c?d", "a/mix", "a%2Fb", "/a/"])
async def test_a_team_role_or_location_of_whatever_name_has_an_address(house, name):
    await send(house, range(5))
    await team(house, name, range(5))
    async with house.runtime.database.connection() as connection:
        await connection.execute("UPDATE analytics.memberships SET role = team, location = team")
    where = quote(name, safe="")
    for path in (f"teams/{where}/mix", f"roles/{where}/mix", f"locations/{where}/mix", f"teams/{where}/sight"):
        told = await house.told(f"/{path}", month="2026-03")
        assert told["group"]["id"] == name
    trend = await house.told(f"/teams/{where}/trend", **{"from": "2026-03", "until": "2026-03"})
    assert (trend["group"]["id"], trend["months"][0]["people"]) == (name, 5)
    answer = await house.get(f"/teams/{where}/mix", month="2026-03", format="csv")
    assert "/" not in answer.headers["content-disposition"]


async def test_nobody_is_called_nothing(house):
    await send(house, range(5))
    for path in ("teams//mix", "teams//trend", "roles//mix", "locations//mix"):
        assert (await house.get(f"/{path}")).status_code == 404


async def test_teams_of_4_6_and_5_are_a_pool_of_9_a_6_and_the_sum(house):
    await send(house, range(15))
    await team(house, "a", range(4))
    await team(house, "b", range(4, 10))
    await team(house, "c", range(10, 15))
    whole = await house.told(MIX, month="2026-03")
    assert (whole["people"], whole["roster"], whole["minutes"]["formal"]) == (15, 15, 450)
    assert (await house.told("/teams/b/mix", month="2026-03"))["people"] == 6
    for small, other in ("ac", "ca"):
        pool = await house.told(f"/teams/{small}/mix", month="2026-03")
        assert (pool["hidden"], pool["people"], pool["minutes"]["formal"]) == (False, 9, 270)
        assert pool["pooled_with"] == [{"kind": "team", "id": other, "name": other.title()}]
        assert "only together with other teams" in pool["because"]
        assert (await house.told(f"/teams/{small}/why", month="2026-03"))["hidden"] is True
    assert (await house.get("/teams/d/mix", month="2026-03")).status_code == 404


async def imported(house, teams):
    """Import people, by the numbers of their names, with their team and its parent."""
    lines = ["reference;mbox;team;team_parent", *sorted({f";;{parent};" for _, parent, _ in teams if parent})]
    lines += [f"{n};p{n}@example.nl;{name};{parent}" for name, parent, people in teams for n in people]
    answer = await house.http.post(
        "/analytics/v1/people/import",
        params={"since": "2026-01-01"},
        content="\n".join(lines),
        headers={"content-type": "text/csv"},
    )
    assert answer.status_code == 200, answer.text


async def rosters(house, *nodes):
    return [(await house.told(f"{node}/mix", month="2026-03"))["roster"] for node in nodes]


async def test_who_did_not_learn_is_on_the_roster_from_the_first_telling_on(house):
    await send(house, range(12))
    # Six of each ward learn; nobody of the kitchen, the office, nor who has no team.
    wards = [("w1", "care", range(6)), ("w2", "care", range(6, 12))]
    await imported(
        house, [*wards, ("kitchen", "care", range(12, 15)), ("office", "", range(15, 20)), ("", "", range(20, 23))]
    )
    nodes = ("/organisation", "/teams/care", "/teams/w1", "/teams/w2")
    assert await rosters(house, *nodes) == [23, 15, 6, 6]
    for nobody in ("kitchen", "office"):
        assert (await house.told(f"/teams/{nobody}/mix", month="2026-03"))["pooled_with"] == []
    async with house.runtime.database.connection() as connection:
        objecting = "INSERT INTO access.objections (tenant, person) VALUES ('default', $1)"
        await connection.execute(objecting, await house.person("p17"))
        await connection.execute(objecting, await house.person("p3"))
    assert await rosters(house, *nodes) == [23, 15, 6, 6]
    assert (await house.told("/teams/care/sight", month="2026-03"))["roster"] == 15
    await imported(house, [("kitchen", "care", [30])])
    assert await rosters(house, *nodes) == [24, 16, 6, 6]


async def test_people_on_no_roster_are_not_seen_of_it(house):
    await send(house, range(10))
    await imported(house, [("a", "", range(20, 30))])
    told = await house.told(MIX, month="2026-03")
    assert (told["people"], told["roster"], told["seen"]) == (10, 10, 0)
    await send(house, range(20, 26))
    told = await house.told(MIX, month="2026-03")
    # Six are new and the others are not: the first number of those on the roster is no longer that of all people.
    assert (told["people"], told["roster"], told["seen"]) == (16, 10, None)
    csv = await house.get(MIX, month="2026-03", format="csv")
    assert "seen" in csv.text.splitlines()[0].split(",")


async def test_what_was_told_follows_only_when_five_people_have_something_new(house):
    await send(house, range(9))
    assert (await house.told(MIX, month="2026-03"))["minutes"]["formal"] == 270
    await send(house, range(4), at="2026-03-09T10:00:00Z")
    told = await house.told(MIX, month="2026-03")
    assert told["minutes"]["formal"] == 270
    await send(house, [4], at="2026-03-09T10:00:00Z")
    told = await house.told(MIX, month="2026-03")
    assert told["minutes"]["formal"] == 420
    assert told["events"]["formal"] == 14


async def test_until_anybody_was_told_nothing_binds(house):
    await send(house, range(9))
    await house.told(MIX, month="2026-02")
    await team(house, "a", range(4))
    await send(house, [0], at="2026-03-09T10:00:00Z")
    assert (await house.told(MIX, month="2026-03"))["minutes"]["formal"] == 300


async def test_who_objects_is_in_no_first_release_and_five_leave_together(house):
    await send(house, range(12))
    ids = [await house.person(f"p{n}") for n in range(7)]
    async with house.runtime.database.connection() as connection:
        objecting = "INSERT INTO access.objections (tenant, person) SELECT 'default', unnest($1::uuid[])"
        await connection.execute(objecting, ids[:2])
        assert (await house.told(MIX, month="2026-03"))["people"] == 10
        await connection.execute(objecting, ids[2:6])
        assert (await house.told(MIX, month="2026-03"))["people"] == 10
        await connection.execute(objecting, ids[6:])
    told = await house.told(MIX, month="2026-03")
    assert (told["people"], told["minutes"]["formal"]) == (5, 150)


async def test_a_mode_of_a_few_is_not_told_and_what_stands_beside_is_withheld_alone(house):
    await send(house, range(6))
    await send(house, range(2), kind="other", **VAGUE)
    told = await house.told(MIX, month="2026-03")
    assert (told["hidden"], told["unclassified"], told["not_learning"]) == (False, None, 0)
    await send(house, range(4), kind="social", at="2026-02-09T10:00:00Z", duration=None, **SOCIAL)
    await send(house, range(6), at="2026-02-02T10:00:00Z")
    told = await house.told(MIX, month="2026-02")
    assert told["hidden"] is True
    assert told["because"].startswith("social: fewer than 5 people")
    assert told["minutes"] == {"formal": 180, "social": None, "experiential": 0}


async def test_a_source_is_told_where_it_is_of_five_and_so_is_the_rest(house):
    await send(house, range(10))
    await send(house, range(5, 12), kind="other", at="2026-03-09T10:00:00Z", **COURSE)
    await send(house, range(2), kind="coaching", at="2026-03-16T10:00:00Z", duration="PT10M", **COURSE)
    lms = await house.told(MIX, month="2026-03", source="app-lms")
    assert (lms["hidden"], lms["minutes"]["formal"], lms["coverage"]["formal"]) == (False, 300, None)
    # Coaching is of two; alone with the next smallest it is of five or more, so that one is not told either.
    assert (await house.told(MIX, month="2026-03", source="app-coaching"))["hidden"] is True
    assert (await house.told(MIX, month="2026-03", source="app-other"))["hidden"] is True
    assert (await house.told(MIX, month="2026-03", source="none"))["hidden"] is True


async def test_why_ends_at_rules_sight_at_sources_and_quartiles_need_twenty(house):
    await send(house, range(20))
    await send(house, range(6), kind="social", at="2026-03-09T10:00:00Z", duration=None, **SOCIAL)
    why = await house.told("/organisation/why", month="2026-03")
    assert {(each["mode"], each["events"]) for each in why["rules"]} == {("formal", 20), ("social", 6)}
    assert why["other"] == {"formal": 0, "social": 0, "experiential": 0, "unclassified": 0}
    sight = await house.told("/organisation/sight", month="2026-03")
    assert sight["modes"]["experiential"] == {"visible": False, "sources": []}
    assert sight["modes"]["social"]["sources"] == [{"source": "app-social", "kind": "social", "reaches_at_least": 5}]
    assert sight["modes"]["formal"]["sources"][0]["reaches_at_least"] == 20
    quartiles = await house.told("/organisation/distribution", month="2026-03")
    assert quartiles["quartiles"]["formal"] == {"lower": 30, "median": 30, "upper": 30}
    assert quartiles["quartiles"]["social"] is None


async def test_a_trend_tells_month_by_month_and_marks_sources(house):
    await send(house, range(6), at="2026-01-05T10:00:00Z")
    for month in ("2026-02", "2026-03"):
        await send(house, range(6), at=f"{month}-05T10:00:00Z")
        await send(house, range(6), kind="social", at=f"{month}-06T10:00:00Z", duration=None, **SOCIAL)
    trend = await house.told("/organisation/trend", **{"from": "2025-12", "until": "2026-03"})
    assert [each["hidden"] for each in trend["months"]] == [True, False, False, False]
    assert trend["marks"] == [{"month": "2026-02", "what": "source_joined", "of": "app-social"}]
    assert (await house.get("/organisation/trend", **{"from": "2026-04", "until": "2026-03"})).status_code == 400


async def test_roles_and_locations_are_told_where_nobody_is_singled_out(house):
    await send(house, range(16))
    ids = [await house.person(f"p{n}") for n in range(16)]
    async with house.runtime.database.connection() as connection:
        await connection.execute("INSERT INTO analytics.teams VALUES ('default', 'a', 'A', NULL)")
        await connection.execute(
            "INSERT INTO analytics.memberships (tenant, person, team, role, location, since) "
            "SELECT 'default', person, 'a', CASE WHEN n < 7 THEN 'nurse' WHEN n < 14 THEN 'doctor' ELSE 'other' END, "
            "CASE WHEN n % 2 = 0 THEN 'north' ELSE 'south' END, date '2026-01-01' "
            "FROM unnest($1::uuid[], $2::int[]) AS each (person, n)",
            ids,
            list(range(16)),
        )
    nurses = await house.told("/roles/nurse/mix", month="2026-03")
    assert (nurses["people"], nurses["minutes"]["formal"], nurses["events"]["formal"]) == (7, 210, None)
    # The two others would be singled out by the whole minus nurses and doctors: the smaller name joins them.
    assert (await house.told("/roles/doctor/mix", month="2026-03"))["hidden"] is True
    assert (await house.told("/roles/other/mix", month="2026-03"))["hidden"] is True
    # North and south would cut seven nurses into four and three.
    assert (await house.told("/locations/north/mix", month="2026-03"))["hidden"] is True
    assert (await house.get("/roles/nurse/mix", month="2026-03", by="events")).status_code == 400


async def test_it_needs_the_scope_for_groups_and_knows_its_parameters(house):
    people = await house.credential(Scope.PEOPLE_READ)
    for path in (MIX, "/organisation/trend", "/organisation/why", "/organisation/sight", "/roles/nurse/mix"):
        assert (await house.get(path, people)).status_code == 403
        assert (await house.get(path, week="1")).status_code == 400
    assert (await house.told(MIX))["hidden"] is True


@pytest.mark.parametrize("params", [{"month": "2026-13"}, {"month": "2026-3"}, {"by": "hours"}])
async def test_values_that_are_none_are_refused(house, params):
    assert (await house.get(MIX, **params)).status_code == 400


async def test_tenants_do_not_add_up(house):
    await send(house, range(3))
    elsewhere = await house.credential(tenant="elsewhere")
    await house.send(*(statement(f"p{n}") for n in range(5)), headers=elsewhere)
    assert (await house.told(MIX, month="2026-03"))["hidden"] is True
    assert (await house.told(MIX, elsewhere, month="2026-03"))["people"] == 5


async def test_the_models_stand_in_the_documentation(house):
    schema = (await house.http.get("/openapi.json")).json()
    assert {"GroupMix", "GroupHidden", "Trend", "Sight", "Distribution"} <= schema["components"]["schemas"].keys()


async def test_bands_stand_beside_a_group_and_what_is_around_it(house):
    for hour, kind in enumerate(("lms", "social", "job_aid")):
        await send(house, range(10), kind, f"2026-03-02T1{hour}:00:00Z")
    await team(house, "a", range(5))
    await team(house, "b", range(5, 10))
    common = {"theme": "t", "reason": "r", "owner": "hr", "since": "2026-03-01", "until": "2026-03-16"}
    for scope, of, low in (("organisation", "", 40), ("team", "a", 10)):
        wanted = common | {"scope": scope, "of": of, "bands": {"formal": {"low": low, "high": 50}}}
        made = await house.http.post("/analytics/v1/targets", json={k: v for k, v in wanted.items() if v != ""})
        assert made.status_code == 201, made.text
    whole = await house.told(MIX, month="2026-03")
    assert whole["target"]["formal"] == {"low": 40, "high": 50, "days": 15}
    assert (whole["gap"]["formal"], whole["context"]) == (pytest.approx(100 / 3 - 40, abs=0.01), [])
    told = await house.told("/teams/a/mix", month="2026-03")
    assert (told["gap"]["formal"], told["context"][0]["scope"]) == (0, "organisation")
    assert (await house.told("/teams/b/mix", month="2026-03"))["target"] is None
    assert (await house.told(MIX, month="2026-02"))["hidden"] is True
    trend = await house.told("/teams/a/trend", **{"from": "2026-02", "until": "2026-04"})
    assert [(mark["month"], mark["what"], mark["of"]) for mark in trend["marks"] if "target" in mark["what"]] == [
        ("2026-03", "target_began", "a"),
        ("2026-03", "target_ended", "a"),
    ]


async def test_an_import_and_an_objection_after_the_statements_are_summed_up_anew(house):
    """East of Greenwich, where the beginning of all dates lies before the first one."""
    await send(house, range(8))
    assert (await house.told(MIX, month="2026-03"))["people"] == 8
    rows = ["reference,mbox,team,team_name,since", *(f"r{n},p{n}@example.nl,a,A,2026-01-01" for n in range(8)), ""]
    done = await house.http.post(
        "/analytics/v1/people/import", content="\n".join(rows), headers={"content-type": "text/csv"}
    )
    assert done.status_code == 200, done.text
    assert (await house.told("/teams/a/mix", month="2026-04"))["hidden"] is True
    objection = await house.http.put(f"/analytics/v1/people/{await house.person('p0')}/objection")
    assert objection.status_code in (200, 204)
    assert (await house.told(MIX, month="2026-03"))["people"] == 8


@pytest.mark.parametrize(("users", "registry"), [(3, 0), (9, 1)])
async def test_a_month_that_was_told_goes_over_to_another_registry_whole_or_waits_whole(house, users, registry):
    manual = {"object": {"id": "https://manual.example.nl/1"}}
    await send(house, range(12))
    await send(house, range(users), at="2026-03-03T10:00:00Z", duration="PT10M", **manual)
    before = await house.told(MIX, month="2026-03")
    assert (before["minutes"]["formal"], before["registry"]) == (12 * 30 + users * 10, 0)
    entry = {"id_prefix": "https://manual.example.nl/", "mode": "experiential"}
    assert (await house.http.post("/analytics/v1/registry/things", json=entry)).status_code < 300
    one = f"/people/{await house.person('p0')}/mix"
    async with asyncio.timeout(30):
        while (await house.told(one))["registry"] != 1:
            await asyncio.sleep(0.05)
    told, why = await house.told(MIX, month="2026-03"), await house.told("/organisation/why", month="2026-03")
    aids = users * 10 * registry
    assert told["minutes"] == {"formal": 12 * 30 + users * 10 - aids, "social": 0, "experiential": aids}
    assert (told["registry"], told["partly_read_by"]) == (registry, [])
    assert before["waits_for"] is None
    assert told["waits_for"] == (None if registry else f"{told['rule_set']}+r1")
    counted = {mode: sum(each["events"] for each in why["rules"] if each["mode"] == mode) for mode in told["minutes"]}
    assert {mode: counted[mode] + why["other"][mode] for mode in counted} == told["events"]
    assert why["registry"] == registry
    trend = await house.told("/organisation/trend", **{"from": "2026-03", "until": "2026-03"})
    assert trend["months"][0]["registry"] == registry
    # A month of which nobody was told is read as it is served.
    await send(house, range(6), at="2026-02-03T10:00:00Z", **manual)
    trend = await house.told("/organisation/trend", **{"from": "2026-02", "until": "2026-03"})
    marks = [mark for mark in trend["marks"] if mark["what"] == "registry"]
    assert marks == ([] if registry else [{"month": "2026-03", "what": "registry", "of": "0"}])


async def test_a_month_that_an_earlier_version_told_is_told_as_it_was(house):
    await send(house, range(6))
    told = await house.told(MIX, month="2026-03")
    migration = Path(services.analytics.__file__).parent / "migrations" / "0003_read_by.sql"
    async with house.runtime.database.transaction() as connection:
        await connection.execute("UPDATE analytics.release_rows SET figures = figures - 'read_by'")
        await connection.execute("UPDATE analytics.group_months SET whole = whole - 'read_by'")
        await connection.execute(migration.read_text())
    again = await house.told(MIX, month="2026-03")
    assert again["minutes"]["formal"] == told["minutes"]["formal"] == 180
    assert (again["rule_set"], again["registry"]) == (told["rule_set"], told["registry"])
    await send(house, range(6), at="2026-03-03T10:00:00Z")
    assert (await house.told(MIX, month="2026-03"))["minutes"]["formal"] == 360


async def test_of_a_month_that_an_earlier_version_told_the_roster_is_counted_anew(house):
    await send(house, range(6))
    await imported(house, [("a", "", range(6)), ("b", "", range(6, 9))])
    assert await rosters(house, "/organisation", "/teams/a") == [9, 6]
    migration = Path(services.analytics.__file__).parent / "migrations" / "0005_roster.sql"
    async with house.runtime.database.transaction() as connection:
        await connection.execute("ALTER TABLE analytics.releases ADD COLUMN roster integer NOT NULL DEFAULT 6")
        await connection.execute("ALTER TABLE analytics.group_months DROP COLUMN roster")
        await connection.execute("""UPDATE analytics.group_months SET whole = whole || '{"roster": 6}'""")
        await connection.execute(migration.read_text())
    assert await rosters(house, "/organisation", "/teams/a") == [9, 6]

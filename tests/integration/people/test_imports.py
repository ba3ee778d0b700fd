"""HR files over HTTP: dry run, run, and again."""

from datetime import timedelta

from services.common.access.scopes import Scope
from tests.integration.people.conftest import TODAY

HEADER = "reference;mbox;account;team;team_name;team_parent;role;since;until;active"
TEAMS = (";;;ORG;Hospital;;;;;", ";;;ICU;Intensive care;ORG;;;;")


def mbox(name):
    return {"mbox": f"mailto:{name}@example.nl"}


def account(name):
    return {"account": {"homePage": "https://lms.example.nl", "name": name}}


def anna(**changed):
    cells = {"mbox": "anna@example.nl", "account": "https://lms.example.nl|anna", "team": "ICU"} | changed
    return ";".join(["1001", *(cells.get(name, "") for name in HEADER.split(";")[1:])])


async def test_a_dry_run_changes_nothing_a_run_does_and_again_nothing(house):
    before = await house.roster()
    shown = await house.take(HEADER, *TEAMS, anna(), dry_run="true")
    assert await house.roster() == before
    told = await house.take(HEADER, *TEAMS, anna())
    assert (shown["dry_run"], told["dry_run"]) == (True, False)
    assert shown["counts"] == told["counts"]
    counts = {name: number for name, number in told["counts"].items() if number}
    assert counts == {"people_added": 1, "identities_linked": 3, "memberships_opened": 1, "teams_added": 2}
    assert told["changes"][0]["reference"] == "1001"
    assert "anna" not in str(told)
    after = await house.roster()
    again = await house.take(HEADER, *TEAMS, anna())
    assert {name: number for name, number in again["counts"].items() if number} == {"people_unchanged": 1}
    assert await house.roster() == after


async def test_who_learned_before_is_the_person_of_the_reference(house):
    person = await house.person(mbox("anna"))
    await house.take(HEADER, *TEAMS, anna())
    for agent in (mbox("anna"), account("anna")):
        assert await house.who(agent) == person
    sha1 = {"mbox_sha1sum": "c3ca3b38ac07b4b34eb3ab5cd3ee4ef4ab8b7b32"}
    assert await house.who(sha1) is None
    assert await house.rows("SELECT count(*) FROM analytics.identities WHERE origin = 'alias'") == [(1,)]
    assert house.moved == []


async def test_two_histories_are_proposed_and_never_joined_in_silence(house):
    by_mbox, by_account = await house.person(mbox("anna")), await house.person(account("anna"))
    told = await house.take(HEADER, *TEAMS, anna())
    assert told["matches"] == [
        {"reference": "1001", "other": by_account, "reason": "same_reference", "identity": "account"}
    ]
    assert await house.who(account("anna")) == by_account
    assert (await house.take(HEADER, *TEAMS, anna()))["counts"]["matches_proposed"] == 0
    (match,) = (await house.get("/matches"))["matches"]
    assert {match["one"], match["other"]} == {by_mbox, by_account}
    decided = await house.post(f"/matches/{match['match']}/confirm")
    assert (decided["kept"], decided["merged"]) == (by_mbox, by_account)
    assert await house.who(account("anna")) == by_mbox
    assert (await house.get("/matches"))["matches"] == []
    await house.post(f"/matches/{match['match']}/reject", status=409)


async def test_who_was_rejected_is_not_proposed_again(house):
    await house.person(mbox("anna"))
    await house.person(account("anna"))
    await house.take(HEADER, *TEAMS, anna())
    (match,) = (await house.get("/matches"))["matches"]
    assert (await house.post(f"/matches/{match['match']}/reject"))["state"] == "rejected"
    assert (await house.take(HEADER, *TEAMS, anna()))["counts"]["matches_proposed"] == 0
    assert (await house.get("/matches"))["matches"] == []
    assert len((await house.get("/matches?state=rejected"))["matches"]) == 1


async def test_an_mbox_and_its_sha1_with_a_history_each_are_one_at_once(house):
    import hashlib

    sha1 = {"mbox_sha1sum": hashlib.sha1(b"mailto:anna@example.nl").hexdigest()}
    by_mbox, by_sha1 = await house.person(mbox("anna")), await house.person(sha1)
    told = await house.take(HEADER, *TEAMS, anna())
    assert told["counts"]["aliases_merged"] == 1
    assert await house.who(sha1) == by_mbox
    assert await house.events_of(by_mbox) == 2
    assert [(each["kept"], each["merged"]) for each in (await house.get("/merges"))["merges"]] == [(by_mbox, by_sha1)]
    assert (await house.take(HEADER, *TEAMS, anna()))["counts"]["aliases_merged"] == 0


async def test_an_identity_nobody_used_goes_where_it_is_said_to_be(house):
    await house.take(HEADER, *TEAMS, anna(), "1002;bob@example.nl;;ICU")
    bob = await house.who(mbox("bob"))
    told = await house.take(HEADER, anna(account=""), "1002;bob@example.nl;https://lms.example.nl|anna;ICU")
    assert (told["counts"]["identities_moved"], told["counts"]["identities_unlinked"]) == (1, 0)
    assert await house.who(account("anna")) == bob
    told = await house.take(HEADER, "1002;bob@example.nl;;ICU")
    assert told["counts"]["identities_unlinked"] == 1
    assert await house.who(account("anna")) is None


async def test_an_identity_with_history_stays_where_its_history_is(house):
    await house.take(HEADER, *TEAMS, anna(), "1002;bob@example.nl;;ICU")
    person = await house.who(account("anna"))
    await house.learned(person, account("anna"))
    told = await house.take(HEADER, anna(account=""))
    assert (told["counts"]["identities_kept"], told["counts"]["identities_unlinked"]) == (1, 0)
    assert await house.who(account("anna")) == person
    told = await house.take(HEADER, "1002;bob@example.nl;https://lms.example.nl|anna;ICU")
    assert told["counts"]["matches_proposed"] == 1
    assert await house.who(account("anna")) == person


async def test_teams_move_in_time_and_who_is_not_in_a_complete_file_has_left(house):
    await house.take(HEADER, *TEAMS, anna(since="2025-01-01"), "1002;bob@example.nl;;ICU")
    house.clock.now += timedelta(days=10)
    told = await house.take(HEADER, ";;;ER;First aid;ORG", anna(team="ER", since="2025-01-01"))
    assert (told["counts"]["memberships_closed"], told["counts"]["memberships_opened"]) == (1, 1)
    moved = TODAY + timedelta(days=10)
    held = "SELECT team, since, until FROM analytics.memberships WHERE reference = $1 ORDER BY since"
    assert await house.rows(held, "1001") == [("ICU", TODAY.replace(2025, 1, 1), moved), ("ER", moved, None)]
    told = await house.take(HEADER, anna(team="ER"), complete="true")
    assert (told["counts"]["people_left"], told["counts"]["memberships_closed"]) == (1, 1)
    assert await house.rows("SELECT active, identities FROM analytics.roster WHERE reference = '1002'") == [(False, [])]
    assert await house.who(mbox("bob")) is not None
    told = await house.take(HEADER, anna(team="ER"), complete="true")
    assert {name: number for name, number in told["counts"].items() if number} == {"people_unchanged": 2}
    told = await house.take(HEADER, "1002;bob@example.nl;;ICU")
    assert told["counts"]["people_returned"] == 1


async def test_everything_that_is_wrong_is_told_with_its_place_and_nothing_is_taken(house):
    before = await house.roster()
    told = await house.take(
        HEADER, "1001;anna@;;ICU;;;;31-2-2026", "1002;bob@example.nl;;ICU;;ORG", "1003;bob@example.nl", status=400
    )
    assert (told["reason"], told["problems"]) == ("invalid_file", 3)
    assert [(each["line"], each["column"]) for each in told["errors"]] == [(2, "mbox"), (2, "since"), (4, "mbox")]
    told = await house.take(HEADER, "1002;bob@example.nl;;ICU;;NOWHERE", status=400)
    assert [(each["line"], each["column"]) for each in told["errors"]] == [(2, "team_parent")]
    told = await house.take(HEADER, ";;;A;;B", ";;;B;;A", status=400)
    assert [each["line"] for each in told["errors"]] == [2, 3]
    assert await house.roster() == before


async def test_an_import_needs_its_scope_and_stays_in_its_tenant(house):
    reader = await house.credential(Scope.ALL, Scope.PEOPLE_READ, Scope.ANALYTICS_READ)
    for method, path in (("POST", "/people/import"), ("GET", "/matches"), ("GET", "/merges")):
        answer = await house.http.request(method, f"/analytics/v1{path}", headers=reader)
        assert (answer.status_code, answer.json()["reason"]) == (403, "forbidden")
    await house.take(HEADER, *TEAMS, anna())
    house.http.headers.update(await house.credential(tenant="elsewhere"))
    assert (await house.get("/teams"))["teams"] == []
    assert (await house.take(HEADER, *TEAMS, anna()))["counts"]["people_added"] == 1
    assert len(await house.rows("SELECT DISTINCT person FROM analytics.roster")) == 2


async def test_teams_are_told_as_a_tree(house):
    await house.take(HEADER, *TEAMS, anna())
    assert (await house.get("/teams"))["teams"] == [
        {"team": "ICU", "name": "Intensive care", "parent": "ORG", "removed": False},
        {"team": "ORG", "name": "Hospital", "parent": None, "removed": False},
    ]
    told = await house.take(HEADER, ";;;ICU;Intensive;", dry_run="true")
    assert told["teams"] == [{"team": "ICU", "change": ["renamed", "moved"]}]


async def test_likely_matches_are_found_by_names_of_accounts(house):
    by_account, by_case = await house.person(account("anna")), await house.person(mbox("carol"))
    await house.take(
        HEADER, *TEAMS, "1001;anna@example.nl", "1002;Carol@example.nl", "1003;bob@example.nl;https://x.nl|q"
    )
    assert await house.post("/matches") == {"proposed": 1}
    assert await house.post("/matches", {"home_pages": ["https://lms.example.nl"]}) == {"proposed": 1}
    assert await house.post("/matches", {"home_pages": ["https://lms.example.nl"]}) == {"proposed": 0}
    found = (await house.get("/matches"))["matches"]
    assert [(each["reason"], each["reference"]) for each in found] == [
        ("address_case", "1002"), ("account_name", "1001"),
    ]  # fmt: skip
    assert by_case in (found[0]["one"], found[0]["other"])
    assert by_account in (found[1]["one"], found[1]["other"])

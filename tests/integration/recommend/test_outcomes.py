"""What came of a suggestion, who may tell and who may look, and what is refused."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.common.access.scopes import Scope
from services.common.access.sight import share, unshare
from services.recommend import catalogue as shipped
from services.recommend.domain.catalogue import load
from services.recommend.domain.suggestion import Outcome

from .conftest import Recommend


async def test_an_outcome_closes_the_suggestion_once(recommend: Recommend) -> None:
    person = await recommend.somebody()
    first = (await recommend.next(person)).json()["suggestion"]
    told = await recommend.tell(person, first, "accepted")
    assert told.status_code == 200, told.text
    assert told.json()["outcome"] == "accepted"
    again = await recommend.tell(person, first, "accepted")
    assert again.json() == told.json()
    other = await recommend.tell(person, first, "not_now")
    assert other.status_code == 409
    assert other.json()["reason"] == "conflict"
    assert (await recommend.tell(person, first, "done")).json()["outcome"] == "done"
    assert (await recommend.tell(person, first, "accepted")).status_code == 409

    second = (await recommend.next(person)).json()
    assert second["new"] is True
    assert second["suggestion"] != first


@pytest.mark.parametrize("outcome", list(Outcome))
async def test_every_outcome_can_be_told(recommend: Recommend, outcome: Outcome) -> None:
    person = await recommend.somebody()
    suggestion = (await recommend.next(person)).json()["suggestion"]
    assert (await recommend.tell(person, suggestion, outcome.value)).json()["outcome"] == outcome


async def test_of_two_outcomes_at_once_the_first_wins(recommend: Recommend) -> None:
    person = await recommend.somebody()
    suggestion = (await recommend.next(person)).json()["suggestion"]
    async with recommend.runtime.database.transaction() as connection:
        await connection.execute("UPDATE recommend.suggestions SET outcome = 'not_now', outcome_at = now()")
        telling = asyncio.create_task(recommend.tell(person, suggestion, "done"))
        await asyncio.sleep(0.3)
        assert not telling.done()
    assert (await telling).status_code == 409


async def test_an_outcome_may_come_after_a_day(recommend: Recommend) -> None:
    person = await recommend.somebody()
    suggestion = (await recommend.next(person)).json()["suggestion"]
    await recommend.execute("UPDATE recommend.suggestions SET offered_at = offered_at - $1::interval", timedelta(2))
    assert (await recommend.tell(person, suggestion, "done")).status_code == 200


async def test_only_the_person_tells(recommend: Recommend) -> None:
    person, coach = await recommend.somebody(), uuid4()
    suggestion = (await recommend.next(person)).json()["suggestion"]
    async with recommend.runtime.database.transaction() as connection:
        await share(connection, "default", person, coach)
    assert (await recommend.tell(person, suggestion, "done", viewer=str(coach))).status_code == 403
    assert (await recommend.tell(person, suggestion, "done", viewer=str(person))).status_code == 200


async def test_a_viewer_needs_the_persons_share_in_that_very_request(recommend: Recommend) -> None:
    person, coach = await recommend.somebody(), uuid4()
    assert (await recommend.next(person, str(coach))).status_code == 403
    assert (await recommend.history(person, str(coach))).status_code == 403
    assert (await recommend.fetch("SELECT * FROM recommend.suggestions")) == []
    async with recommend.runtime.database.transaction() as connection:
        await share(connection, "default", person, coach)
    assert (await recommend.next(person, str(coach))).status_code == 200
    assert (await recommend.history(person, str(coach))).status_code == 200
    async with recommend.runtime.database.transaction() as connection:
        await unshare(connection, "default", person, coach)
    assert (await recommend.next(person, str(coach))).status_code == 403


async def test_each_look_is_kept(recommend: Recommend) -> None:
    person, coach = await recommend.somebody(), uuid4()
    async with recommend.runtime.database.transaction() as connection:
        await share(connection, "default", person, coach)
    suggestion = (await recommend.next(person)).json()["suggestion"]
    await recommend.history(person, str(coach))
    await recommend.history(person, str(uuid4()))  # refused: no look
    await recommend.tell(person, suggestion, "not_now", viewer=str(person))
    looks = await recommend.fetch("SELECT person, viewer, source, what FROM access.looks ORDER BY at")
    assert [(row["person"], row["viewer"], row["source"], row["what"]) for row in looks] == [
        (person, "self", "portal", "next suggestion"),
        (person, str(coach), "portal", "suggestions"),
        (person, "self", "portal", "outcome of a suggestion"),
    ]


async def test_the_history_is_newest_first(recommend: Recommend) -> None:
    person = await recommend.somebody()
    made = []
    for _ in range(3):
        made.append((await recommend.next(person)).json()["suggestion"])
        await recommend.tell(person, made[-1], "done")
    all_of_them = (await recommend.history(person)).json()["suggestions"]
    assert [each["suggestion"] for each in all_of_them] == made[::-1]
    assert all(each["outcome"] == "done" and each["outcome_at"] for each in all_of_them)
    two = (await recommend.history(person, limit=2)).json()["suggestions"]
    assert [each["suggestion"] for each in two] == made[:0:-1]
    assert (await recommend.history(await recommend.somebody())).json() == {"suggestions": []}


async def test_the_catalogue(recommend: Recommend) -> None:
    told = (await recommend.http.get("/recommend/v1/catalogue")).json()
    shipped_one = load(shipped.text())
    assert told["version"] == shipped_one.version
    assert [each["id"] for each in told["interventions"]] == [each.id for each in shipped_one.interventions]
    assert all(each["preconditions"] is not None for each in told["interventions"])


async def test_the_scope_is_needed(recommend: Recommend) -> None:
    person = await recommend.somebody()
    theirs = await recommend.header(Scope.ALL, Scope.PEOPLE_READ, Scope.ANALYTICS_READ)
    assert (await recommend.next(person, **theirs)).status_code == 403
    assert (await recommend.http.get("/recommend/v1/catalogue", headers=theirs)).status_code == 403
    assert (await recommend.next(person, authorization="")).status_code == 401


@pytest.mark.parametrize(
    ("path", "headers", "reason"),
    [
        ("people/{id}/next", {}, "missing_parameter"),
        ("people/{id}/next", {"X-Leermix-Viewer": "me"}, "invalid_parameter"),
        ("people/{id}/next?mode=formal", {"X-Leermix-Viewer": "self"}, "unknown_parameter"),
        ("people/nobody/next", {"X-Leermix-Viewer": "self"}, "invalid_parameter"),
        ("people/{id}/suggestions?limit=0", {"X-Leermix-Viewer": "self"}, "invalid_parameter"),
        ("people/{id}/suggestions?limit=many", {"X-Leermix-Viewer": "self"}, "invalid_parameter"),
        ("people/{id}/suggestions?limit=1&limit=2", {"X-Leermix-Viewer": "self"}, "invalid_parameter"),
        ("catalogue?version=1", {}, "unknown_parameter"),
    ],
)
async def test_malformed_requests_are_refused(
    recommend: Recommend, path: str, headers: dict[str, str], reason: str
) -> None:
    answer = await recommend.http.get(f"/recommend/v1/{path.format(id=uuid4())}", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (400, reason)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b"\xff\xfe", "malformed_json"),
        (b"[" * 5_000, "malformed_json"),
        (b"[]", "invalid_value"),
        (b"{}", "invalid_value"),
        (b'{"outcome": "loved it"}', "invalid_value"),
        (b'{"outcome": null}', "invalid_value"),
        (b'{"outcome": "done", "why": "I did"}', "invalid_value"),
    ],
)
async def test_malformed_outcomes_are_refused(recommend: Recommend, body: bytes, reason: str) -> None:
    answer = await _put(recommend, uuid4(), uuid4(), body)
    assert (answer.status_code, answer.json()["reason"]) == (400, reason)


async def test_unknown_suggestions_and_large_bodies(recommend: Recommend) -> None:
    person, other = await recommend.somebody(), await recommend.somebody()
    suggestion = (await recommend.next(other)).json()["suggestion"]
    assert (await _put(recommend, person, suggestion, b'{"outcome": "done"}')).status_code == 404
    assert (await _put(recommend, person, "one", b'{"outcome": "done"}')).status_code == 400
    assert (await _put(recommend, other, suggestion, b" " * 10_001)).status_code == 413
    assert (await _put(recommend, other, suggestion, b'{"outcome": "done"}')).status_code == 200


async def test_the_doors_are_documented(recommend: Recommend) -> None:
    paths = (await recommend.http.get("/openapi.json")).json()["paths"]
    assert {path for path in paths if path.startswith("/recommend/")} == {
        "/recommend/v1/catalogue",
        "/recommend/v1/people/{person}/next",
        "/recommend/v1/people/{person}/suggestions",
        "/recommend/v1/people/{person}/suggestions/{suggestion}/outcome",
    }


async def _put(recommend: Recommend, person: Any, suggestion: Any, body: bytes) -> Any:
    return await recommend.http.put(
        f"/recommend/v1/people/{person}/suggestions/{suggestion}/outcome",
        content=body,
        headers={"X-Leermix-Viewer": "self"},
    )

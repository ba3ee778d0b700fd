"""The statements resource: what is accepted is kept, the first one wins, and each refusal names its word and place."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import orjson

from services.common.access.scopes import Scope

from .conftest import Lrs, running


def statement(**changes: Any) -> dict[str, Any]:
    return {
        "actor": {"mbox": "mailto:an@example.com"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": "http://example.com/course"},
    } | changes


async def test_a_post_is_readable_at_once_and_complete(lrs: Lrs) -> None:
    answer = await lrs.post(statement())
    assert answer.status_code == 200, answer.text
    (statement_id,) = answer.json()
    kept = (await lrs.get(statementId=statement_id)).json()
    assert kept["id"] == statement_id
    assert kept["version"] == "1.0.0"
    assert kept["timestamp"] == kept["stored"]
    assert kept["authority"]["account"]["homePage"].startswith("http")


async def test_authority_and_stored_are_ours_and_version_is_theirs(lrs: Lrs) -> None:
    sent = statement(
        id=str(uuid4()),
        version="1.0.2",
        stored="2001-01-01T00:00:00Z",
        timestamp="2026-01-02T03:04:05.678+01:00",
        authority={"mbox": "mailto:root@example.com"},
    )
    assert (await lrs.post([sent])).json() == [sent["id"]]
    kept = (await lrs.get(statementId=sent["id"])).json()
    assert kept["version"] == "1.0.2"
    assert kept["stored"] > "2026"
    assert kept["timestamp"] == sent["timestamp"]
    assert kept["authority"]["name"] == "app"


async def test_ids_come_back_in_order(lrs: Lrs) -> None:
    ids = [str(uuid4()) for _ in range(50)]
    answer = await lrs.post([statement(id=each) for each in ids])
    assert answer.json() == ids


async def test_the_same_again_is_fine_and_another_is_a_conflict(lrs: Lrs) -> None:
    first = statement(id=str(uuid4()))
    assert (await lrs.post(first)).status_code == 200
    assert (await lrs.post(first)).status_code == 200
    answer = await lrs.post([statement(id=str(uuid4())), first | {"object": {"id": "http://example.com/other"}}])
    assert answer.status_code == 409
    assert answer.json()["reason"] == "conflict"
    assert answer.json()["ids"] == [first["id"]]
    page = (await lrs.get()).json()["statements"]
    assert [each["id"] for each in page] == [first["id"]]


async def test_racing_contents_under_one_id_leave_one_and_tell_the_others(lrs: Lrs) -> None:
    shared = str(uuid4())
    answers = await asyncio.gather(
        *(lrs.post(statement(id=shared, object={"id": f"http://example.com/{n}"})) for n in range(10))
    )
    assert sorted(each.status_code for each in answers) == [200] + [409] * 9
    winner = next(n for n, each in enumerate(answers) if each.status_code == 200)
    kept = (await lrs.get(statementId=shared)).json()
    assert kept["object"]["id"] == f"http://example.com/{winner}"


async def test_a_batch_is_refused_whole_with_the_place_of_what_is_wrong(lrs: Lrs) -> None:
    answer = await lrs.post([statement(), statement(actor={"mbox": "an@example.com"})])
    assert answer.status_code == 400
    assert answer.json()["path"] == "$[1].actor.mbox"
    assert "an@example.com" not in answer.text
    assert (await lrs.get()).json()["statements"] == []


async def test_put_needs_its_id_and_answers_204(lrs: Lrs) -> None:
    wanted = str(uuid4())
    put = await lrs.http.put("/xapi/statements", params={"statementId": wanted}, json=statement())
    assert put.status_code == 204, put.text
    assert (await lrs.get(statementId=wanted)).json()["id"] == wanted
    other = await lrs.http.put("/xapi/statements", params={"statementId": wanted}, json=statement(id=str(uuid4())))
    assert (other.status_code, other.json()["reason"]) == (400, "id_mismatch")
    without = await lrs.http.put("/xapi/statements", json=statement())
    assert (without.status_code, without.json()["reason"]) == (400, "missing_parameter")


async def test_a_voided_statement_is_found_only_as_voided(lrs: Lrs) -> None:
    target, by = str(uuid4()), str(uuid4())
    voiding = statement(
        id=by,
        verb={"id": "http://adlnet.gov/expapi/verbs/voided"},
        object={"objectType": "StatementRef", "id": target},
    )
    assert (await lrs.post(voiding)).status_code == 200  # before its target: that one is voided when it comes
    assert (await lrs.post(statement(id=target))).status_code == 200
    assert (await lrs.get(statementId=target)).status_code == 404
    assert (await lrs.get(voidedStatementId=target)).json()["id"] == target
    assert [each["id"] for each in (await lrs.get()).json()["statements"]] == [by]


async def test_a_voiding_statement_cannot_be_voided(lrs: Lrs) -> None:
    target, by, again = (str(uuid4()) for _ in range(3))
    verb = {"id": "http://adlnet.gov/expapi/verbs/voided"}
    for each, aim in ((target, None), (by, target), (again, by)):
        changes = {"verb": verb, "object": {"objectType": "StatementRef", "id": aim}} if aim else {}
        assert (await lrs.post(statement(id=each, **changes))).status_code == 200
    assert (await lrs.get(statementId=by)).status_code == 200
    assert (await lrs.get(statementId=target)).status_code == 404


async def test_more_walks_through_everything_newest_first(lrs: Lrs) -> None:
    ids = [(await lrs.post(statement())).json()[0] for _ in range(7)]
    seen, answer = [], await lrs.get(limit=3)
    while True:
        page = answer.json()
        seen += [each["id"] for each in page["statements"]]
        if not page["more"]:
            break
        answer = await lrs.http.get(page["more"])
    assert seen == ids[::-1]
    oldest = (await lrs.get(limit=7, ascending="true")).json()["statements"]
    assert [each["id"] for each in oldest] == ids
    since = (await lrs.get(since=oldest[2]["stored"], until=oldest[4]["stored"], ascending="true")).json()
    assert [each["id"] for each in since["statements"]] == ids[3:5]


async def test_tenants_do_not_see_each_other(lrs: Lrs) -> None:
    shared = str(uuid4())
    assert (await lrs.post(statement(id=shared))).status_code == 200
    theirs = await lrs.credential(tenant="elsewhere")
    answer = await lrs.http.get("/xapi/statements", params={"statementId": shared}, headers={"authorization": theirs})
    assert answer.status_code == 404
    other = statement(id=shared, object={"id": "http://example.com/other"})
    assert (await lrs.post(other, authorization=theirs)).status_code == 200


async def test_scopes_hold(lrs: Lrs) -> None:
    writer = await lrs.credential(Scope.STATEMENTS_WRITE)
    assert (await lrs.post(statement(), authorization=writer)).status_code == 200
    answer = await lrs.http.get("/xapi/statements", headers={"authorization": writer})
    assert (answer.status_code, answer.json()["reason"]) == (403, "forbidden")
    figures = await lrs.credential(Scope.PEOPLE_READ)
    assert (await lrs.post(statement(), authorization=figures)).status_code == 403
    own = await lrs.credential(Scope.STATEMENTS_WRITE, Scope.STATEMENTS_READ_MINE)
    mine = (await lrs.post(statement(), authorization=own)).json()
    seen = (await lrs.http.get("/xapi/statements", headers={"authorization": own})).json()["statements"]
    assert [each["id"] for each in seen] == mine


async def test_wrong_credentials_are_401_with_the_version_header(lrs: Lrs) -> None:
    for authorization in ("", "Basic !!", "Bearer x", "Basic YTpi"):
        answer = await lrs.post(statement(), authorization=authorization)
        assert (answer.status_code, answer.json()["reason"]) == (401, "unauthenticated")
        assert answer.headers["x-experience-api-version"] == "1.0.3"
        assert "x-experience-api-consistent-through" in answer.headers


async def test_the_version_header_is_asked_for_and_echoed(lrs: Lrs) -> None:
    for sent, spoken in (("1.0", "1.0.3"), ("1.0.2", "1.0.3"), ("2.0.0", "2.0.0")):
        answer = await lrs.post(statement(), **{"x-experience-api-version": sent})
        assert (answer.status_code, answer.headers["x-experience-api-version"]) == (200, spoken)
    answer = await lrs.post(statement(), **{"x-experience-api-version": "1.1.0"})
    assert (answer.status_code, answer.json()["reason"]) == (400, "unsupported_version")
    del lrs.http.headers["x-experience-api-version"]
    answer = await lrs.post(statement())
    assert (answer.status_code, answer.json()["reason"]) == (400, "missing_version")
    assert (await lrs.http.get("/xapi/about")).json() == {"version": ["1.0.3", "2.0.0"]}


async def test_requests_that_are_not_in_order_are_400_with_a_word(lrs: Lrs) -> None:
    cases = [
        ({"LIMIT": 3}, "unknown_parameter"),
        ({"limit": "x"}, "invalid_parameter"),
        ({"since": "yesterday"}, "invalid_parameter"),
        ({"ascending": "yes"}, "invalid_parameter"),
        ({"statementId": "x"}, "invalid_parameter"),
        ({"statementId": str(uuid4()), "limit": 1}, "unknown_parameter"),
        ({"statementId": str(uuid4()), "voidedStatementId": str(uuid4())}, "invalid_parameter"),
        ({"cursor": "bm9uc2Vuc2U"}, "invalid_parameter"),
        ({"verb": "http://adlnet.gov/expapi/verbs/completed"}, "not_supported"),
    ]
    for params, reason in cases:
        answer = await lrs.get(**params)
        assert (answer.status_code, answer.json()["reason"]) == (400, reason), params
    for body, reason in ((b"", "empty_body"), (b"{", "malformed_json"), (b"3", "wrong_type")):
        answer = await lrs.http.post("/xapi/statements", content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["reason"]) == (400, reason), body
    answer = await lrs.http.post("/xapi/statements", content=b"{}", headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["reason"]) == (400, "unsupported_media_type")


async def test_consistent_through_is_a_bound_that_moves(lrs: Lrs) -> None:
    await lrs.post(statement())
    stored = (await lrs.get(limit=1)).json()["statements"][0]["stored"]
    async with asyncio.timeout(10):
        while (await lrs.get(limit=1)).headers["x-experience-api-consistent-through"] < stored:
            await asyncio.sleep(0.1)
    late = (await lrs.get(limit=1)).headers["x-experience-api-consistent-through"]
    await lrs.post(statement())
    assert (await lrs.get(limit=1)).json()["statements"][0]["stored"] > late


async def test_an_empty_array_is_accepted_and_does_nothing(lrs: Lrs) -> None:
    answer = await lrs.post([])
    assert (answer.status_code, answer.json()) == (200, [])


async def test_a_body_beyond_the_limit_is_413_declared_or_chunked(database: str) -> None:
    async with running(database, body_limit=10_000) as small:
        large = orjson.dumps([statement(object={"id": f"http://example.com/{'x' * 10_000}"})])

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(large), 1000):
                yield large[start : start + 1000]

        for content in (large, chunks()):
            answer = await small.http.post(
                "/xapi/statements", content=content, headers={"content-type": "application/json"}
            )
            assert (answer.status_code, answer.json()["reason"]) == (413, "body_too_large")


async def test_the_metrics_tell_what_happened_without_telling_about_whom(lrs: Lrs) -> None:
    await lrs.post(statement())
    await lrs.post(statement(actor={"mbox": "nobody"}))
    text = (await lrs.http.get("/metrics")).text
    assert 'route="/xapi/statements",service="ingest",status="200"' in text
    assert 'leermix_refused_total{reason="invalid_iri",service="ingest"}' in text
    assert "an@example.com" not in text

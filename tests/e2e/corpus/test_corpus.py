"""Real statements of 33 public sources, sent as an LMS would: what is accepted is kept, each other answer is named."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tincan import RemoteLRS, Statement

from tests.harness.system import System

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(300)]

HEADERS = {"X-Experience-API-Version": "1.0.3"}


@pytest.fixture
def statements(corpus: Callable[[str], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [row["statement"] for row in corpus("statements")]


def lrs(system: System) -> httpx.Client:
    source = f"corpus-{uuid4()}"
    auth = system.credential(source=source, kind="other", tenant=source)
    return httpx.Client(base_url=f"{system.origin}/xapi/", auth=auth, headers=HEADERS, timeout=30)


def test_one_by_one_as_they_are(system: System, statements: list[dict[str, Any]]) -> None:
    with lrs(system) as http:
        answers = [http.post("statements", json=each) for each in statements]
        told = Counter((each.status_code, each.json()["reason"]) for each in answers if each.status_code != 200)
        print(dict(told), "and", sum(each.status_code == 200 for each in answers), "accepted")
        assert {key for key in told if key[0] != 409} == {(400, "invalid_attachment")}
        assert told[400, "invalid_attachment"] == 1
        # 20 ids carry different contents: the first of each is kept, the others are conflicts
        assert 30 <= told[409, "conflict"] <= 38
        for answer in answers:
            if answer.status_code == 200:
                (statement_id,) = answer.json()
                kept = http.get("statements", params={"statementId": statement_id})
                voided = http.get("statements", params={"voidedStatementId": statement_id})
                assert 200 in (kept.status_code, voided.status_code)


def renewed(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the statements with every id that was there before taken away."""
    seen: set[str] = set()
    told = []
    for each in statements:
        again = each.get("id", "").lower() in seen
        seen.add(each.get("id", str(uuid4())).lower())
        told.append({name: value for name, value in each.items() if not (again and name == "id")})
    return told


def test_in_batches_of_50_with_repeated_ids_renewed(system: System, statements: list[dict[str, Any]]) -> None:
    with lrs(system) as http:
        alone = [http.post("statements", json=each | {"id": str(uuid4())}) for each in statements]
    fit = [each for each, answer in zip(renewed(statements), alone, strict=True) if answer.status_code == 200]
    assert len(fit) == len(statements) - 1
    with lrs(system) as http:
        for start in range(0, len(fit), 50):
            answer = http.post("statements", json=fit[start : start + 50])
            assert answer.status_code == 200, answer.text
        kept, more = 0, "/xapi/statements?limit=500"
        while more:
            page = http.get(httpx.URL(system.origin).join(more)).json()
            kept += len(page["statements"])
            more = page["more"]
    targets = {each["object"]["id"] for each in fit if each["verb"]["id"] == "http://adlnet.gov/expapi/verbs/voided"}
    assert kept == len(fit) - len(targets & {each.get("id") for each in fit})


def test_through_tincan_python(system: System, statements: list[dict[str, Any]]) -> None:
    """What TinCanPython itself can read, it can send: 409 of the 411 (FACTS)."""
    parsed = []
    for each in renewed(statements):
        try:
            parsed.append(Statement.from_json(json.dumps(each)))
        except Exception as error:  # noqa: BLE001 - its own parser refuses in many ways
            print("TinCanPython cannot read it:", type(error).__name__)
    assert len(parsed) == 409
    source = f"tincan-{uuid4()}"
    key, secret = system.credential(source=source, kind="other", tenant=source)
    remote = RemoteLRS(endpoint=f"{system.origin}/xapi/", version="1.0.3", username=key, password=secret)
    answers = [remote.save_statement(each) for each in parsed]
    told = Counter(json.loads(each.data)["reason"] for each in answers if not each.success)
    # One attachment without its bytes; and one SubStatement about a StatementRef, which TinCanPython itself sends as an
    # Activity with a UUID for an id.
    assert told == {"invalid_attachment": 1, "invalid_iri": 1}

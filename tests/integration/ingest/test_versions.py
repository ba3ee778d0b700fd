"""Where 1.0.3 and 2.0 differ, as a client sees it; and requests with what no resource knows."""

from uuid import uuid4

import pytest

from .conftest import Lrs
from .test_statements import statement

AGENTS = {"contextAgents": [{"objectType": "contextAgent", "agent": {"mbox": "mailto:an@example.com"}}]}


async def kept(lrs: Lrs, spoken: str, **changes: object) -> dict[str, object]:
    answer = await lrs.post(statement(**changes), **{"x-experience-api-version": spoken})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = (await lrs.get(statementId=answer.json()[0])).json()
    return found


async def test_a_statement_takes_the_version_of_its_request(lrs: Lrs) -> None:
    """1.0.3 Data 2.4.10; IEEE 9274.1.1 4.2.4.3: one without a version is returned as 2.0.0."""
    assert [(await kept(lrs, spoken))["version"] for spoken in ("1.0.3", "2.0.0")] == ["1.0.0", "2.0.0"]
    assert (await kept(lrs, "2.0.0", version="1.0.1"))["version"] == "1.0.1"


async def test_timestamps_are_returned_in_utc_when_sent_in_version_2(lrs: Lrs) -> None:
    """IEEE 9274.1.1 4.2.7."""
    sent = "2026-05-04T12:00:00-05:00"
    assert (await kept(lrs, "1.0.3", timestamp=sent))["timestamp"] == sent
    assert (await kept(lrs, "2.0.0", timestamp=sent))["timestamp"] == "2026-05-04T17:00:00.000000Z"


async def test_one_statement_sent_in_both_versions_is_the_same(lrs: Lrs) -> None:
    sent = statement(id=str(uuid4()), timestamp="2026-05-04T12:00:00-05:00")
    for version in ("1.0.3", "2.0.0", "1.0.3"):
        assert (await lrs.post(sent, **{"x-experience-api-version": version})).status_code == 200


async def test_context_agents_belong_to_version_2(lrs: Lrs) -> None:
    assert (await lrs.post(statement(context=AGENTS))).status_code == 400
    assert (await kept(lrs, "2.0.0", context=AGENTS))["context"] == AGENTS


async def test_about_knows_no_parameters(lrs: Lrs) -> None:
    """XAPI-00324."""
    answer = await lrs.http.get("/xapi/about", params={"x": "1"})
    assert (answer.status_code, answer.json()["reason"]) == (400, "unknown_parameter")


@pytest.mark.parametrize("beside", [{"limit": 1}, {"since": "2030-01-01T00:00:00Z"}, {"format": "exact"}])
async def test_nothing_stands_beside_a_cursor(lrs: Lrs, beside: dict[str, object]) -> None:
    """`more` carries the whole query (2.5): what is added to it must not be passed over in silence."""
    for _ in range(3):
        await lrs.post(statement())
    more = (await lrs.get(limit=1)).json()["more"]
    cursor = more.partition("cursor=")[2]
    assert (await lrs.get(cursor=cursor)).status_code == 200
    answer = await lrs.get(cursor=cursor, **beside)
    assert (answer.status_code, answer.json()["reason"]) == (400, "unknown_parameter")

"""What only an attacker sends: answered like any other mistake, never with a 500."""

import base64
import uuid
from typing import Any

import httpx
import orjson
import pytest

from services.common.application import application
from services.ingest.app import service
from tests.integration.ingest.conftest import Lrs, basic

EARLY, LATE, ID = "2026-01-01T00:00:00+00:00", "2026-12-31T00:00:00+00:00", str(uuid.UUID(int=0))


def forged(*state: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(state)).decode().rstrip("=")


def refused(answer: httpx.Response, status: int, reason: str) -> None:
    told = answer.json()
    assert (answer.status_code, told["reason"]) == (status, reason)
    assert {"path", "detail"} <= told.keys()


@pytest.mark.parametrize("key", ["\0", "a\0b", ""])
async def test_a_key_that_postgresql_cannot_hold_is_an_unknown_key(lrs: Lrs, key: str) -> None:
    lrs.http.headers["authorization"] = basic(key, "secret")
    refused(await lrs.get(), 401, "unauthenticated")


@pytest.mark.parametrize(
    "state",
    [
        (1, EARLY, LATE, False, LATE, ID, -5),
        (1, EARLY, LATE, False, LATE, ID, 0),
        (1, EARLY, LATE, False, LATE, ID, 501),
        (1, EARLY, LATE, False, LATE, ID, 10**18),
        (1, EARLY, LATE, False, LATE, ID, 1e300),
        (1, EARLY, LATE, False, LATE, ID, True),
        (1, EARLY, LATE, False, LATE, ID, "7"),
        (1, EARLY, LATE, "x", LATE, ID, 5),
        (1, EARLY, LATE, False, LATE, 5, 5),
        (1, EARLY, LATE, False, [], ID, 5),
        (1, "2026-01-01", LATE, False, LATE, ID, 5),
        (1, "0001-01-01T00:00:00+14:00", LATE, False, LATE, ID, 5),
        (1, EARLY, "9999-12-31T23:59:59-14:00", False, LATE, ID, 5),
        (2, EARLY, LATE, False, LATE, ID, 5),
        (1,),
    ],
)
async def test_a_forged_cursor_is_refused(lrs: Lrs, state: tuple[Any, ...]) -> None:
    refused(await lrs.get(cursor=forged(*state)), 400, "invalid_parameter")


async def test_a_limit_may_be_any_number(lrs: Lrs) -> None:
    for limit in ("0", "000", "500", "9" * 5000, "0" * 5000 + "1"):
        assert (await lrs.get(limit=limit)).status_code == 200


async def test_an_address_with_a_slash_too_many_leads_nowhere(lrs: Lrs) -> None:
    refused(await lrs.http.get("/xapi/statements/", headers={"host": "elsewhere.example"}), 404, "not_found")


async def test_a_request_for_no_path_is_answered(lrs: Lrs) -> None:
    answers: list[Any] = []

    async def asked() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def answered(message: Any) -> None:
        answers.append(message)

    app = application(lrs.runtime, [])
    await app({"type": "http", "method": "OPTIONS", "path": "*", "headers": [], "query_string": b""}, asked, answered)
    assert answers[0]["status"] in (404, 405)


async def test_a_client_that_goes_away_in_the_middle_is_no_bug(lrs: Lrs) -> None:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/xapi/statements",
        "query_string": b"",
        "headers": [
            (b"authorization", lrs.http.headers["authorization"].encode()),
            (b"x-experience-api-version", b"1.0.3"),
            (b"content-type", b"application/json"),
        ],
    }
    heard = iter([{"type": "http.request", "body": b"[{", "more_body": True}, {"type": "http.disconnect"}])
    answers: list[Any] = []

    async def asked() -> dict[str, Any]:
        return next(heard)

    async def answered(message: Any) -> None:
        answers.append(message)

    await application(lrs.runtime, [service(lrs.runtime)])(scope, asked, answered)
    assert answers[0]["status"] == 400


@pytest.mark.filterwarnings("error")
async def test_the_documentation_is_made_without_a_warning(lrs: Lrs) -> None:
    assert set((await lrs.http.get("/openapi.json")).json()["paths"]["/xapi/about"]) == {"get"}
    assert (await lrs.http.head("/xapi/about")).status_code == 200

"""Bodies that come slowly, in excess, or otherwise than they should: bounded, and told why."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from .conftest import Lrs, running
from .test_statements import statement


def group(members: int) -> dict[str, Any]:
    return {"objectType": "Group", "member": [{"mbox": f"mailto:{n}@example.com"} for n in range(members)]}


async def test_a_body_that_comes_a_byte_at_a_time_is_refused_and_the_connection_ends(database: str) -> None:
    async with running(database, body_seconds=0.5) as lrs:

        async def drops() -> AsyncIterator[bytes]:
            for byte in orjson.dumps(statement()):
                yield bytes([byte])
                await asyncio.sleep(0.1)

        began = time.monotonic()
        answer = await lrs.http.post("/xapi/statements", content=drops(), headers={"content-type": "application/json"})
        assert time.monotonic() - began < 3
        assert (answer.status_code, answer.json()["reason"]) == (400, "body_too_slow")
        assert answer.headers["connection"] == "close"
        assert "x-experience-api-consistent-through" in answer.headers
        assert (await lrs.get()).json()["statements"] == []
        assert "connection" not in (await lrs.post(statement())).headers


async def test_a_body_beyond_the_limit_is_read_on_so_that_its_sender_hears_why(database: str) -> None:
    async with running(database, body_limit=10_000) as lrs:
        sent = 0

        async def chunks() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(15):
                yield b" " * 1000
                sent += 1000

        headers = {"content-type": "application/json", "content-length": "15000"}
        answer = await lrs.http.post("/xapi/statements", content=chunks(), headers=headers)
        assert (answer.status_code, answer.json()["reason"], sent) == (413, "body_too_large", 15_000)


async def test_who_asks_before_sending_too_much_need_not_send_it(database: str) -> None:
    async with running(database, body_limit=10_000) as lrs:

        async def never() -> AsyncIterator[bytes]:
            await asyncio.sleep(60)
            yield b""

        headers = {"content-type": "application/json", "content-length": "15000", "expect": "100-continue"}
        async with asyncio.timeout(3):
            answer = await lrs.http.post("/xapi/statements", content=never(), headers=headers)
        assert answer.status_code == 413


async def test_a_group_beyond_the_bound_is_413_with_its_place(database: str) -> None:
    async with running(database, group_members=100) as lrs:
        assert (await lrs.post(statement(actor=group(100)))).status_code == 200
        answer = await lrs.post([statement(actor=group(50)), statement(actor=group(51))])
        assert (answer.status_code, answer.json()["reason"], answer.json()["path"]) == (413, "body_too_large", "$[1]")
        assert "LEERMIX_GROUP_MEMBERS" in answer.json()["detail"]
        assert len((await lrs.get()).json()["statements"]) == 1


async def test_a_compressed_body_is_refused_by_its_name(lrs: Lrs) -> None:
    answer = await lrs.post(statement(), **{"content-encoding": "gzip"})
    assert (answer.status_code, answer.json()["path"]) == (400, "Content-Encoding")
    assert (await lrs.post(statement(), **{"content-encoding": "identity"})).status_code == 200


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;"])
async def test_a_media_type_may_have_parameters_and_any_case(lrs: Lrs, media_type: str) -> None:
    assert (await lrs.post(statement(), **{"content-type": media_type})).status_code == 200

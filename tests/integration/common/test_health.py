"""What a process says of itself: to whoever asks with GET or HEAD, and to Prometheus."""

import asyncio
from pathlib import Path

import httpx
import pytest

from services.common.application import application
from services.common.errors import Unavailable
from services.common.runtime import Service, build
from services.common.settings import Settings


async def test_each_service_is_told_ready_or_not_to_get_to_head_and_to_prometheus(
    database: str, tmp_path: Path
) -> None:
    async def never() -> None:
        raise Unavailable("something", "for this test")

    runtime = build(Settings(), database)
    app = application(runtime, [Service("one", tmp_path, []), Service("two", tmp_path, [], prepare=never)])
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://leermix.test") as http,
    ):
        async with asyncio.timeout(20):
            while "one" not in runtime.prepared:
                await asyncio.sleep(0.02)
        assert (await http.head("/health/live")).status_code == 200
        asked = await http.head("/health/ready")
        assert (asked.status_code, asked.headers["Retry-After"]) == (503, "2")
        assert (await http.head("/metrics")).status_code == 200
        shown = (await http.get("/metrics")).text
        assert 'leermix_ready{service="one"} 1.0' in shown
        assert 'leermix_ready{service="two"} 0.0' in shown

        runtime.prepared.add("two")
        assert (await http.get("/health/ready")).status_code == 200
        assert 'leermix_ready{service="two"} 1.0' in (await http.get("/metrics")).text


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_nothing_else_is_answered_there(method: str) -> None:
    app = application(build(Settings(), "postgresql://nowhere"), [])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://leermix.test") as http:
        assert (await http.request(method, "/health/live")).status_code == 405

"""The one origin before three small servers that tell who they are."""

import asyncio
import json
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from services.local.errors import PortTaken
from services.local.gateway import Gateway, Upstreams
from services.local.ports import free_ports

SERVICES = ("ingest", "analytics", "recommend")


@dataclass
class Stub:
    """A service that answers with its name and what it was asked, and says whether it is ready."""

    name: str
    port: int
    ready: bool = True
    breaks_off: bool = False
    first_bytes: asyncio.Event = field(default_factory=asyncio.Event)
    server: asyncio.Server | None = None

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        assert self.server is not None
        self.server.close()
        await self.server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split("\r\n")[0].split(" ")
        if "chunked" in head.lower():
            while (line := await reader.readline()) != b"0\r\n":
                await reader.readexactly(int(line, 16) + 2)
                self.first_bytes.set()
        status, body = 200, {"name": self.name, "method": method, "target": target}
        if target == "/health/ready":
            status = 200 if self.ready else 503
            because = [] if self.ready else ["the event log is away"]
            told = {self.name: {"ready": self.ready, "because": because}}
            body = {"ready": self.ready, "services": told, "degraded": ["postgresql"], "groups": {self.name: "running"}}
        content = json.dumps(body)
        length = len(content) + (99 if self.breaks_off else 0)
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
            f"Connection: close\r\n\r\n{content}".encode()
        )
        await writer.drain()
        writer.close()


@dataclass
class Origin:
    http: httpx.AsyncClient
    stubs: dict[str, Stub]
    folder: Path


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    folder = Path(tempfile.mkdtemp(prefix="leermix-gateway-"))
    *ports, port = free_ports(4)
    stubs = {name: Stub(name, each) for name, each in zip(SERVICES, ports, strict=True)}
    upstreams = Upstreams(**{name: f"127.0.0.1:{stub.port}" for name, stub in stubs.items()})
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        for stub in stubs.values():
            await stub.start()
            stack.push_async_callback(stub.stop)
        gateway = await stack.enter_async_context(Gateway(folder, upstreams, port=port))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=gateway.url, trust_env=False, timeout=10))
        yield Origin(http, stubs, folder)


async def test_each_path_reaches_its_service_as_it_was_sent(origin: Origin) -> None:
    for path, name, target in [
        ("/xapi/statements?agent=%7B%22a%22%3A%22%2B%22%7D", "ingest", None),
        ("/xapi", "ingest", None),
        ("/analytics/v1/people", "analytics", None),
        ("/recommend/v1/people/7/next", "recommend", None),
        ("/", "analytics", None),
        ("/pages/any", "analytics", None),
        ("/metrics/recommend", "recommend", "/metrics"),
        ("/health/ingest/live", "ingest", "/health/live"),
    ]:
        told = (await origin.http.get(path)).json()
        assert told == {"name": name, "method": "GET", "target": target or path}, path
    assert (await origin.http.put("/xapi/statements?statementId=1", content=b"{}")).json()["method"] == "PUT"
    metrics = await origin.http.get("/metrics")
    assert (metrics.status_code, metrics.json()["reason"]) == (404, "not_found")


async def test_ready_when_all_three_are_and_the_answer_tells_of_all(origin: Origin) -> None:
    assert (await origin.http.get("/health/live")).json() == {"live": True}
    answer = await origin.http.get("/health/ready")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "ready": True,
        "services": {name: {"ready": True, "because": []} for name in SERVICES},
        "degraded": ["postgresql"],
        "groups": dict.fromkeys(SERVICES, "running"),
    }


@pytest.mark.parametrize("name", SERVICES)
async def test_not_ready_when_one_is_not_and_its_reason_is_told(origin: Origin, name: str) -> None:
    origin.stubs[name].ready = False
    answer = await origin.http.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["services"][name]["because"] == ["the event log is away"]
    assert (await origin.http.get(f"/health/{name}/ready")).status_code == 503


async def test_a_service_that_is_away_is_a_503_and_the_others_go_on(origin: Origin) -> None:
    await origin.stubs["ingest"].stop()
    for path in ("/xapi/statements?agent=secret", "/health/ready", "/metrics/ingest"):
        answer = await origin.http.get(path)
        assert answer.status_code == 503, path
        assert answer.headers["retry-after"] == "2"
        assert answer.headers["content-type"] == "application/json"
        assert {key: answer.json()[key] for key in ("reason", "away")} == {"reason": "unavailable", "away": "ingest"}
    assert (await origin.http.get("/analytics/v1/people")).status_code == 200
    await origin.stubs["ingest"].start()
    assert (await origin.http.get("/xapi/about")).status_code == 200
    assert "secret" not in (origin.folder / "gateway.log").read_text()


async def test_an_answer_that_breaks_off_is_logged_without_what_was_asked(origin: Origin) -> None:
    origin.stubs["ingest"].breaks_off = True
    with pytest.raises(httpx.RemoteProtocolError):
        await origin.http.get("/xapi/statements?agent=secret", headers={"X-Experience-API-Version": "secret"})
    log = (origin.folder / "gateway.log").read_text()
    assert "aborting with incomplete response" in log
    assert "secret" not in log


async def test_a_body_reaches_the_service_while_it_is_still_being_sent(origin: Origin) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"[" + b" " * 10_000
        await asyncio.wait_for(origin.stubs["ingest"].first_bytes.wait(), 5)
        yield b"]"

    assert (await origin.http.post("/xapi/statements", content=body())).status_code == 200


async def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        gateway = Gateway(tmp_path, Upstreams("a:1", "b:1", "c:1"), port=port)
        with pytest.raises(PortTaken, match=f"Port {port} is taken.*LEERMIX_PORT"):
            await gateway.start()
    assert not gateway.alive

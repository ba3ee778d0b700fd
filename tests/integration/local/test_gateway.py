"""The one origin before three small servers that tell who they are."""

import asyncio
import json
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.local.errors import PortTaken
from services.local.gateway import Gateway, Upstreams
from services.local.ports import free_ports

SERVICES = ("ingest", "analytics", "recommend")
EXPOSITION = """# HELP leermix_started_total Starts.
# TYPE leermix_started_total counter
leermix_started_total 1.0
# HELP leermix_{own}_seconds Time, by a {{word}}.
# TYPE leermix_{own}_seconds histogram
leermix_{own}_seconds_bucket{{le="1.0",route="/people/{{person}}"}} 2.0
leermix_{own}_seconds_bucket{{le="+Inf",route="/people/{{person}}"}} 2.0
leermix_{own}_seconds_count{{route="/people/{{person}}"}} 2.0
leermix_{own}_seconds_sum{{route="/people/{{person}}"}} 1.5e-05
"""


@dataclass
class Stub:
    """A service that answers with its name and what it was asked, and says whether it is ready."""

    name: str
    port: int
    ready: bool = True
    breaks_off: bool = False
    dies: bool = False
    asked: list[str] = field(default_factory=list)
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
        self.asked.append(f"{method} {target}")
        try:
            await self._read_chunks(reader, head)
        except ValueError:  # the body breaks off, as uvicorn sees it too: nobody is there to be answered
            self.dies = True
        if self.dies:
            writer.close()
            return
        if f"{method} {target}" == "GET /metrics":
            await self._answer(writer, 200, "text/plain", EXPOSITION.format(own=self.name))
            return
        status, body = 200, {"name": self.name, "method": method, "target": target}
        if f"{method} {target}" == "GET /health/ready":
            status = 200 if self.ready else 503
            because = [] if self.ready else ["the event log is away"]
            told = {self.name: {"ready": self.ready, "because": because}}
            body = {"ready": self.ready, "services": told, "degraded": ["postgresql"], "groups": {self.name: "running"}}
        await self._answer(writer, status, "application/json", json.dumps(body))

    async def _read_chunks(self, reader: asyncio.StreamReader, head: str) -> None:
        if "chunked" in head.lower():
            while (line := await reader.readline()) != b"0\r\n":
                await reader.readexactly(int(line, 16) + 2)
                self.first_bytes.set()

    async def _answer(self, writer: asyncio.StreamWriter, status: int, kind: str, content: str) -> None:
        length = len(content) + (99 if self.breaks_off else 0)
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n"
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
        ("/health/ingest/live", "ingest", "/health/live"),
    ]:
        told = (await origin.http.get(path)).json()
        assert told == {"name": name, "method": "GET", "target": target or path}, path
    assert (await origin.http.put("/xapi/statements?statementId=1", content=b"{}")).json()["method"] == "PUT"
    for path in ("/health/live", "/health/ready", "/metrics"):  # not the gateway's own then: a service says 405
        assert (await origin.http.post(path)).json() == {"name": "analytics", "method": "POST", "target": path}


async def test_metrics_are_those_of_all_three_each_with_its_process(origin: Origin) -> None:
    answer = await origin.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert [(sample.labels, sample.value) for sample in families["leermix_started"].samples] == [
        ({"process": name}, 1.0) for name in SERVICES
    ]
    for name in SERVICES:
        family = families[f"leermix_{name}_seconds"]
        assert (family.type, family.documentation, len(family.samples)) == ("histogram", "Time, by a {word}.", 4)
        assert {sample.labels["process"] for sample in family.samples} == {name}
        assert family.samples[-1].labels["route"] == "/people/{person}"
        assert family.samples[-1].value == 1.5e-05
        assert (await origin.http.get(f"/metrics/{name}")).text == EXPOSITION.format(own=name)
    lines = answer.text.splitlines()
    assert len([line for line in lines if line.startswith("#")]) == 8, "explained once each"


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


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("1.0.3", "1.0.3"), ("1.0", "1.0.3"), ("2.0.0", "2.0.0"), (None, "2.0.0"), ("1.0x", "2.0.0")],
)
async def test_ingest_away_is_told_as_ingest_would(origin: Origin, asked: str | None, answered: str) -> None:
    await origin.stubs["ingest"].stop()
    began = time.monotonic()
    version = {"X-Experience-API-Version": asked} if asked else {}
    answer = await origin.http.post("/xapi/statements", content=b"[]", headers=version)
    assert time.monotonic() - began < 3.5
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.headers["x-experience-api-version"] == answered
    assert answer.headers["x-experience-api-consistent-through"] == "1970-01-01T00:00:00.000000Z"
    told = answer.json()
    assert (told["reason"], told["path"], told["away"], told["ids"]) == ("unavailable", "$", "ingest", None)
    assert "with ids of your own" in told["detail"]


async def test_headers_of_xapi_stand_where_ingest_puts_them_and_nowhere_else(origin: Origin) -> None:
    for stub in origin.stubs.values():
        await stub.stop()
    paths = ("/xapi/statements", "/xapi/about", "/analytics/v1/people")
    answers = await asyncio.gather(*(origin.http.get(path) for path in paths))
    assert ["x-experience-api-version" in answer.headers for answer in answers] == [True, True, False]
    assert ["x-experience-api-consistent-through" in answer.headers for answer in answers] == [True, False, False]
    assert not any("ids" in answer.json() for answer in answers)


async def test_a_service_that_is_being_restarted_is_waited_for(origin: Origin) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"[1,"
        yield b"2]"

    ingest = origin.stubs["ingest"]
    await ingest.stop()
    waiting = [
        asyncio.create_task(origin.http.post("/xapi/statements", content=content)) for content in (b"[]", chunks())
    ]
    await asyncio.sleep(1)
    await ingest.start()
    assert [(await each).status_code for each in waiting] == [200, 200]
    assert ingest.asked == ["POST /xapi/statements"] * 2


async def test_what_may_have_arrived_is_not_sent_twice(origin: Origin) -> None:
    origin.stubs["ingest"].dies = True
    answer = await origin.http.post("/xapi/statements", content=b"[]")
    assert (answer.status_code, answer.json()["ids"]) == (503, None)
    assert origin.stubs["ingest"].asked == ["POST /xapi/statements"]


@pytest.mark.parametrize("body", [b"zz\r\n[]\r\n0\r\n\r\n", b"2\r\n[]XX\r\n0\r\n\r\n"])
async def test_a_body_that_breaks_its_own_framing_is_no_absence(origin: Origin, body: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", origin.http.base_url.port)
    writer.write(
        b"POST /xapi/statements HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" + body
    )
    answer = (await reader.read()).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 400 ")
    assert '"reason":"malformed_json"' in answer
    assert "Retry-After" not in answer


async def test_addresses_as_long_as_a_service_takes_pass(origin: Origin) -> None:
    assert (await origin.http.get(f"/xapi/statements?agent={'a' * 60_000}")).status_code == 200
    too_long = {"X-Long": "a" * 80_000}
    assert (await origin.http.get("/xapi/statements", headers=too_long)).status_code == 431


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

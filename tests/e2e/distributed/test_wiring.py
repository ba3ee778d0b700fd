"""The environment, the commands and the gateway of docker-compose.yml carry a statement all the way."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.distributed.composition import SERVICES, Composition

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.kafka, pytest.mark.timeout(180)]

AGENT = {"objectType": "Agent", "account": {"homePage": "https://hr.example.org", "name": "distributed-1"}}
EVERYTHING = ("all", "analytics/read", "analytics/write", "people/read", "people/write", "recommend/read")


def statement(minutes: int, hours_ago: float) -> dict[str, Any]:
    """A use of a job aid that no rule knows by its verb, so its source's kind decides."""
    return {
        "id": str(uuid4()),
        "actor": AGENT,
        "verb": {"id": "https://aids.example.org/verbs/consulted"},
        "object": {"id": "https://aids.example.org/cards/intake"},
        "result": {"duration": f"PT{minutes}M"},
        "timestamp": (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat(),
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(composition: Composition) -> AsyncIterator[httpx.AsyncClient]:
    """A job aid, with a credential made as an operator makes it."""
    scopes = [word for scope in EVERYTHING for word in ("--scope", scope)]
    made = composition.console("credentials", "create", "--source", "cards", "--kind", "job_aid", *scopes, "--json")
    headers = {"X-Experience-API-Version": "1.0.3", "X-Leermix-Viewer": "self"}
    async with composition.http(auth=(made["key"], made["secret"]), headers=headers) as http:
        yield http


async def eventually(look: Callable[[], Awaitable[bool]], within: float = 20) -> None:
    began = time.monotonic()
    while not await look():
        assert time.monotonic() - began < within
        await asyncio.sleep(0.1)


async def person(http: httpx.AsyncClient) -> str:
    answer = await http.get("/analytics/v1/people", params={"agent": orjson.dumps(AGENT).decode()})
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["id"]
    return found


async def experiential(http: httpx.AsyncClient) -> float:
    answer = await http.get(f"/analytics/v1/people/{await person(http)}/mix")
    assert answer.status_code == 200, answer.text
    minutes: dict[str, float] = answer.json()["minutes"]
    assert minutes["formal"] == minutes["social"] == 0
    return minutes["experiential"]


async def samples(http: httpx.AsyncClient, service: str) -> dict[str, float]:
    """The samples of a service's page, summed over their labels."""
    page = await http.get(f"/metrics/{service}")
    assert page.status_code == 200
    summed: dict[str, float] = {}
    for family in text_string_to_metric_families(page.text):
        for sample in family.samples:
            summed[sample.name] = summed.get(sample.name, 0) + sample.value
    return summed


@pytest.mark.parametrize("name", SERVICES)
async def test_each_service_is_ready_by_itself_and_by_its_containers_own_check(composition, client, name):
    ready = await client.get(f"/health/{name}/ready")
    assert ready.status_code == 200
    assert ready.json()["services"] == {name: {"ready": True, "because": []}}
    assert (await client.get(f"/health/{name}/live")).json() == {"live": True}
    assert composition.healthcheck(name) == 0


async def test_a_statement_becomes_a_mix_and_a_suggestion(composition, client):
    sent = statement(30, hours_ago=30)
    posted = await client.post("/xapi/statements", json=sent)
    assert (posted.status_code, posted.json()) == (200, [sent["id"]])
    read = await client.get("/xapi/statements", params={"statementId": sent["id"]})
    assert read.status_code == 200
    public = composition.environment("ingest")["LEERMIX_PUBLIC_URL"]
    assert read.json()["authority"]["account"]["homePage"] == public == "http://localhost:8080"

    await eventually(lambda: known(client))
    assert await experiential(client) == 30
    offered = await client.get(f"/recommend/v1/people/{await person(client)}/next")
    assert offered.status_code == 200, offered.text
    assert offered.json()["why"]
    assert offered.json()["person"] == await person(client)


async def known(http: httpx.AsyncClient) -> bool:
    answer = await http.get("/analytics/v1/people", params={"agent": orjson.dumps(AGENT).decode()})
    return answer.status_code == 200


async def test_bad_input_is_refused_with_a_reason_through_the_gateway(client):
    refused = await client.post("/xapi/statements", json=statement(1, 1) | {"verb": {"id": "no iri"}})
    assert refused.status_code == 400
    assert refused.json()["reason"] == "invalid_iri"


async def test_every_service_shows_what_it_did(client):
    ingest = await samples(client, "ingest")
    assert ingest["leermix_statements_accepted_total"] >= 1
    assert ingest["leermix_statements_stored_total"] >= 1
    assert ingest["leermix_log_appended_total"] >= 1
    assert ingest["leermix_refused_total"] >= 1
    for name in SERVICES:
        shown = await samples(client, name)
        assert shown["leermix_log_consumed_total"] >= 1, name
        assert shown.get("leermix_dead_letters_total", 0) == shown.get("leermix_group_stopped", 0) == 0, name
        assert shown["leermix_http_requests_total"] >= 1, name
        assert shown["process_start_time_seconds"] > 0, name
        assert shown["leermix_ready"] == 1, name  # what the alert on readiness looks at
        assert (await client.head(f"/metrics/{name}")).status_code == 200
    together = await client.get("/metrics")
    assert together.text.count("leermix_ready{") == len(SERVICES)


async def test_an_operator_sees_where_every_group_stands(composition):
    standing = composition.console("groups", "list", "--json")
    assert {each["service"] for each in standing} == set(SERVICES)
    assert all(each["inside"] for each in standing)
    assert composition.console("settings", "--json")["problems"] == []


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_that_is_stopped_is_missed_and_takes_up_its_work_again(composition, client, name):
    before = await experiential(client)
    assert await composition.stop(name) == 0
    missed = await client.get("/health/ready")
    assert missed.status_code == 503
    assert missed.json()["away"] == name
    assert missed.headers["Retry-After"]
    posted = await client.post("/xapi/statements", json=statement(10, hours_ago=5 + SERVICES.index(name)))
    assert posted.status_code == (503 if name == "ingest" else 200)

    composition.start(name)
    await composition.until_ready()
    now = before if name == "ingest" else before + 10
    await eventually(lambda: has(client, now))
    assert composition.healthcheck(name) == 0


async def has(http: httpx.AsyncClient, minutes: float) -> bool:
    return await experiential(http) == minutes


async def test_nothing_was_written_beside_the_services(composition):
    """Their containers' roots are read-only."""
    assert list(composition.workdir.iterdir()) == []


async def test_the_logs_are_json_and_say_nothing_about_people(composition, client):
    lines = composition.logged()
    assert {orjson.loads(line)["service"] for line in lines} == set(SERVICES)
    text = "\n".join(lines)
    for secret in ("distributed-1", "hr.example.org", await person(client), "consulted"):
        assert secret not in text

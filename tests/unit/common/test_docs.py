"""The page at /docs: whole, of this origin alone, and under a policy that holds it to that."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import Response

from services.common import docs
from services.common.http import handle_errors


async def thing(thing: int) -> Response:
    return Response(str(thing))


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(docs_url=None, redoc_url=None, redirect_slashes=False)
    handle_errors(app)
    docs.add_to(app)
    for method in ("PUT", "GET", "DELETE"):
        app.add_api_route("/things/{thing}", thing, methods=[method])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        yield client


async def test_the_page_and_all_it_loads_are_of_this_origin(http: httpx.AsyncClient) -> None:
    page = await http.get("/docs")
    loaded = re.findall(r'(?:src|href|url)(?:=|: )"([^"]*)"', page.text)
    assert {"/openapi.json", "/docs/files/swagger-ui-bundle.js", "/docs/files/swagger-ui.css"} < set(loaded)
    assert "//" not in page.text
    for path in loaded:
        assert (await http.get(path)).status_code == 200, path
        assert (await http.head(path)).status_code == 200, path


async def test_the_policy_allows_the_one_inline_script_and_nothing_from_elsewhere(http: httpx.AsyncClient) -> None:
    page = await http.get("/docs")
    policy = page.headers["content-security-policy"]
    (inline,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    assert f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none';")
    assert not re.search(r"unsafe|http|\*", policy)


async def test_the_library_is_sent_compressed(http: httpx.AsyncClient) -> None:
    sent = await http.get("/docs/files/swagger-ui-bundle.js", headers={"Accept-Encoding": "gzip"})
    assert sent.headers["content-encoding"] == "gzip"
    assert sent.num_bytes_downloaded < len(sent.content) / 3


async def test_the_document_tells_how_to_authenticate(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    (scheme,) = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "basic")
    assert document["security"] == [{"credential": []}]


async def test_the_document_promises_the_refusals_that_are_given(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    assert set(document["paths"]["/things/{thing}"]["get"]["responses"]) == {"200", "default"}
    given = (await http.get("/things/x")).json()
    refusal = document["components"]["schemas"]["Refusal"]
    assert set(refusal["required"]) == set(given)
    assert given["reason"] in refusal["properties"]["reason"]["enum"]
    assert "ValidationError" not in str(document)


@pytest.mark.parametrize(
    ("path", "methods"), [("/things/7", "DELETE, GET, PUT"), ("/docs", "GET, HEAD"), ("/docs/files/x.js", "GET, HEAD")]
)
async def test_a_405_names_every_method_that_the_address_takes(
    http: httpx.AsyncClient, path: str, methods: str
) -> None:
    answer = await http.post(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)
    assert answer.json() == {"reason": "not_supported", "path": "$", "detail": f"this address takes {methods}"}

"""The page at `/docs`: every address with what it takes and gives, to be read and tried out, without the internet.

Swagger UI comes from the wheel of `fastapi-swagger` (its files only), so the page loads nothing from elsewhere, and its
policy allows nothing from elsewhere: one script of this origin, one inline script by its sum (docs/adr/0008).
"""

from typing import Any

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from schemas.reasons import Reason
from services.common.pages import headers, sum_of

_START = """
SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#docs", layout: "BaseLayout", deepLinking: true, validatorUrl: null
})
"""
_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>leermix: every address</title>
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
<link rel="icon" href="/docs/files/favicon-32x32.png">
</head>
<body>
<div id="docs">
<noscript>This page needs JavaScript. The same, for programs: <a href="/openapi.json">/openapi.json</a>.</noscript>
</div>
<script src="/docs/files/swagger-ui-bundle.js"></script>
<script>{_START}</script>
</body>
</html>
"""
_HEADERS = headers(
    f"script-src 'self' {sum_of(_START)}",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    cache="no-cache",
)
_SCHEME = "credential"
_CREDENTIAL = {"type": "http", "scheme": "basic", "description": "key and secret of `leermix credentials create`"}
_REFUSAL = {
    "title": "Refusal",
    "description": "Why, in one word of a closed list; where; and what to do about it. A 409 or 503 also lists `ids`.",
    "type": "object",
    "required": ["reason", "path", "detail"],
    "properties": {
        "reason": {"type": "string", "enum": [reason.value for reason in Reason]},
        "path": {"type": "string", "description": "JSON path, `?parameter` or header of what is wrong"},
        "detail": {"type": "string"},
    },
}
_REFUSED = {
    "description": "Refused (4xx), or something is away (503, with Retry-After)",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
}


def add_to(app: FastAPI) -> None:
    """Add the page and its files to an app made with `docs_url=None`; its document then tells of the credential."""
    files = StaticFiles(packages=[("fastapi_swagger", "resources")])
    app.mount("/docs/files", GZipMiddleware(files, compresslevel=6))
    app.add_route("/docs", _page, methods=["GET"], include_in_schema=False)
    described = app.openapi

    def openapi() -> dict[str, Any]:
        return _truthful(described())

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's own way to extend the document


async def _page(request: Request) -> Response:
    return HTMLResponse(_PAGE, headers=_HEADERS)


def _truthful(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with what FastAPI cannot see: credentials read by hand, and the one shape of a refusal."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):  # of the 422 that FastAPI would answer; ours is a 400
        schemas.pop(name, None)
    schemas["Refusal"] = _REFUSAL
    components["securitySchemes"] = {_SCHEME: _CREDENTIAL}
    document["security"] = [{_SCHEME: []}]
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _REFUSED
    return document

"""What /docs says that the LRS takes and gives: its routes read requests by hand, so FastAPI cannot tell."""

from collections.abc import Iterable
from typing import Any

_VERSION = {
    "name": "X-Experience-API-Version",
    "in": "header",
    "required": True,
    "example": "1.0.3",
    "schema": {"type": "string", "pattern": r"^(1\.0|2\.0)(\.\d+)?$"},
}
_STATEMENT = {
    "type": "object",
    "title": "Statement",
    "description": "xAPI 1.0.3 or 2.0, whichever the version header names; schemas/xapi has both as JSON Schema",
    "required": ["actor", "verb", "object"],
}
_EXAMPLE = {
    "actor": {"mbox": "mailto:sam@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
    "object": {"id": "https://example.org/courses/listening-to-patients"},
}
_IDS = {"type": "array", "items": {"type": "string", "format": "uuid"}}


def sending() -> dict[str, Any]:
    """Describe POST: one statement or several, the ids back in their order."""
    return {
        "parameters": [_VERSION],
        "requestBody": _body({"oneOf": [_STATEMENT, {"type": "array", "items": _STATEMENT}]}),
        "responses": {"200": {"description": "The ids, in order", "content": {"application/json": {"schema": _IDS}}}},
    }


def putting() -> dict[str, Any]:
    """Describe PUT: the statement of this id."""
    return {
        "parameters": [_VERSION, *_query(["statementId"], required=True)],
        "requestBody": _body(_STATEMENT),
    }


def reading(names: Iterable[str]) -> dict[str, Any]:
    """Describe GET with the query parameters of these names."""
    return {"parameters": [_VERSION, *_query(names)]}


def open_to_all() -> dict[str, Any]:
    """Describe what needs no credential."""
    return {"security": []}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": _EXAMPLE}}}


def _query(names: Iterable[str], *, required: bool = False) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "required": required, "schema": {"type": "string"}} for name in names]

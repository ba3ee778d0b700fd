"""Bodies of requests that change something: read with a bound, held to a model, and told of in /openapi.json."""

from typing import Annotated, Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from schemas.reasons import Reason
from services.common.errors import Rejected
from services.common.http import read_body

BODY_LIMIT = 20_000

Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$", strict=True)
]
"""A text that a person wrote: not empty, and one that a table can hold."""

_WORDS = {"too_short": "it must not be empty"}
"""Where the words of the validator speak of its own steps."""

M = TypeVar("M", bound="Body")


class Body(BaseModel):
    """What a request says; a name that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


async def read(request: Request, model: type[M], otherwise: bytes = b"") -> M:
    """Return the body of a request. Raises `Rejected` with the JSON path of what is wrong.

    `otherwise` is what an empty body stands for.
    """
    sent = await read_body(request, BODY_LIMIT) or otherwise
    if not sent:
        raise Rejected(Reason.EMPTY_BODY, f"send JSON: {', '.join(model.model_fields)}")
    try:
        return model.model_validate_json(sent)
    except ValidationError as error:
        raise _refused(error) from error


def described(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """Return what a route adds to /openapi.json about its body, which it reads itself."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    inline = _without_references(schema, schema.pop("$defs", {}))
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": inline}}}}


def _refused(error: ValidationError) -> Rejected:
    first = error.errors(include_url=False, include_input=False)[0]
    path = "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
    reason = {
        "json_invalid": Reason.MALFORMED_JSON,
        "missing": Reason.MISSING_PROPERTY,
        "extra_forbidden": Reason.UNKNOWN_PROPERTY,
    }.get(first["type"], Reason.INVALID_VALUE)
    return Rejected(reason, _WORDS.get(first["type"]) or first["msg"].removeprefix("Value error, "), path)


def _without_references(schema: Any, definitions: dict[str, Any]) -> Any:
    """Return a schema with its parts in their places: a request body of ours has no components of its own."""
    if isinstance(schema, list):
        return [_without_references(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _without_references(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _without_references(value, definitions) for name, value in schema.items()}

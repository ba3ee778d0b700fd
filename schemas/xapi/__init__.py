"""The xAPI statement as a contract: one JSON Schema per version, compiled once and executed by jsonschema-rs.

The documents beside this file are the contract. Each may be read alone; `x-reason` in them names the word of
`schemas.reasons` for a refusal. What a schema cannot say (a calendar day, min <= raw <= max, ...) is in
services/ingest/domain/crosschecks.py.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

VERSIONS = ("1.0.3", "2.0.0")
"""The versions of xAPI for which there is a schema."""


def schema_version(version: str) -> str:
    """The member of VERSIONS that rules a request of this version ("1.0", "1.0.1", "2.0.0", ...).

    Which versions are spoken at all is the HTTP layer's decision: any other value here is a bug.
    """
    if version == "1.0" or version.startswith("1.0."):
        return "1.0.3"
    if version == "2.0" or version.startswith("2.0."):
        return "2.0.0"
    raise ValueError(f"no statement schema for xAPI {version}")


@cache
def document(version: str) -> dict[str, Any]:
    """The schema document of one of VERSIONS, as parsed JSON."""
    text = files(__name__).joinpath(f"statement-{version}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def validator(version: str, definition: str | None = None) -> jsonschema_rs.Draft202012Validator:
    """The compiled schema of a whole statement, or of one entry of its `$defs` ("actor", "iri", "uuid", ...).

    The linear-time regex engine is used, so that no input can make a pattern slow.
    """
    schema = document(version)
    if definition is not None:
        schema = {"$ref": f"#/$defs/{definition}", "$defs": schema["$defs"]}
    return jsonschema_rs.Draft202012Validator(
        schema, pattern_options=jsonschema_rs.RegexOptions(), validate_formats=False, offline=True
    )

"""From a validator's errors to the one problem worth telling: a reason, a path and one sentence.

The sentence names kinds of values and what would be right, never the value itself: it could be personal data.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from schemas.reasons import Reason
from schemas.xapi import document, schema_version, validator

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")
_TAG_KEY = re.compile(r"[A-Za-z0-9-]{1,40}")
_ORDINARY_BYTES = 16_384
_LAST = 1 << 30
"""Beyond any index: what is missing from an object comes after everything that stands in it."""

_REASONS = {
    "type": Reason.WRONG_TYPE,
    "required": Reason.MISSING_PROPERTY,
    "dependentRequired": Reason.MISSING_PROPERTY,
    "additionalProperties": Reason.UNKNOWN_PROPERTY,
}
_ABOUT_THE_WHOLE = frozenset({"required", "dependentRequired", "oneOf"})

_TYPE_NAMES = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    dict: "an object",
    list: "an array",
}


class Problem(NamedTuple):
    """One thing that is wrong: the word for it, a JSON path from the checked value, and a sentence."""

    reason: Reason
    path: str
    detail: str


def first_problem(version: str, value: object, definition: str | None = None) -> Problem | None:
    """The first problem, in document order, of a statement (or of a value of one of the schema's `$defs`).

    `version` is an xAPI version such as "1.0.3". None when the value follows the schema.
    """
    ruling = schema_version(version)
    compiled = validator(ruling, definition)
    try:
        errors = [] if compiled.is_valid(value) else _errors(compiled, value)
    except (ValueError, orjson.JSONEncodeError):
        return Problem(Reason.MALFORMED_JSON, "$", "The value nests deeper than can be read.")
    if not errors:
        return None
    return _problem(document(ruling), min(errors, key=lambda error: _rank(value, error)))


def _errors(compiled: jsonschema_rs.Draft202012Validator, value: object) -> list[jsonschema_rs.ValidationError]:
    """All errors of a value of ordinary size, else the validator's first: a hostile value may have a million."""
    if len(orjson.dumps(value)) <= _ORDINARY_BYTES:
        return list(compiled.iter_errors(value))
    try:
        compiled.validate(value)
    except jsonschema_rs.ValidationError as error:
        return [error]
    return []


def json_path(steps: Sequence[str | int]) -> str:
    """`["actor", "member", 0]` as `$.actor.member[0]`; a key that is no plain name is where the path ends."""
    path = "$"
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            path += f".{step}"
        elif _TAG_KEY.fullmatch(step):
            path += f'["{step}"]'
        else:
            return path
    return path


def kind_of(value: object) -> str:
    """What sort of JSON value this is, in words that give nothing of it away."""
    if value is None:
        return "null"
    name = _TYPE_NAMES.get(type(value), "another kind of value")
    empty = isinstance(value, str | list | dict) and not value
    return f"an empty {name.split()[1]}" if empty else name


def _problem(schema: dict[str, Any], error: jsonschema_rs.ValidationError) -> Problem:
    keyword, rule = _rule(schema, error)
    path = json_path(_steps(error))
    expected = rule.get("description", "another value")
    if keyword == "additionalProperties":
        return Problem(_reason(keyword, rule), path, _unknown(error, rule, expected))
    if keyword in ("required", "dependentRequired"):
        missing = error.kind.as_dict()["property"]
        return Problem(_reason(keyword, rule), path, f"The property {missing} is missing from {expected}.")
    if error.instance is None:
        return Problem(Reason.NULL_VALUE, path, f"Found null, which only extensions may hold: expected {expected}.")
    return Problem(_reason(keyword, rule, error.instance), path, _mismatch(keyword, error.instance, expected))


def _rule(schema: dict[str, Any], error: jsonschema_rs.ValidationError) -> tuple[str, dict[str, Any]]:
    """The keyword that failed and the schema object it stands in."""
    *where, keyword = error.schema_path
    rule: Any = schema
    for step in where:
        rule = rule[step]
    return str(keyword), rule


def _reason(keyword: str, rule: Mapping[str, Any], instance: object = "") -> Reason:
    if keyword != "type" and "x-reason" in rule:
        return Reason(rule["x-reason"])
    if keyword in ("enum", "const") and not isinstance(instance, str):
        return Reason.WRONG_TYPE
    return _REASONS.get(keyword, Reason.INVALID_VALUE)


def _mismatch(keyword: str, instance: object, expected: str) -> str:
    found = kind_of(instance)
    if keyword == "oneOf":
        return f"Expected {expected}."
    if keyword != "type" and instance and isinstance(instance, str):
        found += " that is not one"
    return f"Expected {expected}, found {found}."


def _unknown(error: jsonschema_rs.ValidationError, rule: Mapping[str, Any], expected: str) -> str:
    if "patternProperties" in rule:
        return f"Found a key of another form: expected {expected}."
    name = _unexpected(error)
    meant = [known for known in rule["properties"] if known.lower() == name.lower()]
    hint = f" Names are case-sensitive: it is {meant[0]}." if meant else ""
    return f"The specification defines no such property for {expected}.{hint}"


def _unexpected(error: jsonschema_rs.ValidationError) -> str:
    """The first unknown property, in document order."""
    unexpected = set(error.kind.as_dict()["unexpected"])
    return next(key for key in _as_dict(error.instance) if key in unexpected)


def _steps(error: jsonschema_rs.ValidationError) -> list[str | int]:
    steps = list(error.instance_path)
    return [*steps, _unexpected(error)] if error.kind.name == "additionalProperties" else steps


def _rank(value: object, error: jsonschema_rs.ValidationError) -> tuple[int, ...]:
    """Where in the document the error stands: the position of each step within its parent."""
    rank: list[int] = []
    for step in _steps(error):
        if isinstance(step, int):
            rank.append(step)
            value = value[step] if isinstance(value, list) else None
        else:
            members = _as_dict(value)
            rank.append(list(members).index(step))
            value = members[step]
    if error.schema_path and error.schema_path[-1] in _ABOUT_THE_WHOLE:
        rank.append(_LAST)
    return tuple(rank)


def _as_dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

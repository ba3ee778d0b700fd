"""The registry of an organisation as a contract: its JSON Schema, run by jsonschema-rs, and its complaints in words.

What a schema cannot say (two entries that nothing can tell apart) is in analytics' domain/classify/registry.py.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import jsonschema_rs


class RegistryProblem(NamedTuple):
    """One mistake: the path of steps to it, the same in words with the entry's name, and what would be right."""

    path: tuple[str | int, ...]
    where: str
    detail: str


@cache
def document() -> dict[str, Any]:
    """The schema, as parsed JSON."""
    text = files("schemas").joinpath("registry.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(document(), pattern_options=jsonschema_rs.RegexOptions(), offline=True)


def problems(data: object) -> list[RegistryProblem]:
    """Everything that is wrong with a registry by its schema, in the order of the document; none when it is right."""
    try:
        errors = list(_validator().iter_errors(data))
    except ValueError as error:
        return [RegistryProblem((), "the registry", f"it is not JSON: {error}")]
    found = [_problem(data, error) for error in errors]
    return sorted(dict.fromkeys(found), key=lambda each: [str(step).rjust(8) for step in each.path])


def where(data: object, path: Sequence[str | int]) -> str:
    """A place in a registry in words: `things[2] (id_prefix https://intranet.example/): mode`."""
    head, rest = [str(step) for step in path[:1]], list(path[1:])
    if len(path) > 1 and isinstance(path[1], int):
        head[0] += f"[{rest.pop(0)}]{_name(data, path[:2])}"
    keys = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest).lstrip(".")
    return ": ".join([*head, *([keys] if keys else [])]) or "the registry"


def _name(data: Any, path: Sequence[str | int]) -> str:
    """What an entry selects, to find it by; empty when that cannot be read."""
    kind, number = path
    entry = data[kind][number]
    selectors = document()["$defs"]["thing" if kind == "things" else "place"]["x-selectors"]
    texts = [f"{key} {entry[key]}" for key in selectors if isinstance(entry, dict) and isinstance(entry.get(key), str)]
    return f" ({', '.join(texts)})" if texts else ""


def _problem(data: object, error: jsonschema_rs.ValidationError) -> RegistryProblem:
    path = tuple(error.instance_path)
    rule: Any = document()
    for step in error.schema_path[:-1]:
        rule = rule[step]
    keyword = str(error.schema_path[-1])
    found = path
    if keyword == "additionalProperties":  # the mistake is the key, and stands where the key does
        found = (*path, error.kind.as_dict()["unexpected"][0])
    return RegistryProblem(found, where(data, path), _detail(keyword, rule, error))


def _detail(keyword: str, rule: Mapping[str, Any], error: jsonschema_rs.ValidationError) -> str:
    if error.kind.name == "falseSchema":
        return "id_prefix cannot stand beside id: give one of them"
    if keyword == "additionalProperties":
        unknown = ", ".join(map(repr, error.kind.as_dict()["unexpected"]))
        return f"unknown key {unknown}: it may have {', '.join(rule['properties'])}"
    if keyword == "required":
        return f"{error.kind.as_dict()['property']} is missing: it is {_expected(rule, error)}"
    if keyword == "anyOf" and "x-selectors" in rule:
        return f"it selects nothing: give {' or '.join(rule['x-selectors'])}"
    if rule is document():
        return f"found {_found(error.instance)}, a registry is a mapping that begins with registry: 1"
    return f"found {_found(error.instance)}, allowed is {_allowed(rule)}"


def _expected(rule: Mapping[str, Any], error: jsonschema_rs.ValidationError) -> str:
    missing = rule["properties"][error.kind.as_dict()["property"]]
    if "$ref" in missing:
        missing = document()["$defs"][missing["$ref"].rpartition("/")[2]]
    return _allowed(missing)


def _allowed(rule: Mapping[str, Any]) -> str:
    if "enum" in rule:
        return f"{rule.get('description', 'a word')}, one of {', '.join(rule['enum'])}"
    return str(rule.get("description", "another value"))


def _found(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "…"

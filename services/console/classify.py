"""`leermix classify`: statements in, their classes out, line by line; no database, no network and no clock."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from services.analytics.domain.classify.classified import Classified
from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import EMPTY_REGISTRY, Registry, RegistryError
from services.analytics.domain.classify.rules import RuleSet
from services.analytics.registry_text import read_registry
from services.analytics.rules import base_rules
from services.console.exits import Exit, Failure

_BOM = b"\xef\xbb\xbf"
_NO_SOURCE, _NO_KIND = "", "other"
Taken = tuple[dict[str, Any], str, str]


class Unreadable(ValueError):  # noqa: N818 - the name says what the line is
    """A line that is no statement; the message says why."""


def run(registry: Path | None) -> None:
    """Classify standard input, a statement a line, to standard output; each answer is there before the next line."""
    known = registry_of(registry)
    rules = base_rules()
    try:
        for answer in answers(sys.stdin.buffer, rules, known):
            sys.stdout.buffer.write(answer)
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever reads has seen enough; Python would complain again when it closes the stream.
        sys.stdout = None


def registry_of(file: Path | None) -> Registry:
    """Return the registry that a file holds, the empty one without a file. `Failure` says what is wrong with it."""
    if file is None:
        return EMPTY_REGISTRY
    try:
        return read_registry(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"the registry {file} cannot be read: {error.strerror}", Exit.USAGE) from None
    except UnicodeDecodeError:
        raise Failure(f"the registry {file} is not UTF-8", Exit.USAGE) from None
    except RegistryError as wrong:
        raise Failure(f"the registry {file} cannot be used:\n{wrong}", Exit.USAGE) from None


def answers(lines: Iterable[bytes], rules: RuleSet, registry: Registry) -> Iterator[bytes]:
    """Yield the answer to each line as JSON and a newline; empty lines have none. A bad one does not end the run."""
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(_BOM).strip() if number == 1 else line.strip()
        if text:
            yield orjson.dumps(_answer(number, text, rules, registry), option=orjson.OPT_APPEND_NEWLINE)


def _answer(number: int, text: bytes, rules: RuleSet, registry: Registry) -> dict[str, Any]:
    try:
        statement, source, kind = taken(text)
    except Unreadable as error:
        return _fields(number, None, str(error))
    found = classify(statement, source, kind, rules, registry)
    return _fields(number, found, None) | {"id": statement.get("id")}


def taken(text: bytes) -> Taken:
    """Return the statement of a line, with its source and kind if the line says them. Raises `Unreadable`."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Unreadable("not a JSON object: expected a statement, or an object with statement, source and kind")
    if "statement" not in value:
        return _statement(value), _NO_SOURCE, _NO_KIND
    source, kind = value.get("source", _NO_SOURCE), value.get("kind", _NO_KIND)
    if not isinstance(source, str) or not isinstance(kind, str):
        raise Unreadable("source and kind must be texts")
    return _statement(value["statement"]), source, kind


def _statement(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable("statement: expected an object")
    verb = value.get("verb")
    if not isinstance(verb, dict) or not isinstance(verb.get("id"), str):
        raise Unreadable("no statement: verb.id is missing")
    if not isinstance(value.get("object"), dict):
        raise Unreadable("no statement: object is missing")
    return value


def _fields(number: int, found: Classified | None, error: str | None) -> dict[str, Any]:
    return {
        "line": number,
        "id": None,
        "class": found.cls if found else None,
        "rule": found.rule if found else None,
        "registry_entry": found.entry if found else None,
        "formal_context": found.formal_context if found else None,
        "learners": [{"agent": each.agent, "role": each.role} for each in found.learners] if found else [],
        "error": error,
    }

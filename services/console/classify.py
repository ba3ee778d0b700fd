"""`leermix classify`: statements in, their classes out, line by line; no database, no network and no clock."""

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
from services.console.lines import Unreadable, bare, coming_in, go_out, taken


def run(registry: Path | None) -> None:
    """Classify standard input, a statement a line, to standard output; each answer is there before the next line."""
    known = registry_of(registry)
    rules = base_rules()
    go_out(answers(coming_in(), rules, known), at_once=True)


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
        text = bare(line)
        if text:
            yield orjson.dumps(_answer(number, text, rules, registry), option=orjson.OPT_APPEND_NEWLINE)


def _answer(number: int, text: bytes, rules: RuleSet, registry: Registry) -> dict[str, Any]:
    try:
        line = taken(text)
    except Unreadable as error:
        return _fields(number, None, str(error))
    found = classify(line.statement, line.source, line.kind, rules, registry)
    return _fields(number, found, None) | {"id": line.statement.get("id")}


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

"""Lines in and lines out: statements from standard input, answers to standard output, and what can be wrong there."""

import sys
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from services.console.exits import Exit, Failure
from services.console.terminal import say

_BOM = b"\xef\xbb\xbf"


class Unreadable(ValueError):  # noqa: N818 - the name says what the line is
    """A line that is no statement; the message says why."""


class Line(NamedTuple):
    """A statement, and what its line says beside it: nothing of a bare one."""

    statement: dict[str, Any]
    source: str = ""
    kind: str = "other"
    arrived: str | None = None


def coming_in() -> Iterable[bytes]:
    """Return the lines of standard input; at a terminal say what is waited for. Raises `Failure` without any input."""
    if sys.stdin is None:
        raise Failure("nothing can be read: standard input is closed. Give a file: < statements.ndjson", Exit.USAGE)
    if sys.stdin.isatty():
        say("Reading statements from the terminal, one a line, until Ctrl-D. A file is given as < statements.ndjson")
    return sys.stdin.buffer


def go_out(answers: Iterable[bytes], *, at_once: bool) -> None:
    """Write answers to standard output; `at_once`: each is there before the next one is asked for.

    Raises `Failure` where they cannot be written. A reader who has seen enough is no failure.
    """
    if sys.stdout is None:
        raise Failure("the answers cannot be written: standard output is closed")
    try:
        for answer in answers:
            sys.stdout.buffer.write(answer)
            if at_once:
                sys.stdout.buffer.flush()
        sys.stdout.buffer.flush()
    except OSError as error:
        # Python would complain once more when it closes the stream.
        sys.stdout = None
        if not isinstance(error, BrokenPipeError):
            raise Failure(f"the answers cannot be written: {error.strerror}") from None


def bare(line: bytes) -> bytes:
    """Return a line without the space around it and without a byte order mark, which every file brings that was put
    behind another one."""
    return line.removeprefix(_BOM).strip()


def taken(text: bytes) -> Line:
    """Return what a line holds. Raises `Unreadable`."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Unreadable("not a JSON object: expected a statement, or an object with statement, source and kind")
    if "statement" not in value:
        return Line(_statement(value))
    beside = {name: value[name] for name in ("source", "kind", "arrived") if value.get(name) not in (None, "")}
    if not all(isinstance(each, str) for each in beside.values()):
        raise Unreadable("source, kind and arrived must be texts")
    return Line(_statement(value["statement"]), **beside)


def _statement(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable("statement: expected an object")
    verb = value.get("verb")
    if not isinstance(verb, dict) or not isinstance(verb.get("id"), str):
        raise Unreadable("no statement: verb.id is missing")
    if not isinstance(value.get("object"), dict):
        raise Unreadable("no statement: object is missing")
    return value

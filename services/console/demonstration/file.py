"""`leermix demo --statements FILE`: sends real statements, line by line, and tells what became of each.

Plain HTTP. Fifty at a time; a batch that is refused is refused whole (law 1), so its lines then go one by one. Every
statement without an id gets one that follows from its line, so that sending the file again changes nothing.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid5

import httpx
import orjson

from services.console.exits import Failure
from services.console.story.month import NAMESPACE

_BATCH = 50
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file: its number, what is sent for it, and which version of xAPI it speaks."""

    number: int
    body: bytes
    version: str
    whole: bool
    """Whether it is a JSON object, so that it may share a batch."""


@dataclass
class Refused:
    """Lines refused for the same reason at the same place."""

    status: int
    reason: str
    path: str
    detail: str
    first_line: int
    lines: int = 0


@dataclass
class Outcome:
    """What became of a file."""

    lines: int = 0
    taken: int = 0
    refused: dict[tuple[str, str], Refused] = field(default_factory=dict)

    def refuse(self, line: Line, answer: httpx.Response) -> None:
        """Note why a line was refused."""
        told = _told(answer)
        key = (told["reason"], told["path"])
        first = Refused(answer.status_code, *key, str(told["detail"]), line.number)
        self.refused.setdefault(key, first).lines += 1


def lines_of(path: Path) -> Iterator[Line]:
    """Yield the lines of a file that are not blank: a statement each, or an object with one under `statement`."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.strip():
                yield _line(number, raw.strip())


def _line(number: int, raw: bytes) -> Line:
    try:
        value: Any = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return Line(number, raw, "1.0.3", whole=False)
    if isinstance(value, dict) and "statement" in value:
        value = value["statement"]
    if not isinstance(value, dict):
        return Line(number, orjson.dumps(value), "1.0.3", whole=False)
    if "id" not in value:
        value = {"id": str(uuid5(NAMESPACE, f"{number}:{raw.decode()}"))} | value
    version = "2.0.0" if str(value.get("version", "")).startswith("2.") else "1.0.3"
    return Line(number, orjson.dumps(value), version, whole=True)


def send_file(url: str, key: tuple[str, str], path: Path, advance: Callable[[int], None]) -> Outcome:
    """Send a file, in its order, and return what became of it. Raises `Failure` when the LRS stays away."""
    outcome = Outcome()
    with httpx.Client(base_url=url, auth=key, timeout=30) as client:
        lines = lines_of(path)
        while batch := list(islice(lines, _BATCH)):
            outcome.lines += len(batch)
            if not _sent_together(client, batch, outcome):
                _sent_singly(client, batch, outcome)
            advance(len(batch))
    return outcome


def _sent_together(client: httpx.Client, batch: list[Line], outcome: Outcome) -> bool:
    if len(batch) == 1 or len({line.version for line in batch}) > 1 or not all(line.whole for line in batch):
        return False
    answer = _post(client, b"[" + b",".join(line.body for line in batch) + b"]", batch[0].version)
    if answer.status_code == 200:
        outcome.taken += len(batch)
    return answer.status_code == 200


def _sent_singly(client: httpx.Client, batch: list[Line], outcome: Outcome) -> None:
    for line in batch:
        answer = _post(client, line.body, line.version)
        if answer.status_code == 200:
            outcome.taken += 1
        else:
            outcome.refuse(line, answer)


def _post(client: httpx.Client, body: bytes, version: str) -> httpx.Response:
    headers = {"Content-Type": "application/json", "X-Experience-API-Version": version}
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        answer = client.post("/xapi/statements", content=body, headers=headers)
        if answer.status_code == 401:
            raise Failure(f"The credential of this run is not accepted: {answer.text[:300]}")
        if answer.status_code != 503:
            return answer
        if time.monotonic() > until:
            raise Failure(f"The LRS cannot take statements now: {answer.text[:300]}")
        time.sleep(float(answer.headers.get("Retry-After", "2")))


def _told(answer: httpx.Response) -> dict[str, Any]:
    """Return reason, path and detail of a refusal; what is not in our shape is told as it is."""
    try:
        told = answer.json()
        return {name: told[name] for name in ("reason", "path", "detail")}
    except (ValueError, KeyError, TypeError):
        return {"reason": f"http_{answer.status_code}", "path": "$", "detail": answer.text[:200]}

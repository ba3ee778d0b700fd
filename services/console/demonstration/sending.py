"""Sends the story as a customer's system would: through TinCanPython's RemoteLRS, in batches, over a few threads."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from tincan import RemoteLRS, Statement, StatementList

from services.console.demonstration.access import Keys
from services.console.exits import Failure
from services.console.story.month import Sent

_BATCH = 50
_THREADS = 4
_PATIENCE_SECONDS = 30.0

Advance = Callable[[int], None]
"""Called with the number of statements that were just taken."""


def send(keys: Keys, story: Sequence[Sent], advance: Advance) -> None:
    """Send every statement with the credential of its source. Raises `Failure` when one is refused."""
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="demo")
    try:
        for sent in as_completed([pool.submit(_save, keys, *batch) for batch in _batches(story)]):
            advance(sent.result())
    finally:
        pool.shutdown(cancel_futures=True)


def _batches(story: Iterable[Sent]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield batches of one source each, in the order in which they are full."""
    open_batches: dict[str, list[dict[str, Any]]] = {}
    for each in story:
        batch = open_batches.setdefault(each.source, [])
        batch.append(each.statement)
        if len(batch) == _BATCH:
            yield each.source, open_batches.pop(each.source)
    yield from open_batches.items()


def _save(keys: Keys, source: str, batch: list[dict[str, Any]]) -> int:
    key, secret = keys.by_source[source]
    lrs = RemoteLRS(version="1.0.3", endpoint=f"{keys.url}/xapi/", username=key, password=secret)
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        # TinCanPython consumes the dictionaries that it is given: each try gets its own.
        statements = StatementList([Statement(json.loads(json.dumps(each))) for each in batch])
        answer = lrs.save_statements(statements)
        if answer.success:
            return len(batch)
        if answer.response.status != 503 or time.monotonic() > until:
            text = answer.data.decode(errors="replace")
            raise Failure(f"The LRS refused statements of {source}: {answer.response.status} {text[:300]}")
        time.sleep(float(answer.response.getheader("Retry-After", "2")))

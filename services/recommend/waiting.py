"""Waiting for news of a person, with a bound: who sends a statement and asks at once is ahead of our consumer.

Hints come from the handler's commits, here or in another process; a hint can be lost, so who waits looks again at the
end of the wait whatever was heard.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from services.common.signals import Signals

CHANNEL = "recommend_inputs"
_LONGEST = 7_000  # bytes; PostgreSQL carries less than 8,000
_EVERYBODY = ""


class Arrivals:
    """Who waits for news of which person."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._waiting: dict[str, list[asyncio.Event]] = {}
        signals.on(CHANNEL, self._heard)

    def announce(self, keys: Sequence[bytes]) -> None:
        """Tell everybody that records with these keys (tenant/person) are committed."""
        # What is no key at all has become a dead letter: a hint must not fail on it, nor PostgreSQL on its zero byte.
        names = b"\n".join(dict.fromkeys(keys)).decode(errors="replace").replace("\0", "")
        self._signals.announce(CHANNEL, names if len(names.encode()) <= _LONGEST else _EVERYBODY)

    @contextmanager
    def of(self, tenant: str, person: UUID) -> Iterator[asyncio.Event]:
        """Lend an event that is set at each news of this person; to be taken before the first look."""
        name, event = f"{tenant}/{person}", asyncio.Event()
        self._waiting.setdefault(name, []).append(event)
        try:
            yield event
        finally:
            self._waiting[name].remove(event)
            if not self._waiting[name]:
                del self._waiting[name]

    def _heard(self, payload: str | None) -> None:
        names = payload.split("\n") if payload else list(self._waiting)
        for event in (event for name in names for event in self._waiting.get(name, ())):
            event.set()

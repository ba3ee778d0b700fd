"""Looking things up together: however many ask, there is one question at a time, and a pause between two."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

V = TypeVar("V")

_MOST = 1000
"""Keys of one question."""


class Lookups(Generic[V]):
    """Finds values by key through `ask`, which takes keys and returns what is known under them.

    Who asks first is answered at once; who asks during a question, or within `pause` seconds after its beginning,
    goes into the next one.
    """

    def __init__(self, ask: Callable[[list[str]], Awaitable[dict[str, V]]], *, pause: float) -> None:
        self._ask = ask
        self._pause = pause
        self._next = float("-inf")
        self._waiting: dict[str, asyncio.Future[V | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def find(self, key: str) -> V | None:
        """Return what is known under the key as of now or later, or raise what `ask` raised."""
        answer = self._waiting.get(key)
        if answer is None:
            answer = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._run())
        return await asyncio.shield(answer)  # others may wait for the same answer

    async def _run(self) -> None:
        while self._waiting:
            await asyncio.sleep(max(0.0, self._next - time.monotonic()))
            self._next = time.monotonic() + self._pause
            keys = list(self._waiting)[:_MOST]
            asked = {key: self._waiting.pop(key) for key in keys}
            try:
                found = await self._ask(keys)
            except Exception as error:  # noqa: BLE001 - whoever asked raises it
                for answer in asked.values():
                    answer.set_exception(error)
                    answer.exception()  # seen: whoever waited may be gone
            else:
                for key, answer in asked.items():
                    answer.set_result(found.get(key))

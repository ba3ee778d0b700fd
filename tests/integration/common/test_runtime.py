"""What keeps groups running: a loop that ends in whatever way is named, and started again."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from services.common.health import readiness
from services.common.loop import Loop, State
from services.common.runtime import Runtime, Service, build
from services.common.settings import Settings
from services.common.supervision import consume


class Idle:
    """A handler that is never called."""

    group, topics, schema, watermarked = "test.idle", ("xapi.statements.v1",), "test", False


async def until(runtime: Runtime, state: State) -> None:
    async with asyncio.timeout(5):
        while [loop.state for loop in runtime.loops] != [state]:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("ends_with", [ZeroDivisionError, asyncio.CancelledError])
async def test_a_group_that_fails_is_named_until_it_runs_again(
    monkeypatch: pytest.MonkeyPatch, ends_with: type[BaseException]
) -> None:
    runtime, handler, starts = build(Settings(), "postgresql://nowhere"), Idle(), 0

    async def run(self: Loop[object]) -> None:
        nonlocal starts
        starts += 1
        self.state = State.RUNNING
        await asyncio.sleep(0)
        if starts == 1:
            raise ends_with  # a CancelledError that nobody of ours asked for: a library's own future was cancelled
        await asyncio.Event().wait()

    monkeypatch.setattr(Loop, "run", run)
    consuming = asyncio.create_task(consume(runtime, handler, runtime.outbox("test")))  # type: ignore[arg-type]
    await until(runtime, State.WAITING)
    told = await readiness(runtime, [Service("test", Path(), [])])
    assert any("test.idle" in each and "failed" in each for each in told["degraded"])

    await until(runtime, State.RUNNING)
    assert starts == 2
    consuming.cancel()
    with suppress(asyncio.CancelledError):
        await consuming

"""Credentials on a real PostgreSQL: a new one works at once, a guessed one costs little, a revoked one stops."""

import asyncio
import secrets
import time

from services.common import access
from services.common.access.credentials import Credentials, create, revoke
from services.common.access.scopes import Scope
from services.common.database import Database, migrate


class Counting(Database):
    """Counts how often a connection is asked for."""

    asked = 0

    def connection(self):  # type: ignore[no-untyped-def]
        self.asked += 1
        return super().connection()


async def opened(dsn: str) -> Counting:
    database = Counting(dsn)
    await database.open()
    await migrate(database, "access", access.MIGRATIONS)
    return database


async def test_guessed_keys_ask_little_while_a_new_credential_works_at_once(database: str) -> None:
    counted = await opened(database)
    other = Database(database)
    await other.open()
    credentials = Credentials(counted)
    await credentials.refresh()
    counted.asked = 0
    began = time.monotonic()

    async def guess() -> None:
        while time.monotonic() - began < 1:
            assert await credentials.authenticate(secrets.token_hex(16), "secret") is None

    guesses = [asyncio.create_task(guess()) for _ in range(100)]
    await asyncio.sleep(0.3)
    key, secret = await create(other, source="app", kind="other", scopes=[Scope.ALL], time_zone="Europe/Amsterdam")
    made = time.monotonic()
    caller = await credentials.authenticate(key, secret)
    assert caller is not None
    assert caller.source == "app"
    assert time.monotonic() - made < 0.5
    await asyncio.gather(*guesses)
    assert counted.asked <= 25  # one in 50 ms
    await counted.close()
    await other.close()


async def test_what_cannot_be_a_key_is_never_asked_for(database: str) -> None:
    counted = await opened(database)
    credentials = Credentials(counted)
    await credentials.refresh()
    counted.asked = 0
    for key in ("", "admin", "x" * 10_000, "A" * 32, "\0" * 32, "0" * 33):
        assert await credentials.authenticate(key, "secret") is None
    assert counted.asked == 0
    await counted.close()


async def test_a_revoked_credential_stops_within_ten_seconds_though_it_is_used_all_the_time(database: str) -> None:
    counted = await opened(database)
    credentials = Credentials(counted)
    running = asyncio.create_task(credentials.run())
    key, secret = await create(counted, source="app", kind="other", scopes=[Scope.ALL], time_zone="Europe/Amsterdam")
    assert await credentials.authenticate(key, secret) is not None
    assert await revoke(counted, key)
    async with asyncio.timeout(10):
        while await credentials.authenticate(key, secret) is not None:
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await counted.close()

"""The database that tests and `make up` get: who may connect, what it speaks, that each test has its own."""

import asyncpg
import pytest

from services.local.postgres import Postgres


async def test_it_is_postgresql_18_in_utf8_and_durable_settings_are_ours(database: str) -> None:
    connection = await asyncpg.connect(database)
    row = await connection.fetchrow(
        "SELECT current_setting('server_version_num')::int / 10000 AS major, datlocprovider, datlocale, "
        "pg_encoding_to_char(encoding) AS encoding FROM pg_database WHERE datname = current_database()"
    )
    assert row is not None
    assert dict(row) == {"major": 18, "datlocprovider": b"b", "datlocale": "C.UTF-8", "encoding": "UTF8"}
    assert await connection.fetchval("SHOW synchronous_commit") == "on"
    assert await connection.fetchval("SELECT lower('ÉÏ')") == "éï"
    await connection.close()


async def test_a_wrong_password_is_refused(postgres_server: Postgres) -> None:
    right = postgres_server.dsn_of("postgres")
    user, _, rest = right.partition("@")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"{user[:-1]}@{rest}")


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_has_an_empty_database(database: str, turn: int) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("CREATE TABLE mine (turn int)")
    await connection.execute("INSERT INTO mine VALUES ($1)", turn)
    assert await connection.fetchval("SELECT turn FROM mine") == turn
    await connection.close()

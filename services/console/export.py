"""`leermix export`: what anyone needs to check a mix: statements as the store keeps them, and who is who.

    leermix export statements.ndjson people.csv
    leermix mix --time-zone Europe/Amsterdam --people people.csv < statements.ndjson

It is what replay reads, so both files hold personal data. What persons said themselves (corrections, additions, pauses)
are not statements, and are not in them.
"""

import asyncio
import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from schemas.xapi.agents import actor_key, ifi
from services.analytics.store import people
from services.common.database import Connection
from services.common.settings import Settings
from services.console import reach
from services.console.exits import Exit, Failure
from services.console.terminal import answer, answer_json, say

_ROWS = 5_000
_STATEMENTS = """
    -- A tenant's statements in the order in which they were stored.
    SELECT id, arrived, timestamp_sent, source, kind, statement FROM ingest_api.statements_v1
    WHERE tenant = $1 ORDER BY stored, id
"""


def run(*, statements: Path, persons: Path | None, tenant: str, replace: bool, as_json: bool) -> None:
    """Write both files, and say how much is in them."""
    for file in (statements, persons):
        if file is not None and file.exists() and not replace:
            raise Failure(f"{file} is there already; --replace overwrites it.", Exit.USAGE)
    written, identities = asyncio.run(_export(statements, persons, tenant))
    if as_json:
        answer_json({"statements": written, "identities": identities})
        return
    answer(f"{written:,} statements in {statements}" + (f", {identities:,} identities in {persons}" if persons else ""))


async def _export(statements: Path, persons: Path | None, tenant: str) -> tuple[int, int]:
    written, known = 0, dict[str, str]()
    with ExitStack() as files:
        lines = files.enter_context(statements.open("wb"))
        rows = csv.writer(files.enter_context(persons.open("w", encoding="utf-8", newline=""))) if persons else None
        if rows:
            rows.writerow(("person", "identity"))
        async with reach.database(Settings()) as database, database.transaction(snapshot=True) as connection:
            try:
                async for row in connection.cursor(_STATEMENTS, tenant, prefetch=_ROWS):
                    statement = orjson.loads(row["statement"])
                    lines.write(orjson.dumps(_line(row, statement), option=orjson.OPT_APPEND_NEWLINE))
                    known |= {actor_key(agent): identity_text(agent) for agent in _agents(statement)}
                    written += 1
                    if written % (10 * _ROWS) == 0:
                        say(f"{written:,} statements …")
            except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError) as error:
                raise Failure(
                    "There is no statement store yet: leermix has not been started with this data."
                ) from error
            found = await _persons(connection, tenant, known) if rows else {}
        if rows:
            rows.writerows((person, known[key]) for key, person in sorted(found.items(), key=lambda each: each[1]))
    return written, len(found)


def _line(row: Any, statement: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "statement": {**statement, "id": str(row["id"])},
        "source": row["source"],
        "kind": row["kind"],
        "arrived": row["arrived"],
    }


async def _persons(connection: Connection, tenant: str, keys: Iterable[str]) -> dict[str, str]:
    """Return who these identities are, of those that analytics knows."""
    wanted, found = sorted(keys), dict[str, str]()
    for place in range(0, len(wanted), _ROWS):
        part = await people.known(connection, [(tenant, key) for key in wanted[place : place + _ROWS]])
        found |= {key: person for (_, key), person in part.items()}
    return found


def _agents(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield everybody a statement names, however deep."""
    if isinstance(value, dict):
        if value.get("objectType", "Agent") in ("Agent", "Group") and ifi(value):
            yield value
        for each in value.values():
            yield from _agents(each)
    elif isinstance(value, list):
        for each in value:
            yield from _agents(each)


def identity_text(agent: Mapping[str, Any]) -> str:
    """Return an identity as the people file of `leermix mix` takes it; an openid with its kind, for not every one is a
    web address."""
    named = ifi(agent) or ""
    return named if named.startswith("openid|") else named.partition("|")[2]

"""`leermix derivations`: readings of all history beside each other, their replays, and the switch (law 10)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from schemas.events import LearningClass
from services.analytics.store import replays
from services.common.database import Connection
from services.common.settings import Settings
from services.common.time_zones import zone_named
from services.console import reach
from services.console.exits import Exit, Failure
from services.console.terminal import answer, answer_json, table

_MINUTE_US = 60_000_000
_CLASSES: tuple[LearningClass, ...] = ("formal", "social", "experiential", "unclassified", "not_learning")


def run_list(*, tenant: str | None, as_json: bool) -> None:
    """Print every derivation with its progress."""
    found = asyncio.run(_listed(tenant))
    if as_json:
        answer_json(found)
        return
    rows = [
        (
            each["tenant"],
            each["derivation"],
            each["state"],
            _progress(each),
            each["rule_set"],
            each["registry"],
            each["time_zone"],
            each["reason"],
        )
        for each in found
    ]
    answer(table(("TENANT", "NUMBER", "STATE", "REPLAY", "RULES", "REGISTRY", "ZONE", "BECAUSE"), rows))


def run_start(*, tenant: str, time_zone: str | None, switch: bool, reason: str, as_json: bool) -> None:
    """Begin a derivation beside the one that is served."""
    _refuse_unknown(time_zone)
    number = asyncio.run(_start(tenant, time_zone, switch, reason))
    if as_json:
        answer_json({"tenant": tenant, "derivation": number})
        return
    then = "It is switched to when it is complete." if switch else f"Then: `leermix derivations switch {number}`."
    answer(f"Derivation {number} begins; `leermix derivations list` shows how far it is. {then}")


def run_switch(*, tenant: str, derivation: int, as_json: bool) -> None:
    """Serve another derivation."""
    asyncio.run(_switch(tenant, derivation))
    if as_json:
        answer_json({"tenant": tenant, "derivation": derivation})
        return
    answer(f"Derivation {derivation} is served from now on. The one before is kept current: switch back the same way.")


def run_drop(*, tenant: str, derivation: int, as_json: bool) -> None:
    """Give up a derivation."""
    asyncio.run(_drop(tenant, derivation))
    if as_json:
        answer_json({"tenant": tenant, "derivation": derivation})
        return
    answer(f"Derivation {derivation} is given up; what it held is deleted little by little.")


def run_compare(*, tenant: str, first: int, second: int, as_json: bool) -> None:
    """Print what two derivations make of all history, class by class."""
    if first == second:
        raise Failure("Give two derivations: one differs from itself in nothing.", Exit.USAGE)
    sums, moved = asyncio.run(_compared(tenant, first, second))
    if as_json:
        answer_json({"tenant": tenant, "derivations": {str(n): each for n, each in sums.items()}, "moved": moved})
        return
    rows = [
        (cls, *(_told(sums[number].get(cls)) for number in (first, second)))
        for cls in _CLASSES
        if any(cls in of for of in sums.values())
    ]
    answer(table(("CLASS", f"DERIVATION {first}", f"DERIVATION {second}"), rows))
    answer(f"{moved:,} {'person has' if moved == 1 else 'people have'} other minutes in some mode.")


def _refuse_unknown(time_zone: str | None) -> None:
    try:
        if time_zone is not None:
            zone_named(time_zone)
    except ValueError as error:
        raise Failure(f"--time-zone: {error}", Exit.USAGE) from error


async def _listed(tenant: str | None) -> list[dict[str, Any]]:
    async with _connected() as connection:
        return await replays.listed(connection, tenant)


async def _start(tenant: str, time_zone: str | None, switch: bool, reason: str) -> int:
    async with _connected() as connection:
        number = await replays.start(connection, tenant, reason=reason, switch=switch, time_zone=time_zone)
    if number is None:
        raise Failure(f"Tenant {tenant} has no history yet: there is nothing to derive anew.", Exit.FAILED)
    return number


async def _switch(tenant: str, derivation: int) -> None:
    async with _connected() as connection, connection.transaction():
        if not await replays.switch(connection, tenant, derivation):
            raise Failure(
                f"Derivation {derivation} of tenant {tenant} is not there, not complete, or served already; "
                "`leermix derivations list` shows all.",
                Exit.FAILED,
            )


async def _drop(tenant: str, derivation: int) -> None:
    async with _connected() as connection:
        if not await replays.drop(connection, tenant, derivation):
            raise Failure(
                f"Derivation {derivation} of tenant {tenant} is served, or not there: switch to another one first.",
                Exit.FAILED,
            )


async def _compared(tenant: str, first: int, second: int) -> tuple[dict[int, dict[str, Any]], int]:
    async with _connected() as connection:
        there = {each["derivation"] for each in await replays.listed(connection, tenant)}
        for number in (first, second):
            if number not in there:
                raise Failure(
                    f"Derivation {number} of tenant {tenant} is not there; `leermix derivations list` shows all.",
                    Exit.FAILED,
                )
        sums = {number: await replays.compared(connection, tenant, number) for number in (first, second)}
        return sums, await replays.moved(connection, tenant, first, second)


@asynccontextmanager
async def _connected() -> AsyncIterator[Connection]:
    async with reach.database(Settings()) as database, database.connection() as connection:
        try:
            yield connection
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError) as error:
            raise Failure("There are no derivations yet: leermix has not been started with this data.") from error


def _progress(each: dict[str, Any]) -> str:
    if each["completed"] is not None:
        return "complete"
    return f"{each['done']:,} of {each['total']:,}" if each["total"] else "begins"


def _told(of: dict[str, int] | None) -> str:
    if of is None:
        return "-"
    return f"{of['minutes_us'] / _MINUTE_US:,.0f} min, {of['events']:,} events, {of['people']:,} people"

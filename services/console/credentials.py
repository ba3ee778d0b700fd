"""`leermix credentials`: make, list and revoke what systems send with."""

import asyncio
from collections.abc import Sequence
from typing import Any

from services.common.access.credentials import KINDS, SourceKindDiffers, create, listed, revoke
from services.common.access.scopes import DEFAULT, EVERYTHING, Scope
from services.common.database import Database
from services.common.settings import Settings
from services.console import reach
from services.console.exits import Exit, Failure
from services.console.terminal import answer, answer_json, table

FIRST_SOURCE = "first"
FIRST_KIND = "other"
_LONGEST_NAME = 200


async def first_credential(database: Database, time_zone: str) -> dict[str, Any] | None:
    """Make the first credential of an installation, with every scope; None when there are credentials already."""
    if await listed(database):
        return None
    return await _made(database, FIRST_SOURCE, FIRST_KIND, sorted(EVERYTHING), "default", time_zone)


def run_create(*, source: str, kind: str, scopes: Sequence[str], tenant: str, as_json: bool) -> None:
    """Make a credential and print it, its secret this once."""
    wanted = _checked(source, kind, scopes, tenant)
    made = asyncio.run(_create(source, kind, wanted, tenant))
    if as_json:
        answer_json(made)
        return
    lines = [f"{name:7} {' '.join(value) if name == 'scopes' else value}" for name, value in made.items()]
    answer("\n".join([*lines, "", "The secret is shown this once and is not kept. It works at once."]))


def run_list(*, tenant: str | None, as_json: bool) -> None:
    """Print every credential, without secrets."""
    rows = asyncio.run(_list(tenant))
    if as_json:
        answer_json(rows)
        return
    shown = [
        (row["key"], row["tenant"], row["source"], row["kind"], " ".join(row["scopes"]), _minute(row["created"]),
         _minute(row["revoked"])) for row in rows
    ]  # fmt: skip
    answer(table(("KEY", "TENANT", "SOURCE", "KIND", "SCOPES", "CREATED", "REVOKED"), shown))


def run_revoke(*, key: str, as_json: bool) -> None:
    """Revoke a credential."""
    if not asyncio.run(_revoke(key)):
        raise Failure("There is no credential with that key; `leermix credentials list` shows them.", Exit.FAILED)
    if as_json:
        answer_json({"key": key, "revoked": True})
    else:
        answer("Revoked. It stops working everywhere within 10 seconds.")


async def _create(source: str, kind: str, scopes: list[Scope], tenant: str) -> dict[str, Any]:
    settings = Settings()
    async with reach.database(settings) as database:
        try:
            return await _made(database, source, kind, scopes, tenant, reach.zone_of_new_tenants(settings))
        except SourceKindDiffers as error:
            raise Failure(f"{error}. Use that kind, or another source name.", Exit.USAGE) from error


async def _list(tenant: str | None) -> list[dict[str, Any]]:
    async with reach.database(Settings()) as database:
        return await listed(database, tenant)


async def _revoke(key: str) -> bool:
    async with reach.database(Settings()) as database:
        return await revoke(database, key)


async def _made(
    database: Database, source: str, kind: str, scopes: Sequence[Scope], tenant: str, time_zone: str
) -> dict[str, Any]:
    key, secret = await create(database, source=source, kind=kind, scopes=scopes, tenant=tenant, time_zone=time_zone)
    return {
        "key": key,
        "secret": secret,
        "source": source,
        "kind": kind,
        "scopes": [scope.value for scope in scopes],
        "tenant": tenant,
    }


def _checked(source: str, kind: str, scopes: Sequence[str], tenant: str) -> list[Scope]:
    for option, name in (("--source", source), ("--tenant", tenant)):
        if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
            raise Failure(f"{option} is a name of 1 to {_LONGEST_NAME} printable characters.", Exit.USAGE)
    if kind not in KINDS:
        raise Failure(f"--kind {kind!r} is unknown; use one of: {', '.join(KINDS)}.", Exit.USAGE)
    unknown = sorted(set(scopes) - {scope.value for scope in Scope})
    if unknown:
        choice = ", ".join(scope.value for scope in Scope)
        raise Failure(f"--scope {unknown[0]!r} is unknown; use any of: {choice}.", Exit.USAGE)
    return sorted({Scope(scope) for scope in scopes} or DEFAULT)


def _minute(moment: Any) -> str:
    return moment.astimezone().isoformat(" ", "minutes") if moment else ""

"""`leermix people`: who belongs to the organisation, and which persons are one; on what runs here, or when it rests."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import services.analytics
import services.common
from services.analytics.domain.people.hr_file import read_hr_file
from services.analytics.domain.people.problems import WrongFile
from services.analytics.people import importing, merging
from services.analytics.people.composing import parts_of
from services.analytics.people.importing import Said
from services.analytics.people.parts import Parts
from services.analytics.readings import Readings
from services.analytics.rules import base_data, base_rules
from services.analytics.store import SCHEMA
from services.analytics.store.merges import Merge
from services.common import access
from services.common.database import Database, migrate
from services.common.errors import Rejected
from services.common.settings import Settings
from services.console import reach
from services.console.exits import Exit, Failure
from services.console.terminal import answer, answer_json, say, table

AUTHOR = "console"
_SHOWN = 20
_ONE = {"identities": "identity", "memberships": "membership"}


def run_import(
    file: Path, *, dry_run: bool, complete: bool, since: str | None, tenant: str, as_json: bool
) -> None:  # fmt: skip
    """Take an HR file, or tell what it would change."""
    first = _date(since)
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise Failure(f"{file} cannot be read ({error.strerror}).", Exit.USAGE) from error
    try:
        read = read_hr_file(body)
        said = Said(read.people, read.teams, complete, first)
        report = asyncio.run(_import(said, tenant, dry_run=dry_run))
    except WrongFile as wrong:
        raise Failure(_problems(wrong, as_json=as_json)) from wrong
    if as_json:
        answer_json(report)
    else:
        answer(_told(report))


def run_merge(kept: str, merged: str, *, tenant: str, as_json: bool) -> None:
    """Make two persons one."""
    done = asyncio.run(_merge(_uuid(kept), _uuid(merged), tenant))
    _tell(done, f"One person. `leermix people unmerge {done.merge}` makes two of them again.", as_json=as_json)


def run_unmerge(merge: str, *, tenant: str, as_json: bool) -> None:
    """Make two persons of them again."""
    done = asyncio.run(_unmerge(_uuid(merge), tenant))
    _tell(done, f"Two persons: {done.kept} and {done.merged}.", as_json=as_json)


async def _import(said: Said, tenant: str, *, dry_run: bool) -> dict[str, Any]:
    async with _parts(tenant) as parts:
        if dry_run:
            return await importing.shown(parts, tenant, said)
        return await importing.done(parts, tenant, said, AUTHOR, _progress)


async def _merge(kept: str, merged: str, tenant: str) -> Merge:
    async with _parts(tenant) as parts:
        return await merging.merge(parts, tenant, kept, merged, AUTHOR)


async def _unmerge(merge: str, tenant: str) -> Merge:
    async with _parts(tenant) as parts:
        return await merging.undo(parts, tenant, merge)


@asynccontextmanager
async def _parts(tenant: str) -> AsyncIterator[Parts]:
    """Yield what changes people here. What refuses says so to whoever called the command."""
    async with reach.runtime(Settings()) as runtime:
        readings = Readings(base_rules().version, base_data(), ZoneInfo(runtime.settings.time_zone))
        await _prepare(runtime.database, readings, tenant)
        try:
            yield parts_of(runtime, readings)
        except Rejected as refused:
            raise Failure(f"{refused.detail}.") from refused


async def _prepare(database: Database, readings: Readings, tenant: str) -> None:
    """Bring the tables to where a start of leermix brings them."""
    shared = Path(services.common.__file__).parent / "migrations"
    own = Path(services.analytics.__file__).parent / "migrations"
    await migrate(database, "access", access.MIGRATIONS)
    await migrate(database, SCHEMA, shared, own)
    async with database.transaction() as connection:
        if not await connection.fetchval("SELECT true FROM access.tenants WHERE tenant = $1", tenant):
            detail = f"There is no tenant {tenant!r}; `leermix credentials create --tenant` makes one."
            raise Failure(detail, Exit.USAGE)
        await readings.prepare(connection)


def _progress(what: str, done: int, of: int) -> None:
    say(f"{what.capitalize()} {done:,} of {of:,}" if done else f"{what.capitalize()} {of:,}")


def _told(report: dict[str, Any]) -> str:
    counts = [(name.replace("_", " "), f"{number:,}") for name, number in report["counts"].items() if number]
    lines = [table(("WHAT", "HOW MANY"), counts)]
    rows = [
        (each["reference"], each["change"], _few(each)) for each in report["changes"][:_SHOWN]
    ]  # fmt: skip
    if rows:
        lines += ["", table(("REFERENCE", "CHANGE", "WITH"), rows)]
    left = len(report["changes"]) + report["more"] - len(rows)
    lines += [f"… and {left:,} more (--json lists 200)."] if left else []
    return "\n".join([*lines, "", "Nothing was changed: a dry run." if report["dry_run"] else "Done."])


def _few(change: dict[str, Any]) -> str:
    return ", ".join(
        f"{number} {_counted(name, number)}" for name, number in change.items() if isinstance(number, int) and number
    )


def _counted(name: str, number: int) -> str:
    """Return what is counted: `memberships_opened` as words, of one `membership opened`."""
    what, _, how = name.partition("_")
    return f"{_ONE.get(what, what) if number == 1 else what} {how.replace('_', ' ')}"


def _problems(wrong: WrongFile, *, as_json: bool) -> str:
    if as_json:
        answer_json(
            {"errors": [{"line": it.line, "column": it.column, "detail": it.detail} for it in wrong.problems]}
        )  # fmt: skip
    lines = [
        f"  line {it.line}{f', {it.column}' if it.column else ''}: {it.detail}" for it in wrong.problems[:_SHOWN]
    ]  # fmt: skip
    more = len(wrong.problems) - len(lines)
    lines += [f"  … and {more:,} more (--json lists all)"] if more else []
    number = len(wrong.problems)
    return "\n".join([f"Nothing was taken: {number:,} {'problem' if number == 1 else 'problems'}.", *lines])


def _tell(done: Merge, text: str, *, as_json: bool) -> None:
    if as_json:
        answer_json(
            {"merge": done.merge, "kept": done.kept, "merged": done.merged, "identities": len(done.identities)}
        )  # fmt: skip
    else:
        answer(text)


def _date(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise Failure("--since is a date: YYYY-MM-DD.", Exit.USAGE) from error


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Failure(
            "A person or a merge is named by its id; GET /analytics/v1/people?agent=… tells a person's.", Exit.USAGE
        ) from error

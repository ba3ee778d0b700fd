"""`leermix doctor`: looks at everything that can keep leermix from working, changes nothing, and says what to do."""

import asyncio
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from schemas.topics import ALL_TOPICS, DEAD_LETTER_SUFFIX
from services.common import access
from services.common.access import zones
from services.common.database import Database
from services.common.errors import Unavailable
from services.common.runtime import Runtime, build
from services.common.settings import Settings
from services.console import reach
from services.console.exits import Exit, Failure
from services.console.groups import standings
from services.console.hosting import bound
from services.console.place import Noted, Place
from services.console.serve import SERVICES
from services.console.terminal import answer, answer_json
from services.console.variables import slips
from services.local.errors import PortTaken

_LITTLE, _TOO_LITTLE = 2_000_000_000, 200_000_000  # bytes of disk
_MUCH_LAG = 10_000  # records

_ZONE_ADVICE = f"It stays so: {zones.OTHER_ZONE}."

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Finding:
    """One check: `state` is ok, note or bad; `advice` says what to do."""

    check: str
    state: str
    found: str
    advice: str = ""


def run(*, as_json: bool) -> None:
    """Print all findings; the command fails when one of them is bad."""
    settings = Settings()
    findings = [*machine(settings), *asyncio.run(_installation(settings))]
    if as_json:
        answer_json([asdict(each) for each in findings])
    else:
        marks = {"ok": "ok  ", "note": "note", "bad": "BAD "}
        for each in findings:
            answer(f"{marks[each.state]}  {each.check}: {each.found}{f'. {each.advice}' if each.advice else ''}")
    bad = [each.check for each in findings if each.state == "bad"]
    if bad:
        raise Failure(f"something is wrong: {', '.join(bad)}", Exit.FAILED)


def machine(settings: Settings) -> Iterator[Finding]:
    """Look at what is needed before anything is started."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", "ok", version)
    yield _folder(settings)
    yield _disk(settings)
    yield _port(settings)
    for slip in slips(os.environ):
        yield Finding("settings", "note", slip, "`leermix settings` lists them all.")


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def _folder(settings: Settings) -> Finding:
    folder = settings.data.absolute()
    if not os.access(_existing(folder), os.W_OK | os.X_OK):
        return Finding("data folder", "bad", f"{folder} cannot be written", "Choose another with LEERMIX_DATA.")
    return Finding("data folder", "ok", f"{folder}{'' if folder.exists() else ' (made by the first start)'}")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(_existing(settings.data.absolute())).free
    state = "bad" if free < _TOO_LITTLE else "note" if free < _LITTLE else "ok"
    advice = "" if state == "ok" else "Make room: without it PostgreSQL stops, and POSTs are answered 503."
    return Finding("disk", state, f"{free / 1e9:.1f} GB free", advice)


def _port(settings: Settings) -> Finding:
    if Place(settings.data).running():
        return Finding("port", "ok", f"{settings.port}: see below for what runs here")
    try:
        bound(settings.host, settings.port).close()
    except PortTaken:
        return Finding("port", "bad", f"{settings.port} is taken", "Choose another with LEERMIX_PORT.")
    except Failure as failure:
        return Finding("port", "bad", str(failure))
    return Finding("port", "ok", f"{settings.port} is free")


async def _installation(settings: Settings) -> list[Finding]:
    """Look at what runs: readiness, database, schemas, log, groups, dead letters."""
    note = Place(settings.data).running()
    findings = [await _running(note)]
    url = settings.database_url or (note.database if note else None)
    if url is None:
        return [*findings, Finding("database", "note", "not running", "`leermix up` starts it.")]
    runtime = build(reach.with_running_kafka(settings), url)
    await runtime.database.open()
    try:
        for check in (_database, _schemas, _zones, _log, _groups, _dead_letters):
            findings += await _checked(check, runtime)
            if findings[-1].state == "bad" and check in (_database, _log):
                break
    finally:
        await runtime.log.close()
        await runtime.database.close()
    return findings


async def _checked(check: Callable[[Runtime], Awaitable[list[Finding]]], runtime: Runtime) -> list[Finding]:
    try:
        return await check(runtime)
    except Unavailable as error:
        advice = "Start it, or correct the address in the settings."
        return [Finding(error.what, "bad", f"does not answer ({error.detail})", advice)]


async def _running(note: Noted | None) -> Finding:
    if note is None:
        return Finding("leermix", "note", "nothing runs in this data folder", "`leermix up` starts it.")
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            told = (await client.get(f"{note.url}/health/ready")).json()
    except (httpx.HTTPError, ValueError) as error:
        found = f"process {note.pid} does not answer at {note.url} ({type(error).__name__})"
        return Finding("leermix", "bad", found, "Look into its log; when it stays so, stop it and start it again.")
    because = [why for each in told.get("services", {}).values() for why in each["because"]]
    if told.get("ready") and not told.get("degraded"):
        return Finding("leermix", "ok", f"process {note.pid} is ready at {note.url}")
    advice = "A group that is stopped says why: `leermix groups --help` is the way out."
    return Finding("leermix", "bad", "; ".join([*because, *told.get("degraded", [])]) or "not ready", advice)


async def _database(runtime: Runtime) -> list[Finding]:
    async with runtime.database.connection() as connection:
        version = await connection.fetchval("SHOW server_version_num")
    if int(version) < 150000:
        return [Finding("database", "bad", f"PostgreSQL {int(version) // 10000}", "leermix needs 15 or later.")]
    return [Finding("database", "ok", f"PostgreSQL {int(version) // 10000} answers")]


async def _schemas(runtime: Runtime) -> list[Finding]:
    return [await _schema(runtime.database, name, ours) for name, ours in _migrations().items()]


def _migrations() -> dict[str, set[str]]:
    folders = {"access": access.MIGRATIONS} | {name: _ROOT / name / "migrations" for name in SERVICES}
    return {name: {f"{name}/{path.name}" for path in folder.glob("*.sql")} for name, folder in folders.items()}


async def _schema(database: Database, name: str, ours: set[str]) -> Finding:
    async with database.connection() as connection:
        if await connection.fetchval("SELECT to_regclass($1)", f"{name}.migrations") is None:
            return Finding(f"schema {name}", "note", "not there yet", "Its service makes it when it starts.")
        done = {row["name"] for row in await connection.fetch(f"SELECT name FROM {name}.migrations")}
    newer = {each for each in done if each.startswith(f"{name}/")} - ours
    if newer:
        return Finding(
            f"schema {name}", "bad", f"has {max(newer)}, which is newer than this leermix", "Update leermix."
        )
    if ours - done:
        return Finding(f"schema {name}", "bad", f"lacks {min(ours - done)}", "Start its service again.")
    return Finding(f"schema {name}", "ok", max(ours).split("/")[1] if ours else "nothing to do")


async def _zones(runtime: Runtime) -> list[Finding]:
    async with runtime.database.connection() as connection:
        if await connection.fetchval("SELECT to_regclass('access.tenants')") is None:
            return []
    setting = reach.zone_of_new_tenants(runtime.settings)
    found = (await zones.others(runtime.database, setting)).items()
    return [
        Finding(f"time zone of tenant {tenant}", "note", f"{zone}, the setting is {setting}", _ZONE_ADVICE)
        for tenant, zone in found
    ]


async def _log(runtime: Runtime) -> list[Finding]:
    await runtime.log.open()
    what = f"Kafka at {runtime.settings.kafka_bootstrap_servers}" if runtime.distributed else "tables in PostgreSQL"
    await runtime.log.ranges(next(iter(ALL_TOPICS)))
    return [Finding("event log", "ok", f"{what} answers")]


async def _groups(runtime: Runtime) -> list[Finding]:
    known = await standings(runtime)
    findings = []
    for group in sorted({each.group for each in known}):
        mine = [each for each in known if each.group == group]
        outside = [each for each in mine if not each.inside]
        lag = sum(each.lag for each in mine)
        if outside:
            where = f"{outside[0].topic} {outside[0].partition}"
            advice = f"Decide where to go on: `leermix groups reset {group} {where} --to beginning`."
            findings.append(Finding(f"group {group}", "bad", f"stands outside the log on {where}", advice))
        else:
            advice = "It catches up while its service runs; a lag that grows says otherwise." if lag > _MUCH_LAG else ""
            findings.append(Finding(f"group {group}", "note" if lag > _MUCH_LAG else "ok", f"lag {lag}", advice))
    return findings


async def _dead_letters(runtime: Runtime) -> list[Finding]:
    findings = []
    for topic in (name for name in ALL_TOPICS if name.endswith(DEAD_LETTER_SUFFIX)):
        count = sum(each.end - each.start for each in (await runtime.log.ranges(topic)).values())
        if count:
            advice = "Their header `reason` says why; the counter dead_letters in /metrics tells them apart."
            findings.append(
                Finding(f"dead letters of {topic.removesuffix(DEAD_LETTER_SUFFIX)}", "note", f"{count}", advice)
            )
    return findings or [Finding("dead letters", "ok", "none")]

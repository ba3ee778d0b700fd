"""`leermix backup` and `leermix restore`: everything of embedded mode in one file, by PostgreSQL's own tools."""

import asyncio
import os
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from services.common.settings import Settings
from services.console import reach
from services.console.exits import Exit, Failure
from services.console.place import Place
from services.console.terminal import answer, answer_json, say
from services.local.postgres import DATABASE, Postgres
from services.local.postgres_binaries import bindir

_RESTORED = f"{DATABASE}_restored"
_REPLACED = f"{DATABASE}_replaced"


def run_backup(file: Path, *, replace: bool, as_json: bool) -> None:
    """Write the file, whole or not at all; consistent as of its beginning, while everything goes on."""
    if file.is_dir():
        raise Failure(f"{file} is a folder. Name a file.", Exit.USAGE)
    if file.exists() and not replace:
        raise Failure(f"{file} exists already. Choose another name, or say --replace.", Exit.USAGE)
    if not file.absolute().parent.is_dir():
        raise Failure(f"{file.absolute().parent} is not a folder.", Exit.USAGE)
    asyncio.run(_backup(file))
    size = file.stat().st_size
    if as_json:
        answer_json({"file": str(file.absolute()), "bytes": size})
    else:
        answer(f"{file}: {size:,} bytes. It holds personal data; `leermix restore {file}` brings it back.")


def run_restore(file: Path, *, replace: bool, as_json: bool) -> None:
    """Bring a backup back into the data folder, in which nothing may run."""
    settings = Settings()
    if settings.database_url:
        message = "restore is for embedded data. LEERMIX_DATABASE_URL is set: use pg_restore on that database."
        raise Failure(message, Exit.USAGE)
    _check(file)
    place = Place(settings.data)
    place.refuse_second()
    with place.held(say):
        asyncio.run(_restore(file, place, replace=replace))
    if as_json:
        answer_json({"file": str(file.absolute()), "data": str(place.folder)})
    else:
        answer(f"{file} is restored into {place.folder}. `leermix up` goes on with it.")


async def _backup(file: Path) -> None:
    async with reach.database_url(Settings()) as url:
        unfinished = file.with_name(f"{file.name}.unfinished")
        say("Writing the backup")
        try:
            unfinished.unlink(missing_ok=True)
            unfinished.touch(0o600)
            await asyncio.to_thread(_tool, "pg_dump", "--format=custom", f"--file={unfinished}", url=url)
            with unfinished.open("rb") as written:
                os.fsync(written.fileno())
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)


async def _restore(file: Path, place: Place, *, replace: bool) -> None:
    async with Postgres(place.database, say=say) as postgres:
        admin = await asyncpg.connect(postgres.dsn_of("postgres"))
        try:
            if not replace and await _has_data(postgres):
                raise Failure(f"{place.folder} holds data already. --replace puts the backup in its place.")
            say("Reading the backup into a database of its own")
            await admin.execute(f"DROP DATABASE IF EXISTS {_RESTORED} WITH (FORCE)")
            await admin.execute(f"CREATE DATABASE {_RESTORED} TEMPLATE template0")
            url = postgres.dsn_of(_RESTORED)
            try:
                await asyncio.to_thread(_tool, "pg_restore", "--exit-on-error", "--no-owner", str(file), url=url)
                await _swap(admin)
            finally:  # half a backup is of no use, and holds personal data
                await admin.execute(f"DROP DATABASE IF EXISTS {_RESTORED} WITH (FORCE)")
        finally:
            await admin.close()


async def _swap(admin: asyncpg.Connection) -> None:
    """Put the restored database in the place of the present one, at one moment."""
    await admin.execute(f"DROP DATABASE IF EXISTS {_REPLACED} WITH (FORCE)")
    async with admin.transaction():
        await admin.execute(f"ALTER DATABASE {DATABASE} RENAME TO {_REPLACED}")
        await admin.execute(f"ALTER DATABASE {_RESTORED} RENAME TO {DATABASE}")
    await admin.execute(f"DROP DATABASE {_REPLACED} WITH (FORCE)")


async def _has_data(postgres: Postgres) -> bool:
    connection = await asyncpg.connect(postgres.dsn)
    try:
        return await connection.fetchval("SELECT to_regclass('access.credentials')") is not None
    finally:
        await connection.close()


def _check(file: Path) -> None:
    """Refuse what is not a backup of an embedded leermix, before anything is started."""
    if not file.is_file():
        raise Failure(f"{file} is not a file.", Exit.USAGE)
    contents = _tool("pg_restore", "--list", str(file))
    if " SCHEMA - access " not in contents:
        raise Failure(f"{file} is not a backup of leermix.")
    if " SCHEMA - log " not in contents:
        raise Failure(
            f"{file} comes from an installation whose event log is Kafka; embedded mode cannot go on with it."
        )


def _tool(name: str, *arguments: str, url: str | None = None) -> str:
    """Run one of PostgreSQL's programs; the password goes by the environment, which nobody else can read."""
    environment, where = dict(os.environ), []
    if url is not None:
        parts = urlsplit(url)
        environment["PGPASSWORD"] = unquote(parts.password or "")
        where = [f"--dbname={urlunsplit(parts._replace(netloc=parts.netloc.replace(f':{parts.password}@', '@')))}"]
    result = subprocess.run(  # noqa: S603 - a program of ours
        [str(bindir() / name), *where, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise Failure(f"{name} failed: {result.stderr.strip()[-1500:]}")
    return result.stdout

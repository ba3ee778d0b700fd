"""The demo's way in: a running system, tenants of the demo's own, and credentials that live as long as one run."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from services.common.access.credentials import create, revoke
from services.common.access.scopes import Scope
from services.common.database import Database
from services.common.settings import Settings
from services.console.exits import Exit, Failure
from services.console.place import Place
from services.console.reach import database, zone_of_new_tenants
from services.console.welcome import local_url

HOSPITAL = "hospital-demo"
FILE = "demo-statements"
TENANTS = (HOSPITAL, FILE)

READER = "leermix-demo"
_READING = frozenset(
    {Scope.STATEMENTS_READ, Scope.ANALYTICS_READ, Scope.PEOPLE_READ, Scope.PEOPLE_WRITE, Scope.RECOMMEND_READ}
)


@dataclass(frozen=True, slots=True)
class Keys:
    """Credentials of one run: key and secret by source; the source `READER` reads."""

    url: str
    by_source: Mapping[str, tuple[str, str]]


async def running_url(settings: Settings, wished: str | None) -> str:
    """Return the address of the running system. Raises `Failure` (nothing runs) with how to start one."""
    note = Place(settings.data).running()
    url = (wished or (note.url if note else local_url(settings))).rstrip("/")
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            answer = await client.get(f"{url}/health/ready")
    except httpx.HTTPError as error:
        raise Failure(
            f"No leermix answers at {url}. Start one with `make up` (or `leermix up`) in another terminal, "
            "then run this again.",
            Exit.NOT_RUNNING,
        ) from error
    if answer.status_code != 200:
        raise Failure(f"What answers at {url} is not ready: {answer.text[:300]}", Exit.NOT_RUNNING)
    if note is None and not settings.database_url:
        raise Failure(
            f"A leermix answers at {url}, but not from the data in {settings.data.absolute()}: set LEERMIX_DATA as "
            "where it was started, or LEERMIX_DATABASE_URL. The demo makes credentials of its own there.",
            Exit.NOT_RUNNING,
        )
    return url


@asynccontextmanager
async def credentials(settings: Settings, url: str, tenant: str, sources: Mapping[str, str]) -> AsyncIterator[Keys]:
    """Make one credential per source (name and kind) and one that reads; revoke them when the run ends."""
    async with database(settings) as opened:
        zone = zone_of_new_tenants(settings)
        made: dict[str, tuple[str, str]] = {}
        try:
            for source, kind in sources.items():
                scopes = {Scope.STATEMENTS_WRITE}
                made[source] = await create(
                    opened, source=source, kind=kind, scopes=scopes, tenant=tenant, time_zone=zone
                )
            made[READER] = await create(
                opened, source=READER, kind="other", scopes=_READING, tenant=tenant, time_zone=zone
            )
            yield Keys(url, made)
        finally:
            await _revoke(opened, made)


async def _revoke(opened: Database, made: Mapping[str, tuple[str, str]]) -> None:
    for key, _ in made.values():
        await revoke(opened, key)

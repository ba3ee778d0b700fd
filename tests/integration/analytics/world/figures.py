"""What analytics' tables say of a generated world, and what its oracle says, in the same words."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from schemas.xapi.agents import actor_key
from services.analytics.domain.minutes.facts import Fact, footprints
from services.analytics.domain.minutes.sums import DaySum, day_sums, touched
from services.analytics.domain.minutes.threads import held
from services.analytics.store import linking
from services.analytics.store.days import FIGURES
from services.analytics.store.events import _COLUMNS as COLUMNS
from services.analytics.store.events import event_of
from services.common.database import Connection
from tests.oracle.compare import spoken
from tests.oracle.painting import figures
from tests.world.cast import Agent, Person
from tests.world.world import World

AMSTERDAM = "Europe/Amsterdam"
_DAYS = f"""
    SELECT d.person::text, d.day, d.class, {", ".join(f"d.{name}" for name in FIGURES)} FROM analytics.person_days d
    WHERE d.tenant = $1 AND d.derivation = $2
"""
_EVENTS = f"SELECT {COLUMNS} FROM analytics.events e WHERE tenant = $1 AND derivation = $2 AND NOT retracted"
_ASTRAY = """
    SELECT count(*) FROM analytics.events e JOIN analytics.identities i
    ON i.tenant = e.tenant AND i.actor_key = e.learner WHERE e.tenant = $1 AND i.person <> e.person
"""
_IDENTITIES = "SELECT actor_key, person::text FROM analytics.identities WHERE tenant = $1"
_REGISTRY = "INSERT INTO analytics.registries (tenant, version, entries, change, author) VALUES ($1, 1, $2, '{}', 'w')"

Rows = dict[tuple[Any, Any, str], Mapping[str, float]]


async def register(connection: Connection, tenant: str, entries: str) -> None:
    """Give a tenant the world's registry, before its first statement."""
    await connection.execute(_REGISTRY, tenant, entries)


async def link(connection: Connection, tenant: str, people: list[Person], new_id: Callable[[], str]) -> None:
    """Make all identities of each of these one person's, as an import does."""
    for each in people:
        person = new_id()
        await linking.make_persons(connection, tenant, [person])
        await linking.add(connection, tenant, [(actor_key(agent), person, "import") for agent in each.agents])


async def persons(connection: Connection, tenant: str) -> dict[str, str]:
    """Return whose each actor_key is."""
    return {row["actor_key"]: row["person"] for row in await connection.fetch(_IDENTITIES, tenant)}


def painted(made: World, whose: Mapping[str, str], zone: str = AMSTERDAM) -> Rows:
    """Return what the oracle says, by (person, day, class)."""

    def person_of(agent: Agent) -> str:
        return whose[actor_key(agent)]

    return figures(made.deliveries, made.labels, person_of, zone)


async def folded(connection: Connection, tenant: str, derivation: int = 1) -> Rows:
    """Return what the tables say."""
    found = {}
    for row in await connection.fetch(_DAYS, tenant, derivation):
        if figures_of := spoken(DaySum(*tuple(row)[3:])):
            found[row["person"], row["day"], row["class"]] = figures_of
    return found


async def facts(connection: Connection, tenant: str, derivation: int = 1) -> dict[str, list[Fact]]:
    """Return the facts that count, by person."""
    found: dict[str, list[Fact]] = {}
    for event in map(event_of, await connection.fetch(_EVENTS, tenant, derivation)):
        found.setdefault(event.person, []).append(event.fact)
    return found


async def recomputed(connection: Connection, tenant: str, derivation: int = 1) -> Rows:
    """Return what all that counts adds up to, each person's threads derived at once."""
    found, zone = {}, ZoneInfo(AMSTERDAM)
    for person, theirs in (await facts(connection, tenant, derivation)).items():
        everything = held(theirs)
        for day, sums in day_sums(footprints(everything), touched(footprints(everything), zone), zone).items():
            found |= {(person, day, cls): spoken(row) for cls, row in sums.items() if spoken(row)}
    return found


async def astray(connection: Connection, tenant: str) -> int:
    """Return how many events are not where their identities are; those that were taken back are told too."""
    return await connection.fetchval(_ASTRAY, tenant)

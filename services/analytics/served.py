"""What is served of one person: the sums of any window, from folded days and, where it cuts one, from its events."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from schemas.events import LearningClass
from services.analytics.domain.derivations import Derivation
from services.analytics.domain.events import Event
from services.analytics.domain.minutes.days import day_bounds, day_of
from services.analytics.domain.minutes.sums import DaySum, window_sums
from services.analytics.domain.targets import Held, bands_over, in_context
from services.analytics.readings import Readings
from services.analytics.store import days, events
from services.analytics.store import targets as store
from services.analytics.store.events import Owner, Window
from services.common.database import Connection

_DAY = timedelta(days=1)
_SERVED = """
    -- What is served of a person: by which derivation, how far its replay is, from sources of which kinds.
    SELECT d.tenant, d.derivation, d.rule_set, d.registry, d.time_zone, d.done, d.total, d.completed IS NULL AS partial,
           EXISTS (SELECT FROM analytics.targets t WHERE t.tenant = d.tenant AND t.removed IS NULL) AS targets,
           ARRAY(SELECT DISTINCT kind FROM access.senders s WHERE s.tenant = d.tenant) AS kinds,
           coalesce((SELECT longest_us FROM analytics.persons p WHERE p.tenant = d.tenant AND p.person = $2), 0)
               AS longest_us
    FROM analytics.derivations d WHERE d.tenant = $1 AND d.state = 'active'
"""


@dataclass(frozen=True, slots=True)
class Served:
    """A person under the derivation that is served.

    `replay` is (read, of) while its history is still being derived, else None. `longest_us` bounds how far anything of
    the person reaches; `targets` tells whether anybody in the tenant has set any.
    """

    owner: Owner
    derivation: Derivation
    kinds: frozenset[str]
    longest_us: int
    replay: tuple[int, int] | None
    targets: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A window, [since, until), as whole local days with what is cut off at either end."""

    first: date
    last: date
    cut: tuple[tuple[int, int], ...]


async def served(connection: Connection, readings: Readings, tenant: str, person: str) -> Served:
    """Return by what a person's figures are served; before a tenant's first statement by what they will be."""
    rows = await connection.fetch(_SERVED, tenant, person)
    if not rows:
        expected = await readings.expected(connection, tenant)
        return Served(Owner(tenant, expected.number, person), expected, frozenset(), 0, None, False)
    row: Any = rows[0]
    derivation = Derivation(
        tenant, row["derivation"], row["rule_set"], row["registry"], ZoneInfo(row["time_zone"]), "active"
    )
    replay = (row["done"], row["total"]) if row["partial"] else None
    return Served(
        Owner(tenant, derivation.number, person),
        derivation,
        frozenset(row["kinds"]),
        row["longest_us"],
        replay,
        row["targets"],
    )


def span(since_us: int, until_us: int, zone: ZoneInfo) -> Span:
    """Return the whole days of a window, and the pieces of days at its ends."""
    first, last = day_of(since_us, zone), day_of(until_us - 1, zone)
    opens, closes = day_bounds(first, zone), day_bounds(last, zone)
    if first == last and (opens[0] < since_us or until_us < closes[1]):
        return Span(first + _DAY, first, ((since_us, until_us),))
    cut = []
    if opens[0] < since_us:
        cut.append((since_us, opens[1]))
        first += _DAY
    if until_us < closes[1]:
        cut.append((closes[0], until_us))
        last -= _DAY
    return Span(first, last, tuple(cut))


async def sums(
    connection: Connection, of: Served, since_us: int, until_us: int, horizon_us: int
) -> tuple[dict[LearningClass, DaySum], int]:
    """Return a person's sums over [since, until), and how many events there are from the horizon on."""
    asked = span(since_us, max(until_us, since_us + 1), of.derivation.zone)
    found, future = await days.summed(connection, of.owner, asked.first, asked.last, horizon_us)
    for since, until in asked.cut if since_us < until_us else ():
        seen = await events.footprints(connection, [Window(of.owner, since, until, of.longest_us)])
        for cls, part in window_sums(seen.get(of.owner, {}).values(), since, until, until).items():
            if cls in found:
                found[cls] += part
            else:
                found[cls] = part
    return found, future


async def targets(connection: Connection, of: Served, since_us: int, until_us: int) -> Held:
    """Return the bands that stand over a window: the person's own, and those around the person (MIX.md 4)."""
    if not of.targets:
        return Held({}, [])
    zone, person = of.derivation.zone, of.owner.person
    since, until = day_of(since_us, zone), day_of(until_us - 1, zone) + _DAY
    around = await store.around(connection, of.owner.tenant, person, until - _DAY)
    found = await store.standing(connection, of.owner.tenant, [("person", person), *around], since, until)
    own = [each for each in found if each.scope == "person"]
    return Held(bands_over(own, since, until), in_context(found, since, until))


async def reaching(connection: Connection, of: Served, since_us: int, until_us: int) -> list[Event]:
    """Return everything of a person that reaches into [since, until), defaults doubled."""
    found = await events.around(connection, [Window(of.owner, since_us, until_us, of.longest_us)])
    return found.get(of.owner, [])

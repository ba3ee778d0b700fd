"""What is served of one person: the sums of any window, from folded days and, where it cuts one, from its events."""

from dataclasses import dataclass
from datetime import date, timedelta

from schemas.events import LearningClass
from services.analytics.domain.derivations import Derivation
from services.analytics.domain.events import Event
from services.analytics.domain.minutes.days import day_bounds, day_of
from services.analytics.domain.minutes.sums import DaySum, window_sums
from services.analytics.store import days, events
from services.analytics.store.events import Owner, Window
from services.common.database import Connection

_DAY = timedelta(days=1)
_LONGEST = "SELECT longest_us FROM analytics.persons WHERE tenant = $1 AND person = $2"


@dataclass(frozen=True, slots=True)
class Span:
    """A window, [since, until), as whole local days with what is cut off at either end."""

    first: date
    last: date
    cut: tuple[tuple[int, int], ...]


def span(since_us: int, until_us: int, derivation: Derivation) -> Span:
    """Return the whole days of a window, and the pieces of days at its ends."""
    first, last = day_of(since_us, derivation.zone), day_of(until_us - 1, derivation.zone)
    opens, closes = day_bounds(first, derivation.zone), day_bounds(last, derivation.zone)
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
    connection: Connection, derivation: Derivation, person: str, since_us: int, until_us: int
) -> dict[LearningClass, DaySum]:
    """Return a person's sums over [since, until)."""
    owner = Owner(derivation.tenant, derivation.number, person)
    if since_us >= until_us:
        return {}
    asked = span(since_us, until_us, derivation)
    found = await days.summed(connection, owner, asked.first, asked.last) if asked.first <= asked.last else {}
    for since, until in asked.cut:
        held = [event.held for event in await reaching(connection, owner, since, until)]
        for cls, part in window_sums(held, since, until, until).items():
            if cls in found:
                found[cls] += part
            else:
                found[cls] = part
    return found


async def reaching(connection: Connection, owner: Owner, since_us: int, until_us: int) -> list[Event]:
    """Return everything of a person that reaches into [since, until), defaults doubled."""
    longest = await connection.fetchval(_LONGEST, owner.tenant, owner.person) or 0
    found = await events.around(connection, [Window(owner, since_us, until_us, longest)])
    return list(found.get(owner, {}).values())

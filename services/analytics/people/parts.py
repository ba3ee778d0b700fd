"""What doing something about people needs besides rows."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from services.analytics.acting import Acting
from services.analytics.store import tenants
from services.analytics.store.people import Person
from services.common.consumer import Transaction
from services.common.database import Connection, Database


class Move(Protocol):
    """Derives history anew after identities moved (history.move)."""

    async def __call__(self, tx: Transaction, tenant: str, moves: Mapping[str, str], persons: Collection[str]) -> None:
        """Give the events of these actor_keys to these persons; `persons` are all concerned, and locked."""


class Publish(Protocol):
    """Gives locked persons their next version and tells the log what they are now: who they are, or their mix too."""

    async def __call__(self, tx: Transaction, persons: Collection[Person]) -> None:
        """Do it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The database, what changes it, and the clock and ids that the domain does without.

    `publish` tells who persons are; `announce` their mix as well, for whom nothing may be told any more.
    """

    database: Database
    acting: Acting
    move: Move
    publish: Publish
    announce: Publish
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    zone: ZoneInfo

    async def today(self, connection: Connection, tenant: str) -> date:
        """Return the date where the tenant is."""
        zones = await tenants.zones(connection, [tenant], self.zone)
        return self.now().astimezone(zones[tenant]).date()

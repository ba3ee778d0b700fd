"""What every read of figures goes through: who asks, who looks, whether there is such a person, and how fresh it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Request

from schemas.reasons import Reason
from services.analytics.catching_up import CatchingUp
from services.analytics.domain.derivations import Derivation
from services.analytics.domain.few import K
from services.analytics.domain.minutes.instants import to_us
from services.analytics.readings import Readings
from services.analytics.store import derivations, people
from services.common.access import sight
from services.common.access.credentials import Caller, Credentials
from services.common.access.scopes import Scope
from services.common.database import Connection, Database
from services.common.errors import Rejected
from services.common.http import authenticate

_WAIT_SECONDS = 1.0
_NOBODY = "no such person; GET /analytics/v1/people?agent=… finds one"


@dataclass(frozen=True, slots=True)
class Reading:
    """The parts that the routes share."""

    credentials: Credentials
    database: Database
    catching_up: CatchingUp
    readings: Readings
    now: Callable[[], datetime]
    k: int = K
    """The fewest people of whom a number is told."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone of tenants that have none of their own."""
        return self.readings.zone

    async def caller(self, request: Request, wanted: Scope) -> Caller:
        """Return who sends this request and may do that."""
        return await authenticate(self.credentials, request.headers.get("authorization"), wanted)

    async def lag(self, seconds: float = _WAIT_SECONDS) -> int | None:
        """Wait, with a bound, until what was sent before is counted; return how many records are not."""
        return await self.catching_up.lag(seconds)

    async def fresh(self) -> dict[str, Any]:
        """Wait likewise; return `lag` and `complete_through` as answers tell them.

        To be asked before what is told is read: what another request learns meanwhile is not true of this one.
        """
        lag = await self.lag()
        return {"complete_through": self.catching_up.complete_through, "lag": lag}

    async def served(self, connection: Connection, tenant: str) -> Derivation:
        """Return the derivation that is served; before a tenant's first statement the one that it will begin with."""
        found = await derivations.active(connection, tenant)
        return found or await self.readings.expected(connection, tenant)

    def now_us(self) -> int:
        """Return the time."""
        return to_us(self.now())

    async def look(self, caller: Caller, person: str, viewer: UUID | str, what: str) -> None:
        """Let the viewer look and keep the look, committed by itself: it stays, whatever the read does.

        Who was merged has no figures any more: the refusal says who has.
        """
        async with self.database.connection() as connection:
            whereabouts = await people.whereabouts(connection, caller.tenant, person)
            if whereabouts != person:
                now = f"this person is known as {whereabouts} now" if whereabouts else _NOBODY
                raise Rejected(Reason.NOT_FOUND, now, "id")
            await sight.look(connection, caller, UUID(person), viewer, what)


async def known(connection: Connection, caller: Caller, person: str, path: str = "id") -> None:
    """Refuse a person who is not of the caller's tenant: nobody may learn that another tenant has that id."""
    if not await people.exists(connection, caller.tenant, person):
        raise Rejected(Reason.NOT_FOUND, _NOBODY, path)


def own(viewer: UUID | str, person: str) -> None:
    """Refuse whoever is not this person: sharing, and seeing who looked, is for the person alone."""
    if viewer not in (sight.SELF, UUID(person)):
        raise Rejected(Reason.FORBIDDEN, "this is for the person alone", "X-Leermix-Viewer")

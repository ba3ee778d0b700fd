"""One person's figures: the mix of a window, and why it is what it is."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Query, Request
from starlette.responses import Response

from services.analytics.api import parameters
from services.analytics.api.parameters import Since, Until, Viewer, text_of
from services.analytics.api.reading import Reading
from services.analytics.domain import why
from services.analytics.domain.days import default_window
from services.analytics.domain.events import Event
from services.analytics.domain.mix import mix
from services.analytics.domain.stretches import Stretch
from services.analytics.domain.visible import visible_modes
from services.analytics.store import claims, tenants
from services.common.access import sight
from services.common.access.credentials import Caller
from services.common.access.scopes import Scope
from services.common.database import Connection
from services.common.http import json_response, only_parameters

_MINUTE_US = 60_000_000
_STRETCHES, _MOST_STRETCHES = 200, 1000


class Figures:
    """The routes that tell one person's figures; each answer is a look, and is kept for the person to see."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def mix(
        self, request: Request, person: str, viewer: Viewer = None, since: Since = None, until: Until = None
    ) -> Response:
        """Return minutes, events and shares per mode of recorded learning within a window.

        `lag` is how many records that were on the log when you asked are not counted yet (null: nobody knows now).
        `visible` tells which modes a connected source can show: what is not visible is not zero.
        """
        caller = await self._reading.caller(request, Scope.PEOPLE_READ)
        only_parameters(request, "since", "until")
        person, looking = parameters.person_id(person), sight.viewer_of(viewer)
        now_us = self._reading.now_us()
        zone = await self._zone(caller)
        since_us, until_us = parameters.window(since, until, zone, now_us)
        lag = await self._reading.lag()
        await self._reading.look(caller, person, looking, "mix")
        horizon_us = default_window(now_us, zone)[1]
        async with self._reading.database.transaction(snapshot=True) as connection:
            events = await _events(connection, caller.tenant, person, since_us, until_us)
            events += await claims.after(connection, caller.tenant, person, horizon_us)
            kinds = await tenants.kinds(connection, [caller.tenant])
        recorded = [event.claim for event in events]
        figures = mix(recorded, since_us=since_us, until_us=until_us, horizon_us=horizon_us)
        seen = {event.claim.mode for event in events}
        return json_response(
            self._frame(person, since_us, until_us, zone)
            | figures
            | {"visible": visible_modes(kinds[caller.tenant], seen), "lag": lag}
        )

    async def why(
        self,
        request: Request,
        person: str,
        viewer: Viewer = None,
        since: Since = None,
        until: Until = None,
        mode: Annotated[str | None, Query(description="Only this mode, or unclassified, or not_learning.")] = None,
        limit: Annotated[str | None, Query(description="About so many on a page (200; 1000 at most).")] = None,
    ) -> Response:
        """Return the stretches of time that add up to the minutes, and the events, each with statement and rule.

        A page is a window that ends at `until`; `more` is the URL of the next one, or empty.
        """
        caller = await self._reading.caller(request, Scope.PEOPLE_READ)
        only_parameters(request, "since", "until", "mode", "limit")
        person, looking = parameters.person_id(person), sight.viewer_of(viewer)
        modes = parameters.classes(mode)
        asked = parameters.limit(limit, default=_STRETCHES, most=_MOST_STRETCHES)
        zone = await self._zone(caller)
        now_us = self._reading.now_us()
        since_us, until_us = parameters.window(since, until, zone, now_us)
        lag = await self._reading.lag()
        await self._reading.look(caller, person, looking, "why")
        async with self._reading.database.transaction(snapshot=True) as connection:
            events = await _events(connection, caller.tenant, person, since_us, until_us)
        until_us = max(since_us, min(until_us, default_window(now_us, zone)[1]))
        page = why.page(events, since_us=since_us, until_us=until_us, modes=modes, limit=asked)
        more = {"since": text_of(page.until_us), "until": text_of(until_us), "mode": mode, "limit": limit}
        query = urlencode({name: value for name, value in more.items() if value is not None})
        return json_response(
            self._frame(person, since_us, page.until_us, zone)
            | _told(page)
            | {"more": f"{request.url.path}?{query}" if page.more else "", "lag": lag}
        )

    def _frame(self, person: str, since_us: int, until_us: int, zone: ZoneInfo) -> dict[str, Any]:
        return {
            "person": person,
            "since": text_of(since_us),
            "until": text_of(until_us),
            "time_zone": zone.key,
            "rule_set": self._reading.rule_set,
        }

    async def _zone(self, caller: Caller) -> ZoneInfo:
        async with self._reading.database.connection() as connection:
            return (await tenants.zones(connection, [caller.tenant], self._reading.zone))[caller.tenant]


async def _events(connection: Connection, tenant: str, person: str, since_us: int, until_us: int) -> list[Event]:
    held = await claims.touching(connection, [claims.Window(tenant, person, since_us, until_us)])
    return held[tenant, person]


def _told(page: why.Page) -> dict[str, Any]:
    return {
        "stretches": [_stretch(stretch, event) for stretch, event in page.stretches],
        "events": [_event(event) for event in page.events],
    }


def _stretch(stretch: Stretch, event: Event) -> dict[str, Any]:
    return {
        "start": text_of(stretch.start_us),
        "end": text_of(stretch.end_us),
        "minutes": round((stretch.end_us - stretch.start_us) / _MINUTE_US, 6),
        "mode": stretch.mode,
        "known": stretch.known,
        "statement": stretch.statement_id,
        "rule": event.derived.rule,
        "rule_set": event.derived.rule_set,
    }


def _event(event: Event) -> dict[str, Any]:
    claim = event.claim
    flags: Sequence[str] = sorted(claim.flags)
    return {
        "at": text_of(claim.t_us),
        "minutes": round(claim.length_us / _MINUTE_US, 6),
        "mode": claim.mode,
        "known": claim.known,
        "statement": claim.statement_id,
        "rule": event.derived.rule,
        "rule_set": event.derived.rule_set,
        "source": event.derived.source,
        "flags": flags,
    }

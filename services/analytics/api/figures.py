"""One person's figures: the mix of a window, and why it is what it is."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request
from starlette.responses import Response

from services.analytics import served
from services.analytics.api import parameters
from services.analytics.api.parameters import Format, Since, Until, Viewer, text_of
from services.analytics.api.reading import Reading
from services.analytics.api.rows import rows_of
from services.analytics.domain import figures as told
from services.analytics.domain import why
from services.analytics.domain.events import Event
from services.analytics.domain.minutes.days import default_window
from services.analytics.domain.minutes.stretches import Stretch
from services.analytics.domain.targets import REFERENCE
from services.analytics.domain.visible import visible_modes
from services.analytics.served import Served
from services.common import tables
from services.common.access import sight
from services.common.access.scopes import Scope
from services.common.http import only_parameters

_STRETCHES, _MOST_STRETCHES = 200, 1000


class Figures:
    """The routes that tell one person's figures; each answer is a look, and is kept for the person to see."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def mix(
        self,
        request: Request,
        person: str,
        viewer: Viewer = None,
        since: Since = None,
        until: Until = None,
        by: Annotated[str | None, Query(description="What shares are of: minutes, moments or events.")] = None,
        reference: Annotated[str | None, Query(description="false hides the line 70:20:10.")] = None,
        wanted: Format = None,
    ) -> Response:
        """Return minutes, moments, events and shares per mode of recorded learning within a window.

        `lag` is how many records that were on the log when you asked are not counted yet (null: nobody knows now);
        everything up to `complete_through` is. `visible` tells which modes a connected source can show: what is not
        visible is not zero, and then there is no share.
        """
        caller = await self._reading.caller(request, Scope.PEOPLE_READ)
        only_parameters(request, "since", "until", "by", "reference", "format")
        person, looking, of = parameters.person_id(person), sight.viewer_of(viewer), parameters.by(by)
        now_us = self._reading.now_us()
        fresh = await self._reading.fresh()
        await self._reading.look(caller, person, looking, "mix")
        # Not in one transaction: a derivation that is just being switched from is kept current, and its days are whole.
        async with self._reading.database.connection() as connection:
            found = await served.served(connection, self._reading.readings, caller.tenant, person)
            since_us, until_us = parameters.window(since, until, found.derivation.zone, now_us)
            horizon_us = default_window(now_us, found.derivation.zone)[1]
            sums, future = await served.sums(connection, found, since_us, min(until_us, horizon_us), horizon_us)
            held = await served.targets(connection, found, since_us, until_us)
        figures = told.figures(sums, visible_modes(found.kinds, sums), of)
        figures["flags"] = told.flags(sums) | {"future": future}
        figures |= told.compared(sums, figures["share"] is not None, of, held)
        figures["reference"] = REFERENCE if parameters.truth(reference, "reference", otherwise=True) else None
        answer = _frame(found, since_us, until_us) | figures
        return _answered(request, answer, wanted, "mix", fresh)

    async def why(
        self,
        request: Request,
        person: str,
        viewer: Viewer = None,
        since: Since = None,
        until: Until = None,
        mode: Annotated[str | None, Query(description="Only this mode, or unclassified, or not_learning.")] = None,
        limit: Annotated[str | None, Query(description="About so many on a page (200; 1000 at most).")] = None,
        wanted: Format = None,
    ) -> Response:
        """Return the stretches of time that add up to the minutes, and the events, each with statement and rule.

        A page is a window that ends at `until`; `more` is the URL of the next one, or empty.
        """
        caller = await self._reading.caller(request, Scope.PEOPLE_READ)
        only_parameters(request, "since", "until", "mode", "limit", "format")
        person, looking = parameters.person_id(person), sight.viewer_of(viewer)
        modes = parameters.classes(mode)
        asked = parameters.limit(limit, default=_STRETCHES, most=_MOST_STRETCHES)
        now_us = self._reading.now_us()
        fresh = await self._reading.fresh()
        await self._reading.look(caller, person, looking, "why")
        async with self._reading.database.transaction(snapshot=True) as connection:
            found = await served.served(connection, self._reading.readings, caller.tenant, person)
            since_us, until_us = parameters.window(since, until, found.derivation.zone, now_us)
            until_us = max(since_us, min(until_us, default_window(now_us, found.derivation.zone)[1]))
            held = await served.reaching(connection, found, since_us, until_us)
        page = why.page(held, since_us=since_us, until_us=until_us, modes=modes, limit=asked)
        more = {"since": text_of(page.until_us), "until": text_of(until_us)}
        asked_for = {"mode": mode, "limit": limit, "format": wanted}
        query = urlencode(more | {name: value for name, value in asked_for.items() if value is not None})
        answer = _frame(found, since_us, page.until_us) | {
            "stretches": [_stretch(stretch, event) for stretch, event in page.stretches],
            "events": [_event(event) for event in page.events],
            "more": f"{request.url.path}?{query}" if page.more else "",
        }
        return _answered(request, answer, wanted, "why", fresh)


def _answered(
    request: Request, answer: dict[str, Any], wanted: str | None, name: str, fresh: dict[str, Any]
) -> Response:
    return tables.answer(
        request, answer, lambda: rows_of(answer), tables.format_of(request, wanted), name, beside=fresh
    )


def _frame(found: Served, since_us: int, until_us: int) -> dict[str, Any]:
    derivation = found.derivation
    return {
        "person": found.owner.person,
        "since": text_of(since_us),
        "until": text_of(until_us),
        "time_zone": derivation.zone.key,
        "rule_set": derivation.rule_set,
        "registry": derivation.registry,
        "derivation": derivation.number,
        "replay": None if found.replay is None else {"done": found.replay[0], "of": found.replay[1]},
    }


def _stretch(stretch: Stretch, event: Event) -> dict[str, Any]:
    return {
        "start": text_of(stretch.start_us),
        "end": text_of(stretch.end_us),
        "minutes": told.minutes(stretch.end_us - stretch.start_us),
        "mode": stretch.mode,
        "known": stretch.known,
        "statement": stretch.statement,
        "rule": event.fact.rule,
        "entry": event.fact.entry,
    }


def _event(event: Event) -> dict[str, Any]:
    fact, claimed = event.fact, event.claimed
    return {
        "at": text_of(fact.t_us),
        "minutes": told.minutes(claimed.end_us - claimed.start_us),
        "mode": fact.mode,
        "role": fact.role,
        "known": claimed.known,
        "default_from": fact.default_from if claimed.known == "default" else None,
        "moment": claimed.moment,
        "statement": fact.statement,
        "rule": fact.rule,
        "entry": fact.entry,
        "source": fact.source,
        "flags": sorted(fact.flags),
        "tags": list(fact.tags),
    }

"""Vocabulary over HTTP: what nobody has told us about, by weight, each with what one could tell the registry."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.analytics.api import parameters
from services.analytics.api.months import Months, months
from services.analytics.api.reading import Reading
from services.analytics.classifying import Classifying
from services.analytics.domain.few import people_size, size
from services.analytics.domain.proposals import proposed
from services.analytics.domain.vocabulary import Term, Weight, ranked, term
from services.analytics.store import serving, tenants, unclear
from services.common.access.credentials import Caller
from services.common.access.scopes import Scope
from services.common.http import only_parameters

_MINUTE_US = 60_000_000
_MOST_EVENTS, _PORTION = 10_000, 1000


class Known(BaseModel):
    """Whether our own rules speak of the verb and of the type at all; null where a row has none."""

    verb: bool
    activity_type: bool | None


class Proposed(BaseModel):
    """An entry that POST /registry/things takes as it stands, and on whose word. You decide."""

    entry: dict[str, Any]
    because: str


class Row(BaseModel):
    """Vocabulary that five people or more used, and what stands behind it.

    `reason`: no rule covers it, or the kind of its source alone decided. `id_prefix` is null where the ids have
    nothing in common. `minutes` are those that the statements claim. Numbers are sizes: of minutes and events the last
    of 5, 10, 20, 50, 100 … that is reached, of people the last multiple of five.
    """

    reason: Literal["unclassified", "kind"]
    kind: str
    verb: str
    activity_type: str | None
    platform: str | None
    id_prefix: str | None
    minutes: int
    events: int
    people: int
    known: Known
    proposal: Proposed | None


class Rest(BaseModel):
    """All that is not told by name, because few people used it or more was asked for than fits; sizes likewise."""

    minutes: int
    events: int
    people: int


class Vocabulary(BaseModel):
    """The rows by weight: minutes, then events, then people.

    `looked_at` are the newest events of these months, as a size; `complete` is false when there were more.
    """

    since: date
    until: date
    time_zone: str
    rule_set: str | None
    registry: int | None
    looked_at: int
    complete: bool
    rows: list[Row]
    rest: Rest | None
    lag: int | None


class VocabularyRoutes:
    """The routes."""

    def __init__(self, reading: Reading, classifying: Classifying) -> None:
        self._reading = reading
        self._classifying = classifying

    def add_to(self, routes: APIRouter) -> None:
        """Add them under /analytics/v1."""
        routes.add_api_route(
            "/vocabulary", self.vocabulary, methods=["GET"], summary="What nobody has told us about, by weight"
        )

    async def vocabulary(
        self,
        request: Request,
        since: Annotated[str | None, Query(description="YYYY-MM. Default: two months before the last.")] = None,
        until: Annotated[
            str | None, Query(description="YYYY-MM, exclusive. Default: the month after this one.")
        ] = None,
        limit: Annotated[str | None, Query(description="At most so many rows (50; 200 at most).")] = None,
    ) -> Vocabulary:
        """Return verbs, types, platforms and ids that no rule covers, or that only the kind of a source decided.

        A row is of five people or more; what fewer used is told under the origin of the ids, without ids, or as the
        rest. `rest` is null when it is nothing, or of few people.
        """
        caller = await self._reading.caller(request, Scope.ANALYTICS_READ)
        only_parameters(request, "since", "until", "limit")
        most, now_us = parameters.limit(limit, default=50, most=200), self._reading.now_us()
        lag = await self._reading.lag()
        async with self._reading.database.transaction(snapshot=True) as connection:
            zone = (await tenants.zones(connection, [caller.tenant], self._reading.zone))[caller.tenant]
            window = months(since, until, zone, now_us)
            served = await serving.served(connection, caller.tenant)
        events, looked_at, complete = await self._events(caller, window)
        rows, rest = ranked(events, most, self._reading.k)
        return Vocabulary(
            since=window.first,
            until=window.until,
            time_zone=zone.key,
            rule_set=served.rule_set,
            registry=served.registry,
            looked_at=size(looked_at),
            complete=complete,
            rows=[self._row(*row) for row in rows],
            rest=_rest(rest, self._reading.k),
            lag=lag,
        )

    async def _events(self, caller: Caller, window: Months) -> tuple[list[tuple[Term, int, str]], int, bool]:
        """Return the terms of the newest events, how many these were, and whether there were no more."""
        found: list[tuple[Term, int, str]] = []
        async with self._reading.database.transaction(snapshot=True) as connection:
            rows = await unclear.newest(connection, caller.tenant, window.since_us, window.until_us, _MOST_EVENTS + 1)
            shown = rows[:_MOST_EVENTS]
            for start in range(0, len(shown), _PORTION):  # statements are large: a portion is parsed, then let go
                read = await unclear.read(connection, caller.tenant, shown[start : start + _PORTION])
                found += [(term(each.reason, each.kind, each.statement), each.minutes_us, each.person) for each in read]
        return found, len(shown), len(rows) == len(shown)

    def _row(self, of: Term, weight: Weight) -> Row:
        known = self._classifying.known
        told = proposed(of)
        return Row(
            reason=of.reason,
            kind=of.kind,
            verb=of.verb,
            activity_type=of.activity_type or None,
            platform=of.platform or None,
            id_prefix=of.prefix or None,
            **_sizes(weight, self._reading.k),
            known=Known(verb=known(of.verb), activity_type=known(of.activity_type) if of.activity_type else None),
            proposal=None if told is None else Proposed(entry=dict(told.entry), because=told.because),
        )


def _sizes(weight: Weight, k: int) -> dict[str, int]:
    return {
        "minutes": size(weight.minutes_us / _MINUTE_US),
        "events": size(weight.events),
        "people": people_size(len(weight.people), k),
    }


def _rest(weight: Weight, k: int) -> Rest | None:
    """Return the rest, or nothing: also where it is all there is, and of few people."""
    if len(weight.people) < k:
        return None
    return Rest(**_sizes(weight, k))

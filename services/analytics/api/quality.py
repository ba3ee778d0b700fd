"""The quality of data over HTTP: what is odd about a month, whom nobody listed, and which sources fell silent."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.analytics.api.months import Months, one_month
from services.analytics.api.reading import Reading
from services.analytics.classifying import Classifying
from services.analytics.domain.few import part_told, size, told
from services.analytics.domain.minutes.days import day_of
from services.analytics.domain.minutes.instants import from_us
from services.analytics.domain.silence import silence
from services.analytics.store import quality, registries, serving, tenants
from services.analytics.store.quality import Counted
from services.common.access.scopes import Scope
from services.common.database import Connection
from services.common.http import only_parameters

_MOST_STATEMENTS, _PORTION = 5000, 50
_MOST_DAYS = 40
_NOTHING = Counted(0, 0)


class Counts(BaseModel):
    """Sizes of numbers of events (the last of 5, 10, 20, 50, 100 … reached); null when of fewer than five people.

    `disbelieved`: a duration that cannot be. `arrival`: no usable timestamp was sent. `future`: they say that they
    happened after today, in whatever month. `defaults`: counted with the minutes of their type. `untimed`: no minutes.
    """

    events: int | None
    disbelieved: int | None
    arrival: int | None
    future: int | None
    defaults: int | None
    untimed: int | None
    unclassified: int | None


class People(BaseModel):
    """People with events in the month, and how many of them no active line of the roster is about, in steps of five.

    Null when either they or the others are fewer than five.
    """

    seen: int | None
    unlinked: int | None


class Learnerless(BaseModel):
    """Statements from which nobody can be told who learned, among the newest that were stored in the month; sizes.

    `complete` is false when there was time for only `looked_at` of them.
    """

    statements: int
    looked_at: int
    complete: bool


class Source(BaseModel):
    """A registered source: the last local day on which it sent, how many days usually lie between two such days (null:
    no habit yet), and since when it is silent (null: it is not).
    """

    source: str
    kind: str
    last: date | None
    usual_gap_days: int | None
    silent_since: date | None


class Quality(BaseModel):
    """How far the figures of a month can be trusted, and what to look into.

    Repeated and conflicting statements never reach the figures: the metric leermix_dead_letters_total counts conflicts.
    """

    month: str
    until: date
    time_zone: str
    rule_set: str | None
    registry: int | None
    counts: Counts
    people: People
    learnerless: Learnerless
    sources: list[Source]
    lag: int | None


class QualityRoutes:
    """The routes."""

    def __init__(self, reading: Reading, classifying: Classifying) -> None:
        self._reading = reading
        self._classifying = classifying

    def add_to(self, routes: APIRouter) -> None:
        """Add them under /analytics/v1."""
        routes.add_api_route("/quality", self.quality, methods=["GET"], summary="How far figures can be trusted")

    async def quality(
        self,
        request: Request,
        month: Annotated[str | None, Query(description="YYYY-MM. Default: this month, until today.")] = None,
    ) -> Quality:
        """Return what is odd about a month: events, people, statements, and the sources as they are today."""
        caller = await self._reading.caller(request, Scope.ANALYTICS_READ)
        only_parameters(request, "month")
        now_us, lag = self._reading.now_us(), await self._reading.lag()
        async with self._reading.database.transaction(snapshot=True) as connection:
            tenant = caller.tenant
            zone = (await tenants.zones(connection, [tenant], self._reading.zone))[tenant]
            window, today = one_month(month, zone, now_us), day_of(now_us, zone)
            served = await serving.served(connection, tenant)
            return Quality(
                month=f"{window.first:%Y-%m}",
                until=window.until,
                time_zone=zone.key,
                rule_set=served.rule_set,
                registry=served.registry,
                counts=await _counts(connection, tenant, window, today, self._reading.k),
                people=await _people(connection, tenant, window, self._reading.k),
                learnerless=await self._learnerless(connection, tenant, window),
                sources=await _sources(connection, tenant, zone, today),
                lag=lag,
            )

    async def _learnerless(self, connection: Connection, tenant: str, window: Months) -> Learnerless:
        """Look at the statements that gave no event: was it because nobody could be told? (Others were paused.)"""
        looked_at, without = await quality.without_events(
            connection, tenant, from_us(window.since_us), from_us(window.until_us), _MOST_STATEMENTS + 1
        )
        held = await registries.latest(connection, tenant)
        classify, statements = self._classifying.under(held.registry), 0
        for start in range(0, len(without), _PORTION):
            for each in await quality.bodies(connection, tenant, without[start : start + _PORTION]):
                statements += not classify(each.statement, each.source, each.kind).learners
        return Learnerless(
            statements=size(statements),
            looked_at=size(min(looked_at, _MOST_STATEMENTS)),
            complete=looked_at <= _MOST_STATEMENTS,
        )


async def _counts(connection: Connection, tenant: str, window: Months, today: date, k: int) -> Counts:
    classes = await quality.month(connection, tenant, window.first, window.last)
    ahead = await quality.future(connection, tenant, today)
    all_of = classes.get(None, {})
    odd = {name: all_of.get(name, _NOTHING) for name in quality.ODD}
    odd |= {"future": ahead, "unclassified": classes.get("unclassified", {}).get("events", _NOTHING)}
    return Counts(**{name: told(each.events, each.people, k) for name, each in odd.items()})


async def _people(connection: Connection, tenant: str, window: Months, k: int) -> People:
    seen, unlinked = await quality.unlisted(connection, tenant, window.first, window.last)
    return People(seen=part_told(seen, seen, k), unlinked=part_told(unlinked, seen, k))


async def _sources(connection: Connection, tenant: str, zone: ZoneInfo, today: date) -> list[Source]:
    found = []
    for source, kind, days in await quality.sources(connection, tenant, zone, _MOST_DAYS):
        habit = silence(days, today)
        found.append(
            Source(
                source=source,
                kind=kind,
                last=habit.last,
                usual_gap_days=habit.usual_gap,
                silent_since=habit.silent_since,
            )
        )
    return found

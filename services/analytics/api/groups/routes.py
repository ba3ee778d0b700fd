"""The routes about groups: the organisation, teams, roles and locations, in calendar months (MIX.md 3 and 4)."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from schemas.reasons import Reason
from services.analytics.api import parameters
from services.analytics.api.groups import answers
from services.analytics.api.groups.asking import Asking
from services.analytics.api.groups.telling import Telling
from services.analytics.api.parameters import Format
from services.analytics.api.rows import rows_of
from services.analytics.domain.groups.places import ROOT
from services.common import tables
from services.common.access.credentials import Caller
from services.common.access.scopes import Scope
from services.common.errors import Rejected
from services.common.http import only_parameters

Month = Annotated[str | None, Query(description="YYYY-MM. Default: this month, to date.")]
By = Annotated[str | None, Query(description="What shares are of: minutes (default), moments or events.")]
Source = Annotated[str | None, Query(description="Only what this source recorded.")]
From = Annotated[str | None, Query(alias="from", description="YYYY-MM. Default: eleven months before `until`.")]
Until = Annotated[str | None, Query(description="YYYY-MM, included. Default: this month, to date.")]

MOST_MONTHS = 60


class Groups:
    """The routes. Each needs the scope analytics/read, which never opens one person's figures."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def organisation_mix(
        self, request: Request, month: Month = None, by: By = None, source: Source = None, wanted: Format = None
    ) -> Response:
        """Return the pooled mix of everybody in a calendar month.

        `hidden` and `because` say what is not told: nothing about fewer than k people, alone or by reckoning.
        """
        return await self._mix(request, None, month, by, source, wanted)

    async def team_mix(
        self,
        request: Request,
        team: str,
        month: Month = None,
        by: By = None,
        source: Source = None,
        wanted: Format = None,
    ) -> Response:
        """Return the pooled mix of a team and all teams below it in a calendar month.

        A team that is too small is told only together with others: `pooled_with` names them.
        """
        return await self._mix(request, team, month, by, source, wanted)

    async def role_mix(
        self, request: Request, role: str, month: Month = None, by: By = None, wanted: Format = None
    ) -> Response:
        """Return the pooled mix of everybody with a role, in minutes and moments."""
        return await self._placed(request, "role", role, month, by, wanted)

    async def location_mix(
        self, request: Request, location: str, month: Month = None, by: By = None, wanted: Format = None
    ) -> Response:
        """Return the pooled mix of everybody at a location, in minutes and moments."""
        return await self._placed(request, "location", location, month, by, wanted)

    async def organisation_trend(
        self, request: Request, since: From = None, until: Until = None, by: By = None, wanted: Format = None
    ) -> Response:
        """Return the pooled mix of everybody month by month, with marks of what changed in what can be seen."""
        return await self._trend(request, None, since, until, by, wanted)

    async def team_trend(
        self, request: Request, team: str, since: From = None, until: Until = None, by: By = None, wanted: Format = None
    ) -> Response:
        """Return the pooled mix of a team month by month, with marks of what changed in what can be seen."""
        return await self._trend(request, team, since, until, by, wanted)

    async def organisation_why(self, request: Request, month: Month = None, wanted: Format = None) -> Response:
        """Return the rules behind the mix of everybody, with counts of statements."""
        return await self._plain(request, None, month, Telling.why, wanted)

    async def team_why(self, request: Request, team: str, month: Month = None, wanted: Format = None) -> Response:
        """Return the rules behind the mix of a team, with counts of statements."""
        return await self._plain(request, team, month, Telling.why, wanted)

    async def organisation_sight(self, request: Request, month: Month = None, wanted: Format = None) -> Response:
        """Return which sources show each mode, and how many people they reach."""
        return await self._plain(request, None, month, Telling.sight, wanted)

    async def team_sight(self, request: Request, team: str, month: Month = None, wanted: Format = None) -> Response:
        """Return which sources show each mode of a team, and how many people they reach."""
        return await self._plain(request, team, month, Telling.sight, wanted)

    async def organisation_distribution(self, request: Request, month: Month = None, wanted: Format = None) -> Response:
        """Return how people's minutes are distributed: quartiles, from 4k people, without extremes."""
        return await self._plain(request, None, month, Telling.distribution, wanted)

    async def team_distribution(
        self, request: Request, team: str, month: Month = None, wanted: Format = None
    ) -> Response:
        """Return how the minutes of a team's people are distributed."""
        return await self._plain(request, team, month, Telling.distribution, wanted)

    async def _mix(
        self,
        request: Request,
        team: str | None,
        month: str | None,
        by: str | None,
        source: str | None,
        wanted: str | None,
    ) -> Response:
        caller = await self._caller(request, "month", "by", "source")
        of = parameters.by(by)
        answer = await self._one(caller, team, month, lambda telling: telling.mix(of, source))
        return _answered(request, answer, wanted)

    async def _placed(
        self,
        request: Request,
        way: Literal["role", "location"],
        value: str,
        month: str | None,
        by: str | None,
        wanted: str | None,
    ) -> Response:
        caller = await self._caller(request, "month", "by")
        of = parameters.by(by)
        if of == "events":
            raise Rejected(
                Reason.INVALID_PARAMETER, f"a {way} is told by minutes or moments; statements are told by rule", "?by"
            )
        which = answers.Which(kind=way, id=value, name=value)
        answer = await self._one(caller, None, month, lambda telling: telling.placed(way, value, of), which)
        return _answered(request, answer, wanted)

    async def _plain(
        self,
        request: Request,
        team: str | None,
        month: str | None,
        answer: Callable[[Telling], BaseModel],
        wanted: str | None,
    ) -> Response:
        caller = await self._caller(request, "month")
        return _answered(request, await self._one(caller, team, month, answer), wanted)

    async def _one(
        self,
        caller: Caller,
        team: str | None,
        month: str | None,
        answer: Callable[[Telling], BaseModel],
        which: answers.Which | None = None,
    ) -> BaseModel:
        asked = await self._asking.month(caller.tenant, month, "?month")
        tellings = await self._asking.about(caller.tenant, team or ROOT, [asked], which)
        return answer(tellings.months[asked])

    async def _trend(
        self,
        request: Request,
        team: str | None,
        since: str | None,
        until: str | None,
        by: str | None,
        wanted: str | None,
    ) -> Response:
        caller = await self._caller(request, "from", "until", "by")
        of = parameters.by(by)
        months = await self._asking.months(caller.tenant, since, until, MOST_MONTHS)
        tellings = await self._asking.about(caller.tenant, team or ROOT, months)
        return _answered(request, tellings.trend(of), wanted)

    async def _caller(self, request: Request, *known: str) -> Caller:
        caller = await self._asking.reading.caller(request, Scope.ANALYTICS_READ)
        only_parameters(request, *known, "format")
        for name, each in request.path_params.items():
            if not each:  # else an empty id would be the organisation
                raise Rejected(Reason.NOT_FOUND, f"no such {name}", name)
        return caller


def _answered(request: Request, answer: BaseModel, wanted: str | None) -> Response:
    told = answer.model_dump(mode="json")
    name = request.url.path.removeprefix("/analytics/v1/").replace("/", "-")
    return tables.answer(request, told, lambda: rows_of(told), tables.format_of(request, wanted), name)


def add_routes(routes: APIRouter, groups: Groups) -> None:
    """Add the routes, under /analytics/v1."""
    # An id may hold slashes (sent as %2F): the last part of the path says what is asked for, all before it who.
    mix = answers.GroupMix | answers.GroupHidden
    for path, endpoint, model, summary in (
        ("/organisation/mix", groups.organisation_mix, mix, "The pooled mix of one month"),
        ("/organisation/trend", groups.organisation_trend, answers.Trend, "The pooled mix month by month"),
        ("/organisation/why", groups.organisation_why, answers.GroupWhy, "Down to rules and counts"),
        ("/organisation/sight", groups.organisation_sight, answers.Sight, "What can be seen"),
        ("/organisation/distribution", groups.organisation_distribution, answers.Distribution, "Quartiles"),
        ("/teams/{team:path}/mix", groups.team_mix, mix, "The pooled mix of a team in one month"),
        ("/teams/{team:path}/trend", groups.team_trend, answers.Trend, "The pooled mix of a team month by month"),
        ("/teams/{team:path}/why", groups.team_why, answers.GroupWhy, "Down to rules and counts"),
        ("/teams/{team:path}/sight", groups.team_sight, answers.Sight, "What can be seen of a team"),
        ("/teams/{team:path}/distribution", groups.team_distribution, answers.Distribution, "Quartiles of a team"),
        ("/roles/{role:path}/mix", groups.role_mix, mix, "The pooled mix of a role in one month"),
        ("/locations/{location:path}/mix", groups.location_mix, mix, "The pooled mix of a location in one month"),
    ):
        routes.add_api_route(path, endpoint, methods=["GET"], summary=summary, response_model=model)

"""The pooled mix of a tenant's people, one calendar month at a time (MIX.md 3)."""

from datetime import timedelta
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from services.analytics.api import parameters
from services.analytics.api.reading import Reading
from services.analytics.domain.days import day_of
from services.analytics.domain.group import group_figures
from services.analytics.domain.visible import visible_modes
from services.analytics.store import days, tenants
from services.common.access.scopes import Scope
from services.common.http import json_response, only_parameters


class Organisation:
    """The routes about everybody together."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def mix(
        self,
        request: Request,
        month: Annotated[str | None, Query(description="YYYY-MM. Default: this month, until today.")] = None,
    ) -> Response:
        """Return the minutes of all people together per mode: pooled, not a mean of shares.

        {"hidden": true, "because": …} and no figure when fewer than five people, or fewer than five in some mode,
        stand behind it. `unclassified` and `not_learning` are null when they alone come from so few.
        """
        caller = await self._reading.caller(request, Scope.ANALYTICS_READ)
        only_parameters(request, "month")
        now_us = self._reading.now_us()
        parameters.month(month, self._reading.zone, now_us)
        lag = await self._reading.lag()
        async with self._reading.database.transaction(snapshot=True) as connection:
            zone = (await tenants.zones(connection, [caller.tenant], self._reading.zone))[caller.tenant]
            first, following = parameters.month(month, zone, now_us)
            last = min(following - timedelta(days=1), day_of(now_us, zone))
            pooled = await days.pooled(connection, caller.tenant, first, last)
            people = await days.people(connection, caller.tenant, first, last)
            kinds = await tenants.kinds(connection, [caller.tenant])
        frame = {"month": f"{first:%Y-%m}", "time_zone": zone.key, "rule_set": self._reading.rule_set}
        figures = group_figures(pooled, people)
        if not figures["hidden"]:
            figures["visible"] = visible_modes(kinds[caller.tenant], pooled)
        return json_response(frame | figures | {"lag": lag})

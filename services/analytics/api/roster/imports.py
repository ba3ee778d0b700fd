"""Who belongs to the organisation: an HR file in, a report out; and the teams that this made."""

import asyncio
from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.responses import Response

from schemas.reasons import Reason
from services.analytics.api.roster import bodies
from services.analytics.domain.people.hr_file import read_hr_file
from services.analytics.domain.people.problems import WrongFile
from services.analytics.people import importing
from services.analytics.people.importing import Said
from services.analytics.people.parts import Parts
from services.analytics.store import teams
from services.common.access.credentials import Caller
from services.common.access.scopes import Scope
from services.common.errors import Rejected
from services.common.http import json_response, only_parameters, read_body, requires

Writer = Annotated[Caller, Depends(requires(Scope.PEOPLE_WRITE))]
Analyst = Annotated[Caller, Depends(requires(Scope.ANALYTICS_READ))]


class Imports:
    """The routes that take and tell what the organisation is."""

    def __init__(self, parts: Parts, body_limit: int) -> None:
        self._parts = parts
        self._body_limit = body_limit

    async def take(
        self,
        request: Request,
        caller: Writer,
        dry_run: Annotated[str | None, Query(description="true: only tell what would change.")] = None,
        complete: Annotated[str | None, Query(description="true: who is not in the file has left.")] = None,
        since: Annotated[
            str | None,
            Query(description="YYYY-MM-DD: when memberships began that are new and have no `since` (today)."),
        ] = None,
    ) -> Response:
        """Take an HR file (text/csv), whole or not at all; return what changed: numbers, and the first 200 references.

        Columns: reference; identities (or mbox, mbox_sha1sum, openid, account as `homePage|name`; several separated by
        `;` or in columns such as mbox_2); team, team_name, team_parent; role, location, relation; since, until (the
        first day after); active. The same file again changes nothing. 400 lists every problem with line and column.
        """
        only_parameters(request, "dry_run", "complete", "since")
        dry = bodies.flag(dry_run, "dry_run")
        first, everybody = bodies.day(since, "since"), bodies.flag(complete, "complete")
        if request.headers.get("content-type", "text/csv").partition(";")[0].strip().lower() != "text/csv":
            raise Rejected(Reason.UNSUPPORTED_MEDIA_TYPE, "send the file as text/csv", "Content-Type")
        body = await read_body(request, self._body_limit)
        try:
            file = await asyncio.to_thread(read_hr_file, body)
            said = Said(file.people, file.teams, everybody, first)
            if dry:
                return json_response(await importing.shown(self._parts, caller.tenant, said))
            return json_response(await importing.done(self._parts, caller.tenant, said, caller.source))
        except WrongFile as wrong:
            raise bodies.refused(wrong) from wrong

    async def teams(self, request: Request, caller: Analyst) -> Response:
        """Return {"teams": […]}: id, name, parent (null: directly under the organisation), and whether it is gone."""
        only_parameters(request)
        async with self._parts.database.connection() as connection:
            known = await teams.all_of(connection, caller.tenant)
        return json_response({"teams": list(known.values())})

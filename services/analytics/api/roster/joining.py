"""Which persons are one: proposed matches and a human's word on them, merges and their undoing."""

from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from schemas.reasons import Reason
from services.analytics.api import parameters
from services.analytics.api.roster import bodies
from services.analytics.api.roster.imports import Writer
from services.analytics.people import matching, merging
from services.analytics.people.parts import Parts
from services.analytics.store import matches, merges
from services.analytics.store.merges import Merge
from services.common.errors import Rejected
from services.common.http import json_response, only_parameters

_STATES = ("proposed", "confirmed", "rejected")
Limit = Annotated[str | None, Query(description="At most so many (100; 1000 at most).")]


class Joining:
    """The routes about persons who are, or may be, one."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def matches(
        self,
        request: Request,
        caller: Writer,
        state: Annotated[str | None, Query(description="proposed (default), confirmed or rejected.")] = None,
        limit: Limit = None,
    ) -> Response:
        """Return {"matches": […]}, oldest first: two person ids, why they may be one, and whose reference it is.

        reason: `same_reference` (the HR file gives both to one reference), `account_name` (an account's name is the
        local part of an address that only one person has), `address_case` (an address differs in case only).
        """
        only_parameters(request, "state", "limit")
        if state is not None and state not in _STATES:
            raise Rejected(Reason.INVALID_PARAMETER, f"one of {', '.join(_STATES)}", "?state")
        asked = parameters.limit(limit, default=100, most=1000)
        async with self._parts.database.connection() as connection:
            found = await matches.listed(connection, caller.tenant, state or "proposed", asked)
        return json_response({"matches": found})

    async def find(self, request: Request, caller: Writer) -> Response:
        """Look for persons who may be one; return {"proposed": n}, how many pairs are new. Nobody is joined.

        Body, if any: {"home_pages": […]}, the homePages of accounts in statements, besides those on the roster.
        """
        only_parameters(request)
        pages = (await bodies.json_object(request, "home_pages")).get("home_pages", [])
        if not isinstance(pages, list) or not all(isinstance(page, str) for page in pages) or len(pages) > 100:
            raise Rejected(Reason.WRONG_TYPE, "at most 100 homePages", "$.home_pages")
        return json_response({"proposed": await matching.find(self._parts, caller.tenant, pages)})

    async def confirm(self, request: Request, caller: Writer, match: str) -> Response:
        """Make the two persons one; return the merge, which can be undone."""
        return await self._decide(request, caller, match, confirmed=True)

    async def reject(self, request: Request, caller: Writer, match: str) -> Response:
        """Keep that they are two: this pair is not proposed again."""
        return await self._decide(request, caller, match, confirmed=False)

    async def merge(self, request: Request, caller: Writer, person: str) -> Response:
        """Merge another person into this one: 201. The other's identities, and all learning by them, become this one's.

        Body: {"merged": person id}. 409 when one of them was merged already; the answer says where to.
        """
        only_parameters(request)
        kept = parameters.person_id(person)
        merged = bodies.uuid_in(await bodies.json_object(request, "merged"), "merged")
        return json_response(_told(await merging.merge(self._parts, caller.tenant, kept, merged, caller.source)), 201)

    async def undo(self, request: Request, caller: Writer, merge: str) -> Response:
        """Give back exactly the identities that the merge moved, and the history with them. 409 when that was done."""
        only_parameters(request)
        merge = parameters.person_id(merge, "merge")
        return json_response(_told(await merging.undo(self._parts, caller.tenant, merge)))

    async def merges(
        self,
        request: Request,
        caller: Writer,
        person: Annotated[str | None, Query(description="Only those with this person.")] = None,
        limit: Limit = None,
    ) -> Response:
        """Return {"merges": […]}, newest first: who was merged into whom, when, by which source, and when undone."""
        only_parameters(request, "person", "limit")
        whom = None if person is None else parameters.person_id(person, "?person")
        asked = parameters.limit(limit, default=100, most=1000)
        async with self._parts.database.connection() as connection:
            found = await merges.listed(connection, caller.tenant, whom, asked)
        return json_response({"merges": [_told(each) for each in found]})

    async def _decide(self, request: Request, caller: Writer, match: str, *, confirmed: bool) -> Response:
        only_parameters(request)
        match = parameters.person_id(match, "match")
        decided = await matching.decide(
            self._parts, caller.tenant, match, confirmed=confirmed, author=caller.source
        )  # fmt: skip
        return json_response(decided)


def _told(merge: Merge) -> dict[str, Any]:
    return {
        "merge": merge.merge,
        "kept": merge.kept,
        "merged": merge.merged,
        "identities": len(merge.identities),
        "source": merge.author,
        "created": merge.created,
        "undone": merge.undone,
    }

"""Users: entries of the roster that an identity provider keeps."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from schemas.reasons import Reason
from services.analytics.api.roster.imports import Writer
from services.analytics.api.scim import answers
from services.analytics.domain.scim.patching import patched
from services.analytics.domain.scim.schemas import ENTERPRISE, USER
from services.analytics.domain.scim.users import GROUPS
from services.analytics.people.parts import Parts
from services.analytics.store import scim
from services.analytics.store.scim import Entry
from services.common.errors import Rejected


class Users:
    """The resource /Users."""

    def __init__(self, parts: Parts, base: str) -> None:
        self._parts = parts
        self._base = base

    async def listed(self, request: Request, caller: Writer) -> Response:
        """Return the users that meet `filter` (userName, externalId, id, emails, active, groups with `eq`)."""
        start, count = answers.page(request)
        wanted = answers.conditions(request)
        async with self._parts.database.connection() as connection:
            total, found = await scim.find(connection, caller.tenant, wanted, start - 1, count)
        return answers.listing([answers.chosen(request, self._told(each)) for each in found], total, start)

    async def create(self, request: Request, caller: Writer) -> Response:
        """Enter a user. Reference: externalId, else employeeNumber, else userName. E-mails are identities."""
        body = await answers.sent(request)
        entry = await answers.provisioning(self._parts, request, caller).create_user(body)
        return self._answer(request, entry, 201)

    async def one(self, request: Request, caller: Writer, user: str) -> Response:
        """Return one user."""
        async with self._parts.database.connection() as connection:
            found = await scim.by_ids(connection, caller.tenant, [user.lower()])
        if not found:
            raise Rejected(Reason.NOT_FOUND, "there is no user with this id")
        return self._answer(request, found[0])

    async def replace(self, request: Request, caller: Writer, user: str) -> Response:
        """Make a user what is sent; the groups stay."""
        body = await answers.sent(request)
        entry = await answers.provisioning(self._parts, request, caller).change_user(user, lambda _: body)
        return self._answer(request, entry)

    async def patch(self, request: Request, caller: Writer, user: str) -> Response:
        """Change a user. `active` false: has left, and may come back."""
        body = await answers.sent(request)

        def change(resource: Mapping[str, Any]) -> Mapping[str, Any]:
            return patched(resource, body)

        entry = await answers.provisioning(self._parts, request, caller).change_user(user, change)
        return self._answer(request, entry)

    async def remove(self, request: Request, caller: Writer, user: str) -> Response:
        """Keep that somebody has left, and forget what SCIM said: 204. No learning is erased by it."""
        await answers.provisioning(self._parts, request, caller).remove_user(user)
        return Response(status_code=204)

    def _answer(self, request: Request, entry: Entry, status: int = 200) -> Response:
        told = self._told(entry)
        return answers.answer(answers.chosen(request, told), status, {"Location": told["meta"]["location"]})

    def _told(self, entry: Entry) -> dict[str, Any]:
        resource = entry.resource
        extension = [ENTERPRISE] if ENTERPRISE in resource else []
        groups = [{"value": team, "$ref": f"{self._base}/Groups/{team}"} for team in resource.get(GROUPS, [])]
        return {
            "schemas": [USER, *extension],
            "id": entry.id,
            **resource,
            "active": entry.active,
            GROUPS: groups,
            "meta": {
                "resourceType": "User",
                "created": entry.created,
                "lastModified": entry.changed,
                "location": f"{self._base}/Users/{entry.id}",
            },
        }

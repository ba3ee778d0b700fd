"""What is supported, for who asks before speaking (RFC 7644 4)."""

from typing import Any

from fastapi import Request
from starlette.responses import Response

from schemas.reasons import Reason
from services.analytics.api.roster.imports import Writer
from services.analytics.api.scim import answers
from services.analytics.domain.scim import schemas
from services.common.errors import Rejected


class Discovery:
    """The resources ServiceProviderConfig, ResourceTypes and Schemas."""

    def __init__(self, base: str) -> None:
        self._base = base

    async def configuration(self, request: Request, caller: Writer) -> Response:
        """Return what of SCIM is supported."""
        return answers.answer(self._located(schemas.configuration()))

    async def resource_types(self, request: Request, caller: Writer) -> Response:
        """Return User and Group."""
        return self._all(schemas.resource_types())

    async def resource_type(self, request: Request, caller: Writer, name: str) -> Response:
        """Return one of them."""
        return self._one(schemas.resource_types(), name)

    async def schemas(self, request: Request, caller: Writer) -> Response:
        """Return what is kept of users and groups."""
        return self._all(schemas.schemas())

    async def schema(self, request: Request, caller: Writer, name: str) -> Response:
        """Return one schema."""
        return self._one(schemas.schemas(), name)

    def _all(self, found: list[dict[str, Any]]) -> Response:
        return answers.listing([self._located(each) for each in found], len(found))

    def _one(self, found: list[dict[str, Any]], name: str) -> Response:
        for each in found:
            if each["id"] == name:
                return answers.answer(self._located(each))
        raise Rejected(Reason.NOT_FOUND, "there is no such description")

    def _located(self, each: dict[str, Any]) -> dict[str, Any]:
        return each | {"meta": each["meta"] | {"location": f"{self._base}/{each['meta']['location']}"}}

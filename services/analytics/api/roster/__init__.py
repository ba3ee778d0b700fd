"""The API about who belongs to an organisation: imports, teams, matches, merges, and a person's own record."""

from fastapi import APIRouter

from services.analytics.api.roster.imports import Imports
from services.analytics.api.roster.joining import Joining
from services.analytics.api.roster.own import Own
from services.analytics.people.parts import Parts

_PERSON = "/people/{person}"


def router(parts: Parts, body_limit: int) -> APIRouter:
    """Return the routes under /analytics/v1."""
    routes = APIRouter(prefix="/analytics/v1", tags=["people"])
    imports, joining, own = Imports(parts, body_limit), Joining(parts), Own(parts)
    for path, method, endpoint, summary in (
        ("/people/import", "POST", imports.take, "Say who belongs to the organisation"),
        ("/teams", "GET", imports.teams, "The teams, a tree"),
        ("/matches", "GET", joining.matches, "Persons who may be one"),
        ("/matches", "POST", joining.find, "Look for persons who may be one"),
        ("/matches/{match}/confirm", "POST", joining.confirm, "They are one"),
        ("/matches/{match}/reject", "POST", joining.reject, "They are two"),
        ("/merges", "GET", joining.merges, "Who was merged"),
        (f"{_PERSON}/merges", "POST", joining.merge, "Make two persons one"),
        ("/merges/{merge}/undo", "POST", joining.undo, "Make two of them again"),
        (_PERSON, "GET", own.record, "What is known of a person, for that person"),
        (f"{_PERSON}/objection", "PUT", own.object_to, "Want no figures about oneself"),
        (f"{_PERSON}/objection", "DELETE", own.withdraw, "Want figures again"),
    ):
        body = _BODIES.get(path) if method == "POST" else None
        extra = {"openapi_extra": {"requestBody": {"content": body}}} if body else {}
        routes.add_api_route(path, endpoint, methods=[method], summary=summary, **extra)  # type: ignore[arg-type]
    return routes


_BODIES = {
    "/people/import": {"text/csv": {"schema": {"type": "string"}}},
    "/matches": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"home_pages": {"type": "array", "items": {"type": "string", "format": "uri"}}},
            }
        }
    },
    f"{_PERSON}/merges": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["merged"],
                "properties": {"merged": {"type": "string", "format": "uuid"}},
            }
        }
    },
}

"""SCIM 2.0 under /analytics/v1/scim/v2 (RFC 7644): what an identity provider tells of people and teams."""

from fastapi import APIRouter

from services.analytics.api.scim.answers import ScimRoute
from services.analytics.api.scim.discovery import Discovery
from services.analytics.api.scim.groups import Groups
from services.analytics.api.scim.users import Users
from services.analytics.people.parts import Parts

PREFIX = "/analytics/v1/scim/v2"


def router(parts: Parts, origin: str) -> APIRouter:
    """Return the routes; `origin` is how clients see this place."""
    routes = APIRouter(prefix=PREFIX, tags=["scim"], route_class=ScimRoute)
    base = origin.rstrip("/") + PREFIX
    users, groups, discovery = Users(parts, base), Groups(parts, base), Discovery(base)
    for path, resource, name in (("/Users", users, "user"), ("/Groups", groups, "group")):
        one = f"{path}/{{{name}:path}}"
        routes.add_api_route(path, resource.listed, methods=["GET"], summary=f"Look {name}s up")
        routes.add_api_route(path, resource.create, methods=["POST"], summary=f"Make a {name}")
        routes.add_api_route(one, resource.one, methods=["GET"], summary=f"One {name}")
        routes.add_api_route(one, resource.replace, methods=["PUT"], summary=f"Replace a {name}")
        routes.add_api_route(one, resource.patch, methods=["PATCH"], summary=f"Change a {name}")
        routes.add_api_route(one, resource.remove, methods=["DELETE"], summary=f"Remove a {name}")
    routes.add_api_route(
        "/ServiceProviderConfig", discovery.configuration, methods=["GET"], summary="What is supported"
    )
    for path, listed, one_of in (
        ("/ResourceTypes", discovery.resource_types, discovery.resource_type),
        ("/Schemas", discovery.schemas, discovery.schema),
    ):
        routes.add_api_route(path, listed, methods=["GET"], summary=path[1:])
        routes.add_api_route(f"{path}/{{name}}", one_of, methods=["GET"], summary=f"One of the {path[1:]}")
    return routes

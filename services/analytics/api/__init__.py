"""The analytics API: one person's mix and why, who may see it, and the pooled mix of an organisation."""

from fastapi import APIRouter

from services.analytics.api.figures import Figures
from services.analytics.api.people import People
from services.analytics.api.reading import Reading

_PERSON = "/people/{person}"


def router(reading: Reading) -> APIRouter:
    """Return the routes under /analytics/v1."""
    routes = APIRouter(prefix="/analytics/v1", tags=["analytics"])
    people, figures = People(reading), Figures(reading)
    for path, method, endpoint, summary in (
        ("/people", "GET", people.find, "Find a person by an xAPI Agent"),
        (f"{_PERSON}/mix", "GET", figures.mix, "One person's recorded mix"),
        (f"{_PERSON}/why", "GET", figures.why, "Down to the statements"),
        (f"{_PERSON}/shares", "GET", people.shares, "With whom this person shares"),
        (f"{_PERSON}/shares/{{viewer}}", "PUT", people.share, "Let somebody look"),
        (f"{_PERSON}/shares/{{viewer}}", "DELETE", people.unshare, "Let somebody look no longer"),
        (f"{_PERSON}/looks", "GET", people.looks, "Who looked"),
    ):
        routes.add_api_route(path, endpoint, methods=[method], summary=summary)
    return routes

"""The analytics API: one person's mix and why, who may see it, and the pooled mix of an organisation."""

from fastapi import APIRouter

from services.analytics.api.answers import PersonMix, PersonWhy
from services.analytics.api.figures import Figures
from services.analytics.api.groups import Asking, Groups, add_routes
from services.analytics.api.people import People
from services.analytics.api.quality import QualityRoutes
from services.analytics.api.reading import Reading
from services.analytics.api.registry import RegistryRoutes
from services.analytics.api.targets import TargetRoutes
from services.analytics.api.vocabulary import VocabularyRoutes
from services.analytics.api.voice import add_voice
from services.analytics.changing import Changing
from services.analytics.classifying import Classifying
from services.analytics.registering import Registering
from services.analytics.releasing import Releasing

_PERSON = "/people/{person}"


def router(
    reading: Reading, releasing: Releasing, changing: Changing, registering: Registering, classifying: Classifying
) -> APIRouter:
    """Return the routes under /analytics/v1, but for those of the roster and SCIM."""
    routes = APIRouter(prefix="/analytics/v1", tags=["analytics"])
    people, figures = People(reading), Figures(reading)
    for path, method, endpoint, summary, model in (
        ("/people", "GET", people.find, "Find a person by an xAPI Agent", None),
        (f"{_PERSON}/mix", "GET", figures.mix, "One person's recorded mix", PersonMix),
        (f"{_PERSON}/why", "GET", figures.why, "Down to the statements", PersonWhy),
        (f"{_PERSON}/shares", "GET", people.shares, "With whom this person shares", None),
        (f"{_PERSON}/shares/{{viewer}}", "PUT", people.share, "Let somebody look", None),
        (f"{_PERSON}/shares/{{viewer}}", "DELETE", people.unshare, "Let somebody look no longer", None),
        (f"{_PERSON}/looks", "GET", people.looks, "Who looked", None),
    ):
        routes.add_api_route(path, endpoint, methods=[method], summary=summary, response_model=model)
    add_routes(routes, Groups(Asking(reading, releasing)))
    add_voice(routes, reading, changing)
    TargetRoutes(reading, changing).add_to(routes)
    RegistryRoutes(reading, registering).add_to(routes)
    VocabularyRoutes(reading, classifying).add_to(routes)
    QualityRoutes(reading, classifying).add_to(routes)
    return routes

"""The composition of recommend: what it consists of, given a runtime."""

from pathlib import Path

from services.common.runtime import Runtime, Service
from services.recommend import catalogue as shipped
from services.recommend.api import router
from services.recommend.domain.catalogue import load
from services.recommend.handlers import InputHandler
from services.recommend.offering import Offering
from services.recommend.waiting import Arrivals


def service(runtime: Runtime) -> Service:
    """Return recommend, built on this runtime."""
    catalogue = load(shipped.text())
    arrivals = Arrivals(runtime.signals)
    offering = Offering(runtime.database, runtime.outbox("recommend"), arrivals, catalogue)
    return Service(
        name="recommend",
        migrations=Path(__file__).parent / "migrations",
        routers=[router(offering, catalogue, lambda: "recommend" in runtime.prepared)],
        handlers=[InputHandler(arrivals.announce)],
    )

"""Embedded mode: all three services in one process. The composition only; the console runs it."""

from services.analytics import app as analytics
from services.common.runtime import Runtime, Service
from services.ingest import app as ingest
from services.recommend import app as recommend


def services(runtime: Runtime) -> list[Service]:
    """Return all three services, built on one runtime, in the order in which a statement travels."""
    return [ingest.service(runtime), analytics.service(runtime), recommend.service(runtime)]

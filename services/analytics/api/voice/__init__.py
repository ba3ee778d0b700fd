"""The person's own voice over HTTP: "this is not right", "this was learned too", "not now".

What was said holds in the very next answer about the person, also while the consumer lags: it is derived in the
request itself.
"""

from fastapi import APIRouter

from services.analytics.api.reading import Reading
from services.analytics.api.voice.additions import AdditionRoutes
from services.analytics.api.voice.corrections import CorrectionRoutes
from services.analytics.api.voice.pauses import PauseRoutes
from services.analytics.changing import Changing


def add_voice(routes: APIRouter, reading: Reading, changing: Changing) -> None:
    """Add the routes of one person's own word under /analytics/v1."""
    for of in (CorrectionRoutes(reading, changing), AdditionRoutes(reading, changing), PauseRoutes(reading, changing)):
        of.add_to(routes)

"""The anchor: what the marker keeps is what comes back, and it is nobody's learning."""

import json
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from tincan import Statement

from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import EMPTY_REGISTRY
from services.analytics.rules import base_rules
from services.console.story.marker import Anchor, anchor_in, last_full_month, marker
from services.ingest.domain.validation import validate

ANCHOR = Anchor(date(2026, 10, 1), ZoneInfo("Europe/Amsterdam"), 70)


def test_the_marker_keeps_the_anchor_also_through_tincan() -> None:
    assert anchor_in(marker(ANCHOR)) == ANCHOR
    assert anchor_in(json.loads(Statement(marker(ANCHOR)).to_json())) == ANCHOR


def test_the_marker_is_valid_and_about_nobody() -> None:
    statement = marker(ANCHOR)
    validate(statement, "1.0.3")
    found = classify(statement, "", "work_system", base_rules(), EMPTY_REGISTRY)
    assert found.learners == ()
    assert found.cls == "not_learning"


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2026, 11, 22), date(2026, 10, 1)),
        (date(2027, 1, 1), date(2026, 12, 1)),
        (date(2028, 3, 31), date(2028, 2, 1)),
    ],
)
def test_the_last_full_month_is_the_calendar_month_before(today: date, month: date) -> None:
    assert last_full_month(today) == month

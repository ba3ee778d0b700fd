"""One person's mix over HTTP: the contract, windows, days, and that it says what was sent a moment ago."""

import pytest

from tests.integration.analytics.statements import statement, voiding

MARCH = {"since": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}


async def test_what_was_just_posted_is_in_the_mix(house):
    await house.send(statement("anna"), statement("anna", "2026-03-02T10:10:00Z", "PT20M"))
    answer = await house.get(f"/people/{await house.person('anna')}/mix", **MARCH)
    assert answer.status_code == 200
    told = answer.json()
    assert told["minutes"] == {"formal": 40.0, "social": 0.0, "experiential": 0.0}
    assert told["events"] == {"formal": 2, "social": 0, "experiential": 0}
    assert told["share"] == {"formal": 1.0, "social": 0.0, "experiential": 0.0}
    assert (told["target"], told["gap"], told["unclassified"], told["not_learning"]) == (None, None, 0, 0)
    assert (told["since"], told["until"]) == ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")
    assert told["visible"] == {"formal": True, "social": False, "experiential": False}
    assert told["lag"] == 0

"""The pooled mix of a month: who stands behind it are never so few that it gives them away (law 9)."""

import pytest

from services.common.access.scopes import Scope
from tests.integration.analytics.statements import statement

PATH = "/organisation/mix"


async def send(house, people, kind="lms", at="2026-03-02T10:00:00Z", **more):
    await house.send(*(statement(f"p{n}", at, **more) for n in people), headers=await house.credential(kind=kind))


async def test_five_people_are_a_figure_and_four_are_not(house):
    await send(house, range(4))
    hidden = await house.told(PATH, month="2026-03")
    assert hidden["hidden"] is True
    assert "minutes" not in hidden
    assert "people" not in hidden
    assert hidden["because"] == (await house.told(PATH, month="2026-02"))["because"]
    await send(house, [4], at="2026-03-31T20:00:00Z")
    told = await house.told(PATH, month="2026-03")
    assert (told["hidden"], told["people"], told["minutes"]["formal"]) == (False, 5, 150)
    assert told["share"] == {"formal": 1, "social": 0, "experiential": 0}
    assert told["visible"] == {"formal": True, "social": False, "experiential": False}
    # 22:00 UTC on the last of March is April in Amsterdam.
    await send(house, [5], at="2026-03-31T22:30:00Z", duration="PT10M")
    assert (await house.told(PATH, month="2026-03"))["people"] == 5


async def test_a_mode_of_a_few_hides_the_figure_and_what_stands_beside_is_withheld_alone(house):
    await send(house, range(6))
    await send(house, range(2), kind="other", verb={"id": "https://example.nl/verbs/did"})
    told = await house.told(PATH, month="2026-03")
    assert (told["hidden"], told["unclassified"], told["unclassified_minutes"], told["not_learning"]) == (
        *(False, None, None),
        0,
    )
    await send(house, range(4), kind="coaching")
    assert (await house.told(PATH, month="2026-03"))["hidden"] is True
    await send(house, [4], kind="coaching", at="2026-03-09T10:00:00Z", duration=None)
    told = await house.told(PATH, month="2026-03")
    assert told["events"] == {"formal": 6, "social": 5, "experiential": 0}


async def test_one_person_often_is_one_person_and_tenants_do_not_add_up(house):
    for day in range(1, 9):
        await send(house, [1], at=f"2026-03-0{day}T10:00:00Z")
    assert (await house.told(PATH, month="2026-03"))["hidden"] is True
    elsewhere = await house.credential(tenant="elsewhere")
    await house.send(*(statement(f"p{n}") for n in range(5)), headers=elsewhere)
    assert (await house.told(PATH, month="2026-03"))["hidden"] is True
    assert (await house.told(PATH, elsewhere, month="2026-03"))["people"] == 5


async def test_it_needs_the_scope_for_groups(house):
    people = await house.credential(Scope.PEOPLE_READ)
    assert (await house.get(PATH, people)).status_code == 403
    assert (await house.told(PATH))["hidden"] is True


@pytest.mark.parametrize("params", [{"month": "2026-13"}, {"month": "2026-3"}, {"month": "march"}, {"week": "1"}])
async def test_a_month_that_is_none_is_refused(house, params):
    assert (await house.get(PATH, **params)).status_code == 400

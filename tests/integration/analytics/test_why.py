"""Law 8: the reader of a mix can ask why, down to the statements; a page at a time, with nothing lost or twice."""

import pytest

from tests.integration.analytics.statements import statement

MARCH = {"since": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}


async def test_each_stretch_names_its_statement_and_rule(house):
    """An hour of course with ten minutes of a shorter one inside: the shorter one has them."""
    course, short, moment = await house.send(
        statement("anna", "2026-03-02T10:00:00Z", "PT1H"),
        statement("anna", "2026-03-02T09:30:00Z", "PT10M"),
        statement("anna", "2026-03-02T09:45:00Z", None),
    )
    told = await house.told(f"/people/{await house.person('anna')}/why", **MARCH)
    assert [(each["statement"], each["minutes"]) for each in told["stretches"]] == [
        (course, 20),
        (short, 10),
        (course, 30),
    ]
    assert {each["rule"] for each in told["stretches"]} == {"kind:lms"}
    assert {each["known"] for each in told["stretches"]} == {"reported"}
    assert [(each["statement"], each["known"]) for each in told["events"]] == [
        (short, "reported"),
        (moment, "none"),
        (course, "reported"),
    ]
    assert (told["more"], told["lag"]) == ("", 0)


@pytest.mark.parametrize("limit", [1, 3, 7])
async def test_the_pages_together_are_the_mix(house, limit):
    sent = [
        statement("anna", f"2026-03-{2 + number % 3:02}T1{number % 7}:{number:02}:00Z", f"PT{5 + 7 * (number % 6)}M")
        for number in range(25)
    ]
    await house.send(*sent, *(statement("anna", "2026-03-04T09:00:00Z", None) for _ in range(4)))
    person = await house.person("anna")
    mix = await house.told(f"/people/{person}/mix", **MARCH)
    path, params, stretches, events, pages = f"/people/{person}/why", MARCH | {"limit": limit}, [], [], 0
    while path:
        page = await house.told(path, **params)
        stretches += page["stretches"]
        events += page["events"]
        pages += 1
        path, params = page["more"].removeprefix("/analytics/v1"), {}
    assert pages > 3
    assert sum(each["minutes"] for each in stretches) == pytest.approx(mix["minutes"]["formal"])
    assert len(events) == len({each["statement"] for each in events}) == mix["events"]["formal"] == 29
    assert stretches == sorted(stretches, key=lambda each: each["start"])


async def test_only_one_mode_when_asked(house):
    await house.send(statement("anna"), headers=await house.credential(kind="coaching"))
    await house.send(statement("anna", "2026-03-03T10:00:00Z"))
    path = f"/people/{await house.person('anna')}/why"
    told = await house.told(path, mode="social", **MARCH)
    assert {each["mode"] for each in told["stretches"] + told["events"]} == {"social"}
    for params in ({"mode": "Social"}, {"limit": "0"}, {"limit": "many"}):
        answer = await house.get(path, **params)
        assert (answer.status_code, answer.json()["reason"]) == (400, "invalid_parameter")

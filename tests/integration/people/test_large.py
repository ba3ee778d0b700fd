"""A large organisation: 20,000 people, a twentieth of whom change; with how long each step takes."""

import time

from tests.harness.firm import hr_file

PEOPLE = 20_000


async def timed(house, body, **params):
    began = time.monotonic()
    answer = await house.http.post(
        "/analytics/v1/people/import", content=body, params=params, headers={"content-type": "text/csv"}
    )
    assert answer.status_code == 200, answer.text
    counts = {name: number for name, number in answer.json()["counts"].items() if number}
    return counts, time.monotonic() - began


async def test_twenty_thousand_people_are_imported_changed_and_then_the_same(house):
    first, later = hr_file(PEOPLE), hr_file(PEOPLE, later=True)
    took = {}
    made, took["run of all"] = await timed(house, first)
    assert made["people_added"] == PEOPLE
    shown, took["dry run"] = await timed(house, later, dry_run="true", complete="true")
    made, took["run"] = await timed(house, later, complete="true")
    assert shown == made
    assert (made["people_added"], made["people_left"]) == (PEOPLE // 100, PEOPLE // 50)
    assert made["people_unchanged"] == PEOPLE * 95 // 100
    before = await house.roster()
    made, took["again"] = await timed(house, later, complete="true")
    assert made == {"people_unchanged": PEOPLE + PEOPLE // 100}
    assert await house.roster() == before
    print({step: round(seconds, 2) for step, seconds in took.items()})
    assert max(took.values()) < 60

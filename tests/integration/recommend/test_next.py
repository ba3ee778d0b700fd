"""The next suggestion: one at a time, logged once, waited for when the log is about to tell of the person."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.events import Mix
from services.common import metrics
from services.recommend import catalogue as shipped
from services.recommend.domain.catalogue import load
from services.recommend.domain.choose import propensities
from services.recommend.domain.situation import situation_of

from .conftest import Recommend

CATALOGUE = load(shipped.text())


async def test_one_suggestion_stays_the_next_one_and_is_logged_once(both: Recommend) -> None:
    person = await both.somebody()
    first = await both.next(person)
    assert first.status_code == 200, first.text
    told = first.json()
    assert told["new"] is True
    entry = CATALOGUE[told["intervention"]["id"]]
    assert told["intervention"]["title_nl"] == entry.title_nl
    assert told["intervention"]["minutes"] == entry.minutes
    assert told["mode"] == entry.mode
    assert [each["id"] for each in told["questions"]] == [each.id for each in entry.preconditions]
    assert "drawn_evenly" in [each["code"] for each in told["why"]]
    offered, until = datetime.fromisoformat(told["offered_at"]), datetime.fromisoformat(told["open_until"])
    assert until - offered == timedelta(hours=24)
    assert abs(datetime.now(UTC) - offered) < timedelta(seconds=30)

    assert (await both.next(person)).json() == told | {"new": False}
    (event,) = await both.published(1)
    assert str(event.suggestion) == told["suggestion"]
    assert event.person == person
    assert (event.intervention, event.mode) == (entry.id, entry.mode)
    assert (event.policy, event.catalogue) == (told["policy"], CATALOGUE.version)
    assert event.propensity == told["propensity"]
    assert event.reasons == [each["code"] for each in told["why"]]
    assert event.at == offered


async def test_many_at_once_get_the_same_one(both: Recommend) -> None:
    person = await both.somebody()
    answers = [each.json() for each in await asyncio.gather(*(both.next(person) for _ in range(24)))]
    assert len({each["suggestion"] for each in answers}) == 1
    assert sum(each["new"] for each in answers) == 1
    assert len(await both.published(1)) == 1


async def test_only_new_ones_are_counted(recommend: Recommend) -> None:
    person = await recommend.somebody()
    before = _counted()
    await recommend.next(person)
    await recommend.next(person)
    assert _counted() - before == 1


async def test_after_24_hours_another_one_is_made(recommend: Recommend) -> None:
    person = await recommend.somebody()
    first = (await recommend.next(person)).json()
    await _age(recommend, person, timedelta(hours=23, minutes=59))
    assert (await recommend.next(person)).json()["suggestion"] == first["suggestion"]
    await _age(recommend, person, timedelta(minutes=1))
    second = (await recommend.next(person)).json()
    assert second["new"] is True
    assert second["suggestion"] != first["suggestion"]
    assert second["intervention"]["id"] != first["intervention"]["id"]
    assert len(await recommend.published(2)) == 2


async def test_the_logged_propensity_is_the_domains(recommend: Recommend) -> None:
    """Recomputed from what was kept: the mix and what had been offered before."""
    person = await recommend.somebody()
    mix = Mix.model_validate_json((await recommend.row(person))["mix"])
    before: list[str] = []
    for _ in range(6):
        told = (await recommend.next(person)).json()
        known = situation_of(mix, datetime.now(UTC), before)
        assert told["propensity"] == pytest.approx(propensities(known, CATALOGUE)[told["intervention"]["id"]])
        before.append(told["intervention"]["id"])
        await recommend.tell(person, told["suggestion"], "not_now")
    assert len(set(before)) == 6
    rows = await recommend.fetch("SELECT situation FROM recommend.suggestions ORDER BY offered_at")
    kept = [json.loads(row["situation"]) for row in rows]
    assert [len(each["offered"]) for each in kept] == list(range(6))
    assert all(each["minutes"] == {"formal": 30, "social": 0, "experiential": 0} for each in kept)
    assert all(each["mix_version"] == 1 for each in kept)


async def test_who_has_no_mix_gets_a_starter(recommend: Recommend) -> None:
    person = uuid4()
    await recommend.tell_person(person)
    await recommend.until(person, lambda row: row["version"] == 1)
    await recommend.execute("UPDATE recommend.people SET known_since = now() - interval '3 seconds'")
    began = time.monotonic()
    told = (await recommend.next(person)).json()
    assert time.monotonic() - began < 1.5
    assert "starter" in [each["code"] for each in told["why"]]
    assert CATALOGUE[told["intervention"]["id"]].suits_starter


async def test_a_mix_that_never_comes_is_waited_for_within_bounds(recommend: Recommend) -> None:
    person = uuid4()
    await recommend.tell_person(person)
    await recommend.until(person, lambda row: row["version"] == 1)
    began = time.monotonic()
    told = (await recommend.next(person)).json()
    assert 1 < time.monotonic() - began < 4
    assert "starter" in [each["code"] for each in told["why"]]


async def test_a_person_and_a_mix_on_their_way_are_waited_for(both: Recommend) -> None:
    person = uuid4()
    asking = asyncio.create_task(both.next(person))
    await asyncio.sleep(0.2)
    await both.tell_person(person)
    await asyncio.sleep(0.2)
    assert not asking.done()
    await both.tell_mix(person, social=12)
    sent = time.monotonic()
    told = (await asking).json()
    assert time.monotonic() - sent < 1.0
    assert "starter" not in [each["code"] for each in told["why"]]
    looks = await both.fetch("SELECT what FROM access.looks WHERE person = $1", person)
    assert [row["what"] for row in looks] == ["next suggestion"]


async def test_who_stays_unknown_is_a_404_after_a_bounded_wait_and_no_look(recommend: Recommend) -> None:
    person = uuid4()
    await recommend.tell_mix(person, formal=5)  # a mix alone makes nobody known
    began = time.monotonic()
    answer = await recommend.next(person)
    assert answer.status_code == 404
    assert answer.json()["reason"] == "not_found"
    assert 1.5 < time.monotonic() - began < 4
    assert await recommend.fetch("SELECT * FROM access.looks") == []


async def test_tenants_are_apart(recommend: Recommend) -> None:
    person = await recommend.somebody()
    other = await recommend.header(tenant="elsewhere")
    assert (await recommend.next(person, **other)).status_code == 404
    assert (await recommend.next(person)).status_code == 200


async def _age(recommend: Recommend, person: UUID, by: timedelta) -> None:
    await recommend.execute(
        "UPDATE recommend.suggestions SET offered_at = offered_at - $2::interval WHERE person = $1", person, by
    )


def _counted() -> Any:
    return sum(
        sample.value
        for metric in metrics.SUGGESTIONS.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    )

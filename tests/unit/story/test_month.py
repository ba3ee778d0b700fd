"""The story: the same arguments give the same statements, and they are what a month of sixty people must be."""

import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tincan import Statement

from schemas.events import MODES
from schemas.xapi.times import parse_duration, parse_timestamp
from services.analytics.domain.classify.classified import Classified
from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import EMPTY_REGISTRY
from services.analytics.rules import base_rules
from services.console.story.hospital import TEAMS, people, shown
from services.console.story.month import Sent, events_of, tell
from services.console.story.shifts import month_bounds
from services.console.story.writing import SOURCES
from services.ingest.domain.validation import validate, validate_request

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OCTOBER = date(2026, 10, 1)
MONTHS = st.dates(date(2024, 1, 1), date(2030, 12, 31)).map(lambda day: day.replace(day=1))


def classified(sent: Sent) -> Classified:
    return classify(sent.statement, sent.source, SOURCES[sent.source], base_rules(), EMPTY_REGISTRY)


@pytest.fixture(scope="module")
def story() -> tuple[Sent, ...]:
    return tell(OCTOBER, AMSTERDAM, 70)


@settings(max_examples=8, deadline=None)
@given(MONTHS, st.integers(0, 2**31), st.sampled_from(["Europe/Amsterdam", "UTC", "America/Sao_Paulo", "Asia/Tokyo"]))
def test_any_story_is_reproducible_valid_and_within_its_month(month: date, seed: int, zone: str) -> None:
    told = tell(month, ZoneInfo(zone), seed)
    assert told == tell(month, ZoneInfo(zone), seed)
    first, following = month_bounds(month, ZoneInfo(zone))
    for sent in told:
        validate(sent.statement, "1.0.3")
        end = parse_timestamp(sent.statement["timestamp"])
        duration = sent.statement.get("result", {}).get("duration", "PT0S")
        start = end - timedelta(microseconds=parse_duration(duration).microseconds)
        assert first <= start <= end < following
    ids = [sent.statement["id"] for sent in told]
    assert len(set(ids)) == len(ids)


def test_another_month_seed_or_zone_shares_no_id(story: tuple[Sent, ...]) -> None:
    ids = {sent.statement["id"] for sent in story}
    for other in (
        tell(date(2026, 11, 1), AMSTERDAM, 70),
        tell(OCTOBER, AMSTERDAM, 71),
        tell(OCTOBER, ZoneInfo("UTC"), 70),
    ):
        assert not ids & {sent.statement["id"] for sent in other}


def test_it_is_sixty_people_in_six_teams_and_a_few_thousand_statements(story: tuple[Sent, ...]) -> None:
    everyone = people()
    assert (len(everyone), len(TEAMS)) == (60, 6)
    assert len({person.name for person in everyone}) == 60
    assert set(events_of(story)) == {person.name for person in everyone}
    assert 2_500 <= len(story) <= 4_000
    assert all(sent.statement["timestamp"] for sent in story)


def test_every_source_speaks_and_every_class_occurs(story: tuple[Sent, ...]) -> None:
    assert {sent.source for sent in story} == set(SOURCES)
    classes = Counter(classified(sent).cls for sent in story)
    assert set(classes) == {*MODES, "not_learning"}
    assert min(classes[mode] for mode in MODES) > 300


def test_durations_are_as_in_the_field(story: tuple[Sent, ...]) -> None:
    timed: dict[str, list[bool]] = defaultdict(list)
    for sent in story:
        timed[SOURCES[sent.source]].append("duration" in sent.statement.get("result", {}))
    share = {kind: sum(each) / len(each) for kind, each in timed.items()}
    assert share["work_system"] == 0
    assert share["social"] < 0.2 < share["lms"] < share["job_aid"] < 0.9


def test_habits_show_in_the_minutes_of_those_who_are_shown(story: tuple[Sent, ...]) -> None:
    minutes: dict[str, Counter[str]] = defaultdict(Counter)
    for sent in story:
        found = classified(sent)
        length = parse_duration(sent.statement.get("result", {}).get("duration", "PT0S")).microseconds
        for learner in found.learners:
            minutes[learner.agent["name"]][found.cls] += length
    starter, connector, doer = (minutes[person.name] for person in shown(people()))
    assert starter.most_common(1)[0][0] == "formal"
    assert doer["experiential"] > 2 * (doer["formal"] + doer["social"])
    assert connector["social"] > connector["formal"]


def test_some_devices_were_offline_and_some_statements_are_taken_back(story: tuple[Sent, ...]) -> None:
    times = [parse_timestamp(sent.statement["timestamp"]) for sent in story]
    late = sum(time < max(times[:number], default=datetime(1, 1, 1, tzinfo=UTC)) for number, time in enumerate(times))
    assert 50 < late < 400
    voiding = [sent.statement for sent in story if sent.statement["verb"]["id"].endswith("/voided")]
    ids = {sent.statement["id"] for sent in story}
    assert len(voiding) == 2
    assert all(statement["object"]["id"] in ids for statement in voiding)
    events = events_of(story)
    members = sum(len(sent.statement["actor"].get("member", [1])) for sent in story)
    assert sum(events.values()) == members - 2


def test_a_job_aid_is_used_during_a_course(story: tuple[Sent, ...]) -> None:
    claims: dict[str, list[tuple[str, datetime, datetime]]] = defaultdict(list)
    for sent in story:
        duration = sent.statement.get("result", {}).get("duration")
        if duration and sent.statement["actor"].get("objectType") == "Agent":
            end = parse_timestamp(sent.statement["timestamp"])
            start = end - timedelta(microseconds=parse_duration(duration).microseconds)
            claims[sent.statement["actor"]["name"]].append((SOURCES[sent.source], start, end))
    overlaps = [
        (one, other)
        for each in claims.values()
        for one in each
        for other in each
        if one[0] == "job_aid" and other[0] == "lms" and one[1] < other[2] and other[1] < one[2]
    ]
    assert len(overlaps) > 10


def test_tincan_writes_the_same_statements(story: tuple[Sent, ...]) -> None:
    written = [json.loads(Statement(json.loads(json.dumps(sent.statement))).to_json()) for sent in story[::7]]
    validate_request(written, "1.0.3", batch=True)
    for sent, after in zip(story[::7], written, strict=True):
        before = sent.statement
        assert parse_timestamp(after["timestamp"]) == parse_timestamp(before["timestamp"])
        assert after["id"] == before["id"]
        if "duration" in before.get("result", {}):
            assert parse_duration(after["result"]["duration"]) == parse_duration(before["result"]["duration"])

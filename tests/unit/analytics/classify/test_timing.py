"""What stands in for a duration that nobody sent, which durations are not believed, and what has no minutes at all."""

import pytest

from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import EMPTY_REGISTRY, parse_registry
from services.analytics.rules import base_rules
from tests.unit.analytics.classify.statements import ADL, TINCAN, about, agent, statement

MINUTE = 60_000_000
VIDEO = "https://w3id.org/xapi/video/activity-type/video"
LENGTH = "https://w3id.org/xapi/video/extensions/length"


def found(value, kind="other", **entry):
    registry = EMPTY_REGISTRY
    if entry:
        thing = {"id_prefix": "https://example.org/", "mode": "experiential", **entry}
        registry = parse_registry({"registry": 1, "things": [thing]})
    return classify(value, "", kind, base_rules(), registry)


@pytest.mark.parametrize(
    ("value", "minutes"),
    [
        (statement("experienced", thing="https://x.example/job-aid/1"), 3),
        (statement("commented", TINCAN + "discussion"), 2),
        (statement("posted", TINCAN + "forum-reply"), 2),
        (statement("http://id.tincanapi.com/verb/viewed", TINCAN + "discussion"), 2),
        (statement("experienced", "lesson-content-page"), 2),
        (statement("completed", VIDEO), 1),
        (statement("completed", "course"), 0),
        (statement("attended", "meeting"), 0),
        (statement("answered", "question"), 0),
        (statement("https://example.org/verbs/reflected"), 0),
        (about("asked", agent({"mbox": "mailto:b@example.org"})), 0),
        (statement("https://w3id.org/xapi/acrossx/verbs/liked", TINCAN + "discussion"), 0),
        (statement("registered", "course"), 0),
        (statement("http://id.tincanapi.com/verb/viewed", "http://activitystrea.ms/schema/1.0/page",
                   thing="https://x.example/login"), 0),
    ],
)  # fmt: skip
def test_the_minutes_of_a_type_are_ours_and_most_have_none(value, minutes):
    answer = found(value)
    assert (answer.default_us, answer.default_from) == (minutes * MINUTE, "ours" if minutes else "")


def test_an_announced_length_is_the_default_and_twice_that_the_cap():
    plain = statement("completed", VIDEO)
    announced = {**plain, "context": {"extensions": {LENGTH: 90}}}
    assert (found(plain).default_us, found(plain).cap_us) == (MINUTE, 12 * 60 * MINUTE)
    assert (found(announced).default_us, found(announced).cap_us) == (1.5 * MINUTE, 3 * MINUTE)
    defined = statement("completed", VIDEO)
    defined["object"]["definition"]["extensions"] = {LENGTH: 60.5}
    assert found(defined).cap_us == 121_000_000


@pytest.mark.parametrize("length", [0, -5, True, "PT1M", None, 1e9, {}])
def test_a_length_that_cannot_be_is_none(length):
    announced = {**statement("completed", VIDEO), "context": {"extensions": {LENGTH: length}}}
    assert found(announced).cap_us == 12 * 60 * MINUTE


def test_the_organisation_comes_before_us():
    value = statement("completed", VIDEO, context={"extensions": {LENGTH: 90}})
    answer = found(value, default_minutes=5, cap_minutes=20)
    assert (answer.default_us, answer.default_from) == (5 * MINUTE, "id_prefix=example.org/")
    assert answer.cap_us == 20 * MINUTE
    assert found(value, default_minutes=0).default_us == 0


def test_results_of_work_and_work_systems_have_no_minutes_unless_the_registry_says_so():
    sold = statement("http://id.tincanapi.com/verb/closed-sale")
    assert not found(sold).timed
    assert found(sold, minutes="reported").timed
    assert not found(statement("read", TINCAN + "checklist"), "work_system").timed
    assert found(statement("read", TINCAN + "checklist"), "work_system", minutes="reported").timed
    assert found(statement("read", TINCAN + "checklist")).timed
    assert not found(statement("read", TINCAN + "checklist"), minutes="none").timed
    assert found(statement("read", TINCAN + "checklist"), "work_system").default_us == 0


def test_a_recording_or_a_page_is_no_session_of_hours():
    hour = 60 * MINUTE
    assert found(statement("completed", "course")).session_us == 4 * hour
    assert found(statement("completed", VIDEO)).session_us == 2 * hour
    assert found(statement("experienced", "lesson-content-page")).session_us == hour


def test_tags_are_those_of_the_entry_or_of_the_rule():
    tags = {"theme": "hygiene", "angle": "professional", "choice": "required", "initiative": "own"}
    answer = found(statement("read"), support=["extrinsic", "sidekick"], tags=tags)
    assert answer.tags == (
        "angle:professional", "choice:required", "initiative:own", "support:extrinsic", "support:sidekick",
        "theme:hygiene",
    )  # fmt: skip
    assert found(statement("read", TINCAN + "checklist")).tags == ("support:unspecified",)
    assert found(statement(ADL + "passed")).tags == ()

"""How a statement is classified, and who learned."""

import pytest

from services.analytics.domain.first_classify import Learner, classify, learners
from services.analytics.rules import base_rules

RULES = base_rules()
ADL = "http://adlnet.gov/expapi/verbs/"
ANNA = {"mbox": "mailto:anna@example.org", "name": "Anna"}
BEN = {"account": {"homePage": "https://hr.example.org", "name": "ben"}}


def statement(verb, activity_type=None, **target):
    if activity_type:
        target["definition"] = {"type": activity_type}
    return {"actor": ANNA, "verb": {"id": verb}, "object": {"id": "https://example.org/thing", **target}}


@pytest.mark.parametrize(
    ("verb", "activity_type", "kind", "cls", "rule"),
    [
        (ADL + "completed", "http://adlnet.gov/expapi/activities/course", "job_aid", "formal", "formal.course"),
        (ADL + "completed", "http://id.tincanapi.com/activitytype/checklist", "lms", "experiential", "work.support"),
        (ADL + "registered", "http://adlnet.gov/expapi/activities/course", "lms", "not_learning", "admin.enrolment"),
        (ADL + "posted", "http://adlnet.gov/expapi/activities/course", "lms", "social", "social.contribution"),
        (ADL + "commented", "http://adlnet.gov/expapi/activities/course", "social", "not_learning",
         "admin.opinion_about_a_course"),
        (ADL + "experienced", "http://id.tincanapi.com/activitytype/discussion", "lms", "social", "social.place"),
        (ADL + "passed", None, "other", "formal", "formal.outcome"),
        ("https://w3id.org/xapi/adl/verbs/logged-in", None, "lms", "not_learning",
         "admin.session_of_an_application"),
        (ADL + "answered", "http://id.tincanapi.com/activitytype/survey", "lms", "not_learning", "admin.survey"),
        (ADL + "experienced", None, "lms", "formal", "kind:lms"),
        (ADL + "experienced", None, "job_aid", "experiential", "kind:job_aid"),
        (ADL + "experienced", None, "work_system", "experiential", "kind:work_system"),
        (ADL + "experienced", None, "coaching", "social", "kind:coaching"),
        (ADL + "experienced", None, "social", "social", "kind:social"),
        (ADL + "experienced", None, "other", "unclassified", "kind:other"),
        (ADL + "experienced", None, "telepathy", "unclassified", "kind:telepathy"),
    ],
)  # fmt: skip
def test_the_first_rule_decides_and_without_one_the_kind(verb, activity_type, kind, cls, rule):
    found = classify(statement(verb, activity_type), kind, RULES)
    assert (found.cls, found.rule_id, found.rule_set) == (cls, rule, RULES.version)


@pytest.mark.parametrize("form", ["https://adlnet.gov/expapi/verbs/posted", ADL + "posted/", ADL + "posted"])
def test_the_scheme_and_a_closing_slash_make_no_difference(form):
    assert classify(statement(form), "lms", RULES).rule_id == "social.contribution"


def test_a_voiding_statement_is_not_learning():
    voiding = statement(ADL + "voided", objectType="StatementRef")
    assert classify(voiding, "lms", RULES).cls == "not_learning"


def test_an_intention_is_not_learning():
    planned = statement("http://example.com/planned", objectType="SubStatement")
    assert classify(planned, "lms", RULES).rule_id == "admin.intention"
    assert classify(statement("https://w3id.org/xapi/tla/verbs/planned"), "lms", RULES).rule_id == "kind:lms"


def test_what_is_said_of_another_statement_under_an_unknown_verb_stays_unclassified():
    said = statement("https://example.org/verbs/noticed", objectType="SubStatement")
    assert classify(said, "lms", RULES).cls == "unclassified"


def test_asking_a_person_is_social_and_asking_the_software_is_formal():
    person = {"actor": ANNA, "verb": {"id": ADL + "asked"}, "object": {"objectType": "Agent", **BEN}}
    hint = statement(ADL + "asked", "http://id.tincanapi.com/activitytype/solution")
    assert classify(person, "lms", RULES).cls == "social"
    assert classify(hint, "social", RULES).cls == "formal"


def test_the_actor_learned():
    assert learners(statement(ADL + "completed")) == [Learner(ANNA, "learner")]


def test_of_a_group_each_member_with_an_identifier_learned_once():
    group = {"objectType": "Group", "member": [BEN, ANNA, {"name": "a guest"}, {**ANNA, "name": "A. again"}]}
    found = learners({"actor": group})
    assert sorted(learner.agent["name"] for learner in found if "name" in learner.agent) == ["Anna"]
    assert len(found) == 2
    assert BEN in [learner.agent for learner in found]


@pytest.mark.parametrize(
    "group",
    [
        {"objectType": "Group", "mbox": "mailto:team@example.org"},
        {"objectType": "Group", "member": [{"name": "a guest"}]},
    ],
)
def test_of_a_group_without_known_members_nobody_learned(group):
    assert learners({"actor": group}) == []

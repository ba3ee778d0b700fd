"""Who learned by a statement, and who gave time to others (MIX.md 1.3)."""

import pytest

from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import EMPTY_REGISTRY, parse_registry
from services.analytics.rules import base_rules
from tests.unit.analytics.classify.statements import ANNA, BEN, about, agent, statement

CATO = {"openid": "https://id.example.org/cato"}
TEAM = {"objectType": "Group", "mbox": "mailto:team@example.org"}


def roles(value, registry=EMPTY_REGISTRY):
    answer = classify(value, "", "other", base_rules(), registry)
    return [(each.agent, each.role) for each in answer.learners]


def group(*members):
    return {"objectType": "Group", "member": list(members)}


def test_the_actor_learned():
    assert roles(statement("completed", "course")) == [(ANNA, "learner")]


def test_of_a_group_each_member_with_an_identifier_learned_once():
    several = group(BEN, ANNA, {"name": "a guest"}, {**ANNA, "name": "A. again"})
    assert roles(statement("attended", "course", actor=several)) == [(BEN, "learner"), (ANNA, "learner")]


@pytest.mark.parametrize(
    "actor", [TEAM, group(), group({"name": "a guest"}), {"objectType": "Group", "member": "x"}, {}]
)
def test_of_a_group_without_known_members_nobody_learned(actor):
    assert roles(statement("completed", "course", actor=actor)) == []


@pytest.mark.parametrize("verb", ["mentored", "http://id.tincanapi.com/verb/mentored",
                                  "https://w3id.org/xapi/adb/verbs/coached"])  # fmt: skip
def test_who_was_coached_learned_and_the_coach_gave(verb):
    assert roles(about(verb, agent(BEN))) == [(agent(BEN), "learner"), (ANNA, "coach")]


def test_of_a_coached_group_each_member_learned():
    assert roles(about("mentored", group(BEN, CATO))) == [(BEN, "learner"), (CATO, "learner"), (ANNA, "coach")]
    assert roles(about("mentored", TEAM)) == [(ANNA, "coach")]


def test_a_coach_who_is_in_the_group_learned_too_and_once():
    assert roles(about("mentored", group(ANNA, BEN))) == [(BEN, "learner"), (ANNA, "learner")]


def test_coaching_about_something_names_nobody_who_learned():
    assert roles(statement("mentored", thing="https://x.example/talk")) == [(ANNA, "coach")]


def test_in_a_substatement_its_actor_learned():
    inner = {"objectType": "SubStatement", **statement("completed", "course", actor=agent(BEN))}
    assert roles(about("mentored", inner)) == [(agent(BEN), "learner"), (ANNA, "coach")]
    observed = about("https://w3id.org/xapi/dod-isd/verbs/observed", inner)
    assert roles(observed) == [(agent(BEN), "learner"), (ANNA, "assessor")]


def test_who_was_assessed_learned_and_the_assessor_gave():
    assert roles(about("https://w3id.org/xapi/tla/verbs/assessed", agent(BEN)))[-1] == (ANNA, "assessor")


def test_who_was_taught_learned_and_the_teacher_gave():
    assert roles(about("https://w3id.org/xapi/dod-isd/verbs/instructed", agent(BEN)))[-1] == (ANNA, "instructor")


def test_an_actor_who_is_the_instructor_gave_the_time():
    taught = {"context": {"instructor": {**ANNA, "name": "the trainer"}}}
    assert roles(statement("attended", "course", **taught)) == [(ANNA, "instructor")]
    assert roles(statement("attended", "course", actor=BEN, **taught)) == [(BEN, "learner")]


def test_an_entry_of_the_registry_may_say_what_the_actor_was():
    own = parse_registry(
        {"registry": 1, "things": [{"id_prefix": "https://x.example/", "mode": "social", "role": "peer"}]}
    )
    assert roles(statement("completed", thing="https://x.example/intervisie"), own) == [(ANNA, "peer")]


def test_a_coach_in_a_place_of_the_registry_stays_a_coach():
    own = parse_registry({"registry": 1, "things": [{"id_prefix": "https://x.example/", "mode": "formal"}]})
    assert roles(statement("mentored", thing="https://x.example/talk"), own) == [(ANNA, "coach")]


@pytest.mark.parametrize("actor", [None, 7, "x", [], {"account": 3}, {"account": {"homePage": "x"}}, {"mbox": None}])
def test_an_odd_actor_breaks_nothing(actor):
    assert len(roles(statement("completed", "course", actor=actor))) <= 1

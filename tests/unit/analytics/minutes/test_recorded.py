"""A set of statements becomes what each person holds (MIX.md 1.1 to 1.3; law 3)."""

import hashlib
from dataclasses import replace

import pytest

from schemas.xapi.agents import actor_key
from services.analytics.domain.classify.classified import Classified, Learner
from services.analytics.domain.recorded import Recorded
from services.analytics.domain.standing import Content
from tests.unit.analytics.minutes.worded import ANNA, FORMAL, MINUTE, statement

SHA1 = {"mbox_sha1sum": hashlib.sha1(ANNA["mbox"].encode()).hexdigest()}
BOB = {"account": {"homePage": "https://hr.example.nl", "name": "bob"}}
FIRST = "A0000000-0000-4000-8000-000000000001"
SECOND = "a0000000-0000-4000-8000-000000000002"


def classify(content: Content) -> Classified:
    actor = content.statement["actor"]
    learners = tuple(Learner(agent) for agent in actor.get("member", [actor]))
    return replace(FORMAL, learners=learners)


def void(target, sid):
    said = statement("voided", "12:00", on={"objectType": "StatementRef", "id": target}, sid=sid)
    return said | {"actor": BOB}


def people(*statements, known=None):
    """Each person's statements and minutes."""
    recorded = Recorded(classify, known or {})
    for each in statements:
        recorded.add(Content(each, 0, "s", "lms"))
    return {
        person: {each.fact.statement: each.fact.duration_us / MINUTE for each in held}
        for person, held in recorded.held().items()
    }


def test_the_first_content_of_an_id_counts():
    world = [statement("completed", "10:00", f"PT{n}M", sid="one") for n in (5, 7)]
    assert people(*world) == {"mbox|mailto:anna@example.nl": {"one": 5}}
    assert people(*reversed(world)) == {"mbox|mailto:anna@example.nl": {"one": 7}}


def test_a_uuid_is_the_same_in_either_case():
    world = [statement("completed", "10:00", "PT5M", sid=sid) for sid in (FIRST, FIRST.lower())]
    assert people(*world) == {"mbox|mailto:anna@example.nl": {FIRST.lower(): 5}}


def test_a_voided_statement_is_out_whichever_comes_first():
    world = [statement("completed", "10:00", "PT5M", sid=FIRST), void(FIRST.lower(), SECOND)]
    for order in (world, world[::-1]):
        assert people(*order) == {"account|https://hr.example.nl|bob": {SECOND: 0}}


def test_a_voiding_statement_cannot_be_voided():
    world = [statement("completed", "10:00", "PT5M", sid=FIRST), void(FIRST, SECOND), void(SECOND, "third")]
    for order in (world, world[::-1]):
        assert people(*order) == {"account|https://hr.example.nl|bob": {SECOND: 0, "third": 0}}


def test_without_an_id_the_same_again_is_the_same_statement():
    one = {name: value for name, value in statement("completed", "10:00", "PT5M").items() if name != "id"}
    other = one | {"timestamp": "2026-11-02T11:00:00Z"}
    assert [len(held) for held in people(one, dict(reversed(one.items())), other).values()] == [2]


def test_an_mbox_and_its_sha1_are_one_person_named_by_the_mbox():
    world = [
        statement("completed", "10:00", "PT5M", sid="sha1", actor=SHA1),
        statement("completed", "11:00", "PT6M", sid="mbox"),
    ]
    for order in (world, world[::-1]):
        assert people(*order) == {"mbox|mailto:anna@example.nl": {"sha1": 5, "mbox": 6}}
    assert list(people(world[0])) == [f"mbox_sha1sum|{SHA1['mbox_sha1sum']}"]


@pytest.mark.parametrize("identity", [ANNA, SHA1])
def test_a_known_identity_is_its_person_in_either_form(identity):
    # A people file that names an mbox gives the key of its sha1 too.
    known = {actor_key(SHA1): "P1", actor_key(BOB): "P1"} | ({actor_key(ANNA): "P1"} if identity is ANNA else {})
    world = [statement("completed", "10:00", "PT5M", sid=str(n), actor=who) for n, who in enumerate((ANNA, SHA1, BOB))]
    assert people(*world, known=known) == {"P1": {"0": 5, "1": 5, "2": 5}}


def test_a_group_counts_once_for_each_person():
    group = {"objectType": "Group", "member": [ANNA, BOB, SHA1]}
    found = people(statement("attended", "11:00", "PT1H", sid="g", actor=group))
    assert found == {"mbox|mailto:anna@example.nl": {"g": 60}, "account|https://hr.example.nl|bob": {"g": 60}}


def test_who_learned_and_gave_time_under_two_names_learned():
    def both(_content):
        return replace(FORMAL, learners=(Learner(ANNA, "coach"), Learner(SHA1)))

    recorded = Recorded(both, {})
    recorded.add(Content(statement("mentored", "11:00", "PT1H"), 0, "s", "coaching"))
    ((each,),) = recorded.held().values()
    assert not each.fact.given


def test_what_is_no_statement_leaves_nothing_behind():
    recorded = Recorded(classify, {})
    with pytest.raises((KeyError, TypeError, AttributeError, ValueError)):
        recorded.add(
            Content(statement("completed", "10:00", sid="x") | {"result": "fine", "actor": BOB}, 0, "s", "lms")
        )
    recorded.add(Content(statement("completed", "10:00", "PT5M", sid="x"), 0, "s", "lms"))
    assert list(recorded.held()) == ["mbox|mailto:anna@example.nl"]

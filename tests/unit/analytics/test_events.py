"""Learning events: one per learner, numbered for ever, versioned with each change."""

from dataclasses import replace

from schemas.xapi.agents import actor_key
from services.analytics.domain.claims import CAP_US
from services.analytics.domain.events import derive, settle
from services.analytics.domain.standing import Content
from services.analytics.rules import base_rules

ANNA, BOB = {"mbox": "mailto:anna@example.nl"}, {"mbox": "mailto:bob@example.nl"}


def derived(*members, duration="PT10M"):
    statement = {
        "id": "s",
        "actor": {"objectType": "Group", "member": list(members)},
        "verb": {"id": "https://example.nl/did"},
        "object": {"id": "https://example.nl/thing"},
        "timestamp": "2026-03-02T10:00:00Z",
        "result": {"duration": duration},
    }
    found = derive(Content(statement, 0, "app", "lms"), base_rules(), CAP_US)
    return [replace(each, claim=replace(each.claim, person=each.learner[:4])) for each in found]


def shape(events):
    return sorted((event.person, event.number, event.version, event.retracted) for event in events)


def test_each_member_of_a_group_learned_once():
    found = derived(ANNA, BOB, ANNA)
    assert [each.learner for each in found] == [actor_key(ANNA), actor_key(BOB)]
    assert {(each.rule, each.source, each.claim.mode, each.claim.length_us) for each in found} == {
        ("kind:lms", "app", "formal", 600_000_000)
    }
    assert derived() == []


def test_a_person_keeps_the_number_and_a_newcomer_gets_a_new_one():
    anna, bob = actor_key(ANNA)[:4], actor_key(BOB)[:4]
    first = settle("t", [], derived(ANNA))
    assert shape(first) == [(anna, 0, 1, False)]
    second = settle("t", first, derived(BOB))
    assert shape(second) == sorted([(anna, 0, 2, True), (bob, 1, 1, False)])
    third = settle("t", second, derived(ANNA))
    assert shape(third) == sorted([(anna, 0, 3, False), (bob, 1, 2, True)])


def test_only_what_changes_is_told():
    first = settle("t", [], derived(ANNA, BOB))
    assert settle("t", first, derived(BOB, ANNA)) == []
    assert {event.version for event in settle("t", first, derived(ANNA, BOB, duration="PT11M"))} == {2}
    gone = settle("t", first, [])
    assert [event.retracted for event in gone] == [True, True]
    assert settle("t", gone, []) == []


def test_two_identities_of_one_person_are_one_event():
    both = [replace(each, claim=replace(each.claim, person="same")) for each in derived(ANNA, BOB)]
    assert len(settle("t", [], both)) == 1

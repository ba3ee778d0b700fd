"""The rule file: what it says, and that a mistake in it is named."""

import copy

import pytest

from services.analytics.domain.rules import CLASSES, RuleError, normal_iri, parse_rules
from services.analytics.rules import base_rules

GOOD = {
    "rule_set": "test.1",
    "prefixes": {"v": ["http://a.example/verbs/", "https://b.example/"]},
    "kinds": {"lms": "formal", "other": "unclassified"},
    "rules": [{"id": "one", "class": "social", "verbs": ["v:posted", "https://c.example/said/"]}],
}


def changed(**keys):
    return {**copy.deepcopy(GOOD), **keys}


def rule(**keys):
    return changed(rules=[{**GOOD["rules"][0], **keys}])


def test_a_prefix_stands_for_each_of_its_iris():
    (only,) = parse_rules(GOOD).rules
    assert only.verbs == {"a.example/verbs/posted", "b.example/posted", "c.example/said"}


def test_iris_are_compared_without_scheme_and_closing_slash():
    assert normal_iri("http://a.example/x/") == normal_iri("https://a.example/x")
    assert normal_iri("http://a.example/x#y") != normal_iri("http://a.example/x")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "the rule file"),
        (changed(rule_set=7), "rule_set"),
        (changed(extra=1), "extra"),
        (changed(rules=[]), "at least one rule"),
        (changed(rules=["text"]), "rule number 1"),
        (changed(rules=[{"class": "social"}]), "rule number 1: it has no id"),
        (rule(id="kind:lms"), "rule kind:lms"),
        ({**rule(), "rules": rule()["rules"] * 2}, "rule one: the id is used twice"),
        (rule(**{"class": "ambiguous"}), "rule one: class"),
        (rule(verb=["v:posted"]), "rule one: unknown key verb"),
        (rule(verbs=[]), "rule one: verbs"),
        (rule(verbs="v:posted"), "rule one: verbs"),
        (rule(verbs=["w:posted"]), "rule one: the prefix of 'w:posted'"),
        (rule(verbs=["posted"]), "rule one: 'posted'"),
        (rule(object_types=["Person"]), "rule one: no such objectType: Person"),
        (changed(rules=[{"id": "one", "class": "social"}]), "rule one: it selects nothing"),
        (changed(kinds={"lms": "school"}), "kind lms"),
        (changed(prefixes={"v": ["verbs"]}), "prefix v"),
    ],
)
def test_a_mistake_is_named(data, words):
    with pytest.raises(RuleError) as caught:
        parse_rules(data)
    assert words in str(caught.value)


def test_the_base_rules_stand_in_the_order_of_the_specification():
    order = ["admin", "work", "social", "formal", "other"]
    found = [order.index(rule.id.split(".")[0]) for rule in base_rules().rules]
    assert found == sorted(found)
    classes = {"admin": "not_learning", "work": "experiential", "social": "social", "formal": "formal"}
    for base in base_rules().rules:
        assert base.cls == classes.get(base.id.split(".")[0], "unclassified")


def test_the_base_rules_say_what_every_kind_of_source_means():
    assert base_rules().kinds == {
        "lms": "formal",
        "job_aid": "experiential",
        "work_system": "experiential",
        "coaching": "social",
        "social": "social",
        "other": "unclassified",
    }
    assert set(base_rules().kinds.values()) <= set(CLASSES)


def test_no_base_rule_repeats_what_an_earlier_one_has_decided():
    """A term that an earlier rule with nothing but that selector has taken can never decide again."""
    verbs, types = set(), set()
    for base in base_rules().rules:
        if not base.object_types:
            if base.verbs and not base.activity_types:
                assert not (base.verbs & verbs), (base.id, base.verbs & verbs)
                verbs |= base.verbs
            if base.activity_types and not base.verbs:
                assert not (base.activity_types & types), (base.id, base.activity_types & types)
                types |= base.activity_types
        else:
            assert not (base.verbs & verbs), (base.id, base.verbs & verbs)

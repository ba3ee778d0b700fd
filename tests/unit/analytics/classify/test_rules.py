"""The rule set: what it says, and that a mistake in it is named."""

import copy

import pytest

from services.analytics.domain.classify.reading import act_of
from services.analytics.domain.classify.rules import CLASSES, STEPS, parse_rules
from services.analytics.domain.classify.selectors import RuleError
from services.analytics.rules import base_data, base_rules
from tests.unit.analytics.classify.statements import statement

GOOD = {
    "rule_set": "test.1",
    "kinds": {"lms": "formal", "other": "unclassified"},
    "lists": {"talk": ["forum", {"words": ["plaza"], "families": ["a"]}]},
    "people": [{"id": "one", "class": "social", "families": ["standard"], "what": ["@talk"]}],
    "timings": [{"id": "two", "families": ["standard"], "types": ["page"], "default_minutes": 2}],
}


def changed(**keys):
    return {**copy.deepcopy(GOOD), **keys}


def rule(**keys):
    return changed(people=[{**GOOD["people"][0], **keys}])


def timing(**keys):
    return changed(timings=[{**GOOD["timings"][0], **keys}])


def matching(data, value):
    found = parse_rules(data).look(act_of(value))
    return found.acts.id if found.acts else None


def test_a_list_stands_for_its_words_and_those_of_its_groups():
    (only,) = parse_rules(GOOD).rules
    assert only.selected.words == {"what": {"forum", "plaza"}}


def test_selectors_are_anded_and_words_are_alternatives():
    both = rule(verbs=["viewed", "read"])
    assert matching(both, statement("viewed", thing="https://x.example/forums/1")) == "one"
    assert matching(both, statement("read", thing="https://x.example/plaza")) == "one"
    assert matching(both, statement("viewed", thing="https://x.example/1")) is None
    assert matching(both, statement("posted", thing="https://x.example/forums/1")) is None


def test_any_word_under_unless_keeps_a_rule_from_matching():
    data = rule(unless={"verbs": ["deleted"], "marks": ["registration"]})
    there = "https://x.example/forums/1"
    assert matching(data, statement("viewed", thing=there)) == "one"
    assert matching(data, statement("deleted", thing=there)) is None
    assert matching(data, statement("viewed", thing=there, context={"registration": "x"})) is None


def test_a_word_of_two_parts_is_two_words_that_stand_together():
    data = rule(what=["job-aid"])
    assert matching(data, statement("viewed", thing="https://x.example/job_aids/1")) == "one"
    assert matching(data, statement("viewed", thing="https://x.example/jobAid")) == "one"
    assert matching(data, statement("viewed", thing="https://x.example/job/first/aid")) is None


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ({"verbs": ["forum"]}, statement("https://x.example/forum")),
        ({"verbs": ["https://x.example/v/1"]}, statement("http://x.example/v/1/")),
        ({"types": ["forum"]}, statement("x", "https://x.example/forum")),
        ({"types": ["https://x.example/t/1"]}, statement("x", "https://x.example/t/1")),
        ({"ids": ["forum"]}, statement("x", thing="https://x.example/forum")),
        ({"ends": ["forum"]}, statement("x", thing="https://x.example/a/forum/1")),
        ({"itself": ["forum"]}, statement("x", "https://x.example/forum")),
        ({"itself": ["forum"]}, statement("x", thing="https://x.example/a/view.php?id=1#forum")),
        ({"names": ["forum"]}, statement("x", name="Our Forum")),
        ({"called": ["forum"]}, statement("x", name="Our Forum")),
        ({"above": ["forum"]}, statement("x", context={"contextActivities": {"grouping": {"id": "http://x.nl/forum"}}})),
        ({"categories": ["forum"]},
         statement("x", context={"contextActivities": {"category": [{"id": "http://x.nl/forum"}]}})),
        ({"places": ["forum"]}, statement("x", context={"platform": "The Forum"})),
        ({"places": ["forum"]}, statement("x", thing="https://forum.example.org/1")),
        ({"objects": ["agent"]}, {"verb": {"id": "http://x.nl/x"}, "object": {"objectType": "Agent"}}),
        ({"marks": ["score"]}, statement("x", result={"score": {}})),
        ({"marks": ["bare"]}, {"verb": {"id": "http://x.nl/x"}, "object": {"id": "https://x.example/2"}}),
        ({"marks": ["likert"]}, {**statement("x"), "object": {"definition": {"interactionType": "likert"}}}),
        ({"extensions": ["forum"]}, statement("x", context={"extensions": {"http://x.nl/forum": 1}})),
    ],
)  # fmt: skip
def test_each_selector_looks_at_its_part_of_a_statement(selector, value):
    data = changed(people=[{"id": "one", "class": "social", "families": ["standard"], **selector}])
    assert matching(data, value) == "one"
    assert matching(data, statement("x", thing="https://x.example/1", result={"completion": True})) is None


def test_the_end_of_an_id_names_the_object_and_what_stands_before_it_where_it_is():
    data = rule(what=["plaza"], unless={"ends": ["forum"]})
    assert matching(data, statement("x", thing="https://x.example/forum/7/topic/2/plaza/1")) == "one"
    assert matching(data, statement("x", thing="https://x.example/plaza/7/forum/1")) is None
    assert matching(data, statement("x", thing="https://x.example/plaza/7/forum/1?of=me")) is None


def test_a_word_of_two_parts_may_be_written_in_one():
    data = rule(what=["forum-message"])
    assert matching(data, statement("x", "https://x.example/forummessage")) == "one"
    assert matching(data, statement("x", thing="https://x.example/forumMessages/1")) == "one"


@pytest.mark.parametrize(
    ("verb", "known"),
    [
        ("posted", True),
        ("posted-a-reply", True),
        ("message-posted", True),
        ("was_posted", True),
        ("unposted-post", False),
        ("engineered-post", False),
    ],
)
def test_of_a_verb_in_several_words_one_is_the_verb(verb, known):
    data = rule(what=["forum"], verbs=["posted"])
    found = matching(data, statement(f"https://x.example/verbs/{verb}", thing="https://x.example/forum"))
    assert found == ("one" if known else None)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "the rule set"),
        (changed(rule_set=7), "rule_set"),
        (changed(extra=1), "extra"),
        (changed(people=[]), "there is no rule"),
        (changed(people="text"), "people: it must be a list"),
        (changed(people=["text"]), "people, rule number 1"),
        (changed(people=[{"class": "social"}]), "people, rule number 1: it has no id"),
        (rule(id="kind:lms"), "rule kind:lms"),
        ({**rule(), "people": rule()["people"] * 2}, "rule one: the id is used twice"),
        (rule(**{"class": "ambiguous"}), "rule one: class"),
        (rule(verb=["posted"]), "rule one: unknown key verb"),
        (rule(verbs=[]), "rule one: verbs"),
        (rule(verbs="posted"), "rule one: verbs"),
        (rule(verbs=["Posted"]), "rule one: verbs: 'Posted'"),
        (rule(verbs=["two words"]), "rule one: verbs: 'two words'"),
        (rule(verbs=["@nowhere"]), "rule one: verbs: there is no list nowhere"),
        (rule(verbs=[{"words": ["posted"]}]), "rule one: verbs: families"),
        (rule(families=[]), "rule one: families"),
        (rule(unless={"verb": ["posted"]}), "rule one: unless: unknown key verb"),
        (rule(objects=["person"]), "rule one: no such objectType: person"),
        (rule(learner="somebody"), "rule one: learner"),
        (rule(role="boss"), "rule one: role"),
        (rule(timed="no"), "rule one: timed"),
        (rule(**{"as": "object"}), "rule one: as"),
        (changed(people=[{"id": "one", "class": "social", "families": ["standard"]}]), "rule one: it selects nothing"),
        (changed(kinds={"lms": "school"}), "kind lms"),
        (timing(default_minutes=-1), "timing two: default_minutes"),
        (timing(default_minutes=True), "timing two: default_minutes"),
        (timing(media=1), "timing two: media"),
        (timing(id="one"), "rule one: the id is used twice"),
    ],
)
def test_a_mistake_is_named(data, words):
    with pytest.raises(RuleError) as caught:
        parse_rules(data)
    assert words in str(caught.value)


def test_the_base_rules_stand_in_the_order_of_the_specification():
    steps = [STEPS.index(each.step) for each in base_rules().rules]
    assert steps == sorted(steps)
    classes = {"admin": {"not_learning"}, "work": {"experiential"}, "people": {"social", "formal", "unclassified"},
               "formal": {"formal"}, "other": {"unclassified"}, "context": {"formal"}}  # fmt: skip
    for base in base_rules().rules:
        assert base.cls in classes[base.id.split(".")[0]], base.id


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


def test_every_list_is_used_and_no_word_stands_in_one_selector_twice():
    data = base_data()
    used = str([data[step] for step in (*STEPS, "timings")])
    assert [name for name in data["lists"] if f"'@{name}'" not in used] == []
    for entry in [each for step in (*STEPS, "timings") for each in data[step]]:
        for selectors in (entry, entry.get("unless", {})):
            for name, words in selectors.items():
                if isinstance(words, list):
                    texts = [word for word in words if isinstance(word, str)]
                    assert len(texts) == len(set(texts)), (entry["id"], name)

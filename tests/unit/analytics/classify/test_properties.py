"""What holds for every statement, however odd: an answer, the same one, and registries that mind their business."""

import copy
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import EMPTY_REGISTRY, parse_registry
from services.analytics.domain.classify.rules import CLASSES, ROLES, parse_rules
from services.analytics.rules import base_data, base_rules

KINDS = st.sampled_from(["lms", "job_aid", "work_system", "coaching", "social", "other", ""])
WORDS = st.sampled_from(
    ["course", "forum", "checklist", "posted", "logged-in", "completed", "registered", "video", "meeting", "attended",
     "job-aid", "quiz", "mentored", "x"]
)  # fmt: skip
IRIS = st.builds("https://{}.example/{}/{}".format, WORDS, WORDS, WORDS)
TEXTS = st.one_of(IRIS, WORDS, st.text(max_size=12))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
AGENTS = st.one_of(
    st.fixed_dictionaries({"mbox": st.just("mailto:a@example.org")}),
    st.fixed_dictionaries({"objectType": st.just("Group"), "member": st.lists(JSON, max_size=2)}),
    JSON,
)
ACTIVITIES = st.fixed_dictionaries(
    {"id": IRIS},
    optional={
        "objectType": st.sampled_from(["Activity", "Agent", "Group", "StatementRef"]),
        "definition": st.one_of(JSON, st.fixed_dictionaries({"type": IRIS, "name": st.dictionaries(TEXTS, TEXTS)})),
    },
)
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "platform": st.one_of(WORDS, JSON),
        "instructor": AGENTS,
        "registration": st.just("8f87ccde-bb56-4c2e-ab83-44982ef22df0"),
        "extensions": JSON,
        "contextActivities": st.one_of(
            JSON,
            st.dictionaries(
                st.sampled_from(["parent", "grouping", "category", "other"]),
                st.one_of(JSON, ACTIVITIES, st.lists(st.one_of(ACTIVITIES, JSON), max_size=2)),
            ),
        ),
    },
)
PARTS = {"verb": st.fixed_dictionaries({"id": IRIS}, optional={"display": JSON}), "object": ACTIVITIES}
SUBSTATEMENTS = st.fixed_dictionaries({"objectType": st.just("SubStatement"), "actor": AGENTS, **PARTS})
STATEMENTS = st.fixed_dictionaries(
    {"actor": AGENTS, **PARTS, "object": st.one_of(ACTIVITIES, SUBSTATEMENTS)},
    optional={"context": st.one_of(CONTEXTS, JSON), "result": JSON},
)
READ_AGAIN = parse_rules(base_data())
ENTRIES = [
    {"id_prefix": "https://elsewhere.example/", "mode": "social"},
    {"activity_type": "https://elsewhere.example/type", "mode": "formal", "default_minutes": 5},
    {"verbs": ["https://elsewhere.example/verb"], "mode": "experiential"},
]
UNRELATED = parse_registry(
    {"registry": 1, "things": ENTRIES, "places": [{"platform": "elsewhere", "mode": "social"}]},
)


def answer(statement, kind="other", rules=None, registry=EMPTY_REGISTRY):
    return classify(statement, "source", kind, rules or base_rules(), registry)


@settings(max_examples=400)
@given(STATEMENTS, KINDS)
def test_every_statement_has_an_answer(statement, kind):
    found = answer(statement, kind)
    assert found.cls in CLASSES
    assert found.rule
    assert {each.role for each in found.learners} <= set(ROLES)
    assert 0 <= found.default_us <= found.cap_us
    assert (found.default_us > 0) == bool(found.default_from)


@given(st.dictionaries(st.sampled_from(["actor", "verb", "object", "context", "result"]), JSON), KINDS)
def test_even_what_is_no_statement_breaks_nothing(value, kind):
    assert answer(value, kind).cls in CLASSES


@given(STATEMENTS, KINDS)
def test_the_same_statement_has_the_same_answer_and_is_left_as_it_was(statement, kind):
    before = copy.deepcopy(statement)
    assert answer(statement, kind) == answer(statement, kind, READ_AGAIN) == answer(copy.deepcopy(statement), kind)
    assert statement == before


@given(STATEMENTS, KINDS)
def test_an_entry_about_something_else_changes_nothing(statement, kind):
    assert answer(statement, kind, registry=UNRELATED) == answer(statement, kind)


@given(STATEMENTS, KINDS, TEXTS)
def test_what_is_written_in_a_message_changes_nothing(statement, kind, message):
    told = {**statement, "result": {"response": message}}
    assert answer(told, kind) == answer({**statement, "result": {"response": ""}}, kind)


def test_no_text_is_too_long():
    """A megabyte in any place that is read costs no more than a line."""
    long = "a" * 1_000_000
    names = {"en": long}
    activity = {"id": f"https://x.example/{long}", "definition": {"type": f"https://x.example/{long}", "name": names}}
    value = {
        "actor": {"mbox": "mailto:a@example.org"},
        "verb": {"id": f"https://x.example/{long}", "display": names},
        "object": activity,
        "context": {
            "platform": long,
            "contextActivities": {"parent": [activity], "category": [activity]},
            "extensions": {f"https://x.example/{long}": 1},
        },
    }
    began = time.process_time()
    assert answer(value).cls == "unclassified"
    assert time.process_time() - began < 0.5

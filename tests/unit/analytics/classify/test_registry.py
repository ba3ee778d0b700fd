"""The registry of an organisation: which entry has the word, and that a mistake is named with its line."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import schemas
from schemas.registry import document
from services.analytics.domain.classify.registry import EMPTY_REGISTRY, RegistryError, parse_registry
from services.analytics.registry_text import read_registry

EXAMPLES = Path(schemas.__file__).parent / "examples"
MODES = ["formal", "social", "experiential", "not_learning", "unclassified"]
A, B = "https://x.example/a/", "https://x.example/a/b"
TYPE = "https://x.example/types/talk"
VERB = "https://x.example/verbs/did"


def things(*entries):
    return parse_registry({"registry": 1, "things": [{"mode": "social", **entry} for entry in entries]})


def places(*entries):
    return parse_registry({"registry": 1, "places": [{"mode": "social", **entry} for entry in entries]})


def name(entry):
    return entry.name if entry else None


@pytest.mark.parametrize(
    ("iri", "activity_type", "expected"),
    [
        ("x.example/a/b", "x.example/types/talk", "id=x.example/a/b & activity_type=x.example/types/talk"),
        ("x.example/a/c", "x.example/types/talk", "id_prefix=x.example/a/ & activity_type=x.example/types/talk"),
        ("x.example/a/b", "", "id=x.example/a/b"),
        ("x.example/a/bc", "", "id_prefix=x.example/a/b"),
        ("x.example/a/c", "", "id_prefix=x.example/a/"),
        ("x.example/z", "x.example/types/talk", "activity_type=x.example/types/talk"),
        ("x.example/z", "x.example/types/walk", None),
        ("x.example/a", "", "id_prefix=x.example/a/"),
    ],
)
def test_more_selectors_win_then_the_id_the_longest_prefix_the_type(iri, activity_type, expected):
    registry = things(
        {"activity_type": TYPE},
        {"id_prefix": A},
        {"id_prefix": B},
        {"id": B},
        {"id_prefix": A, "activity_type": TYPE},
        {"id": B, "activity_type": TYPE},
    )
    assert name(registry.thing(iri, activity_type)) == expected
    assert registry.thing_with_verb(iri, activity_type, VERB) is None


def test_a_thing_with_verbs_is_for_those_alone():
    registry = things({"id_prefix": A, "verbs": [VERB, VERB + "n"]}, {"verbs": [VERB]}, {"id": B})
    assert name(registry.thing_with_verb("x.example/a/b", "", VERB)).startswith("id_prefix=x.example/a/ & verbs=")
    assert name(registry.thing_with_verb("x.example/z", "", VERB)) == "verbs=x.example/verbs/did"
    assert registry.thing_with_verb("x.example/z", "", VERB + "n") is None
    assert name(registry.thing("x.example/a/b", "")) == "id=x.example/a/b"


def test_a_platform_comes_before_a_source_and_both_before_either():
    registry = places(
        {"source": "ehr"}, {"platform": "Zorgwiki"}, {"platform": "Zorgwiki", "source": "ehr", "mode": "formal"}
    )
    assert registry.place("ZORGWIKI ", "ehr").mode == "formal"
    assert name(registry.place("zorgwiki", "lms")) == "platform=zorgwiki"
    assert name(registry.place("", "ehr")) == "source=ehr"
    assert registry.place("", "EHR") is None
    assert EMPTY_REGISTRY.place("", "") is None


@given(
    st.lists(st.from_regex("[ab]{1,2}(/[ab]{1,2}){0,2}/?", fullmatch=True), min_size=1, max_size=12, unique=True),
    st.lists(st.from_regex("[ab]{1,2}(/[ab]{1,2}){0,3}", fullmatch=True), min_size=1, max_size=9),
)
def test_the_longest_prefix_is_found_as_by_trying_all(prefixes, paths):
    registry = things(*({"id_prefix": "https://x.example/" + each} for each in prefixes))
    for path in paths:
        fitting = [each for each in prefixes if f"{path}/".startswith(each)]
        expected = "id_prefix=x.example/" + max(fitting, key=len) if fitting else None
        assert name(registry.thing(f"x.example/{path}", "")) == expected


def test_a_registry_has_a_version_that_its_keeper_gives_it():
    assert (EMPTY_REGISTRY.version, parse_registry({"registry": 1}, 7).version) == (0, 7)
    assert not parse_registry({"registry": 1}).has_things


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["line 1, the registry: found null, a registry is a mapping that begins with registry: 1"]),
        ("- registry: 1", ["line 1, the registry: found [", "a registry is a mapping"]),
        ("registry: 2", ["line 1, registry: found 2, allowed is the version of this format, which is 1"]),
        ("registry: 1\nthing: []", ["line 2, the registry: unknown key 'thing': it may have registry, things, places"]),
        ("registry: 1\nthings:\n - id: http://x.nl/1\n   mode: formal\n   default_minuten: 3",
         ["line 5, things[0] (id http://x.nl/1): unknown key 'default_minuten'"]),
        ("registry: 1\nthings:\n", ["line 2, things: found null, allowed is a list of things"]),
        ("registry: 1\nthings:\n - {id: 'http://x.nl/1'}", ["line 3, things[0] (id http://x.nl/1): mode is missing"]),
        ("registry: 1\nthings:\n - id: http://x.nl/1\n   mode: formel",
         ["line 4, things[0] (id http://x.nl/1): mode: found \"formel\"", "formal, social, experiential"]),
        ("registry: 1\nthings:\n - mode: formal",
         ["it selects nothing: give id or id_prefix or activity_type or verbs"]),
        ("registry: 1\nplaces:\n - mode: formal", ["it selects nothing: give platform or source"]),
        ("registry: 1\nthings:\n - {id: nowhere, mode: formal}", ["things[0] (id nowhere): id: found", "an IRI"]),
        ("registry: 1\nthings:\n - {id: 'http://x.nl/1', id_prefix: 'http://x.nl', mode: formal}", ["not", "give one"]),
        ("registry: 1\nthings:\n - {id_prefix: 'https://', mode: formal}",
         ["line 3, things[0] (id_prefix https://): id_prefix: it ends where ids begin to differ"]),
        ("registry: 1\nthings:\n - {id: 'http:///', mode: formal}", ["id: it ends where ids begin to differ"]),
        ("registry: 1\nplaces:\n - {source: a, mode: formal, minutes: 5}", ["minutes: found 5", "reported, none"]),
        ("registry: 1\nplaces:\n - {source: a, mode: formal, default_minutes: -1}",
         ["default_minutes", "0 (none) to 1440"]),
        ("registry: 1\nplaces:\n - {source: a, mode: formal, support: internal}", ["support", "its form, its use"]),
        ("registry: 1\nplaces:\n - {source: a, mode: formal, tags: {angel: x}}",
         ["tags: unknown key 'angel'", "angle"]),
        ("registry: 1\nplaces:\n - {source: a, mode: formal, default_minutes: 9, cap_minutes: 5}",
         ["above cap_minutes"]),
        ("registry: 1\nthings: [", ["not YAML", "line 2"]),
        ("registry: 1\nregistry: 1", ["line 2: the key registry stands in one mapping twice"]),
        ("registry: 1\nplaces:\n - {source: a, mode: formal, mode: social}", ["line 3: the key mode"]),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_what_is_allowed(text, told):
    with pytest.raises(RegistryError) as caught:
        read_registry(text)
    for words in told:
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"id": B}, {"id": "http://x.example/a/b/"}),
        ({"id_prefix": A}, {"id_prefix": A}),
        ({"activity_type": TYPE}, {"activity_type": TYPE}),
        ({"id_prefix": A, "activity_type": TYPE}, {"id_prefix": A, "activity_type": TYPE}),
        ({"id_prefix": A, "verbs": [VERB]}, {"id_prefix": A, "verbs": ["https://x.example/v", VERB]}),
        ({"verbs": [VERB]}, {"verbs": [VERB]}),
    ],
)
def test_two_entries_that_nothing_can_tell_apart_are_both_named(first, second):
    with pytest.raises(RegistryError) as caught:
        things({"id": "https://other.example/"}, first, second)
    assert "things[2]" in str(caught.value)
    assert "nothing tells it from things[1]" in str(caught.value)


def test_two_places_that_nothing_can_tell_apart_are_both_named():
    with pytest.raises(RegistryError, match=r"places\[1\] \(platform ZORGWIKI\).*places\[0\] \(platform Zorgwiki\)"):
        places({"platform": "Zorgwiki"}, {"platform": "ZORGWIKI"})


def test_a_small_file_that_would_fill_the_memory_is_refused_at_once():
    """Nine aliases of nine aliases, ten times over: a hundred bytes a line that stand for 3,486,784,401 texts."""
    letters = "abcdefghijk"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, letter in pairwise(letters):
        lines.append(f"{letter}: &{letter} [{', '.join([f'*{before}'] * 9)}]")
    with pytest.raises(RegistryError, match=r"^line 2: a registry has no YAML aliases"):
        read_registry("\n".join(lines))


@pytest.mark.parametrize("text", ["registry: 1\nthings: &a [*a]", "registry: 1\nthings: " + "[" * 100_000])
def test_a_file_that_never_ends_or_nests_without_end_is_refused_with_its_line(text):
    with pytest.raises(RegistryError, match=r"^line 2: a registry (has no YAML aliases|nests at most 20 deep)"):
        read_registry(text)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines():
    with pytest.raises(RegistryError) as caught:
        read_registry("registry: 1\nplaces:\n - {mode: x, source: a}\nthings:\n - {mode: y, id: 'a:b'}")
    assert [each.where.split(",")[0] for each in caught.value.problems] == ["line 3", "line 5"]


@pytest.mark.parametrize("path", sorted((EXAMPLES / "valid" / "registry").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_valid_example_is_read(path):
    assert read_registry(path.read_text(encoding="utf-8")).version == 1


@pytest.mark.parametrize("path", sorted((EXAMPLES / "invalid" / "registry").glob("*.yaml")), ids=lambda path: path.stem)
def test_an_invalid_example_is_refused_in_the_words_that_it_names(path):
    example = yaml.safe_load(path.read_text(encoding="utf-8"))
    with pytest.raises(RegistryError) as caught:
        parse_registry(example["value"])
    for words in example["says"]:
        assert words in str(caught.value)


def test_there_are_examples_of_both_kinds():
    for kind in ("valid", "invalid"):
        assert len(list((EXAMPLES / kind / "registry").glob("*.yaml"))) >= 2


def test_every_key_of_the_schema_is_described():
    definitions = document()["$defs"]
    for entry in ("thing", "place"):
        for key, rule in definitions[entry]["properties"].items():
            described = rule if "description" in rule else definitions[rule["$ref"].rpartition("/")[2]]
            assert described["description"], key
    assert definitions["mode"]["enum"] == MODES


def test_a_registry_in_json_is_a_registry():
    text = json.dumps({"registry": 1, "places": [{"source": "a", "mode": "formal"}]}, indent=1)
    assert read_registry(text).place("", "a").mode == "formal"

"""The schema documents themselves: lawful, complete in their words, and different only where the versions are."""

import jsonschema_rs
import pytest

from schemas.reasons import Reason
from schemas.xapi import VERSIONS, document, schema_version


def nodes(value):
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_schema_is_json_schema_2020_12_and_its_reasons_are_in_the_vocabulary(version):
    schema = document(version)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(schema)
    reasons = {node["x-reason"] for node in nodes(schema) if "x-reason" in node}
    assert len(reasons) >= 10
    assert reasons <= set(Reason)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_closed(version):
    for name, definition in document(version)["$defs"].items():
        if definition.get("type") == "object" and "if" not in definition:
            assert definition["additionalProperties"] is False, name


@pytest.mark.parametrize("version", VERSIONS)
def test_the_keys_of_maps_are_what_the_values_of_their_kind_are(version):
    """A pattern for keys cannot be a reference (propertyNames could, but copies the map for each wrong key)."""
    definitions = document(version)["$defs"]
    for keys, kind in (("languageMap", "languageTag"), ("extensions", "iri")):
        assert list(definitions[keys]["patternProperties"]) == [definitions[kind]["pattern"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_definition_says_what_would_be_right(version):
    undescribed = {name for name, definition in document(version)["$defs"].items() if "description" not in definition}
    assert undescribed == {"voiding"}


def test_the_versions_differ_in_time_version_and_context_agents():
    one, two = (document(version)["$defs"] for version in VERSIONS)
    differing = {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)}
    assert differing == {"timestamp", "version", "context", "contextAgent", "contextGroup"}
    added = two["context"]["properties"].keys() - one["context"]["properties"].keys()
    assert added == {"contextAgents", "contextGroups"}


@pytest.mark.parametrize(
    ("version", "ruling"), [("1.0", "1.0.3"), ("1.0.1", "1.0.3"), ("2.0.0", "2.0.0"), ("2.0", "2.0.0")]
)
def test_which_schema_rules(version, ruling):
    assert schema_version(version) == ruling


@pytest.mark.parametrize("version", ["0.95", "1.1.0", "10.0", "2.1.0", ""])
def test_no_schema_rules_other_versions(version):
    with pytest.raises(ValueError, match="no statement schema"):
        schema_version(version)

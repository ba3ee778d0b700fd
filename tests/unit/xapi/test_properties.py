"""Whatever is sent, the contract answers with a refusal or not at all, and equality does not depend on writing."""

import copy
from datetime import UTC, datetime

import orjson
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from services.common.errors import Rejected
from services.ingest.domain.equality import digest
from services.ingest.domain.stamping import stamp
from services.ingest.domain.validation import parse, validate
from services.ingest.domain.voiding import voided_target

scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["Agent", "Group", "SubStatement", "StatementRef", "Activity", "mailto:a@b", "urn:a:b", "PT1S", "1.0.0", "en"]
)
values = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
names = texts | st.sampled_from(
    ["id", "objectType", "member", "mbox", "account", "definition", "extensions", "contextActivities", "timestamp"]
)
property_test = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)


def places(value, path=()):
    """Every path in a JSON value, from the top."""
    yield path
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, step))


def mutate(draw, statement):
    path = draw(st.sampled_from([path for path in places(statement) if path]))
    place = statement
    for step in path[:-1]:
        place = place[step]
    match draw(st.sampled_from(["replace", "remove", "add", "swap"])):
        case "replace":
            place[path[-1]] = draw(values)
        case "remove":
            del place[path[-1]]
        case "add" if isinstance(place, dict):
            place[draw(names)] = draw(values)
        case _:
            other = draw(st.sampled_from(list(places(statement))))
            found = statement
            for step in other:
                found = found[step]
            place[path[-1]] = copy.deepcopy(found)


@property_test
@given(data=st.data(), changes=st.integers(1, 3), version=st.sampled_from(["1.0.3", "2.0.0"]), within=st.booleans())
def test_a_mutated_statement_is_taken_or_refused_and_what_is_taken_can_be_used(
    full, about, data, changes, version, within
):
    statement = about() if within else copy.deepcopy(full)
    for _ in range(changes):
        mutate(data.draw, statement)
    parsed, _ = parse(orjson.dumps(statement))
    refusal = refused(parsed[0], version)
    if refusal:
        assert refusal.path.startswith("$")
        assert refusal.detail
        return
    stamped = stamp(parsed[0], version=version, statement_id="x", stored=datetime(2026, 1, 1, tzinfo=UTC), authority={})
    assert digest(stamped) == digest(parsed[0])
    assert orjson.loads(orjson.dumps(stamped)) == stamped
    assert voided_target(stamped) is None


@property_test
@given(value=values)
def test_any_json_is_parsed_and_judged_without_a_crash(value):
    try:
        for statement in parse(orjson.dumps(value))[0]:
            validate(statement, "1.0.3")
    except Rejected:
        return
    assert value == []


@given(st.binary(max_size=40))
def test_any_bytes_are_parsed_or_refused(body):
    try:
        statements, batch = parse(body)
    except Rejected:
        return
    assert batch or len(statements) == 1


def refused(statement, version):
    try:
        validate(statement, version)
    except Rejected as refusal:
        return refusal
    return None


def rewritten(draw, value):
    """Draw the same JSON value in another order of names, and with whole floats for integers or back."""
    if isinstance(value, dict):
        return {name: rewritten(draw, value[name]) for name in draw(st.permutations(list(value)))}
    if isinstance(value, list):
        return [rewritten(draw, inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value) if draw(st.booleans()) else value
    return value


@property_test
@given(data=st.data(), extension=values, within=st.booleans())
def test_another_writing_is_the_same_statement(full, about, data, extension, within):
    statement = about() if within else copy.deepcopy(full)
    (statement["object"] if within else statement)["context"]["extensions"]["urn:x:any"] = extension
    again = rewritten(data.draw, statement)
    for name in ("id", "stored", "authority", "version"):
        if data.draw(st.booleans()):
            again.pop(name, None)
    assert digest(again) == digest(statement)


@property_test
@given(one=values, two=values)
def test_other_extensions_are_another_statement(full, one, two):
    def with_extension(value):
        return full | {"result": {"extensions": {"urn:x:any": value}}}

    assume(one != two)
    assert digest(with_extension(one)) != digest(with_extension(two))

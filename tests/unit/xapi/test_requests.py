"""From bytes to statements, and what holds for a request as a whole."""

import orjson
import pytest

from schemas.reasons import Reason
from services.common.errors import Rejected
from services.common.xapi import agent_parameter
from services.ingest.domain.bounds import bound_members
from services.ingest.domain.validation import parse, validate_request


@pytest.mark.parametrize(
    ("body", "reason", "path"),
    [
        (b"", Reason.EMPTY_BODY, "$"),
        (b" \r\n", Reason.EMPTY_BODY, "$"),
        (b"{", Reason.MALFORMED_JSON, "$"),
        (b"{'a': 1}", Reason.MALFORMED_JSON, "$"),
        (b'{"a": NaN}', Reason.MALFORMED_JSON, "$"),
        (b'{"a": 1e999}', Reason.MALFORMED_JSON, "$"),
        (b'"\xff"', Reason.MALFORMED_JSON, "$"),
        (b'"\\ud800"', Reason.MALFORMED_JSON, "$"),
        (b"[" * 5000, Reason.MALFORMED_JSON, "$"),
        (b"null", Reason.WRONG_TYPE, "$"),
        (b'"statement"', Reason.WRONG_TYPE, "$"),
        (b"[{}, []]", Reason.WRONG_TYPE, "$[1]"),
    ],
)
def test_a_body_that_holds_no_statements_is_refused(body, reason, path):
    with pytest.raises(Rejected) as refused:
        parse(body)
    assert (refused.value.reason, refused.value.path) == (reason, path)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"a": 1e400}', "infinity"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"{}".decode().encode("utf-16"), "not UTF-8"),
        (b'{"a": "\xe9"}', "not UTF-8"),
        (b"[" * 5000, "depth limit"),
        (b'{"a": 1,}', "line 1, column 8"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_cause_and_place(body, words):
    with pytest.raises(Rejected) as refused:
        parse(body)
    assert words in refused.value.detail


def group(members, kind="Group"):
    return {"objectType": kind, "member": [{"mbox": f"mailto:{n}@example.org"} for n in range(members)]}


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": group(11)},
        {"object": group(11)},
        {"actor": group(6), "object": group(5)},
        {"context": {"team": group(11)}},
        {"context": {"instructor": group(11)}},
        {"context": {"contextAgents": [{}] * 11}},
        {"context": {"contextGroups": [{"group": group(6)}, {"group": group(5)}]}},
        {"object": {"objectType": "SubStatement", "actor": group(11), "object": {"id": "urn:o:it"}}},
    ],
)
def test_the_groups_of_one_request_have_a_most_of_members_in_all(full, changes):
    alone = {name: value for name, value in full.items() if name != "context"}
    with pytest.raises(Rejected) as refused:
        bound_members([alone, alone | changes, full], 10, batch=True)
    assert (refused.value.reason, refused.value.path) == (Reason.BODY_TOO_LARGE, "$[1]")
    bound_members([alone | changes], 11, batch=False)
    with pytest.raises(Rejected) as refused:
        bound_members([alone | changes, full], 11, batch=True)
    assert refused.value.path == "$[1]"


def test_one_statement_or_an_array_of_them():
    assert parse(b' {"a": 1.5}\n') == ([{"a": 1.5}], False)
    assert parse(b'[{"a": 1}, {}]') == ([{"a": 1}, {}], True)
    assert parse(b"[]") == ([], True)


def test_a_batch_is_refused_for_its_first_problem(full):
    bad = full | {"actor": {"mbox": 1}}
    with pytest.raises(Rejected) as refused:
        validate_request([full, bad, bad], "1.0.3", batch=True)
    assert refused.value.path == "$[1].actor.mbox"
    with pytest.raises(Rejected) as refused:
        validate_request([bad], "1.0.3", batch=False)
    assert refused.value.path == "$.actor.mbox"


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
def test_two_statements_of_one_request_have_two_ids(full, version):
    again = full | {"id": full["id"].upper()}
    nameless = {key: value for key, value in full.items() if key != "id"}
    validate_request([nameless, full, nameless], version, batch=True)
    with pytest.raises(Rejected) as refused:
        validate_request([nameless, full, again], version, batch=True)
    assert (refused.value.reason, refused.value.path) == (Reason.DUPLICATE_ID, "$[2].id")


@pytest.mark.parametrize(
    "agent",
    [
        {"mbox": "mailto:a@example.org", "name": "A"},
        {"objectType": "Group", "openid": "https://example.org/g", "member": []},
    ],
)
def test_an_agent_parameter_is_taken_as_sent(agent):
    assert agent_parameter(orjson.dumps(agent).decode()) == agent


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", "agent"),
        ("wrong", "agent"),
        ("\ud800", "agent"),
        ("[]", "agent"),
        ("{}", "agent"),
        ('{"mbox": "a@example.org"}', "agent.mbox"),
        ('{"account": {"name": "a"}}', "agent.account"),
        ('{"objectType": "Group", "member": [{"mbox": "mailto:a@example.org"}]}', "agent"),
        ('{"objectType": "Activity", "id": "urn:a:b"}', "agent.objectType"),
    ],
)
def test_an_agent_parameter_is_held_to_the_rules_of_statements(text, path):
    with pytest.raises(Rejected) as refused:
        agent_parameter(text)
    assert (refused.value.reason, refused.value.path) == (Reason.INVALID_PARAMETER, path)

"""Identity: one canonical text and one key per identifier, whatever else is said of the agent."""

import hashlib

import pytest

from schemas.xapi.agents import actor_key, ifi

ONE = {"mbox": "mailto:One@example.org"}
TWO = {"account": {"homePage": "https://lms.example.org", "name": "a|b"}}


@pytest.mark.parametrize(
    ("agent", "text"),
    [
        (ONE, "mbox|mailto:One@example.org"),
        ({"mbox_sha1sum": "CD9b"}, "mbox_sha1sum|CD9b"),
        ({"openid": "https://example.org/p"}, "openid|https://example.org/p"),
        (TWO, "account|https://lms.example.org|a|b"),
        ({"objectType": "Group", "member": [ONE]}, None),
    ],
)
def test_the_canonical_identifier_is_as_sent(agent, text):
    assert ifi(agent) == text


def test_the_key_is_the_identifier_and_nothing_else():
    assert actor_key(ONE) == hashlib.sha256(b"mbox|mailto:One@example.org").hexdigest()
    assert actor_key(ONE) == actor_key({"objectType": "Agent", "name": "Somebody", **ONE})
    assert actor_key(ONE) != actor_key({"mbox": "mailto:one@example.org"})


def test_an_anonymous_group_is_known_by_its_members_in_any_order():
    group = {"objectType": "Group", "member": [ONE, TWO]}
    assert actor_key(group) == actor_key({"objectType": "Group", "name": "Ours", "member": [TWO, ONE | {"name": "x"}]})
    assert actor_key(group) != actor_key({"objectType": "Group", "member": [ONE]})
    assert actor_key({"objectType": "Group", "member": [ONE]}) != actor_key(ONE)

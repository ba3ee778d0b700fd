"""SCIM's filters and patches, without a request around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.scim.filters import conditions
from services.analytics.domain.scim.groups import members_of
from services.analytics.domain.scim.patching import patched
from services.analytics.domain.scim.problems import WrongRequest
from services.analytics.domain.scim.schemas import ENTERPRISE, USER
from services.analytics.domain.scim.users import kept, reference_of, wanted_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('userName eq "a"', [("username", "a")]),
        ('USERNAME EQ "a\\"b and c"', [("username", 'a"b and c')]),
        ('active eq True and id eq "x"', [("active", True), ("id", "x")]),
        ('emails[type eq "work"].value eq "a@b"', [("emails.value", "a@b")]),
        (f'{ENTERPRISE}:employeeNumber eq "7"', [("employeenumber", "7")]),
        (f'{USER}:userName eq "a"', [("username", "a")]),
    ],
)
def test_filters(text: str, found: list[tuple[str, object]]) -> None:
    assert conditions(text) == found


@pytest.mark.parametrize("text", ["", "userName", 'userName eq "a', 'userName eq "a" or id eq "b"', 'not (a eq "b")',
                                  'userName sw "a"', 'userName eq "a" and', 'userName eq "\\u0000"'])  # fmt: skip
def test_filters_that_are_not_supported(text: str) -> None:
    with pytest.raises(WrongRequest) as wrong:
        conditions(text)
    assert wrong.value.kind == "invalidFilter"


BEFORE = {
    "userName": "a",
    "emails": [{"value": "a@b.nl", "type": "work", "primary": True}, {"value": "a@c.nl", "type": "home"}],
    "members": [{"value": "1"}, {"value": "2"}, {"value": "3"}],
    ENTERPRISE: {"department": "ICU", "employeeNumber": "7"},
}


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        ({"op": "add", "path": "title", "value": "x"}, {"title": "x"}),
        ({"op": "Replace", "path": "USERNAME", "value": "b"}, {"userName": "b"}),
        ({"op": "replace", "value": {"title": "x", f"{ENTERPRISE}:department": "ER"}},
         {"title": "x", ENTERPRISE: {"department": "ER", "employeeNumber": "7"}}),
        ({"op": "add", "value": {ENTERPRISE: {"department": "ER"}}},
         {ENTERPRISE: {"department": "ER", "employeeNumber": "7"}}),
        ({"op": "remove", "path": f"{ENTERPRISE}:department"}, {ENTERPRISE: {"employeeNumber": "7"}}),
        ({"op": "remove", "path": 'emails[type eq "home"]'}, {"emails": BEFORE["emails"][:1]}),
        ({"op": "replace", "path": 'emails[primary eq true].value', "value": "n@b.nl"},
         {"emails": [{"value": "n@b.nl", "type": "work", "primary": True}, BEFORE["emails"][1]]}),
        ({"op": "add", "path": 'emails[type eq "other"].value', "value": "o@b.nl"},
         {"emails": [*BEFORE["emails"], {"type": "other", "value": "o@b.nl"}]}),
        ({"op": "add", "path": "members", "value": [{"value": "3"}, {"value": "4"}]},
         {"members": [*BEFORE["members"], {"value": "4"}]}),
        ({"op": "add", "path": "members", "value": {"value": "4"}}, {"members": [*BEFORE["members"], {"value": "4"}]}),
        ({"op": "remove", "path": "members", "value": [{"value": "1"}, {"value": "3"}]}, {"members": [{"value": "2"}]}),
        ({"op": "remove", "path": 'members[value eq "2"]'}, {"members": [{"value": "1"}, {"value": "3"}]}),
        ({"op": "remove", "path": "members"}, {"members": None}),
        ({"op": "replace", "path": "members", "value": [{"value": "9"}]}, {"members": [{"value": "9"}]}),
        ({"op": "add", "path": "name.givenName", "value": "A"}, {"name": {"givenName": "A"}}),
        ({"op": "add", "path": "urn:ietf:params:scim:schemas:extension:x:1.0:User:y", "value": 1}, {}),
    ],
)  # fmt: skip
def test_patches(operation, changed) -> None:
    after = patched(BEFORE, {"schemas": [], "Operations": [operation]})
    wanted = {name: value for name, value in {**BEFORE, **changed}.items() if value is not None}
    assert after == wanted
    assert BEFORE["members"] == [{"value": "1"}, {"value": "2"}, {"value": "3"}]


def test_a_user_says_where_and_by_what_identities() -> None:
    resource = kept(
        {
            "USERNAME": "anna", "emails": [{"value": "a@b.nl"}, {"type": "work"}], "title": "nurse", "nickName": "An",
            "addresses": [{"type": "home", "locality": "X"}, {"type": "Work", "locality": "Delft", "country": "NL"}],
            "userType": "flex", ENTERPRISE: {"employeenumber": 7, "department": "ICU", "manager": {"value": "m"}},
        },
        [],
    )  # fmt: skip
    assert "nickName" not in str(resource)
    assert "manager" not in str(resource)
    assert reference_of(resource) == "7"
    wanted = wanted_of("7", resource)
    assert wanted.identities == ("mbox|mailto:a@b.nl",)
    assert [tuple(stay.place) for stay in wanted.stays] == [("ICU", "nurse", "Delft", "flex")]
    assert [stay.place.team for stay in wanted_of("7", kept(resource, ["g", "f"])).stays] == ["f", "g"]


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"userName": 5}, "userName"),
        ({"userName": "a", "externalId": 5}, "externalId"),
        ({"userName": "a", "emails": [{"value": {}}]}, "emails.value"),
        ({"userName": "a", "emails": [{"value": 7}]}, "emails.value"),
        ({"userName": "a", "emails": [{"value": "a@b.nl", "type": "w\x00"}]}, "emails.type"),
        ({"userName": "a", "emails": [{"value": "a@b.nl", "primary": []}]}, "emails.primary"),
        ({"userName": "a", "addresses": [{"locality": "Del\x00ft"}]}, "addresses.locality"),
        ({"userName": "a", "active": "perhaps"}, "active"),
    ],
)
def test_what_is_of_another_kind_is_refused_by_its_name(sent, named) -> None:
    with pytest.raises(WrongRequest) as wrong:
        kept(sent, [])
    assert (wrong.value.kind, wrong.value.detail.split()[0]) == ("invalidValue", named)


@pytest.mark.parametrize("member", ["", "\x00", None, {"value": "\x00"}])
def test_members_are_named_by_ids_that_can_be(member) -> None:
    with pytest.raises(WrongRequest) as wrong:
        members_of({"members": [member]})
    assert wrong.value.kind == "invalidValue"


words = st.sampled_from(["value", "type", "active", "emails", "title", ENTERPRISE])
json = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "x", "work"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
paths = st.none() | st.sampled_from(
    ["title", "emails", 'emails[type eq "work"]', 'emails[type eq "work"].value', "members", f"{ENTERPRISE}:department",
     ENTERPRISE, "name.x", "userName"]
)  # fmt: skip


operations_of = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "replace", "remove"]), "path": paths, "value": json}
)


@given(st.lists(operations_of, max_size=4))
def test_any_patch_is_done_or_refused(operations) -> None:
    outcome = "done"
    try:
        assert "userName" in kept(patched(BEFORE, {"Operations": operations}), [])
    except WrongRequest as wrong:
        outcome = wrong.kind
    assert outcome in {"done", "invalidValue", "invalidSyntax", "noTarget"}

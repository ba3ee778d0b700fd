"""One invalid change at a time to a valid statement: the reason and the exact path, also in a SubStatement."""

import copy

import pytest

from schemas.reasons import Reason
from services.common.errors import Rejected
from services.ingest.domain.validation import validate

GONE = object()
SECRET = "Secret Person"
AGENT = {"mbox": "mailto:a@example.org"}
REF = {"objectType": "StatementRef", "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"}


def change(statement, path, value):
    """Set (or with GONE remove) what `a.b.0.c` names."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        statement = statement[step]
    if value is GONE:
        del statement[last]
    else:
        statement[last] = copy.deepcopy(value)


# (what is changed, the new value, the reason, where the problem is)
ANYWHERE = [
    # Data 2.2: no null, strict types, names and enumerations in their case
    ("actor.name", None, Reason.NULL_VALUE, "actor.name"),
    ("actor.account", None, Reason.NULL_VALUE, "actor.account"),
    ("context", None, Reason.NULL_VALUE, "context"),
    ("actor.objectType", None, Reason.NULL_VALUE, "actor.objectType"),
    ("object.definition.name.en", None, Reason.NULL_VALUE, "object.definition.name.en"),
    ("actor.name", 7, Reason.WRONG_TYPE, "actor.name"),
    ("result.success", "true", Reason.WRONG_TYPE, "result.success"),
    ("result.completion", 1, Reason.WRONG_TYPE, "result.completion"),
    ("result.score.raw", "8", Reason.WRONG_TYPE, "result.score.raw"),
    ("result.score.scaled", True, Reason.WRONG_TYPE, "result.score.scaled"),
    ("result.response", 1, Reason.WRONG_TYPE, "result.response"),
    ("result", [], Reason.WRONG_TYPE, "result"),
    ("actor.objectType", 1, Reason.WRONG_TYPE, "actor.objectType"),
    ("actor.objectType", "agent", Reason.INVALID_VALUE, "actor.objectType"),
    ("actor.objectType", "Person", Reason.INVALID_VALUE, "actor.objectType"),
    ("object.objectType", "activity", Reason.INVALID_VALUE, "object.objectType"),
    ("object.objectType", "Note", Reason.INVALID_VALUE, "object.objectType"),
    ("actor.objecttype", "Agent", Reason.UNKNOWN_PROPERTY, "actor.objecttype"),
    ("result.Score", {}, Reason.UNKNOWN_PROPERTY, "result.Score"),
    ("verb.name", "x", Reason.UNKNOWN_PROPERTY, "verb.name"),
    ("context.contextActivities.about", [], Reason.UNKNOWN_PROPERTY, "context.contextActivities.about"),
    ("actor.a person's name", "x", Reason.UNKNOWN_PROPERTY, "actor"),
    # What must be there
    ("actor", GONE, Reason.MISSING_PROPERTY, ""),
    ("verb", GONE, Reason.MISSING_PROPERTY, ""),
    ("object", GONE, Reason.MISSING_PROPERTY, ""),
    ("verb.id", GONE, Reason.MISSING_PROPERTY, "verb"),
    ("object.id", GONE, Reason.MISSING_PROPERTY, "object"),
    ("actor.account.name", GONE, Reason.MISSING_PROPERTY, "actor.account"),
    ("context.team.objectType", GONE, Reason.MISSING_PROPERTY, "context.team"),
    ("attachments.0.usageType", GONE, Reason.MISSING_PROPERTY, "attachments[0]"),
    ("context.statement", {"id": REF["id"]}, Reason.MISSING_PROPERTY, "context.statement"),
    # Identifiers and groups (Data 2.4.2)
    ("actor", {}, Reason.INVALID_IFI, "actor"),
    ("actor.openid", "https://example.org/p", Reason.INVALID_IFI, "actor"),
    ("actor", {"mbox_sha1sum": "cd9b"}, Reason.INVALID_IFI, "actor.mbox_sha1sum"),
    ("actor", {"mbox": "a@example.org"}, Reason.INVALID_IRI, "actor.mbox"),
    ("actor", {"mbox": "mailto:example.org"}, Reason.INVALID_IRI, "actor.mbox"),
    ("actor", {"openid": "example.org/p"}, Reason.INVALID_IRI, "actor.openid"),
    ("actor.account.homePage", "example.org", Reason.INVALID_IRI, "actor.account.homePage"),
    ("actor", {"objectType": "Group"}, Reason.INVALID_GROUP, "actor"),
    ("actor", {"objectType": "Group", "member": []}, Reason.INVALID_GROUP, "actor.member"),
    ("actor", {"objectType": "Group", "member": AGENT}, Reason.WRONG_TYPE, "actor.member"),
    (
        "actor",
        {"objectType": "Group", "member": [{"objectType": "Group", "member": [AGENT]}]},
        Reason.INVALID_VALUE,
        "actor.member[0].objectType",
    ),
    ("actor", {"member": [AGENT]}, Reason.UNKNOWN_PROPERTY, "actor.member"),
    ("object", AGENT, Reason.UNKNOWN_PROPERTY, "object.mbox"),
    ("context.team", AGENT, Reason.MISSING_PROPERTY, "context.team"),
    # IRIs, language maps, UUIDs, media types
    ("verb.id", "answered", Reason.INVALID_IRI, "verb.id"),
    ("verb.id", "", Reason.INVALID_IRI, "verb.id"),
    ("object.id", "https://example.org/a b", Reason.INVALID_IRI, "object.id"),
    ("object.definition.type", "ab=c://example.org", Reason.INVALID_IRI, "object.definition.type"),
    ("result.extensions.plain", 1, Reason.INVALID_IRI, "result.extensions.plain"),
    ("result.extensions.a b", 1, Reason.INVALID_IRI, "result.extensions"),
    ("verb.display.en_US", "x", Reason.INVALID_LANGUAGE_TAG, "verb.display.en_US"),
    ("verb.display.a12345678", "x", Reason.INVALID_LANGUAGE_TAG, "verb.display.a12345678"),
    ("verb.display.en-US", 1, Reason.WRONG_TYPE, 'verb.display["en-US"]'),
    ("context.language", "", Reason.INVALID_LANGUAGE_TAG, "context.language"),
    ("context.registration", "7", Reason.INVALID_UUID, "context.registration"),
    ("context.statement.id", "{" + REF["id"] + "}", Reason.INVALID_UUID, "context.statement.id"),
    ("attachments.0.contentType", "file", Reason.INVALID_VALUE, "attachments[0].contentType"),
    ("attachments.0.length", 3.5, Reason.WRONG_TYPE, "attachments[0].length"),
    ("attachments.0.length", -1, Reason.INVALID_VALUE, "attachments[0].length"),
    ("attachments.0.sha2", "abc", Reason.INVALID_ATTACHMENT, "attachments[0].sha2"),
    ("attachments.0.fileUrl", "here", Reason.INVALID_IRI, "attachments[0].fileUrl"),
    ("attachments.0.fileUrl", GONE, Reason.INVALID_ATTACHMENT, "attachments[0]"),
    # Activities and interactions (Data 2.4.4.1)
    ("object.definition.interactionType", "compound", Reason.INVALID_VALUE, "object.definition.interactionType"),
    ("object.definition.interactionType", GONE, Reason.MISSING_PROPERTY, "object.definition"),
    ("object.definition.choices.0.id", GONE, Reason.MISSING_PROPERTY, "object.definition.choices[0]"),
    ("object.definition.choices.0.definition", {}, Reason.UNKNOWN_PROPERTY, "object.definition.choices[0].definition"),
    ("object.definition.choices.1.id", "a", Reason.INVALID_VALUE, "object.definition.choices[1].id"),
    ("object.definition.correctResponsesPattern", "a", Reason.WRONG_TYPE, "object.definition.correctResponsesPattern"),
    # Results (Data 2.4.5)
    ("result.score.scaled", 1.01, Reason.INVALID_SCORE, "result.score.scaled"),
    ("result.score.scaled", -1.01, Reason.INVALID_SCORE, "result.score.scaled"),
    ("result.score.raw", 11, Reason.INVALID_SCORE, "result.score.raw"),
    ("result.score.raw", -1, Reason.INVALID_SCORE, "result.score.raw"),
    ("result.score.min", 10.5, Reason.INVALID_SCORE, "result.score.min"),
    ("result.duration", "P4W1D", Reason.INVALID_DURATION, "result.duration"),
    # Context (Data 2.4.6)
    ("context.contextActivities", [], Reason.WRONG_TYPE, "context.contextActivities"),
    ("context.contextActivities.parent", "x", Reason.WRONG_TYPE, "context.contextActivities.parent"),
    ("context.contextActivities.parent", {}, Reason.MISSING_PROPERTY, "context.contextActivities.parent"),
    ("context.contextActivities.parent.0.id", "x", Reason.INVALID_IRI, "context.contextActivities.parent[0].id"),
    (
        "context.contextActivities.other.1",
        {"objectType": "Agent", **AGENT},
        Reason.INVALID_VALUE,
        "context.contextActivities.other[1].objectType",
    ),
    ("object", {"objectType": "Agent", **AGENT}, Reason.INVALID_CONTEXT, "context.revision"),
    ("object", REF, Reason.INVALID_CONTEXT, "context.revision"),
    ("object", REF | {"definition": {}}, Reason.UNKNOWN_PROPERTY, "object.definition"),
    # Timestamps (Data 4.5)
    ("timestamp", "2026-03-02T09:30:00", Reason.INVALID_TIMESTAMP, "timestamp"),
    ("timestamp", "2026-13-02T09:30:00Z", Reason.INVALID_TIMESTAMP, "timestamp"),
    ("timestamp", "2026-02-29T09:30:00Z", Reason.INVALID_TIMESTAMP, "timestamp"),
    ("timestamp", "2026-03-02T09:30:00-00:00", Reason.INVALID_TIMESTAMP, "timestamp"),
    ("timestamp", 1772443800, Reason.WRONG_TYPE, "timestamp"),
]
AT_THE_TOP = [
    ("id", "stmt-1", Reason.INVALID_UUID, "id"),
    ("id", "5f0c6d1a-9b1e-4c5e-8a42-5d1f3f1f7a10\n", Reason.INVALID_UUID, "id"),
    ("stored", "2026-02-30T09:30:00Z", Reason.INVALID_TIMESTAMP, "stored"),
    ("version", "0.9.9", Reason.INVALID_VALUE, "version"),
    ("version", "1.1.0", Reason.INVALID_VALUE, "version"),
    ("version", 1.0, Reason.WRONG_TYPE, "version"),
    ("authority", {"name": "x"}, Reason.INVALID_IFI, "authority"),
    ("authority.member", [AGENT], Reason.INVALID_GROUP, "authority.member"),
    ("authority.member", [AGENT, AGENT, AGENT], Reason.INVALID_GROUP, "authority.member"),
    ("authority.mbox", "mailto:a@example.org", Reason.INVALID_GROUP, "authority.mbox"),
    ("verb.id", "http://adlnet.gov/expapi/verbs/voided", Reason.INVALID_VOIDING, "object.objectType"),
    ("context.contextAgents", [], Reason.UNKNOWN_PROPERTY, "context.contextAgents"),
]
IN_SUBSTATEMENTS = [
    ("id", "5f0c6d1a-9b1e-4c5e-8a42-5d1f3f1f7a10", Reason.UNKNOWN_PROPERTY, "id"),
    ("stored", "2026-03-02T08:31:00Z", Reason.UNKNOWN_PROPERTY, "stored"),
    ("version", "1.0.0", Reason.UNKNOWN_PROPERTY, "version"),
    ("authority", AGENT, Reason.UNKNOWN_PROPERTY, "authority"),
    ("object.objectType", "SubStatement", Reason.INVALID_VALUE, "object.objectType"),
]


def problem(statement, version="1.0.3", path="$"):
    with pytest.raises(Rejected) as refused:
        validate(statement, version, path)
    return refused.value


@pytest.mark.parametrize(("path", "value", "reason", "where"), ANYWHERE + AT_THE_TOP)
def test_a_statement_is_refused_with_its_reason_and_path(full, path, value, reason, where):
    change(full, path, value)
    found = problem(full)
    assert (found.reason, found.path) == (reason, f"$.{where}".removesuffix("."))


@pytest.mark.parametrize(("path", "value", "reason", "where"), ANYWHERE + IN_SUBSTATEMENTS)
def test_a_substatement_is_held_to_the_same_rules(about, path, value, reason, where):
    statement = about()
    change(statement["object"], path, value)
    found = problem(statement)
    assert (found.reason, found.path) == (reason, f"$.object.{where}".removesuffix("."))


def test_the_full_statement_and_the_one_about_it_are_valid(full, about):
    for version in ("1.0.3", "1.0", "1.0.0", "2.0.0"):
        validate(full, version)
        validate(about(), version)


def test_of_several_problems_the_first_in_the_document_is_told(full):
    change(full, "verb.id", "x")
    change(full, "result.success", None)
    change(full, "actor.account.homePage", "x")
    assert problem(full).path == "$.actor.account.homePage"


def test_what_is_misspelt_is_told_before_what_is_then_missing(full):
    full["actor"]["account"]["homepage"] = full["actor"]["account"].pop("homePage")
    found = problem(full)
    assert (found.reason, found.path) == (Reason.UNKNOWN_PROPERTY, "$.actor.account.homepage")
    assert "homePage" in found.detail


def test_the_path_starts_where_the_statement_stands(full):
    full["actor"]["mbox"] = 1
    assert problem(full, path="$[3]").path == "$[3].actor.mbox"


@pytest.mark.parametrize("path", ["actor.account.homePage", "verb.id", "timestamp", "result.duration", "id", "version"])
def test_the_refusal_says_nothing_of_the_value(full, path):
    change(full, path, SECRET)
    assert SECRET not in str(problem(full))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("timestamp", "2026-03-02T09:30Z"),  # ISO 8601; RFC 3339, which 2.0 asks for, has seconds
        ("timestamp", "2026-03-02T09:30:00+0100"),
    ],
)
def test_iso_8601_is_enough_for_1_0_3_but_2_0_asks_for_rfc_3339(full, path, value):
    change(full, path, value)
    validate(full, "1.0.3")
    assert problem(full, "2.0.0").reason is Reason.INVALID_TIMESTAMP


@pytest.mark.parametrize("value", ["1.0", "1.0.0", "1.0.9"])
def test_versions_of_statements(full, value):
    full["version"] = value
    validate(full, "1.0.3")
    validate(full, "2.0.0")
    full["version"] = "2.0.0"
    validate(full, "2.0.0")
    assert problem(full, "1.0.3").path == "$.version"


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("contextAgents", [{"agent": AGENT}], "contextAgents[0]"),
        ("contextAgents", [{"objectType": "contextGroup", "agent": AGENT}], "contextAgents[0].objectType"),
        ("contextAgents", [{"objectType": "contextAgent"}], "contextAgents[0]"),
        (
            "contextAgents",
            [{"objectType": "contextAgent", "agent": AGENT, "relevantTypes": []}],
            "contextAgents[0].relevantTypes",
        ),
        (
            "contextGroups",
            [
                {
                    "objectType": "contextGroup",
                    "group": {"objectType": "Group", "member": [AGENT]},
                    "relevantTypes": ["x"],
                }
            ],
            "contextGroups[0].relevantTypes[0]",
        ),
        ("contextGroups", [{"objectType": "contextGroup", "group": AGENT}], "contextGroups[0].group"),
    ],
)
def test_context_agents_and_groups_of_2_0(full, name, value, where):
    full["context"][name] = value
    assert problem(full, "2.0.0").path == f"$.context.{where}"


def test_extensions_may_hold_anything_that_can_be_written_again(full):
    deep = value = []
    for _ in range(198):
        value.append([])
        value = value[0]
    full["context"]["extensions"] = {"urn:x:deep": deep, "urn:x:null": None, "urn:x:empty": {}, "urn:x:text": ""}
    validate(full, "1.0.3")
    value.append([[]])
    found = problem(full)
    assert (found.reason, found.path) == (Reason.MALFORMED_JSON, "$.context.extensions")


def test_an_attachment_may_come_with_the_request(full):
    del full["attachments"][0]["fileUrl"]
    full["attachments"][0]["sha2"] = full["attachments"][0]["sha2"].upper()
    validate(full, "1.0.3", sent=frozenset({full["attachments"][0]["sha2"].lower()}))
    assert problem(full).reason is Reason.INVALID_ATTACHMENT


def test_an_uppercase_uuid_and_any_variant_are_uuids(full):
    for uuid in ("5F0C6D1A-9B1E-4C5E-8A42-5D1F3F1F7A10", "00000000-0000-0000-0000-000000000000"):
        full["id"] = uuid
        validate(full, "1.0.3")


@pytest.mark.parametrize(
    "tag",
    [
        "en",
        "und",
        "zh-yue-HK",
        "zh-Hant-TW",
        "de-CH-1996",
        "sl-rozaj-biske",
        "es-419",
        "x-private",
        "i-klingon",
        "en-GB-oed",
        "de-DE-u-co-phonebk",
        "en-a-bbb-x-a",
        "hy-Latn-IT-arevela",
        "art-lojban",
        "qaa-Qaaa-QM-x-southern",
    ],
)
def test_language_tags_of_rfc_5646(full, tag):
    full["context"]["language"] = tag
    validate(full, "1.0.3")


@pytest.mark.parametrize(
    "tag", ["e", "en-", "-en", "en--US", "a-DE", "ar-a-", "abcdefghi", "en-abcdefghi", "x", "en US"]
)
def test_what_is_no_language_tag(full, tag):
    full["context"]["language"] = tag
    assert problem(full).reason is Reason.INVALID_LANGUAGE_TAG


@pytest.mark.parametrize("place", ["actor.name", "actor", "context.contextActivities", "object.definition.choices"])
@pytest.mark.parametrize("levels", [100, 300])
def test_deep_nesting_in_any_place_is_refused_and_no_crash(full, place, levels):
    deep = []
    for _ in range(levels):
        deep = [deep]
    change(full, place, deep)
    assert problem(full).reason is (Reason.WRONG_TYPE if levels == 100 else Reason.MALFORMED_JSON)


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("actor", {"objectType": "Group", "member": [{"a": 1}] * 20_000}, "actor.member[0]"),
        ("attachments", [1] * 50_000, "attachments[0]"),
        ("context.extensions", {f"k{number}": 1 for number in range(20_000)}, "context.extensions.k0"),
    ],
)
@pytest.mark.timeout(10)
def test_a_statement_with_very_many_problems_is_refused_for_one_of_them(full, path, value, where):
    change(full, path, value)
    assert problem(full).path.startswith(f"$.{where}")

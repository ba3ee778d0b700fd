"""What the LRS adds to a statement, and what a voiding statement takes back."""

import copy
from datetime import datetime, timedelta, timezone

import pytest

from services.ingest.domain.stamping import stamp
from services.ingest.domain.validation import validate
from services.ingest.domain.voiding import VOIDED, voided_target

ID = "11111111-2222-4333-8444-555555555555"
AUTHORITY = {"account": {"homePage": "https://leermix.example.org", "name": "source-1"}}
STORED = datetime(2026, 3, 2, 13, 0, 0, 1, tzinfo=timezone(timedelta(hours=1)))


def stamped(statement, version="1.0.3"):
    return stamp(statement, version=version, statement_id=ID, stored=STORED, authority=AUTHORITY)


def test_what_is_absent_is_added_but_no_timestamp():
    bare = {
        "actor": {"mbox": "mailto:a@example.org"},
        "verb": {"id": "urn:v:did"},
        "object": {"id": "urn:o:it"},
    }
    assert stamped(bare) == bare | {
        "id": ID,
        "version": "1.0.0",
        "stored": "2026-03-02T12:00:00.000001Z",
        "authority": AUTHORITY,
    }


def test_a_statement_without_a_version_has_that_of_its_request(full):
    """1.0.3 Data 2.4.10: 1.0.0; IEEE 9274.1.1 4.2.4.3: 2.0.0. One that was sent stays."""
    nameless = {name: value for name, value in full.items() if name != "version"}
    assert stamped(nameless)["version"] == "1.0.0"
    assert stamped(nameless, "2.0.0")["version"] == "2.0.0"
    assert stamped(full | {"version": "1.0.2"}, "2.0.0")["version"] == "1.0.2"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-03-02T09:30:00.123456+01:00", "2026-03-02T08:30:00.123456Z"),
        ("2026-03-02T00:30:00+00:00", "2026-03-02T00:30:00.000000Z"),
        ("2026-03-02T09:30:00.1234567Z", "2026-03-02T09:30:00.1234567Z"),
        ("2026-03-02t09:30:00z", "2026-03-02t09:30:00z"),
    ],
)
def test_timestamps_become_utc_in_version_2_only(full, about, sent, kept):
    """IEEE 9274.1.1 4.2.7, at both levels; 1.0.3 keeps what was sent."""
    plain, nested = full | {"timestamp": sent}, about()
    nested["object"]["timestamp"] = sent
    before = copy.deepcopy(nested)
    assert stamped(plain, "2.0.0")["timestamp"] == kept
    assert stamped(nested, "2.0.0")["object"]["timestamp"] == kept
    assert stamped(plain)["timestamp"] == stamped(nested)["object"]["timestamp"] == sent
    assert nested == before


def test_what_was_sent_is_kept_but_stored_and_authority(full):
    sent = copy.deepcopy(full)
    result = stamped(full)
    assert full == sent
    assert (result["stored"], result["authority"]) == ("2026-03-02T12:00:00.000001Z", AUTHORITY)
    for name in full.keys() - {"stored", "authority", "context"}:
        assert result[name] == sent[name]
    validate(result, "1.0.3")


def test_context_activities_become_arrays_at_both_levels(about, full):
    single, several = full["context"]["contextActivities"]["grouping"], full["context"]["contextActivities"]["other"]
    for outer, part in ((full, lambda s: s), (about(), lambda s: s["object"])):
        activities = part(stamped(outer))["context"]["contextActivities"]
        assert (activities["grouping"], activities["other"], activities["category"]) == ([single], several, [])
        assert part(outer)["context"]["contextActivities"]["grouping"] == single


def test_a_voiding_statement_names_its_target_in_lower_case():
    statement = {"verb": {"id": VOIDED}, "object": {"objectType": "StatementRef", "id": ID.upper()}}
    assert voided_target(statement) == ID


@pytest.mark.parametrize(
    ("verb", "kind"),
    [(VOIDED.upper(), "StatementRef"), (VOIDED + "/", "StatementRef"), (VOIDED, "Activity"), (VOIDED, None)],
)
def test_nothing_else_voids(verb, kind):
    target = {"id": ID} if kind is None else {"id": ID, "objectType": kind}
    assert voided_target({"verb": {"id": verb}, "object": target}) is None

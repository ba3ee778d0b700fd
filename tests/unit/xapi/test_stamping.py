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


def stamped(statement):
    return stamp(statement, statement_id=ID, stored=STORED, authority=AUTHORITY)


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

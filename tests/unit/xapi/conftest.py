"""One valid statement that uses every property, for the tests of the statement contract to bend."""

import copy

import pytest

ACTIVITY = {"id": "https://example.org/courses/safety"}
FULL = {
    "id": "5f0c6d1a-9b1e-4c5e-8a42-5d1f3f1f7a10",
    "actor": {
        "objectType": "Agent",
        "name": "A Learner",
        "account": {"homePage": "https://lms.example.org", "name": "10423"},
    },
    "verb": {"id": "http://adlnet.gov/expapi/verbs/answered", "display": {"en-US": "answered", "und": "x"}},
    "object": {
        "objectType": "Activity",
        "id": "https://example.org/questions/1",
        "definition": {
            "name": {"en": "A question"},
            "description": {"en": "Which of these?"},
            "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
            "moreInfo": "https://example.org/questions/1/more",
            "interactionType": "choice",
            "correctResponsesPattern": ["a[,]b"],
            "choices": [{"id": "a", "description": {"en": "A"}}, {"id": "b"}],
            "extensions": {"https://example.org/x/deep": {"a": [1, {"b": None}], "c": ""}},
        },
    },
    "result": {
        "score": {"scaled": 0.8, "raw": 8, "min": 0, "max": 10},
        "success": True,
        "completion": False,
        "response": "a",
        "duration": "PT1H30M0.25S",
        "extensions": {"https://example.org/x/tries": 2.0},
    },
    "context": {
        "registration": "EC531277-b57b-4c15-8d91-d292c5b2b8f7",
        "instructor": {"mbox": "mailto:coach@example.org"},
        "team": {
            "objectType": "Group",
            "name": "Team",
            "member": [{"mbox": "mailto:one@example.org"}, {"openid": "https://example.org/people/2"}],
        },
        "contextActivities": {
            "parent": [ACTIVITY],
            "grouping": {"objectType": "Activity", "id": "https://example.org/programmes/1", "definition": {}},
            "category": [],
            "other": [ACTIVITY, {"id": "https://example.org/tags/2"}],
        },
        "revision": "3",
        "platform": "LMS",
        "language": "nl-BE",
        "statement": {"objectType": "StatementRef", "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"},
        "extensions": {"https://example.org/x/nothing": None},
    },
    "timestamp": "2026-03-02T09:30:00.123456+01:00",
    "stored": "2026-03-02T08:31:00Z",
    "authority": {
        "objectType": "Group",
        "member": [{"mbox": "mailto:app@example.org"}, {"mbox": "mailto:u@example.org"}],
    },
    "version": "1.0.3",
    "attachments": [
        {
            "usageType": "https://example.org/certificate",
            "display": {"en": "Certificate"},
            "description": {"en": "It says so"},
            "contentType": "application/pdf; version=1",
            "length": 3,
            "sha2": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "fileUrl": "https://example.org/certificate.pdf",
        }
    ],
}
NOT_IN_SUBSTATEMENTS = ("id", "stored", "version", "authority")


@pytest.fixture
def full():
    """The statement, fresh for each test."""
    return copy.deepcopy(FULL)


@pytest.fixture
def about():
    """Make the full statement's content a SubStatement: about()["object"] has it all once more."""

    def make():
        inner = {key: value for key, value in copy.deepcopy(FULL).items() if key not in NOT_IN_SUBSTATEMENTS}
        outer = {"actor": FULL["actor"], "verb": {"id": "http://activitystrea.ms/schema/1.0/plan"}}
        return copy.deepcopy(outer) | {"object": {"objectType": "SubStatement", **inner}}

    return make

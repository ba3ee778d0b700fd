"""Which differences between two statements count (xAPI 1.0.3 Data 2.3.1), one at a time."""

import copy
from datetime import UTC, datetime

import orjson
import pytest

from services.ingest.domain.equality import digest
from services.ingest.domain.stamping import stamp

NOT_COUNTED = [
    ("id", "11111111-2222-4333-8444-555555555555"),
    ("authority", {"mbox": "mailto:other@example.org"}),
    ("stored", "2027-01-01T00:00:00Z"),
    ("timestamp", "2027-01-01T00:00:00Z"),
    ("version", "1.0.0"),
    ("attachments", []),
]
NOT_COUNTED_ANYWHERE = [
    ("verb.display", {"nl": "beantwoord"}),
    ("object.definition", {}),
    ("context.contextActivities.grouping.definition", {"name": {"en": "Other"}}),
    ("context.registration", "ec531277-B57B-4c15-8d91-d292c5b2b8f7"),
    ("context.statement.id", "6690E6C9-3ef0-4ed3-8b37-7f3964730bee"),
    ("result.score.raw", 8.0),
    ("result.extensions", {"https://example.org/x/tries": 2}),
    ("result.duration", "PT1H30M0.259S"),
    ("context.team.member", [{"openid": "https://example.org/people/2"}, {"mbox": "mailto:one@example.org"}]),
    ("context.contextActivities.parent", {"id": "https://example.org/courses/safety"}),
]
COUNTED_ANYWHERE = [
    ("actor.name", "Another Name"),
    ("actor.account.name", "10424"),
    ("verb.id", "http://adlnet.gov/expapi/verbs/asked"),
    ("object.id", "https://example.org/questions/2"),
    ("result.score.raw", 8.000001),
    ("result.success", 1),
    ("result.response", "A"),
    ("result.duration", "PT90M0.25S"),
    ("result.duration", "PT1H30M0.26S"),
    ("result.extensions", {"https://example.org/x/tries": "2"}),
    ("context.platform", "lms"),
    ("context.team.member", [{"mbox": "mailto:one@example.org"}]),
    ("context.contextActivities.other", []),
    ("context.contextActivities.other.0.id", "https://example.org/tags/3"),
    ("context.extensions", {"https://example.org/x/nothing": ""}),
]


def changed(statement, path, value):
    result = copy.deepcopy(statement)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = result
    for step in steps:
        place = place[step]
    assert orjson.dumps(place[last]) != orjson.dumps(value)
    place[last] = value
    return result


@pytest.mark.parametrize(("path", "value"), NOT_COUNTED + NOT_COUNTED_ANYWHERE)
def test_this_does_not_make_it_another_statement(full, path, value):
    assert digest(changed(full, path, value)) == digest(full)


@pytest.mark.parametrize(("path", "value"), COUNTED_ANYWHERE)
def test_this_makes_it_another_statement(full, path, value):
    assert digest(changed(full, path, value)) != digest(full)


@pytest.mark.parametrize(
    ("path", "value"),
    [*NOT_COUNTED_ANYWHERE, ("timestamp", "2026-03-02T08:30:00.123456Z"), ("attachments", [])],
)
def test_this_does_not_make_it_a_statement_about_another(about, path, value):
    assert digest(changed(about(), f"object.{path}", value)) == digest(about())


@pytest.mark.parametrize(("path", "value"), [*COUNTED_ANYWHERE, ("timestamp", "2026-03-02T09:30:00.123457+01:00")])
def test_this_makes_it_a_statement_about_another(about, path, value):
    assert digest(changed(about(), f"object.{path}", value)) != digest(about())


def test_the_members_of_acting_groups_have_no_order(full):
    one, two = {"mbox": "mailto:one@example.org"}, {"mbox": "mailto:two@example.org", "name": "Two"}
    for name in ("actor", "object"):
        group = {"objectType": "Group", "member": [one, two]}
        assert digest(full | {name: group}) == digest(full | {name: group | {"member": [two, one]}})
    group = {"objectType": "contextGroup", "group": group}
    turned = group | {"group": group["group"] | {"member": [two, one]}}
    contexts = [full["context"] | {"contextGroups": [each]} for each in (group, turned)]
    assert digest(full | {"context": contexts[0]}) == digest(full | {"context": contexts[1]})


def test_a_stamped_statement_is_still_the_same(full, about):
    for statement in (full, about()):
        stamped = stamp(
            statement, version="1.0.3", statement_id="x", stored=datetime(2026, 1, 1, tzinfo=UTC), authority={}
        )
        assert digest(stamped) == digest(statement)


def test_numbers_beyond_exact_integers_are_told_apart(full):
    def tries(value):
        return digest(changed(full, "result.extensions", {"https://example.org/x/tries": value}))

    assert tries(1e18) == tries(10**18)
    assert tries(2**53 + 1) != tries(2**53)
    assert tries(1e300) != tries(1e301)
    assert tries(0.0) == tries(-0.0) == tries(0)

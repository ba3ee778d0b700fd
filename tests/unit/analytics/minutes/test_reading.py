"""What one statement says about each of its learners (MIX.md 1, rules 2 to 6)."""

import hashlib
from dataclasses import replace

import pytest

from schemas.xapi.agents import actor_key
from services.analytics.domain.classify.classified import HOUR_US, Learner
from services.analytics.domain.minutes.reading import digest, facts_of
from services.analytics.domain.minutes.verbs import ALSO, ALSO_DISCRETE, NAMED, NAMED_DISCRETE, acts
from tests.unit.analytics.minutes.worded import ANNA, COURSE, FORMAL, MINUTE, SOCIAL, at, facts, statement

CMI5 = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
VIDEO = "https://w3id.org/xapi/video/extensions/session-id"


def one(said, classified=FORMAL):
    (fact,) = facts(classified, said)
    return fact


def threaded(context=None, **more):
    """The thread of a statement with this context."""
    return one(statement("answered", "10:00", registration=None, **more) | ({"context": context} if context else {}))


def test_t_is_the_timestamp_in_utc():
    said = statement("answered", "2026-11-02T10:00:00+01:00")
    assert (one(said).t_us, one(said).flags) == (at("09:00"), frozenset())


@pytest.mark.parametrize("sent", [None, "yesterday", "2026-11-02T10:00:00", "0001-01-01T00:00:00Z"])
def test_without_a_usable_timestamp_it_is_the_arrival(sent):
    said = statement("answered", None) | ({"timestamp": sent} if sent else {})
    (fact,) = facts(FORMAL, said, arrived="20 12:00")
    assert (fact.t_us, fact.flags) == (at("20 12:00"), {"arrival"})


@pytest.mark.parametrize(
    ("duration", "minutes", "disbelieved"),
    [
        (None, 0, False),
        ("PT30M", 30, False),
        ("PT90S", 1.5, False),
        ("PT12H", 720, False),
        ("PT12H0.000001S", 0, True),
        ("PT0S", 0, True),
        ("P1M", 0, True),
        ("P1YT5M", 0, True),
        ("P0Y0MT5M", 5, False),
        ("half an hour", 0, True),
    ],
)
def test_a_duration_is_believed_whole_or_not_at_all(duration, minutes, disbelieved):
    fact = one(statement("completed", "10:00", duration))
    assert (fact.duration_us, "disbelieved" in fact.flags) == (minutes * MINUTE, disbelieved)


def test_the_cap_is_that_of_its_class():
    said = statement("completed", "10:00", "PT13H")
    assert one(said, replace(FORMAL, cap_us=13 * HOUR_US)).duration_us == 13 * HOUR_US
    assert one(said, replace(FORMAL, cap_us=2 * MINUTE)).flags == {"disbelieved"}


def test_a_thread_is_the_first_of_session_registration_least_parent_and_object():
    parents = {"contextActivities": {"parent": [{"id": "https://x/b"}, {"id": "https://x/a"}]}}
    whole = {"extensions": {CMI5: "s1"}, "registration": "R1", **parents}
    assert threaded(whole).thread == digest("session|s1")
    assert threaded({"registration": "R1", **parents}).thread == digest("registration|r1")
    assert threaded(parents).thread == digest("activity|https://x/a")
    assert threaded({"contextActivities": {"parent": {"id": "https://x/c"}}}).thread == digest("activity|https://x/c")
    assert threaded().thread == threaded().object == digest(f"activity|{COURSE}")
    # What has a parent is in one thread with statements about that parent.
    assert threaded(on="https://x/a").thread == threaded(parents).thread


@pytest.mark.parametrize(
    ("iri", "is_session"),
    [
        (CMI5, True),
        (VIDEO, True),
        ("http://purl.org/xapi/cmi5/context/extensions/sessionid", True),
        ("https://w3id.org/xapi/openedx/extensions/session-id", True),
        ("https://ubion.co.kr/xapi/profiles/media/1.0/extensions/context/media-session-id", True),
        ("https://lxd.example/extensions/sessionId", True),
        ("https://x.example/extensions#session_id", True),
        ("https://ubion.co.kr/xapi/profiles/session/1.0/extensions/context/ip-address", False),
        ("https://x.example/extensions/session-idle", False),
    ],
)
def test_which_extensions_name_a_session(iri, is_session):
    found = threaded({"registration": "r1", "extensions": {iri: "s1"}}).thread
    assert found == digest("session|s1" if is_session else "registration|r1")


def test_of_several_sessions_the_session_itself_then_the_least_iri_whatever_their_order():
    media = "https://a.example/media-session-id"
    three = {VIDEO: "v", CMI5: "c", media: "m"}
    for names in ([VIDEO, CMI5, media], [media, CMI5, VIDEO]):
        assert threaded({"extensions": {name: three[name] for name in names}}).thread == digest("session|c")
    assert threaded({"extensions": {media: "m", CMI5: ""}}).thread == digest("session|m")
    assert threaded({"extensions": {CMI5: {"id": 1}}}).thread == digest(f"activity|{COURSE}")


def test_objects_that_are_no_activities_have_threads_too():
    kim = {"objectType": "Agent", "mbox": "mailto:kim@example.nl"}
    assert threaded(on=kim).object == digest("mbox|mailto:kim@example.nl")
    assert threaded(on={"objectType": "StatementRef", "id": "AB"}).object == digest("statement|ab")
    inner = {"objectType": "SubStatement", "actor": ANNA, "verb": {"id": "x"}, "object": {"id": COURSE}}
    assert threaded(on=inner).object == digest(f"activity|{COURSE}")


def test_digests_are_64_bits_with_a_sign():
    found = {digest(str(number)) for number in range(200)}
    assert len(found) == 200
    assert min(found) < 0 < max(found)
    assert all(-(2**63) <= each < 2**63 for each in found)


def test_the_verbs_of_mix_md_by_any_iri():
    for part, words in NAMED.items():
        for word in words:
            assert acts(f"http://adlnet.gov/expapi/verbs/{word}") == (part, False)
            assert acts(f"https://w3id.org/xapi/anything#{word.upper()}/") == (part, False)
    for word in NAMED_DISCRETE:
        assert acts(f"http://activitystrea.ms/schema/1.0/{word}") == ("other", True)
    assert acts("http://adlnet.gov/expapi/verbs/answered") == ("other", False)


def test_no_verb_has_two_parts():
    words = [word for table in (NAMED, ALSO) for listed in table.values() for word in listed]
    assert len(words) == len(set(words))
    assert not set(words) & (NAMED_DISCRETE | ALSO_DISCRETE)


def test_what_is_not_timed_has_no_minutes_and_opens_nothing():
    fact = one(statement("launched", "10:00", "PT30M"), replace(SOCIAL, timed=False))
    assert (fact.duration_us, fact.default_us, fact.session_us, fact.part, fact.discrete) == (0, 0, 0, "other", True)
    assert fact.flags == frozenset()


def test_an_mbox_knows_its_sha1():
    fact = one(statement("answered", "10:00"))
    sha1 = hashlib.sha1(ANNA["mbox"].encode()).hexdigest()
    assert (fact.learner, fact.alias) == (actor_key(ANNA), actor_key({"mbox_sha1sum": sha1}))
    assert one(statement("answered", "10:00", actor={"mbox_sha1sum": sha1})).alias is None


def test_each_identity_once_and_who_learned_and_gave_learned():
    twice = replace(FORMAL, learners=(Learner(ANNA, "coach"), Learner(ANNA), Learner(ANNA, "assessor")))
    (fact,) = facts(twice, statement("attended", "10:00"))
    assert (fact.role, fact.given) == ("learner", False)
    peers = replace(FORMAL, learners=(Learner(ANNA, "peer"), Learner(ANNA)))
    assert [fact.role for fact in facts(peers, statement("attended", "10:00"))] == ["peer"]


def test_without_learners_there_is_no_fact():
    assert facts_of(statement("attended", "10:00"), arrived_us=0, source="s", classified=FORMAL) == []

"""The order in which a statement is classified, and what each step decides (MIX.md 2)."""

import pytest

from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import EMPTY_REGISTRY, parse_registry
from services.analytics.rules import base_rules
from tests.unit.analytics.classify.statements import (
    ADL,
    ANNA,
    BEN,
    COURSE,
    TINCAN,
    about,
    agent,
    parent,
    statement,
)

RULES = base_rules()
STREAMS = "http://activitystrea.ms/schema/1.0/"
CLASS = "https://w3id.org/xapi/virtual-classroom/activity-types/"
ROOM = "https://x.example/rooms/1"


def found(value, kind="other", source="", registry=EMPTY_REGISTRY):
    return classify(value, source, kind, RULES, registry)


@pytest.mark.parametrize(
    ("value", "cls", "rule"),
    [
        # administration
        (about("voided", {"objectType": "StatementRef", "id": "8f87ccde-bb56-4c2e-ab83-44982ef22df0"}),
         "not_learning", "admin.voiding"),
        (about("http://example.com/planned", {"objectType": "SubStatement", **statement("completed", "course")}),
         "not_learning", "admin.intention"),
        (statement("https://w3id.org/xapi/adl/verbs/logged-in"), "not_learning", "admin.session_of_an_application"),
        (statement("https://example.com/verbs/loggedOut"), "not_learning", "admin.session_of_an_application"),
        (statement("abandoned", thing="https://vle.example.org/login/index.php"), "not_learning", "admin.login_page"),
        (statement("registered", "course"), "not_learning", "admin.enrolment"),
        (statement("answered", TINCAN + "survey"), "not_learning", "admin.survey"),
        (statement("commented", "course"), "not_learning", "admin.opinion_about_a_course"),
        (statement("https://w3id.org/xapi/dod-isd/verbs/created", "assessment"), "not_learning", "admin.authoring"),
        (statement("https://w3id.org/xapi/acrossx/verbs/reported", TINCAN + "discussion"),
         "not_learning", "admin.moderation_of_a_contribution"),
        (statement("https://w3id.org/xapi/dod-isd/verbs/deleted", TINCAN + "forum-reply"),
         "not_learning", "admin.housekeeping"),
        (statement("https://w3id.org/xapi/acrossx/verbs/searched"), "not_learning", "admin.navigation"),
        (statement("launched", thing="https://lms.example.org/"), "not_learning", "admin.platform_as_such"),
        (statement("https://w3id.org/xapi/netc/verbs/uploaded", "file"), "not_learning", "admin.uploaded_material"),
        (statement("https://w3id.org/xapi/acrossx/verbs/edited", STREAMS + "badge"), "not_learning", "admin.authoring"),
        (statement("http://activitystrea.ms/start", CLASS + "camera", context=parent(ROOM)),
         "not_learning", "admin.devices_of_a_live_session"),
        (statement("https://w3id.org/xapi/virtual-classroom/verbs/reacted", CLASS + "virtual-classroom"),
         "not_learning", "admin.signs_in_a_live_session"),
        (statement("answered", thing="https://x.example/poll/1"), "not_learning", "admin.poll"),
        (statement(STREAMS + "purchase", "course"), "not_learning", "admin.enrolment"),
        # work
        (statement("completed", TINCAN + "checklist"), "experiential", "work.support"),
        (statement("experienced", thing="https://help.example.org/job-aids/7"), "experiential", "work.support"),
        (statement("read", thing="https://x.example/12", context=parent("https://x.example/performance-support/")),
         "experiential", "work.support_around"),
        (statement("viewed", thing="https://x.example/12", name="Werkinstructie: de tolk bellen"),
         "experiential", "work.support_by_its_name"),
        (statement("experienced", thing="https://x.example/how-to/replace-a-filter"), "experiential", "work.how_to"),
        (statement("experienced", thing="https://kb.example.org/4711"), "experiential", "work.support_by_its_place"),
        (statement("viewed", thing="https://wiki.example.org/kb/KB12"), "experiential", "work.support_by_its_id"),
        (statement("viewed", thing="https://x.example/protocollen/infuus"), "experiential", "work.support"),
        (statement("attended", "https://x.example/types/clinical-rotation"), "experiential", "work.task_by_its_type"),
        (statement("https://example.org/verbs/resolved", STREAMS + "issue"), "experiential", "work.result"),
        (statement("practiced", thing="https://x.example/hand-washing"), "experiential", "work.practised"),
        # people
        (statement("posted", "course"), "social", "people.contribution"),
        (statement("liked", thing="https://x.example/course/2/contribution/3"), "social", "people.contribution"),
        (statement("http://id.tincanapi.com/verb/replied", "user"), "social", "people.contribution"),
        (statement("asked", "annotation", thing="https://x.example/course/1/a/7"), "social", "people.asked_others"),
        (statement("https://x.example/verbs/presented", thing="https://x.example/idea"), "social", "people.presented"),
        (statement("https://w3id.org/xapi/dod-isd/verbs/assisted", context=COURSE),
         "social", "people.guidance_about_something"),
        (statement("experienced", TINCAN + "discussion", context=COURSE), "social", "people.place"),
        (statement("experienced", thing="https://x.example/mod_forum/discuss.php"), "social", "people.place"),
        (statement("attended", thing="https://x.example/meetings/42"), "social", "people.meeting"),
        (statement("attended", name="Coachgesprek met Ben"), "social", "people.meeting"),
        (statement("http://activitystrea.ms/leave", "meeting"), "social", "people.meeting"),
        (statement("https://x.example/verbs/co-edited", thing="https://x.example/projects/3"),
         "social", "people.contribution"),
        (about("asked", agent(BEN)), "social", "people.conversation"),
        (about("commented", {"objectType": "StatementRef", "id": "8f87ccde-bb56-4c2e-ab83-44982ef22df0"}),
         "social", "people.reaction_to_a_statement"),
        # instruction
        (statement("completed", "course"), "formal", "formal.course"),
        (statement("passed", result={"score": {"scaled": 0.9}}), "formal", "formal.outcome"),
        (statement("https://learninglocker.net/verbs/trained-in", name="Fire safety"), "formal", "formal.trained"),
        (statement("viewed", "https://x.example/concepts/activity-types/feedback",
                   thing="https://x.example/mod/assign/view.php?id=1#feedback"), "formal", "formal.assessment"),
        (statement("answered", "cmi.interaction", thing="https://x.example/poll/1",
                   context=parent(ROOM, CLASS + "virtual-classroom")), "formal", "formal.assessment"),
        (statement("passed", "performance", thing="https://x.example/4711"), "formal", "formal.outcome"),
        (statement("attended", "meeting", name="Forklift safety training"), "formal", "formal.by_its_name"),
        (statement("http://activitystrea.ms/schema/1.0/submit", TINCAN + "code-commit", context=COURSE),
         "formal", "formal.in_a_course"),
        (statement("asked", TINCAN + "solution"), "formal", "formal.asked_the_software"),
        (statement("initialized", context={"contextActivities": {"category": [
            {"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}]}}), "formal", "formal.profile"),
        (statement("played", "https://w3id.org/xapi/video/activity-type/video", context=COURSE),
         "formal", "formal.in_a_course"),
        (statement("attended", "meeting", context=COURSE), "formal", "formal.in_a_course"),
        (statement("attended", "meeting", context=parent("https://x.example/classes/7")),
         "formal", "formal.in_a_course"),
        (statement("passed", thing="https://leerportaal.example.org/4711"), "formal", "formal.platform"),
        (statement("progressed", result={"extensions": {"https://x.example/extensions/course": "Fractions"}}),
         "formal", "formal.in_a_course_by_extensions"),
        (statement("completed", thing="https://campus.example.org/4711"), "formal", "formal.platform"),
        (statement("completed", thing="urn:own:course:3"), "formal", "formal.course"),
        (statement("viewed", thing="https://tool.example.org/lessons/engine-tour"), "formal", "formal.course"),
        # nobody knows
        (statement("passed"), "unclassified", "kind:other"),
        (statement("played", "https://w3id.org/xapi/video/activity-type/video"), "unclassified", "kind:other"),
        (statement("completed", thing="https://example.com/activities/1", name="Activity 1"),
         "unclassified", "kind:other"),
        (about("https://example.org/verbs/noticed", {"objectType": "SubStatement", **statement("completed", "course")}),
         "unclassified", "other.statement_about_a_statement"),
        (statement("http://id.tincanapi.com/verb/defined", TINCAN + "goal"), "unclassified", "other.planning_of_study"),
    ],
)  # fmt: skip
def test_the_first_step_that_knows_a_statement_decides(value, cls, rule):
    answer = found(value)
    assert (answer.cls, answer.rule, answer.entry) == (cls, rule, None)


@pytest.mark.parametrize(
    ("kind", "cls"),
    [
        ("lms", "formal"),
        ("job_aid", "experiential"),
        ("work_system", "experiential"),
        ("coaching", "social"),
        ("social", "social"),
        ("other", "unclassified"),
        ("telepathy", "unclassified"),
    ],
)
def test_what_no_rule_knows_falls_to_the_kind_of_its_source(kind, cls):
    answer = found(statement("experienced"), kind)
    assert (answer.cls, answer.rule) == (cls, f"kind:{kind}")


def test_a_kind_never_overrules_a_rule():
    assert found(statement("completed", "course"), "job_aid").cls == "formal"
    assert found(statement("completed", TINCAN + "checklist"), "lms").cls == "experiential"
    assert found(statement("posted"), "lms").cls == "social"


@pytest.mark.parametrize(
    "verb",
    [ADL + "posted", ADL + "posted/", "https://adlnet.gov/expapi/verbs/posted", "https://own.example/x#Posted",
     "http://wordnetweb.princeton.edu/perl/webwn?s=posted"],
)  # fmt: skip
def test_a_verb_is_known_by_its_last_word_whoever_coined_it(verb):
    assert found(statement(verb)).rule == "people.contribution"


def test_a_verb_that_nobody_knows_counts_as_it_is_displayed():
    own = statement("https://own.example/verbs/17")
    own["verb"]["display"] = {"en": "logged in"}
    assert found(own).rule == "admin.session_of_an_application"
    known = statement("completed", "course")
    known["verb"]["display"] = {"en": "logged in"}
    assert found(known).rule == "formal.course"


@pytest.mark.parametrize("activity_type", ["https://own.example/types/forumTopic", "urn:x:forum_topic",
                                           "https://own.example/t/company-forum"])  # fmt: skip
def test_a_type_is_known_by_its_last_word_or_by_the_parts_of_it(activity_type):
    assert found(statement("experienced", activity_type)).rule == "people.place"


def test_the_content_of_a_message_is_never_read():
    words = "I logged in to the course, took the quiz and used the checklist of the job aid"
    plain = statement("https://own.example/said", thing="https://x.example/1")
    told = {**plain, "result": {"response": words}}
    told["object"] = {**plain["object"], "definition": {"description": {"en": words}}}
    assert found(told).cls == found(plain).cls == "unclassified"


def test_a_post_in_a_course_is_social_in_a_formal_context():
    inside = statement("posted", TINCAN + "discussion", context=COURSE)
    outside = statement("posted", TINCAN + "discussion", context=parent("https://x.example/topics/1"))
    assert (found(inside).cls, found(inside).formal_context) == ("social", True)
    assert (found(outside).cls, found(outside).formal_context) == ("social", False)


def test_what_an_observer_saw_is_classified_as_what_it_was():
    inner = {"objectType": "SubStatement", **statement("completed", TINCAN + "checklist", actor=agent(BEN))}
    seen = found(about("https://w3id.org/xapi/dod-isd/verbs/observed", inner))
    assert (seen.cls, seen.rule) == ("experiential", "people.witnessed")
    inner = {"objectType": "SubStatement", **statement("https://own.example/did", actor=agent(BEN))}
    assert found(about("https://w3id.org/xapi/dod-isd/verbs/observed", inner), "lms").cls == "unclassified"


# --- the registry between the steps

REGISTRY = parse_registry(
    {
        "registry": 1,
        "things": [
            {"id_prefix": "https://x.example/practice/", "mode": "experiential"},
            {"id_prefix": "https://x.example/practice/", "verbs": [ADL + "registered"], "mode": "formal"},
        ],
        "places": [{"platform": "Zorgwiki", "mode": "experiential"}, {"source": "ehr", "mode": "unclassified"}],
    }
)


def test_administration_comes_before_a_thing_unless_the_thing_names_the_verb():
    practice = "https://x.example/practice/1"
    assert found(statement("unregistered", thing=practice), registry=REGISTRY).rule == "admin.enrolment"
    assert found(statement("registered", thing=practice), registry=REGISTRY).cls == "formal"


def test_a_thing_comes_before_support_people_and_instruction():
    practice = "https://x.example/practice/1"
    for verb, activity_type in (("posted", None), ("completed", "course"), ("read", TINCAN + "checklist")):
        answer = found(statement(verb, activity_type, thing=practice), registry=REGISTRY)
        assert (answer.cls, answer.rule) == ("experiential", "registry:thing")
        assert answer.entry == "id_prefix=x.example/practice/"


def test_a_place_comes_after_work_and_people_and_before_instruction():
    def there(verb, activity_type=None):
        value = statement(verb, activity_type, context={"platform": "zorgwiki"})
        return found(value, registry=REGISTRY).rule

    assert there("posted") == "people.contribution"
    assert there("completed", TINCAN + "checklist") == "work.support"
    assert there("registered", "course") == "admin.enrolment"
    assert there("completed", "course") == "registry:place"
    assert there("experienced") == "registry:place"


def test_a_place_may_say_that_it_knows_nothing():
    answer = found(statement("completed", "course"), kind="lms", source="ehr", registry=REGISTRY)
    assert (answer.cls, answer.entry) == ("unclassified", "source=ehr")


def test_things_are_activities():
    other = parse_registry({"registry": 1, "things": [{"verbs": [ADL + "asked"], "mode": "formal"}]})
    assert found(about("asked", agent(BEN)), registry=other).cls == "social"
    assert found(about("asked", agent(ANNA)), registry=REGISTRY).cls == "social"

"""What the statements of one thread claim together (MIX.md 1, rules 7 to 10 and 14)."""

from dataclasses import replace

import pytest

from services.analytics.domain.minutes.instants import from_us
from services.analytics.domain.minutes.threads import claimed, held
from tests.unit.analytics.minutes.worded import AID, COURSE, FORMAL, MINUTE, SOCIAL, facts, statement

OTHER = "https://lms.example.nl/other"


def told(classified, *statements):
    """What each statement claims, by what it says first: (start, end, known)."""
    found = claimed(facts(classified, *statements))
    return {
        sid: (clock(each.start_us), clock(each.end_us), each.known)
        for sid, each in found.items()
        if each.known != "none"
    }


def clock(moment_us):
    return f"{from_us(moment_us):%H:%M}"


def moments(classified, *statements):
    return {sid for sid, each in claimed(facts(classified, *statements)).items() if each.moment}


def said(verb, when, duration=None, on=COURSE, sid=None):
    return statement(verb, when, duration, on=on, registration="r1", sid=sid or verb)


def test_a_visit_ends_with_silence_but_an_outcome_or_the_first_closer_still_belongs_to_it():
    assert told(FORMAL, said("opened", "10:00"), said("completed", "13:00")) == {
        "completed": ("10:00", "13:00", "session")
    }
    assert told(FORMAL, said("opened", "10:00"), said("closed", "13:00")) == {"closed": ("10:00", "13:00", "session")}
    assert told(FORMAL, said("opened", "10:00"), said("viewed", "10:11"), said("closed", "10:22")) == {}
    twice = told(FORMAL, said("opened", "10:00"), said("closed", "10:30"), said("closed", "11:30", sid="again"))
    assert twice == {"closed": ("10:00", "10:30", "session")}


def test_a_session_runs_from_the_last_leading_opener_to_the_first_closer():
    world = [
        said("launched", "10:00"),
        said("initialized", "10:08"),
        said("completed", "10:50"),
        said("closed", "11:00"),
        said("closed", "11:05", sid="again"),
    ]
    assert told(FORMAL, *world) == {"closed": ("10:08", "11:00", "session")}
    assert told(FORMAL, *world[:3], said("passed", "11:40")) == {"passed": ("10:08", "11:40", "session")}


@pytest.mark.parametrize(("end", "session"), [("14:00", True), ("14:01", False)])
def test_a_session_takes_no_more_than_four_hours(end, session):
    assert bool(told(FORMAL, said("opened", "10:00"), said("closed", end))) is session


def test_a_type_may_say_how_long_a_session_takes_and_that_there_is_none():
    world = [said("opened", "10:00"), said("viewed", "10:03"), said("closed", "10:20")]
    assert told(replace(FORMAL, session_us=15 * MINUTE), *world) == {"viewed": ("10:00", "10:03", "session")}
    assert told(replace(FORMAL, session_us=0), *world) == {}


def test_without_a_mark_of_a_visit_each_duration_stands_for_itself():
    world = [said("answered", "10:00", "PT2M", sid="a"), said("answered", "10:05", "PT5M", sid="b")]
    assert told(FORMAL, *world) == {"a": ("09:58", "10:00", "reported"), "b": ("10:00", "10:05", "reported")}


def test_an_openers_own_duration_stands_when_nothing_after_it_does():
    assert told(FORMAL, said("opened", "10:00", "PT5M")) == {"opened": ("09:55", "10:00", "reported")}
    assert told(FORMAL, said("opened", "10:00", "PT5M"), said("closed", "10:03", "PT3M")) == {
        "closed": ("10:00", "10:03", "reported")
    }


def test_of_durations_cut_off_at_the_opener_the_one_that_covers_most_stands():
    world = [said("launched", "09:00"), said("completed", "10:30", "PT5H"), said("terminated", "10:40", "PT1H40M")]
    assert told(FORMAL, *world) == {"terminated": ("09:00", "10:40", "reported")}


def test_of_equal_durations_the_earliest_stands():
    world = [said("launched", "10:00"), said("passed", "10:40", "PT30M"), said("completed", "10:35", "PT30M")]
    assert told(FORMAL, *world) == {"completed": ("10:05", "10:35", "reported")}


def test_the_time_since_the_previous_statement():
    def since(previous, *, verb="answered", on=OTHER, when="10:05"):
        return told(FORMAL, previous, said(verb, when, on=on, sid="it")).get("it")

    assert since(said("viewed", "10:00")) == ("10:00", "10:05", "session")
    assert since(said("viewed", "10:00"), when="10:10") == ("10:00", "10:10", "session")
    assert since(said("viewed", "10:00"), when="10:11") is None
    assert since(said("viewed", "10:05")) is None
    assert since(said("closed", "10:00")) is None
    assert since(said("completed", "10:00")) == ("10:00", "10:05", "session")
    assert since(said("posted", "10:00")) is None
    assert since(said("viewed", "10:00"), verb="asked") is None
    assert since(said("viewed", "10:00"), verb="opened") == ("10:00", "10:05", "session")
    assert since(said("viewed", "10:00"), verb="opened", on=COURSE) is None
    assert since(said("viewed", "10:00", "PT1M")) == ("10:00", "10:05", "session")


def test_time_between_statements_does_not_count_inside_a_visit_that_reported_its_own():
    world = [
        said("launched", "10:00"),
        said("answered", "10:05", on=OTHER, sid="inside"),
        said("terminated", "10:20", "PT10M"),
        said("viewed", "10:25", on=OTHER, sid="after a closer"),
        said("viewed", "10:30", on=OTHER, sid="after"),
    ]
    assert told(FORMAL, *world) == {
        "terminated": ("10:10", "10:20", "reported"),
        "after": ("10:25", "10:30", "session"),
    }


def test_a_statement_that_ends_a_session_also_claims_the_time_since_the_previous_one():
    found = claimed(facts(FORMAL, said("opened", "10:00"), said("viewed", "10:15", on=OTHER), said("closed", "10:20")))
    closed = found["closed"]
    assert (clock(closed.start_us), clock(closed.since_us), clock(closed.end_us)) == ("10:00", "10:15", "10:20")
    alone = claimed(facts(FORMAL, said("opened", "10:00"), said("closed", "10:05")))
    assert alone["closed"].since_us is None


def test_a_default_only_far_from_all_that_is_measured():
    def default(when, verb="viewed"):
        world = [said("opened", "10:00"), said("closed", "10:20"), said(verb, when, on=OTHER, sid="it")]
        return told(AID, *world).get("it")

    assert default("10:30") is None
    assert default("10:31") == ("10:28", "10:31", "default")
    assert default("10:31", "opened") == ("10:31", "10:34", "default")
    assert default("09:50") is None
    assert default("09:49") == ("09:46", "09:49", "default")


def test_no_default_inside_a_visit_whose_reported_time_ends_early_or_for_what_belongs_to_one():
    world = [
        said("launched", "10:00"),
        said("posted", "10:40", on=OTHER),
        said("terminated", "12:00", "PT5M"),
        said("passed", "23:00"),
        said("posted", "22:00", on=OTHER, sid="alone"),
    ]
    assert told(AID, *world) == {
        "terminated": ("11:55", "12:00", "reported"),
        "alone": ("21:57", "22:00", "default"),
    }


def test_no_default_for_the_type_is_none():
    assert told(FORMAL, said("reflected", "10:00")) == {}


def test_an_arrival_has_only_its_own_duration_or_default():
    def arrived(verb, duration=None):
        return statement(verb, None, duration, registration="r1", sid=verb)

    assert told(AID, arrived("opened"), arrived("closed")) == {
        "opened": ("12:00", "12:03", "default"),
        "closed": ("11:57", "12:00", "default"),
    }
    assert told(AID, said("opened", "20 11:50"), arrived("closed", "PT5M")) == {
        "closed": ("11:55", "12:00", "reported")
    }


def test_a_moment_is_a_run_and_belongs_to_its_last_statement():
    assert moments(SOCIAL, *(said("replied", f"10:{minute:02}", sid=f"r{minute}") for minute in (0, 9, 19, 30))) == {
        "r19",
        "r30",
    }
    assert moments(FORMAL, said("launched", "10:00"), said("terminated", "11:40")) == {"terminated"}
    assert moments(FORMAL, said("viewed", "10:00"), said("viewed", "11:00", "PT1H", sid="long")) == {"long"}
    assert moments(FORMAL, said("viewed", "10:00"), said("viewed", "11:00", "PT59M", sid="long")) == {"viewed", "long"}


def test_twelve_statements_of_a_course_are_one_moment():
    world = [said("answered", f"10:{4 * number:02}", on=f"{OTHER}{number}", sid=str(number)) for number in range(12)]
    assert moments(FORMAL, *world) == {"11"}


def test_not_learning_claims_nothing_and_is_no_moment():
    nothing = facts(replace(AID, cls="not_learning"), said("completed", "10:00", "PT30M"))
    (each,) = held(nothing)
    assert (each.claimed.known, each.claimed.moment, each.claimed.start_us) == ("none", False, each.fact.t_us)


def test_time_given_is_a_thread_apart():
    mine, other = facts(FORMAL, said("opened", "10:00"), said("closed", "10:20"))
    found = held([mine, replace(other, role="coach")])
    assert {each.claimed.known for each in found} == {"none"}
    assert all(each.claimed.moment for each in found)

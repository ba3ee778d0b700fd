"""The table of MIX.md 1, row by row, on facts."""

from dataclasses import replace

import pytest

from services.analytics.domain.classify.classified import Learner
from tests.unit.analytics.minutes.worded import (
    AID,
    AMSTERDAM,
    ANNA,
    COURSE,
    FORMAL,
    MINUTE,
    SOCIAL,
    at,
    by_day,
    facts,
    held,
    minutes,
    statement,
    totals,
)

QUIZ = "https://lms.example.nl/quiz/"
JOB_AID = "https://intranet.example.nl/werkinstructies/1"
FIRST = [
    statement("launched", "10:00"),
    *(statement("answered", f"10:{3 + n:02}", "PT1M", on=f"{QUIZ}{n}", registration="r1") for n in range(10)),
    statement("completed", "10:30", "PT30M"),
    statement("terminated", "10:31", "PT31M"),
]
REPORTED_COURSE = facts(FORMAL, statement("completed", "10:30", "PT30M"))


def test_launched_ten_answered_completed_30_terminated_31_is_31():
    assert minutes(facts(FORMAL, *FIRST)) == {"formal": 31}


def test_answered_about_the_course_itself_changes_nothing():
    same = [each | {"object": {"id": COURSE}} for each in FIRST]
    assert minutes(facts(FORMAL, *same)) == {"formal": 31}


def test_the_same_without_the_answered_ones_terminated_10_35_is_31_and_not_35():
    world = [FIRST[0], FIRST[-2], statement("terminated", "10:35", "PT31M")]
    assert minutes(facts(FORMAL, *world)) == {"formal": 31}


def test_the_first_and_passed_the_next_day_with_the_same_31_is_31():
    assert by_day(facts(FORMAL, *FIRST, statement("passed", "3 02:00", "PT31M"))) == {
        2: {"formal": 31},
        3: {"formal": 0},
    }


@pytest.mark.parametrize("running_total", ["10:30", "10:39", "10:40"])
def test_three_days_of_100_minutes_of_which_the_last_also_completed_a_running_total_of_5_hours_is_300(running_total):
    world = []
    for day in (2, 3, 4):
        world += [statement("launched", f"{day} 09:00"), statement("terminated", f"{day} 10:40", "PT1H40M")]
    found = facts(FORMAL, *world, statement("completed", f"4 {running_total}", "PT5H"))
    assert minutes(found) == {"formal": 300}
    assert by_day(found)[4] == {"formal": 100}


def test_launched_answered_5_minutes_later_terminated_8_hours_later_without_durations_is_5():
    for on in (COURSE, f"{QUIZ}1"):
        world = [
            statement("launched", "09:00"),
            statement("answered", "09:05", on=on, registration="r1"),
            statement("terminated", "17:00"),
        ]
        assert minutes(facts(FORMAL, *world)) == {"formal": 5}


def test_the_same_terminated_11_00_is_120():
    for on in (COURSE, f"{QUIZ}1"):
        world = [
            statement("launched", "09:00"),
            statement("answered", "09:05", on=on, registration="r1"),
            statement("terminated", "11:00"),
        ]
        sums = totals(facts(FORMAL, *world))["formal"]
        assert (sums.minutes_us, sums.session_us) == (120 * MINUTE, 120 * MINUTE)


def test_played_paused_played_paused_is_10():
    world = [
        statement("played", "10:00"),
        statement("paused", "10:05"),
        statement("played", "10:25"),
        statement("paused", "10:30"),
    ]
    assert minutes(facts(FORMAL, *world)) == {"formal": 10}


def test_a_course_and_a_job_aid_of_3_minutes_in_it_is_formal_27_experiential_3():
    aid = facts(AID, statement("opened", "10:10", on=JOB_AID), statement("closed", "10:13", on=JOB_AID))
    assert minutes(REPORTED_COURSE, aid) == {"formal": 27, "experiential": 3}


def test_the_same_course_and_commented_is_formal_28_social_2_and_measured_30_and_0():
    comment = facts(SOCIAL, statement("commented", "10:10", on="https://wiki.example.nl/1"))
    sums = totals(REPORTED_COURSE, comment)
    assert {mode: row.minutes_us / MINUTE for mode, row in sums.items()} == {"formal": 28, "social": 2}
    assert {mode: row.measured_us / MINUTE for mode, row in sums.items()} == {"formal": 30, "social": 0}


def test_a_job_aid_opened_10_00_closed_10_01_is_1():
    aid = facts(AID, statement("opened", "10:00", on=JOB_AID), statement("closed", "10:01", on=JOB_AID))
    sums = totals(aid)["experiential"]
    assert (sums.minutes_us, sums.session_us, sums.default_us) == (MINUTE, MINUTE, 0)


def test_a_job_aid_never_closed_is_3_by_default():
    aid = facts(AID, statement("opened", "10:00", on=JOB_AID))
    sums = totals(aid)["experiential"]
    assert (sums.minutes_us, sums.default_us, sums.measured_us) == (3 * MINUTE, 3 * MINUTE, 0)
    (each,) = held(aid)
    assert (each.claimed.start_us, each.claimed.end_us, each.claimed.known) == (at("10:00"), at("10:03"), "default")


def test_a_60_second_video_with_21_hours_is_1_by_default_and_flagged():
    video = replace(FORMAL, default_us=MINUTE, default_from="ours", cap_us=2 * MINUTE)
    sums = totals(facts(video, statement("completed", "10:00", "PT21H", on="https://video.example.nl/1")))["formal"]
    assert (sums.minutes_us, sums.default_us, sums.disbelieved) == (MINUTE, MINUTE, 1)


def test_30_minutes_ending_00_20_is_10_and_20():
    assert by_day(facts(FORMAL, statement("completed", "3 00:20", "PT30M"))) == {2: {"formal": 10}, 3: {"formal": 20}}


def test_2_hours_ending_in_the_second_half_past_two_of_the_night_the_clock_goes_back_is_120():
    night = statement("completed", "2026-10-25T02:30:00+01:00", "PT2H")
    assert by_day(facts(FORMAL, night), zone=AMSTERDAM) == {25: {"formal": 120}}


def test_a_group_of_three_of_whom_one_person_twice_is_60_for_each_of_two():
    bob = {"mbox": "mailto:bob@example.nl"}
    three = replace(FORMAL, learners=(Learner(ANNA), Learner(bob), Learner(dict(ANNA))))
    found = facts(three, statement("attended", "11:00", "PT1H", actor={"objectType": "Group"}))
    assert len(found) == 2
    assert [minutes([each]) for each in found] == [{"formal": 60}, {"formal": 60}]


def test_mentored_30_minutes_is_30_for_the_coachee_and_0_and_given_30_for_the_coach():
    coachee = {"mbox": "mailto:kim@example.nl"}
    mentored = replace(SOCIAL, learners=(Learner(coachee), Learner(ANNA, "coach")))
    learned, gave = facts(mentored, statement("mentored", "11:00", "PT30M", on=coachee | {"objectType": "Agent"}))
    assert minutes([learned]) == {"social": 30}
    sums = totals([gave])["social"]
    assert (sums.minutes_us, sums.given_us, sums.events, sums.moments) == (0, 30 * MINUTE, 0, 0)

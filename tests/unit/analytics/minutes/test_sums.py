"""Sums of days and windows (MIX.md 1, rules 11 to 15)."""

from dataclasses import replace
from datetime import date

from services.analytics.domain.minutes.facts import footprints
from services.analytics.domain.minutes.sums import DaySum, day_sums, reach, touched, window_sums
from tests.unit.analytics.minutes.worded import (
    AID,
    AMSTERDAM,
    FORMAL,
    MINUTE,
    SOCIAL,
    UTC,
    at,
    facts,
    held,
    statement,
    totals,
)

JOB_AID = "https://intranet.example.nl/1"
FOREVER = at("2030-01-01T00:00:00+00:00")


def aid(verb, when, on=JOB_AID):
    return statement(verb, when, on=on)


def test_minutes_split_by_how_they_are_known():
    world = [
        facts(FORMAL, statement("completed", "10:30", "PT30M")),
        facts(FORMAL, aid("opened", "12:00"), aid("closed", "12:05")),
        facts(AID, aid("opened", "14:00")),
    ]
    sums = totals(*world)
    formal, experiential = sums["formal"], sums["experiential"]
    assert (formal.reported_us, formal.session_us, formal.default_us) == (30 * MINUTE, 5 * MINUTE, 0)
    assert formal.minutes_us == formal.measured_us == formal.halved_us == formal.doubled_us == 35 * MINUTE
    assert (experiential.default_us, experiential.measured_us) == (3 * MINUTE, 0)
    assert (experiential.halved_us, experiential.doubled_us) == (1.5 * MINUTE, 6 * MINUTE)


def test_a_doubled_default_takes_time_from_others_and_a_halved_one_gives_it_back():
    world = [facts(FORMAL, statement("completed", "10:30", "PT30M")), facts(AID, aid("opened", "10:10"))]
    formal = totals(*world)["formal"]
    assert (formal.minutes_us, formal.halved_us, formal.doubled_us, formal.measured_us) == (
        27 * MINUTE,
        28.5 * MINUTE,
        24 * MINUTE,
        30 * MINUTE,
    )


def test_a_doubled_default_reaches_into_the_day_before():
    (each,) = held(facts(SOCIAL, statement("commented", "3 00:03", on=JOB_AID)))
    assert reach(each.footprint) == (at("2 23:59"), at("3 00:03"))
    assert touched([each.footprint], UTC) == {date(2026, 11, 2), date(2026, 11, 3)}
    sums = day_sums([each.footprint], [date(2026, 11, 2), date(2026, 11, 3)], UTC)
    assert sums[date(2026, 11, 2)] == {"social": DaySum(doubled_us=MINUTE)}
    assert sums[date(2026, 11, 3)]["social"].doubled_us == 3 * MINUTE


def test_statements_and_moments_count_on_the_day_of_their_t_with_their_flags():
    world = held(
        facts(FORMAL, statement("launched", "2 23:50"), statement("terminated", "3 00:20", "PT13H")),
        facts(replace(AID, cls="not_learning"), aid("opened", "3 08:00")),
        facts(SOCIAL, statement("posted", None, on=JOB_AID), arrived="3 12:00"),
    )
    sums = day_sums(footprints(world), touched(footprints(world), UTC), UTC)
    monday, tuesday = sums[date(2026, 11, 2)]["formal"], sums[date(2026, 11, 3)]
    assert (monday.events, monday.moments, monday.untimed) == (1, 0, 1)
    assert (monday.minutes_us, tuesday["formal"].minutes_us) == (10 * MINUTE, 20 * MINUTE)
    assert tuesday["formal"].moments == tuesday["formal"].events == tuesday["formal"].disbelieved == 1
    assert tuesday["formal"].untimed == 0
    assert tuesday["not_learning"] == DaySum(events=1)
    assert (tuesday["social"].arrival, tuesday["social"].defaults, tuesday["social"].moments) == (1, 1, 1)


def test_time_given_counts_neither_statements_nor_moments_and_is_a_union():
    coach = [
        replace(fact, role="coach")
        for fact in facts(
            FORMAL,
            statement("mentored", "10:30", "PT30M", on="https://x/1"),
            statement("mentored", "10:40", "PT30M", on="https://x/2"),
        )
    ]
    assert totals(coach) == {"formal": DaySum(given_us=40 * MINUTE, given_events=2)}
    learned = facts(FORMAL, statement("completed", "10:30", "PT30M"))
    assert totals(coach, learned)["formal"].minutes_us == 30 * MINUTE


def test_a_window_cuts_stretches_exactly_and_stops_at_the_horizon():
    world = held(facts(FORMAL, statement("completed", "10:30", "PT30M"), statement("viewed", "10:35", on=JOB_AID)))
    cut = window_sums(footprints(world), at("10:10"), at("10:12") + 1, FOREVER)["formal"]
    assert (cut.minutes_us, cut.events, cut.moments) == (2 * MINUTE + 1, 0, 0)
    assert window_sums(footprints(world), at("10:30"), at("11:00"), FOREVER)["formal"].events == 2
    stopped = window_sums(footprints(world), at("10:00"), at("11:00"), at("10:20"))
    assert stopped["formal"] == DaySum(
        minutes_us=20 * MINUTE,
        measured_us=20 * MINUTE,
        reported_us=20 * MINUTE,
        halved_us=20 * MINUTE,
        doubled_us=20 * MINUTE,
    )
    assert window_sums(footprints(world), at("11:00"), at("10:00"), FOREVER) == {}


def test_days_without_anything_are_empty_and_no_days_are_no_sums():
    world = held(facts(FORMAL, statement("completed", "10:30", "PT30M")))
    assert day_sums(footprints(world), [date(2026, 11, 1)], AMSTERDAM) == {date(2026, 11, 1): {}}
    assert day_sums(footprints(world), [], AMSTERDAM) == {}

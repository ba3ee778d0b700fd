"""Days of a time zone, where clocks change and where they do not (MIX.md 1.13)."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.minutes.days import day_bounds, day_of, days_touched, default_window
from services.analytics.domain.minutes.instants import from_us, to_us

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR = 3_600_000_000
MINUTE = 60_000_000


def at(text):
    return to_us(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("zone", "day", "first", "hours"),
    [
        ("Europe/Amsterdam", date(2026, 11, 22), "2026-11-21T23:00:00+00:00", 24),
        ("Europe/Amsterdam", date(2026, 3, 29), "2026-03-28T23:00:00+00:00", 23),
        ("Europe/Amsterdam", date(2026, 10, 25), "2026-10-24T22:00:00+00:00", 25),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00+00:00", 23),  # no midnight: 00:00 is 01:00
        ("America/Sao_Paulo", date(2018, 2, 17), "2018-02-17T02:00:00+00:00", 25),  # 23:00 comes twice
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00:00+00:00", 25),  # midnight comes twice
        ("America/St_Johns", date(2010, 11, 7), "2010-11-07T02:30:00+00:00", 25),  # 00:01 goes back to 23:01
        ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04T13:00:00+00:00", 24.5),
        ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30:00+00:00", 23.5),  # 23:30 is 00:30 of the next day
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00+00:00", 0),  # a date that was skipped
        ("UTC", date(1969, 12, 31), "1969-12-31T00:00:00+00:00", 24),
    ],
)
def test_a_day_runs_from_its_first_instant_to_the_next(zone, day, first, hours):
    start, end = day_bounds(day, ZoneInfo(zone))
    assert start == at(first)
    assert end - start == hours * HOUR


@pytest.mark.parametrize("zone", ["America/St_Johns", "Pacific/Apia", "America/Sao_Paulo", "Europe/Amsterdam"])
def test_every_moment_lies_within_the_bounds_of_its_day(zone):
    zone = ZoneInfo(zone)
    for first in ("2010-11-06T12:00:00+00:00", "2011-12-29T00:00:00+00:00", "2018-02-17T12:00:00+00:00"):
        for step in range(0, 48 * 60, 7):
            moment = at(first) + step * MINUTE
            start, end = day_bounds(day_of(moment, zone), zone)
            assert start <= moment < end


def test_the_default_window_is_28_local_days_ending_today():
    now = at("2026-11-21T23:30:00+00:00")  # half past midnight on the 22nd in Amsterdam
    since, until = default_window(now, AMSTERDAM)
    assert (since, until) == (at("2026-10-26T00:00:00+01:00"), at("2026-11-23T00:00:00+01:00"))
    assert default_window(now, AMSTERDAM, days=1)[0] == at("2026-11-22T00:00:00+01:00")


def test_intervals_touch_the_days_that_they_have_time_in():
    midnight = at("2026-11-03T00:00:00+01:00")
    assert days_touched([(midnight - MINUTE, midnight)], AMSTERDAM) == {date(2026, 11, 2)}
    assert days_touched([(midnight - MINUTE, midnight + 1)], AMSTERDAM) == {date(2026, 11, 2), date(2026, 11, 3)}
    assert days_touched([(midnight, midnight)], AMSTERDAM) == {date(2026, 11, 3)}
    assert days_touched([], AMSTERDAM) == set()


def test_a_skipped_date_is_not_touched():
    apia = ZoneInfo("Pacific/Apia")
    skipped = at("2011-12-30T10:00:00+00:00")
    assert days_touched([(skipped - HOUR, skipped + HOUR)], apia) == {date(2011, 12, 29), date(2011, 12, 31)}


def test_days_far_away_have_bounds():
    for year in (2, 9997):
        moment = to_us(datetime(year, 6, 1, tzinfo=UTC))
        start, end = day_bounds(day_of(moment, AMSTERDAM), AMSTERDAM)
        assert start <= moment < end


@given(
    st.sampled_from(["Europe/Amsterdam", "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo", "Australia/Lord_Howe"]),
    st.integers(0, 20_000),
    st.integers(-2, 26 * 60),
    st.integers(-1, 1),
)
def test_every_moment_is_within_the_bounds_of_its_day(zone, day, minute, tick):
    moment = (day * 24 * 60 + minute) * MINUTE + tick
    start, end = day_bounds(day_of(moment, ZoneInfo(zone)), ZoneInfo(zone))
    assert start <= moment < end


def test_instants_are_exact_in_both_directions():
    for moment_us in (-62_104_060_799_999_999, -1, 0, 1, 1_792_879_200_123_457):
        assert to_us(from_us(moment_us)) == moment_us

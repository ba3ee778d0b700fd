"""What one statement claims about a person's time."""

from datetime import UTC, datetime, timedelta

import pytest

from services.analytics.domain.claims import claim, from_us, to_us

MINUTE = 60_000_000
ARRIVED = to_us(datetime(2026, 11, 2, 9, 30, tzinfo=UTC))


def made(mode="formal", timestamp="2026-11-02T10:00:00Z", cap_us=None, **result):
    statement = {"id": "s1", "result": result}
    if timestamp:
        statement["timestamp"] = timestamp
    extra = {} if cap_us is None else {"cap_us": cap_us}
    return claim(statement, person="p", mode=mode, arrived_us=ARRIVED, **extra)


def test_microseconds_are_exact_there_and_back():
    moment = datetime(2026, 10, 25, 1, 2, 3, 456789, tzinfo=UTC)
    assert from_us(to_us(moment)) == moment
    assert to_us(datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)) == -1


def test_a_duration_ends_at_the_timestamp():
    found = made(duration="PT30M")
    t_us = to_us(datetime(2026, 11, 2, 10, tzinfo=UTC))
    assert (found.t_us, found.start_us, found.end_us) == (t_us, t_us - 30 * MINUTE, t_us)
    assert (found.known, found.flags) == ("reported", frozenset())


def test_the_timestamp_counts_with_its_offset():
    assert made(timestamp="2026-10-25T02:30:00+01:00").t_us == to_us(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))


@pytest.mark.parametrize("timestamp", [None, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "yesterday"])
def test_without_a_usable_timestamp_it_ends_at_the_arrival(timestamp):
    found = made(timestamp=timestamp, duration="PT10M")
    assert (found.start_us, found.t_us) == (ARRIVED - 10 * MINUTE, ARRIVED)
    assert found.flags == {"arrival"}


def test_without_a_duration_the_event_has_no_minutes():
    found = made()
    assert (found.length_us, found.known, found.flags) == (0, "none", frozenset())


@pytest.mark.parametrize("duration", ["PT0S", "P1M", "P1YT5M", "P1MT5M", "PT12H0M1S", "P1D", "PT21H", "half an hour"])
def test_a_duration_that_is_not_believed_is_absent_and_flagged(duration):
    found = made(duration=duration)
    assert (found.length_us, found.known, found.flags) == (0, "none", {"disbelieved"})


def test_the_cap_itself_is_believed_and_can_be_set():
    assert made(duration="PT12H").length_us == 720 * MINUTE
    assert made(duration="PT21H", cap_us=24 * 60 * MINUTE).length_us == 21 * 60 * MINUTE
    assert made(duration="PT2M", cap_us=MINUTE).flags == {"disbelieved"}


def test_years_and_months_of_nought_are_no_reason_to_doubt():
    assert made(duration="P0Y0M0DT0H30M0S").length_us == 30 * MINUTE


def test_fractions_and_weeks_are_read():
    assert made(duration="PT1.5S").length_us == 1_500_000
    assert made(duration="P1W", cap_us=8 * 24 * 60 * MINUTE).length_us == timedelta(weeks=1) // timedelta(
        microseconds=1
    )


def test_what_is_not_learning_claims_nothing():
    found = made(mode="not_learning", duration="PT30M")
    assert (found.mode, found.length_us, found.known, found.flags) == ("not_learning", 0, "none", frozenset())
    assert made(mode="not_learning", duration="PT0S").flags == frozenset()

"""Timestamps and durations: what they mean, and that the schema and the parsers agree on what they are."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.xapi import validator
from schemas.xapi.times import Duration, format_timestamp, parse_duration, parse_timestamp

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = 1_000_000
DAY = 86_400 * SECOND
ALPHABET = "0123456789-+:.,TtZzPYMWDHS "


def accepts(parser, text):
    try:
        parser(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T12:00:00Z", NOON),
        ("2026-03-02t12:00:00z", NOON),
        ("2026-03-02T12:00:00+00:00", NOON),
        ("2026-03-02T13:30:00+01:30", NOON),
        ("2026-03-02T13:30:00+0130", NOON),
        ("2026-03-02T11:30:00-00:30", NOON),
        ("2026-03-02T07-05".replace("T07", "T07:00"), NOON),
        ("2026-03-02T12:00Z", NOON),
        ("2026-03-02T12:00:00.5Z", NOON + timedelta(milliseconds=500)),
        ("2026-03-02T12:00:00.123456999Z", NOON + timedelta(microseconds=123456)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2017-01-01T00:59:60.7+01:00", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_timestamp_is_an_instant_in_utc(text, moment):
    parsed = parse_timestamp(text)
    assert parsed == moment
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "should fail",
        "01/011/2015",
        "2026-03-02",
        "2026-03-02T12:00:00",
        "2026-03-02 12:00:00Z",
        "2026-03-02T12Z",
        "2008-09-15T15:53:00.601-00",
        "2008-09-15T15:53:00.601-0000",
        "2008-09-15T15:53:00.601-00:00",
        "2026-13-02T12:00:00Z",
        "2026-00-02T12:00:00Z",
        "2026-02-29T12:00:00Z",
        "2026-03-32T12:00:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T12:60:00Z",
        "2026-03-02T12:00:61Z",
        "2026-03-02T12:00:60Z",
        "2026-03-02T12:00:00+24:00",
        "2026-03-02T12:00:00+01:60",
        "2026-03-02T12:00:00.Z",
        "2026-03-02T12:00:00Z\n",
        "0000-03-02T12:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:60Z",
        "٢٠٢٦-03-02T12:00:00Z",
    ],
)
def test_what_is_no_timestamp(text):
    assert not accepts(parse_timestamp, text)


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), st.integers(-1439, 1439))  # noqa: DTZ001
def test_an_instant_survives_being_written(naive, minutes):
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_timestamp(format_timestamp(moment)) == moment
    assert parse_timestamp(moment.isoformat()) == moment


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2))
def test_text_order_is_time_order(moments):
    assert sorted(map(format_timestamp, moments)) == [format_timestamp(moment) for moment in sorted(moments)]


@given(
    st.text(ALPHABET, max_size=30)
    | st.from_regex(r"\A\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)\Z")
)
def test_the_schema_refuses_no_timestamp_that_can_be_parsed(text):
    if accepts(parse_timestamp, text):
        assert validator("1.0.3", "timestamp").is_valid(text)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT1H30M", Duration(5400 * SECOND, False)),
        ("PT16559.14S", Duration(16_559_140_000, False)),
        ("P4W", Duration(28 * DAY, False)),
        ("P1DT12H", Duration(DAY * 3 // 2, False)),
        ("PT0,5H", Duration(1800 * SECOND, False)),
        ("PT0.0000019S", Duration(1, False)),
        ("P3Y1M29DT4H35M59.14S", Duration(29 * DAY + 16_559_140_000, True)),
        ("P3Y", Duration(0, True)),
        ("P0Y0M0DT1S", Duration(SECOND, False)),
        ("P0.50Y", Duration(0, True)),
        ("PT0S", Duration(0, False)),
    ],
)
def test_a_duration_says_how_long(text, duration):
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "T1S",
        "1S",
        "PT1",
        "P4W1D",
        "P1DT1W",
        "PT1M1H",
        "P1S",
        "PT1.5H30M",
        "PT.5S",
        "-PT1S",
        "pt1s",
        "P0003-06-04T12:30:05",
        "PA1H0M0S",
        "PT1H0M0S\n",
        "PT٣S",
        "PT" + "9" * 19 + "S",
    ],
)
def test_what_is_no_duration(text):
    assert not accepts(parse_duration, text)


amount = st.from_regex(r"\A(\d{1,3}([.,]\d{1,9})?)?\Z")


@given(st.tuples(*[amount] * 7), st.booleans())
def test_the_schema_and_the_parser_agree_on_durations(amounts, timed):
    parts = [f"{number}{unit}" if number else "" for number, unit in zip(amounts, "WYMDHMS", strict=True)]
    text = "P" + "".join(parts[:4]) + ("T" if timed else "") + "".join(parts[4:])
    assert accepts(parse_duration, text) == validator("1.0.3", "duration").is_valid(text)


@given(st.text(ALPHABET, max_size=12).map("P{}".format))
def test_the_schema_and_the_parser_agree_on_other_texts(text):
    assert accepts(parse_duration, text) == validator("1.0.3", "duration").is_valid(text)

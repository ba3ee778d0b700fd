"""Timestamps and durations as xAPI writes them (1.0.3 Data 4.5 and 4.6; 2.0: RFC 3339).

Both parsers raise ValueError, and only that, for text that is not one.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_TIMESTAMP = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt](?P<minute>\d\d:[0-5]\d)(?::(?P<second>\d\d)(?P<fraction>\.\d+)?)?"
    r"(?P<offset>[Zz]|[+-]\d\d(?::?[0-5]\d)?)",
    re.ASCII,
)
_UNKNOWN_OFFSETS = frozenset({"-00", "-0000", "-00:00"})

_WHOLE = r"(\d{1,18}(?:[.,]\d+)?)"
_DURATION = re.compile(
    rf"P(?:{_WHOLE}W|(?:{_WHOLE}Y)?(?:{_WHOLE}M)?(?:{_WHOLE}D)?(T(?:{_WHOLE}H)?(?:{_WHOLE}M)?(?:{_WHOLE}S)?)?)",
    re.ASCII,
)
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


class Duration(NamedTuple):
    """An ISO 8601 duration.

    `microseconds` counts weeks, days (of 24 hours), hours, minutes and seconds, cut below the microsecond.
    `calendar` is True when the text also has years or months above zero: they have no fixed length, are not in
    `microseconds`, and whoever needs minutes must not guess them (law 6).
    """

    microseconds: int
    calendar: bool


def parse_timestamp(text: str) -> datetime:
    """The instant that a timestamp names, in UTC, cut below the microsecond.

    Takes RFC 3339 and, of ISO 8601, an offset as ±hh or ±hhmm and a time without seconds. Refused: no offset
    (the instant would be a guess), the offset -00:00 (RFC 3339: unknown), a day or time that does not exist. The
    leap second 23:59:60 UTC is the first instant of the next minute.
    """
    found = _TIMESTAMP.fullmatch(text)
    if found is None or found["offset"] in _UNKNOWN_OFFSETS:
        raise ValueError("not a timestamp with a known offset")
    leap = found["second"] == "60"
    second = "59" if leap else found["second"] or "00"
    moment = datetime.fromisoformat(
        f"{found['date']}T{found['minute']}:{second}{(found['fraction'] or '')[:7]}{found['offset'].upper()}"
    )
    try:
        moment = moment.astimezone(UTC)
        return _after_leap(moment) if leap else moment
    except OverflowError:
        raise ValueError("a timestamp outside the years 1 to 9999") from None


def _after_leap(last: datetime) -> datetime:
    if (last.hour, last.minute) != (23, 59):
        raise ValueError("second 60 other than at 23:59 UTC")
    return last.replace(microsecond=0) + timedelta(seconds=1)


def format_timestamp(moment: datetime) -> str:
    """An instant as leermix writes it: RFC 3339 in UTC with six digits, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse_duration(text: str) -> Duration:
    """What an ISO 8601 duration says (the format with designators; weeks stand alone; only the last unit may
    have a fraction)."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError("not an ISO 8601 duration")
    weeks, years, months, days, time, hours, minutes, seconds = found.groups()
    amounts = [amount for amount in (weeks, years, months, days, hours, minutes, seconds) if amount]
    if not amounts or time == "T" or any(_has_fraction(amount) for amount in amounts[:-1]):
        raise ValueError("not an ISO 8601 duration")
    units = (
        (weeks, 7 * _DAY),
        (days, _DAY),
        (hours, 3600 * _SECOND),
        (minutes, 60 * _SECOND),
        (seconds, _SECOND),
    )
    total = sum(_times(amount, unit) for amount, unit in units if amount)
    return Duration(total, any(amount and amount.strip("0.,") for amount in (years, months)))


def _has_fraction(amount: str) -> bool:
    return "." in amount or "," in amount


def _times(amount: str, unit: int) -> int:
    whole, _, fraction = amount.replace(",", ".").partition(".")
    digits = fraction[:18]
    return int(whole) * unit + (int(digits) * unit // 10 ** len(digits) if digits else 0)

"""`leermix mix`: the mix of every person and day in a file of statements, so that anyone can check ours.

By the functions that serve a mix, without database, network or clock. A line is a statement, or an object with
`statement` and what is known beside it: `source` and `kind`, and `arrived` for a statement without a timestamp.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from schemas.xapi.times import format_timestamp, parse_timestamp
from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import Registry
from services.analytics.domain.minutes.days import days_touched
from services.analytics.domain.minutes.facts import Held, footprints
from services.analytics.domain.minutes.instants import from_us, to_us
from services.analytics.domain.minutes.sums import DaySum, day_sums, touched
from services.analytics.domain.recorded import Classifier, Recorded
from services.analytics.domain.standing import Content
from services.analytics.rules import base_rules
from services.common.time_zones import zone_named
from services.console.classify import registry_of
from services.console.exits import Exit, Failure
from services.console.lines import Line, Unreadable, bare, coming_in, go_out, taken
from services.console.people_file import people_in
from services.console.terminal import say

_MINUTE_US = 60_000_000
_TOLD_EVERY = 100_000


def run(*, zone: str, registry: Path | None, people: Path | None) -> None:
    """Read standard input whole, and print a line for each person, day and mode."""
    try:
        days_of = zone_named(zone)
    except ValueError as error:
        raise Failure(f"--time-zone: {error}", Exit.USAGE) from error
    recorded = Recorded(_classifier(registry_of(registry)), people_in(people) if people else {})
    good, bad = _take(coming_in(), recorded)
    held = recorded.held()
    mixes = (line for person, mine in held.items() for line in lines(person, mine, days_of))
    go_out((orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in mixes), at_once=False)
    if recorded.learnerless:
        say(f"Statements that name nobody who learned by them (a Group without members, say): {recorded.learnerless}.")
    if bad:
        say(f"{bad} of {good + bad} lines could not be read.")
    if bad and not good:
        raise Failure("Nothing could be read: a line is a statement, or an object with `statement`.")


def _classifier(registry: Registry) -> Classifier:
    rules = base_rules()
    return lambda content: classify(content.statement, content.source, content.kind, rules, registry)


def lines(person: str, held: list[Held], zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """Yield what a person has per day and mode, with the claims behind it."""
    behind = _by_day(held, zone)
    found = footprints(held)
    for day, sums in day_sums(found, touched(found, zone), zone).items():
        for mode, row in sorted(sums.items()):
            if not _shows(row):
                continue
            yield {
                "person": person,
                "day": day.isoformat(),
                "mode": mode,
                "minutes": _minutes(row.minutes_us),
                "measured": _minutes(row.measured_us),
                "moments": row.moments,
                "events": row.events,
                "given": _minutes(row.given_us),
                "claims": [_claim(each) for each in behind.get(day, []) if each.fact.mode == mode],
            }


def _take(rows: Iterable[bytes], recorded: Recorded) -> tuple[int, int]:
    """Take every line that can be read; say which cannot, and return how many there are of both."""
    good = bad = 0
    for number, row in enumerate(rows, start=1):
        if number % _TOLD_EVERY == 0:
            say(f"{number:,} lines …")
        text = bare(row)
        if not text:
            continue
        try:
            recorded.add(_content(taken(text)))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            bad += 1
            say(f"line {number}: {_why(error)}")
        else:
            good += 1
    return good, bad


def _why(error: Exception) -> str:
    """Return what is wrong with a line; of what lies deep in a statement, what Python says of it."""
    if isinstance(error, Unreadable):
        return str(error)
    detail = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
    return f"no statement that can be read: {detail}"


def _content(line: Line) -> Content:
    statement = line.statement
    if not isinstance(statement.get("actor"), dict):
        raise Unreadable("no statement: actor is missing")
    if _stamped_by_the_store(statement):
        statement = {name: value for name, value in statement.items() if name != "timestamp"}
    return Content(statement, _arrived(line), line.source, line.kind)


def _arrived(line: Line) -> int:
    """Return when a statement came: what its line says of that, else what a store wrote in it, else 1970."""
    try:
        return to_us(parse_timestamp(line.arrived or str(line.statement.get("stored"))))
    except ValueError:
        if line.arrived:
            raise Unreadable("arrived is no timestamp with an offset") from None
        return 0


def _stamped_by_the_store(statement: Mapping[str, Any]) -> bool:
    """Say whether a statement came without a timestamp: a store then shows `stored` in its place (xAPI 1.0.3 Data
    2.4.7). Only to the fraction of a second, for examples written by hand often have two equal times."""
    stored = str(statement.get("stored"))
    return stored == statement.get("timestamp") and stored.partition(".")[2].strip("0Zz+-:") != ""


def _by_day(held: Iterable[Held], zone: ZoneInfo) -> dict[date, list[Held]]:
    """Return what claims some of a day, or happened on it, in the order of time."""
    found: dict[date, list[Held]] = {}
    for each in sorted(held, key=lambda each: (each.claimed.start_us, each.fact.t_us, each.fact.statement)):
        intervals = ((each.claimed.start_us, each.claimed.end_us), (each.fact.t_us, each.fact.t_us))
        for day in days_touched(intervals, zone):
            found.setdefault(day, []).append(each)
    return found


def _claim(each: Held) -> dict[str, Any]:
    """Return why: one statement, what it claims, how that is known, and what says so. No interval without minutes."""
    fact, claimed = each.fact, each.claimed
    timed = claimed.end_us > claimed.start_us
    return {
        "statement": fact.statement,
        "at": _time(fact.t_us),
        "start": _time(claimed.start_us) if timed else None,
        "end": _time(claimed.end_us) if timed else None,
        "since": None if claimed.since_us is None else _time(claimed.since_us),
        "known": claimed.known,
        "rule": fact.rule,
        "registry_entry": fact.entry,
        "default_from": fact.default_from if claimed.known == "default" else None,
        "role": fact.role,
        "flags": sorted(fact.flags),
        "moment": claimed.moment,
    }


def _shows(row: DaySum) -> bool:
    return bool(row.minutes_us or row.measured_us or row.events or row.given_us or row.given_events)


def _minutes(length_us: int) -> float:
    return round(length_us / _MINUTE_US, 6)


def _time(moment_us: int) -> str:
    return format_timestamp(from_us(moment_us))

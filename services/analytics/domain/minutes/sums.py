"""Sums: what a person has on a day or in a window, per class (MIX.md 1, rules 11 to 15).

Stretches are cut exactly at the bounds; statements and moments count where their t lies. Time that was given to others
folds apart, and counts neither statements nor moments: it stands outside the mix.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from zoneinfo import ZoneInfo

from schemas.events import LearningClass
from services.analytics.domain.minutes.days import day_bounds, day_of, days_touched
from services.analytics.domain.minutes.facts import Footprint, Known
from services.analytics.domain.minutes.stretches import Claim, Stretch, claims_of, clusters, pieces


@dataclass(slots=True)
class DaySum:
    """What one class has: time in microseconds, and numbers of statements and moments.

    `minutes_us` is the fold over all claims, and splits into `reported_us`, `session_us` and `default_us` by how its
    stretches are known; `measured_us` is the fold over reported and session claims. `halved_us` and `doubled_us` are
    `minutes_us` as it were with every default half or twice as long. `given_us` was given to others, by `given_events`
    statements. `events` are statements: of them `arrival` have no timestamp, `disbelieved` a duration that nobody
    believes, `defaults` a default, and `untimed` no claim of their own (their visit's may hold them).
    """

    minutes_us: int = 0
    measured_us: int = 0
    reported_us: int = 0
    session_us: int = 0
    default_us: int = 0
    halved_us: int = 0
    doubled_us: int = 0
    given_us: int = 0
    events: int = 0
    moments: int = 0
    arrival: int = 0
    disbelieved: int = 0
    defaults: int = 0
    untimed: int = 0
    given_events: int = 0

    def split(self, known: Known, length_us: int) -> None:
        """Add to the part of the minutes that is known so."""
        if known == "reported":
            self.reported_us += length_us
        elif known == "session":
            self.session_us += length_us
        else:
            self.default_us += length_us

    def __iadd__(self, other: "DaySum") -> "DaySum":
        """Add another sum, of another day or another person."""
        for name in _NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


_NAMES = tuple(each.name for each in fields(DaySum))

Sums = dict[LearningClass, DaySum]
"""Only classes that have something."""


def day_sums(found: Iterable[Footprint], days: Iterable[date], zone: ZoneInfo) -> dict[date, Sums]:
    """Return the sums of these days. `found` must have everything of the person that touches one (see `touched`)."""
    wanted = sorted(set(days))
    return dict(zip(wanted, _sums(found, [day_bounds(day, zone) for day in wanted]), strict=True))


def window_sums(found: Iterable[Footprint], since_us: int, until_us: int, horizon_us: int) -> Sums:
    """Return the sums of [since, until), or to the horizon where that comes first: answers stop at the end of today."""
    return _sums(found, [(since_us, max(since_us, min(until_us, horizon_us)))])[0]


def touched(found: Iterable[Footprint], zone: ZoneInfo) -> set[date]:
    """Return the days whose figures these can change: those of their moments and claims, with defaults doubled."""
    days: set[date] = set()
    for each in found:
        days.add(day_of(each.t_us, zone))
        if each.end_us > each.start_us:
            days |= days_touched((reach(each),), zone)
    return days


def reach(each: Footprint) -> tuple[int, int]:
    """Return the longest interval that a fact may claim: a default as if it were twice as long."""
    return _scaled(each, _DOUBLE) if each.known == "default" else (each.start_us, each.end_us)


# The length of a default, in halves of itself.
_HALF, _WHOLE, _DOUBLE = 1, 2, 4


def _scaled(each: Footprint, halves: int) -> tuple[int, int]:
    """Return a default claim of another length: an opener begins it, any other statement ends it (MIX.md 1.10)."""
    start_us, end_us = each.start_us, each.end_us
    length_us = (end_us - start_us) * halves // _WHOLE
    return (start_us, start_us + length_us) if each.part == "opener" else (end_us - length_us, end_us)


def _sums(found: Iterable[Footprint], bounds: Sequence[tuple[int, int]]) -> list[Sums]:
    """Return the sums of spans that are in order and do not overlap."""
    spans = _Spans(bounds)
    if not bounds:
        return []
    since_us, until_us = bounds[0][0], bounds[-1][1]
    claims: list[Claim] = []
    given: list[Claim] = []
    defaults: dict[str, Footprint] = {}
    for each in found:
        _count(each, spans)
        its = claims_of(each)
        if not its:
            continue
        if each.given:
            given += its
            continue
        if each.known == "default":
            defaults[each.statement] = each
            its = [_as_long(its[0], each, _DOUBLE)]
        if its[0].start_us < until_us and its[0].end_us > since_us:
            claims += its
    claims.sort()
    for cluster in clusters(claims):
        _fold(cluster, defaults, spans)
    given.sort()
    for cluster in clusters(given):
        for row, length, _ in spans.cut(pieces(cluster)):
            row.given_us += length
    return spans.sums


def _fold(cluster: list[Claim], defaults: Mapping[str, Footprint], spans: "_Spans") -> None:
    """Fold claims that hang together even with doubled defaults; without a default among them all folds are one."""
    if all(claim.known != "default" for claim in cluster):
        for row, length, known in spans.cut(pieces(cluster)):
            row.minutes_us += length
            row.measured_us += length
            row.halved_us += length
            row.doubled_us += length
            row.split(known, length)
        return
    for row, length, known in spans.cut(pieces(_with_defaults(cluster, defaults, _WHOLE))):
        row.minutes_us += length
        row.split(known, length)
    for row, length, _ in spans.cut(pieces([claim for claim in cluster if claim.known != "default"])):
        row.measured_us += length
    for row, length, _ in spans.cut(pieces(_with_defaults(cluster, defaults, _HALF))):
        row.halved_us += length
    for row, length, _ in spans.cut(pieces(cluster)):
        row.doubled_us += length


def _with_defaults(cluster: list[Claim], defaults: Mapping[str, Footprint], halves: int) -> list[Claim]:
    """Return the claims with their defaults so long."""
    return [
        _as_long(claim, defaults[claim.statement], halves) if claim.known == "default" else claim for claim in cluster
    ]


def _as_long(claim: Claim, each: Footprint, halves: int) -> Claim:
    start_us, end_us = _scaled(each, halves)
    return claim._replace(start_us=start_us, end_us=end_us)


def _count(each: Footprint, spans: "_Spans") -> None:
    """Count a statement and its moment where its t lies."""
    row = spans.at(each.t_us, each.mode)
    if row is None:
        return
    if each.given:
        row.given_events += 1
        return
    row.events += 1
    if each.mode == "not_learning":
        return
    row.moments += each.moment
    row.defaults += each.known == "default"
    row.untimed += each.known == "none"
    if each.flags:
        row.arrival += "arrival" in each.flags
        row.disbelieved += "disbelieved" in each.flags


class _Spans:
    """Spans of time that do not overlap, in order, each with the sums that are being made of it."""

    def __init__(self, bounds: Sequence[tuple[int, int]]) -> None:
        self.starts = [start for start, _ in bounds]
        self.ends = [end for _, end in bounds]
        self.sums: list[Sums] = [{} for _ in bounds]

    def at(self, moment_us: int, mode: LearningClass) -> DaySum | None:
        """Return the sum of a class in the span that holds a moment."""
        place = bisect_right(self.starts, moment_us) - 1
        return self._row(place, mode) if place >= 0 and moment_us < self.ends[place] else None

    def cut(self, found: Iterable[Stretch]) -> Iterator[tuple[DaySum, int, Known]]:
        """Cut stretches at the bounds, and return each part's sum, length, and how it is known."""
        starts, ends = self.starts, self.ends
        for start, end, mode, known, _ in found:
            place = max(bisect_right(starts, start) - 1, 0)
            while place < len(starts) and starts[place] < end:
                length = min(end, ends[place]) - max(start, starts[place])
                if length > 0:
                    yield self._row(place, mode), length, known
                place += 1

    def _row(self, place: int, mode: LearningClass) -> DaySum:
        row = self.sums[place].get(mode)
        if row is None:
            row = self.sums[place][mode] = DaySum()
        return row

"""The mix: a person's stretches and claims within a window, as the figures that the API gives.

Sums are integer microseconds; they become minutes, fractions and percentage points only here, each rounded once
from the exact ratio, so that two ways to the same sum give the same number.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from schemas.events import MODES, LearningClass, Mode
from services.analytics.domain.claims import Claim
from services.analytics.domain.stretches import Stretch, stretches

DECIMALS = 6

_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Band:
    """A target: the share of the minutes, in per cent, between `low` and `high`, both included."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 100:
            raise ValueError("a band needs 0 <= low <= high <= 100")


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted rather than timed: events per class, and how many of them are odd in which way."""

    events: Mapping[LearningClass, int]
    flags: Mapping[str, int]


def mix(
    claims: Iterable[Claim],
    *,
    since_us: int,
    until_us: int,
    horizon_us: int,
    bands: Mapping[Mode, Band] | None = None,
) -> dict[str, Any]:
    """Return one person's mix over [since, until), the end of today (`horizon_us`) at most.

    `claims` are the person's: all that reach into the window, those that lie in the future included.
    """
    kept = set(claims)
    until_us = min(until_us, horizon_us)
    minutes = minutes_in(stretches(kept), since_us, until_us)
    return figures(minutes, tally(kept, since_us, until_us, horizon_us), bands)


def minutes_in(folded: Iterable[Stretch], since_us: int, until_us: int) -> dict[LearningClass, int]:
    """Return the microseconds of each mode within [since, until); a window cuts stretches exactly."""
    totals: Counter[LearningClass] = Counter()
    for stretch in folded:
        totals[stretch.mode] += max(0, min(stretch.end_us, until_us) - max(stretch.start_us, since_us))
    return dict(totals)


def tally(claims: Iterable[Claim], since_us: int, until_us: int, horizon_us: int) -> Tally:
    """Count the events whose t lies within [since, until), and apart from these all that lie in the future."""
    kept = set(claims)
    inside = [c for c in kept if since_us <= c.t_us < until_us]
    flags = Counter(flag for c in inside for flag in c.flags)
    return Tally(
        events=Counter(c.mode for c in inside),
        flags={
            "disbelieved": flags["disbelieved"],
            "arrival": flags["arrival"],
            "no_duration": sum(_is_without_duration(c) for c in inside),
            "future": sum(c.t_us >= horizon_us for c in kept),
        },
    )


def figures(
    minutes_us: Mapping[LearningClass, int], counted: Tally, bands: Mapping[Mode, Band] | None = None
) -> dict[str, Any]:
    """Return the figures of the API from sums: minutes as numbers, shares as fractions, gaps in percentage points.

    `share` is None without any minutes, `target` without bands, `gap` without either. A gap is the signed distance
    to the nearest edge of the band: negative below it, positive above it, 0 inside.
    """
    share = _shares(minutes_us)
    return {
        "minutes": {mode: _number(Fraction(minutes_us.get(mode, 0), _MINUTE_US)) for mode in MODES},
        "events": {mode: counted.events.get(mode, 0) for mode in MODES},
        "share": None if share is None else {mode: _number(part) for mode, part in share.items()},
        "target": {mode: {"low": band.low, "high": band.high} for mode, band in bands.items()} if bands else None,
        "gap": _gaps(share, bands) if bands and share else None,
        "unclassified": counted.events.get("unclassified", 0),
        "unclassified_minutes": _number(Fraction(minutes_us.get("unclassified", 0), _MINUTE_US)),
        "not_learning": counted.events.get("not_learning", 0),
        "flags": dict(counted.flags),
    }


def _shares(minutes_us: Mapping[LearningClass, int]) -> dict[Mode, Fraction] | None:
    total = sum(minutes_us.get(mode, 0) for mode in MODES)
    return {mode: Fraction(minutes_us.get(mode, 0), total) for mode in MODES} if total else None


def _gaps(share: Mapping[Mode, Fraction], bands: Mapping[Mode, Band]) -> dict[Mode, float]:
    return {mode: _number(_distance(100 * share[mode], band)) for mode, band in bands.items()}


def _distance(percent: Fraction, band: Band) -> Fraction:
    low, high = Fraction(band.low), Fraction(band.high)
    if percent < low:
        return percent - low
    return max(percent - high, Fraction(0))


def _is_without_duration(claim: Claim) -> bool:
    return claim.mode != "not_learning" and claim.known == "none" and "disbelieved" not in claim.flags


def _number(exact: Fraction) -> float:
    return float(round(exact, DECIMALS))

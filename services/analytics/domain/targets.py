"""Targets: bands with a theme, a reason, an owner and an end date, and how far a share is from one (MIX.md 4).

A target is nobody's by default: a firm sets it for everybody, a team or a role, a person only for that person alone.
The 70:20:10 of the field is a line to compare with, and no target.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

from schemas.events import MODES, Mode

Scope = Literal["organisation", "team", "role", "person"]
CONTEXT: tuple[Scope, ...] = ("role", "team", "organisation")
"""In which order the targets around somebody are shown: the closest first."""

REFERENCE: Mapping[Mode, int] = {"formal": 10, "social": 20, "experiential": 70}
"""The reference line, in per cent. It is not a target: it has no gap, and whoever does not want it can hide it."""

_WHOLE = 100
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Band:
    """A share in per cent between `low` and `high`, both included. `days`: for how many days of a window it stands."""

    low: Fraction
    high: Fraction
    days: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= _WHOLE:
            raise ValueError("a band needs 0 <= low <= high <= 100")


@dataclass(frozen=True, slots=True)
class Target:
    """Bands for the days [since, until). `made` orders targets by when they were made."""

    scope: Scope
    of: str
    bands: Mapping[Mode, Band]
    since: date
    until: date
    made: int

    def holds(self, day: date) -> bool:
        """Tell whether it stands on that day."""
        return self.since <= day < self.until


@dataclass(frozen=True, slots=True)
class Held:
    """The bands that stand over a window: of somebody's own, and of what is around somebody, the closest first."""

    own: Mapping[Mode, Band]
    context: Sequence[tuple[Scope, str, Mapping[Mode, Band]]]


def unreachable(bands: Mapping[Mode, Band]) -> str | None:
    """Return why no mix can lie in all of these bands, or None when one can: the shares of a mix are 100 together."""
    if sum(band.low for band in bands.values()) > _WHOLE:
        return "the lows add up to more than 100"
    if len(bands) == len(MODES) and sum(band.high for band in bands.values()) < _WHOLE:
        return "the highs add up to less than 100"
    return None


def bands_over(targets: Iterable[Target], since: date, until: date) -> dict[Mode, Band]:
    """Return the band of each mode over the days [since, until), from the targets of one scope and one `of`.

    Each day has the bands of the target that was made last of those standing on it (one that leaves a mode out leaves
    it to the one before). Over the window a band is weighted by days; a day without one has no weight.
    """
    newest = sorted(targets, key=lambda target: target.made, reverse=True)
    over: dict[Mode, Band] = {}
    for mode in MODES:
        found = [(band, days) for band, days in _spans(newest, mode, since, until) if days]
        total = sum(days for _, days in found)
        if total:
            low = sum((band.low * days for band, days in found), Fraction(0)) / total
            over[mode] = Band(low, sum((band.high * days for band, days in found), Fraction(0)) / total, total)
    return over


def _spans(newest: Sequence[Target], mode: Mode, since: date, until: date) -> Iterable[tuple[Band, int]]:
    """Yield the bands of a mode with the number of days for which each stands, cut where any target begins or ends."""
    edges = {since, until} | {day for target in newest for day in (target.since, target.until) if since < day < until}
    ordered = sorted(edges)
    for first, following in pairwise(ordered):
        standing = next((t.bands[mode] for t in newest if mode in t.bands and t.holds(first)), None)
        if standing is not None:
            yield standing, (following - first) // timedelta(days=1)


def in_context(targets: Iterable[Target], since: date, until: date) -> list[tuple[Scope, str, dict[Mode, Band]]]:
    """Return what stands around somebody over a window: of each role, then team, then the organisation."""
    held: dict[tuple[Scope, str], list[Target]] = {}
    for target in targets:
        held.setdefault((target.scope, target.of), []).append(target)
    around = [key for scope in CONTEXT for key in sorted(held) if key[0] == scope]
    found = [(scope, of, bands_over(held[scope, of], since, until)) for scope, of in around]
    return [each for each in found if each[2]]


def gap(share: Fraction | None, band: Band | None) -> Fraction | None:
    """Return how far a share (of 1) lies from its band, in percentage points: negative below it, 0 inside.

    None without a share or a band: what is not visible has no gap.
    """
    if share is None or band is None:
        return None
    percent = _WHOLE * share
    if percent < band.low:
        return percent - band.low
    return max(percent - band.high, Fraction(0))


def against(share: Mapping[Mode, Fraction | None] | None, bands: Mapping[Mode, Band]) -> dict[str, Any]:
    """Return `target` and `gap` as figures tell them: null without bands, and no gap of a mode without a share."""
    if not bands:
        return {"target": None, "gap": None}
    gaps = {mode: gap((share or {}).get(mode), band) for mode, band in bands.items()}
    return {
        "target": {
            mode: {"low": number(band.low), "high": number(band.high), "days": band.days}
            for mode, band in bands.items()
        },
        "gap": {mode: None if far is None else number(far) for mode, far in gaps.items()},
    }


def number(exact: Fraction) -> float:
    """Return an exact ratio as JSON has it, rounded once."""
    return float(round(exact, _DECIMALS))

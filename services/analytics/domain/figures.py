"""Figures: what sums of minutes and events are told as (issue of the mix; MIX.md 4).

Sums are integer microseconds; they become minutes and fractions only here, each rounded once from the exact ratio, so
that two ways to the same sum give the same number.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal

from schemas.events import MODES, LearningClass, Mode
from services.analytics.domain.minutes.sums import DaySum
from services.analytics.domain.targets import Held, against

DECIMALS = 6

By = Literal["minutes", "moments", "events"]
"""What shares are of: time, occasions (runs of a thread), or statements."""

_MINUTE_US = 60_000_000
_NOTHING = DaySum()

Sums = Mapping[LearningClass, DaySum]


def figures(sums: Sums, visible: Mapping[Mode, bool], by: By = "minutes") -> dict[str, Any]:
    """Return what is told of one person or a group, from its sums per class.

    `share` (fractions of 1) and its variants with every default halved and doubled are null without anything to share,
    and while a mode is not visible: what nobody can see is not zero. `coverage` tells how a mode's minutes are known.
    """
    told = {mode: sums.get(mode, _NOTHING) for mode in MODES}
    beside = sums.get("unclassified", _NOTHING)
    seen = all(visible.values())
    return {
        "minutes": {mode: minutes(of.minutes_us) for mode, of in told.items()},
        "measured": {mode: minutes(of.measured_us) for mode, of in told.items()},
        "moments": {mode: of.moments for mode, of in told.items()},
        "events": {mode: of.events for mode, of in told.items()},
        "given": {mode: minutes(of.given_us) for mode, of in told.items()},
        "by": by,
        "share": shares({mode: _weight(of, by) for mode, of in told.items()}) if seen else None,
        "share_with_defaults": {
            "halved": shares({mode: of.halved_us for mode, of in told.items()}),
            "doubled": shares({mode: of.doubled_us for mode, of in told.items()}),
        }
        if seen and by == "minutes"
        else None,
        "coverage": {mode: coverage(of) for mode, of in told.items()},
        "unclassified": beside.events,
        "unclassified_minutes": minutes(beside.minutes_us),
        "not_learning": sums.get("not_learning", _NOTHING).events,
        "visible": dict(visible),
    }


def flags(sums: Sums) -> dict[str, int]:
    """Return how many statements are odd in which way."""
    held = [of for cls, of in sums.items() if cls != "not_learning"]
    return {
        "disbelieved": sum(of.disbelieved for of in held),
        "arrival": sum(of.arrival for of in held),
        "defaults": sum(of.defaults for of in held),
        "no_duration": sum(of.untimed for of in held),
    }


def shares(weights: Mapping[Mode, int]) -> dict[Mode, float] | None:
    """Return the share of each mode; None when there is nothing."""
    total = sum(weights.values())
    return {mode: number(Fraction(weight, total)) for mode, weight in weights.items()} if total else None


def coverage(of: DaySum) -> dict[str, float] | None:
    """Return which parts of a mode's minutes are reported, of a session, and by default; None without minutes."""
    if not of.minutes_us:
        return None
    parts = {"reported": of.reported_us, "session": of.session_us, "default": of.default_us}
    return {how: number(Fraction(part, of.minutes_us)) for how, part in parts.items()}


def minutes(microseconds: int) -> float:
    """Return a time as minutes."""
    return number(Fraction(microseconds, _MINUTE_US))


def number(exact: Fraction) -> float:
    """Return an exact ratio as JSON has it, rounded once."""
    return float(round(exact, DECIMALS))


def compared(sums: Sums, seen: bool, by: By, held: Held) -> dict[str, Any]:
    """Return `target`, `gap` and `context`: the shares against bands. No gap of what has no share (MIX.md 4)."""
    weights = {mode: _weight(sums.get(mode, _NOTHING), by) for mode in MODES}
    total = sum(weights.values())
    exact = {mode: Fraction(weight, total) for mode, weight in weights.items()} if seen and total else None
    context = [{"scope": scope, "of": of, **against(exact, bands)} for scope, of, bands in held.context]
    return against(exact, held.own) | {"context": context}


def _weight(of: DaySum, by: By) -> int:
    return of.minutes_us if by == "minutes" else of.moments if by == "moments" else of.events

"""Silence: whether a source that used to send has stopped, told by the days on which it sent anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

_LEAST_DAYS = 3
"""So long may any source be quiet: a weekend is no silence."""
_UNKNOWN_DAYS = 14
"""So long may a source be quiet whose habit is not known yet."""
_HABIT = 5
"""Days that make a habit."""


@dataclass(frozen=True, slots=True)
class Silence:
    """When a source sent last, how many days usually lie between two days on which it sends, and whether it stopped.

    `usual_gap` is the length that nine in ten of its gaps have at most; None without a habit.
    """

    last: date | None
    usual_gap: int | None
    silent_since: date | None


def silence(days: Sequence[date], today: date) -> Silence:
    """Judge a source by the latest days on which it sent; none at all is no silence, but a source not yet begun.

    Silent is who has been quiet for more than twice the usual gap, and for three days at least.
    """
    sent = sorted(set(days))
    if not sent:
        return Silence(None, None, None)
    gaps = sorted((after - before).days for before, after in pairwise(sent))
    usual = gaps[(9 * len(gaps) - 1) // 10] if len(sent) >= _HABIT else None
    borne = _UNKNOWN_DAYS if usual is None else max(2 * usual, _LEAST_DAYS)
    return Silence(sent[-1], usual, sent[-1] if (today - sent[-1]).days > borne else None)

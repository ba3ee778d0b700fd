"""The choice of one intervention for a person now: policy `uniform-1`.

The mode furthest below its target band; where no mode is known to be below one, a mode drawn evenly. Then an entry
drawn evenly among the eligible ones of that mode. The draws are arguments, so that a choice can be repeated, and
its propensity (the probability that this very entry came out) can be logged for later evaluation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from services.recommend.domain import reasons
from services.recommend.domain.catalogue import MODES, Catalogue, Intervention, Mode, Precondition
from services.recommend.domain.reasons import Why

POLICY = "uniform-1"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known about a person when a suggestion is made.

    `gap` is in percentage points, negative below the band, 0 inside, positive above; None where there is no target,
    no share or no sight. `visible` says per mode whether a source is connected; a gap of a mode that is not visible
    is not used. `offered`: ids offered to this person before (one that is not repeatable is not offered again).
    `recent`: those of them offered so lately that others come first; None means all of them. `facts`: preconditions
    known to be true or false, by id.
    """

    has_data: bool
    gap: Mapping[Mode, float | None] | None = None
    minutes: Mapping[Mode, float] | None = None
    visible: Mapping[Mode, bool] | None = None
    offered: frozenset[str] = frozenset()
    recent: frozenset[str] | None = None
    facts: Mapping[str, bool] = field(default_factory=dict)

    def comparable(self) -> dict[Mode, float]:
        """The gaps that may be used: given, and of a mode that is visible."""
        hidden = self.hidden()
        return {m: g for m, g in (self.gap or {}).items() if g is not None and m not in hidden}

    def hidden(self) -> list[Mode]:
        """The modes that no connected source can see."""
        return [m for m in MODES if not (self.visible or {}).get(m, True)]


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, with what probability, and why.

    `eligible` counts the entries it was drawn from within its mode; `questions` are its preconditions that are not
    known to hold, for the person to answer.
    """

    intervention: str
    mode: Mode
    policy: str
    catalogue: str
    propensity: float
    eligible: int
    reasons: tuple[Why, ...]
    questions: tuple[Precondition, ...]


@dataclass(frozen=True, slots=True)
class _Pool:
    """The entries of one mode that can be drawn; `fresh` when none of them was offered lately."""

    mode: Mode
    entries: tuple[Intervention, ...]
    fresh: bool


def choose(situation: Situation, catalogue: Catalogue, mode_draw: float, entry_draw: float) -> Choice | None:
    """Draw one entry with two numbers in [0, 1); None when nothing in the catalogue can be offered."""
    pools = _candidates(situation, catalogue)
    if not pools:
        return None
    pool = _pick(pools, mode_draw)
    entry = _pick(pool.entries, entry_draw)
    return Choice(
        intervention=entry.id,
        mode=entry.mode,
        policy=POLICY,
        catalogue=catalogue.version,
        propensity=_propensity(pools, pool),
        eligible=len(pool.entries),
        reasons=_reasons(situation, pool),
        questions=tuple(p for p in entry.preconditions if p.id not in situation.facts),
    )


def propensities(situation: Situation, catalogue: Catalogue) -> dict[str, float]:
    """The probability of each entry that could come out, by id; they sum to 1 (or there are none)."""
    pools = _candidates(situation, catalogue)
    return {entry.id: _propensity(pools, pool) for pool in pools for entry in pool.entries}


def _propensity(pools: Sequence[_Pool], pool: _Pool) -> float:
    return 1 / (len(pools) * len(pool.entries))


def _candidates(situation: Situation, catalogue: Catalogue) -> list[_Pool]:
    """The pools among which the mode is drawn evenly: those furthest below their band, else all."""
    pools = [p for mode in MODES if (p := _pool(mode, situation, catalogue)).entries]
    if not situation.has_data:
        return pools
    below = {p.mode: g for p in pools if (g := situation.comparable().get(p.mode, 0.0)) < 0}
    if not below:
        return pools
    return [p for p in pools if below.get(p.mode) == min(below.values())]


def _pool(mode: Mode, situation: Situation, catalogue: Catalogue) -> _Pool:
    """What can be offered of one mode: starters for somebody without data, and fresh before seen, while there are."""
    entries = [e for e in catalogue.interventions if e.mode == mode and _possible(e, situation)]
    if not situation.has_data:
        entries = [e for e in entries if e.suits_starter] or entries
    recent = situation.offered if situation.recent is None else situation.recent
    fresh = [e for e in entries if e.id not in recent]
    return _Pool(mode, tuple(fresh or entries), fresh=bool(fresh))


def _possible(entry: Intervention, situation: Situation) -> bool:
    """Not ruled out: no precondition known to be false, and not one that is offered only once and was."""
    spent = not entry.repeatable and entry.id in situation.offered
    return not spent and all(situation.facts.get(p.id, True) for p in entry.preconditions)


def _reasons(situation: Situation, pool: _Pool) -> tuple[Why, ...]:
    whys = _mode_reasons(situation, pool.mode)
    if not pool.fresh:
        whys.append(reasons.NOTHING_FRESH)
    return (*whys, reasons.drawn_by_lot(len(pool.entries)))


def _mode_reasons(situation: Situation, mode: Mode) -> list[Why]:
    """Why this mode: nothing recorded, or what the comparison with the target bands gave."""
    if not situation.has_data:
        return [reasons.STARTER]
    hidden = situation.hidden()
    unseen = [reasons.not_visible(hidden)] if hidden and situation.gap else []
    return _compared(situation, mode) + unseen


def _compared(situation: Situation, mode: Mode) -> list[Why]:
    """What the gaps say about the choice of this mode."""
    gaps = situation.comparable()
    if not gaps:
        return [reasons.DRAWN_EVENLY]
    furthest = min(gaps, key=lambda m: gaps[m])
    if gaps[furthest] >= 0:
        return [reasons.NOT_BELOW]
    gap = gaps.get(mode, 0.0)
    own = reasons.below_band(mode, gap, situation.minutes) if gap < 0 else reasons.EVEN_CHANCE
    return [own] if gap == gaps[furthest] else [reasons.nothing_fits(furthest), own]


def _pick(items: Sequence[T], draw: float) -> T:
    """The item that a number in [0, 1) points at, all items being equally wide."""
    if not 0 <= draw < 1:
        raise ValueError("a draw lies in [0, 1)")
    return items[min(int(draw * len(items)), len(items) - 1)]

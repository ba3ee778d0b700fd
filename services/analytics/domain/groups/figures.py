"""Figures of a group, as they are told: minutes, moments, statements, shares, and how sure these are (MIX.md 3 and 4).

They are pooled: 600 formal and 20 experiential minutes are 97 % formal, whoever they were of. How minutes are known,
and what shares would be with other defaults, are signs of quality and told in whole per cent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from schemas.events import MODES, Mode
from services.analytics.domain.figures import By, minutes, shares
from services.analytics.domain.groups.contribution import NOTHING, Certainty, Kind, Part
from services.analytics.domain.groups.cuts import SUPPORT, Way
from services.analytics.domain.groups.group import Group

_PLACED: frozenset[Way] = frozenset({"role", "location"})


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a group, or of its part by a source, role or location; None for what is not.

    `halved` and `doubled` are the shares with every default half or twice as long.
    """

    people: int | None
    roster: int | None
    seen: int | None
    minutes: Mapping[Mode, float | None]
    moments: Mapping[Mode, int | None]
    events: Mapping[Mode, int | None]
    share: Mapping[Mode, float] | None
    halved: Mapping[Mode, float] | None
    doubled: Mapping[Mode, float] | None
    coverage: Mapping[Mode, Mapping[str, float] | None]
    unclassified: int | None
    unclassified_minutes: float | None
    not_learning: int | None
    given_minutes: float | None

    @property
    def few(self) -> list[Mode]:
        """The modes that are not told: of too few people."""
        return [mode for mode in MODES if self.minutes[mode] is None]


@dataclass(frozen=True, slots=True)
class Support:
    """Performance support: how often it was used, and by how many people. Its minutes are told; fewer are not worse."""

    uses: int
    people: int | None
    minutes: float


def figures(group: Group, visible: Mapping[Mode, bool], by: By) -> Told:
    """Return the figures of a whole group."""
    kinds, sure = group.kinds, group.certainty
    shared = _seen(kinds, visible)
    varied = shared and by == "minutes" and all(mode in sure for mode in MODES)
    return Told(
        people=group.people,
        roster=group.roster or None,
        seen=group.seen,
        minutes=_minutes(kinds),
        moments={mode: kinds[mode].moments if mode in kinds else None for mode in MODES},
        events={mode: kinds[mode].events if mode in kinds else None for mode in MODES},
        share=shares({mode: _weight(kinds[mode], by) for mode in MODES}) if shared else None,
        halved=_percents({mode: sure[mode].halved_us for mode in MODES}) if varied else None,
        doubled=_percents({mode: sure[mode].doubled_us for mode in MODES}) if varied else None,
        coverage={mode: _coverage(sure[mode]) if mode in sure else None for mode in MODES},
        unclassified=kinds["unclassified"].events if "unclassified" in kinds else None,
        unclassified_minutes=minutes(kinds["unclassified"].minutes_us) if "unclassified" in kinds else None,
        not_learning=kinds["not_learning"].events if "not_learning" in kinds else None,
        given_minutes=minutes(kinds["given"].minutes_us) if "given" in kinds else None,
    )


def part(group: Group, way: Way, value: str, visible: Mapping[Mode, bool], by: By) -> Told | None:
    """Return the figures of a part of a group; None when it cannot be told whole.

    Roles and locations are told in people, minutes and moments, sources in all but people.
    """
    kinds = group.ways[way].get(value)
    if kinds is None:
        return None
    placed = way in _PLACED
    beside = None if placed else kinds.get("unclassified")
    return Told(
        people=kinds["people"].events if placed and "people" in kinds else None,
        roster=None,
        seen=None,
        minutes=_minutes(kinds),
        moments={mode: kinds[mode].moments if mode in kinds else None for mode in MODES},
        events={mode: None if placed or mode not in kinds else kinds[mode].events for mode in MODES},
        share=shares({mode: _weight(kinds[mode], by) for mode in MODES}) if _seen(kinds, visible) else None,
        halved=None,
        doubled=None,
        coverage=dict.fromkeys(MODES),
        unclassified=beside.events if beside else None,
        unclassified_minutes=minutes(beside.minutes_us) if beside else None,
        not_learning=None,
        given_minutes=None,
    )


def support(group: Group) -> Support | None:
    """Return the segment of performance support; None when it cannot be told."""
    if SUPPORT in group.untold["support"] or "experiential" not in group.kinds:
        return None
    used = group.ways["support"].get(SUPPORT, {}).get("experiential", NOTHING)
    reached = group.kinds.get("reached")
    return Support(used.events, reached.events if reached else None, minutes(used.minutes_us))


def _seen(kinds: Mapping[Kind, Part], visible: Mapping[Mode, bool]) -> bool:
    """Tell whether there can be shares: every mode is visible, and told."""
    return all(visible[mode] and mode in kinds for mode in MODES)


def _minutes(kinds: Mapping[Kind, Part]) -> dict[Mode, float | None]:
    return {mode: minutes(kinds[mode].minutes_us) if mode in kinds else None for mode in MODES}


def _weight(of: Part, by: By) -> int:
    return of.minutes_us if by == "minutes" else of.moments if by == "moments" else of.events


def _percents(weights: Mapping[Mode, int]) -> dict[Mode, float] | None:
    total = sum(weights.values())
    return {mode: _percent(weight, total) for mode, weight in weights.items()} if total else None


def _coverage(of: Certainty) -> dict[str, float] | None:
    total = of.reported_us + of.session_us + of.default_us
    parts = {"reported": of.reported_us, "session": of.session_us, "default": of.default_us}
    return {how: _percent(part, total) for how, part in parts.items()} if total else None


def _percent(part: int, whole: int) -> float:
    """Return a fraction in whole per cent, half up."""
    return int(Fraction(100 * part, whole) + Fraction(1, 2)) / 100

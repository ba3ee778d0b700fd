"""How long something may take: what stands in for a duration that nobody sent, and which ones are not believed.

MIX.md 1.4, 1.5, 1.9 and 1.10. The word of the organisation comes before ours, and an announced length of a video or
recording before what we think that one lasts.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from schemas.events import LearningClass
from services.analytics.domain.classify.classified import HOUR_US
from services.analytics.domain.classify.reading import Act, mapping
from services.analytics.domain.classify.rules import Rule, Timing
from services.analytics.domain.classify.selectors import Selected
from services.analytics.domain.classify.things import Entry

_OURS: Final = "ours"
_SECOND_US: Final = 1_000_000
_LENGTH: Final = "https://w3id.org/xapi/video/extensions/length"
"""The extension that announces the length of a recording, in seconds (xAPI video profile)."""
_USUAL: Final = Timing("usual", Selected({}, {}))


class Times(NamedTuple):
    """What `Classified` says of time."""

    default_us: int
    default_from: str
    cap_us: int
    session_us: int
    timed: bool


def times_of(
    act: Act, cls: LearningClass, entry: Entry | None, rule: Rule | None, kind: str, timing: Timing | None
) -> Times:
    """Return the times of an act of that class; `rule` and `timing` are the first of ours that match."""
    ours = timing or _USUAL
    length_us = _length_us(act) if ours.media else 0
    default_us, default_from = _default(entry, ours, length_us)
    cap_us = (entry and entry.cap_us) or (2 * length_us if length_us else ours.cap_us)
    timed = _timed(entry, rule, kind)
    if not timed or cls == "not_learning":
        default_us, default_from = 0, ""
    return Times(min(default_us, cap_us), default_from, cap_us, ours.session_us, timed)


def _timed(entry: Entry | None, rule: Rule | None, kind: str) -> bool:
    """Results of ordinary work have no minutes unless the organisation says that they do (MIX.md 1.4)."""
    if entry and entry.minutes:
        return entry.minutes == "reported"
    return kind != "work_system" and (rule is None or rule.timed)


def _default(entry: Entry | None, ours: Timing, length_us: int) -> tuple[int, str]:
    if entry and entry.default_us is not None:
        return entry.default_us, entry.name if entry.default_us else ""
    if entry and entry.minutes == "reported":
        return 0, ""
    default_us = length_us or ours.default_us
    return default_us, _OURS if default_us else ""


def _length_us(act: Act) -> int:
    """The announced length of a recording, 0 without one that can be: up to a day."""
    for holder in (act.context, act.definition):
        found = _seconds(mapping(holder.get("extensions")))
        if found:
            return round(found * _SECOND_US)
    return 0


def _seconds(extensions: Mapping[str, Any]) -> float:
    value = extensions.get(_LENGTH)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return value if 0 < value <= 24 * HOUR_US // _SECOND_US else 0

"""Which modes some connected source can see (MIX.md 4): what nobody can see is "not visible", never zero."""

from collections.abc import Iterable, Mapping

from schemas.events import MODES, LearningClass, Mode

_SHOWN_BY: Mapping[str, tuple[Mode, ...]] = {
    "lms": ("formal",),
    "job_aid": ("experiential",),
    "work_system": ("experiential",),
    "coaching": ("social",),
    "social": ("social",),
    "other": MODES,
}
"""What a source of a kind is known to show. One of kind `other` may send anything, so it makes nothing invisible."""


def visible_modes(kinds: Iterable[str], recorded: Iterable[LearningClass]) -> dict[Mode, bool]:
    """Return for each mode whether a source of these kinds shows it, or events of it have been recorded anyway."""
    seen: set[LearningClass] = set(recorded)
    for kind in kinds:
        seen.update(_SHOWN_BY.get(kind, ()))
    return {mode: mode in seen for mode in MODES}

"""Sight: which sources can show a mode, and how many people they reach (MIX.md 4). What nobody can see is not zero."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.events import MODES, Mode
from services.analytics.domain.groups.group import Group
from services.analytics.domain.visible import visible_modes


@dataclass(frozen=True, slots=True)
class Connected:
    """What an organisation has connected: the kind of each source, and which modes its registry says of which source
    (of the empty one: of a platform, which any source may speak for)."""

    kinds: Mapping[str, str]
    places: Iterable[tuple[str, Mode]] = ()

    def shows(self) -> dict[Mode, list[str]]:
        """Return the sources that are known to show each mode."""
        modes = {source: visible_modes([kind], []) for source, kind in self.kinds.items()}
        placed = set(self.places)
        return {
            mode: sorted(source for source in modes if modes[source][mode] or (source, mode) in placed)
            for mode in MODES
        }

    def visible(self, group: Group | None) -> dict[Mode, bool]:
        """Return whether anything shows each mode: a source, the registry, or that it was recorded anyway."""
        recorded = [mode for mode in MODES if group and mode in group.kinds and group.kinds[mode].events]
        seen = visible_modes(self.kinds.values(), recorded)
        placed = {mode for _, mode in self.places}
        return {mode: seen[mode] or mode in placed for mode in MODES}


@dataclass(frozen=True, slots=True)
class Source:
    """A source that shows a mode. `reaches`: at least so many people of the group, in steps of k; None: not told."""

    source: str
    kind: str | None
    reaches: int | None


def sight(group: Group, connected: Connected) -> dict[Mode, list[Source]]:
    """Return which sources show each mode to this group: those that are known to, and those that did."""
    shows = connected.shows()
    told: dict[Mode, list[Source]] = {}
    for mode in MODES:
        reach = group.reach.get(mode, {})
        untold = group.untold["source"] if mode in group.kinds else shows[mode]
        told[mode] = [
            Source(source, connected.kinds.get(source), None if source in untold else reach.get(source, 0))
            for source in sorted({*shows[mode], *reach})
        ]
    return told

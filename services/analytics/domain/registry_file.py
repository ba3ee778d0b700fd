"""A registry as a file: one entry put in or taken out, and what a change is made of (MIX.md 2).

The file is what `schemas/registry.schema.json` describes: `registry: 1`, `things`, `places`. What it means, and
whether it is well made, is for the classification to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Registry = Mapping[str, Any]
Entry = Mapping[str, Any]
Section = Literal["things", "places"]
SECTIONS: tuple[Section, ...] = ("things", "places")

SELECTORS: Mapping[Section, tuple[str, ...]] = {
    "things": ("id", "id_prefix", "activity_type", "verbs"),
    "places": ("platform", "source"),
}
"""What an entry is found by. Two with the same selectors would be a tie, which no registry may have."""

EMPTY: Registry = {"registry": 1, "things": [], "places": []}


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between two registries. An entry that was replaced is both removed and added."""

    added: tuple[tuple[Section, Entry], ...]
    removed: tuple[tuple[Section, Entry], ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def selectors_of(section: Section, entry: Entry) -> tuple[tuple[str, Any], ...]:
    """Return what an entry is found by, in a form that compares: the order of its verbs says nothing."""
    return tuple(
        (name, tuple(sorted(map(str, entry[name]))) if isinstance(entry[name], list) else entry[name])
        for name in SELECTORS[section]
        if name in entry
    )


def entries(registry: Registry, section: Section) -> list[Entry]:
    """Return the entries of a section."""
    return list(registry.get(section) or [])


def with_entry(registry: Registry, section: Section, entry: Entry) -> Registry:
    """Return the registry with this entry, in the place of the one with the same selectors if there is one."""
    wanted = selectors_of(section, entry)
    kept, found = [], False
    for each in entries(registry, section):
        same = selectors_of(section, each) == wanted
        if not (same and found):
            kept.append(entry if same else each)
        found |= same
    return {**registry, section: kept if found else [*kept, entry]}


def without_entry(registry: Registry, section: Section, wanted: Entry) -> Registry | None:
    """Return the registry without the entry that has exactly these selectors; None when there is none."""
    selected = selectors_of(section, wanted)
    kept = [each for each in entries(registry, section) if selectors_of(section, each) != selected]
    return {**registry, section: kept} if len(kept) < len(entries(registry, section)) else None


def difference(before: Registry, after: Registry) -> Change:
    """Return what was added and removed between two registries; the order of entries says nothing."""
    return Change(_only_in(after, before), _only_in(before, after))


def _only_in(registry: Registry, other: Registry) -> tuple[tuple[Section, Entry], ...]:
    found: list[tuple[Section, Entry]] = []
    for section in SECTIONS:
        rest: Sequence[Entry] = entries(other, section)
        found += [(section, each) for each in entries(registry, section) if each not in rest]
    return tuple(found)

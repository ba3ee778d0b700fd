"""Entries of a registry, and finding the one that has the word about a thing: as fast with thousands as with one."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from schemas.events import LearningClass
from services.analytics.domain.classify.classified import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """What an organisation says of a thing or a place; `name` is made of what it selects, so that it lasts."""

    name: str
    mode: LearningClass
    default_us: int | None = None
    cap_us: int | None = None
    minutes: Literal["reported", "none"] | None = None
    role: Role | None = None
    tags: tuple[str, ...] = ()


class Prefixes:
    """Entries by the beginning of an id: the longest that fits is found by one search in order."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._keys = sorted(entries)
        self._entries = [entries[key] for key in self._keys]
        self._shorter: list[int] = []
        for number, key in enumerate(self._keys):
            shorter = number - 1
            while shorter >= 0 and not key.startswith(self._keys[shorter]):
                shorter = self._shorter[shorter]
            self._shorter.append(shorter)

    def longest(self, iri: str) -> Entry | None:
        """Return the entry of the longest prefix: the next lower key, or one that this key itself begins with."""
        number = bisect_right(self._keys, iri) - 1
        while number >= 0 and not iri.startswith(self._keys[number]):
            number = self._shorter[number]
        return self._entries[number] if number >= 0 else None


class Things:
    """Entries of things, without verbs or for one of them: the most selectors, then id, longest prefix, type."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], Entry] = {}
        self._types: dict[str, Entry] = {}
        self._prefixed: dict[str, dict[str, Entry]] = {}
        self._prefixes: dict[str, Prefixes] = {}
        self._any: Entry | None = None

    @property
    def empty(self) -> bool:
        """Whether there is no entry."""
        return not (self._ids or self._types or self._prefixed or self._any)

    def add(self, selectors: Mapping[str, str], entry: Entry) -> Entry | None:
        """Add an entry; returns the one that was there for the same, if there was one."""
        activity_type = selectors.get("activity_type", "")
        before: Entry | None
        if "id" in selectors:
            before = self._ids.setdefault((selectors["id"], activity_type), entry)
        elif "id_prefix" in selectors:
            before = self._prefixed.setdefault(activity_type, {}).setdefault(selectors["id_prefix"], entry)
        elif activity_type:
            before = self._types.setdefault(activity_type, entry)
        else:
            before = self._any = self._any or entry
        return None if before is entry else before

    def seal(self) -> None:
        """Sort the prefixes, when all entries are there."""
        self._prefixes = {activity_type: Prefixes(entries) for activity_type, entries in self._prefixed.items()}

    def find(self, iri: str, activity_type: str) -> Entry | None:
        """Return the entry that has the word about an object, by its normal IRI and that of its type."""
        if activity_type and (found := self._ids.get((iri, activity_type)) or self._longest(iri, activity_type)):
            return found
        return self._ids.get((iri, "")) or self._longest(iri, "") or self._types.get(activity_type) or self._any

    def _longest(self, iri: str, activity_type: str) -> Entry | None:
        prefixes = self._prefixes.get(activity_type)
        # An IRI is one with and without its closing slash, so the prefix https://x/a/ fits the id https://x/a too.
        return prefixes.longest(iri + "/") if prefixes else None

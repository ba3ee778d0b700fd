"""An organisation's registry: what its things and places are, laid over our rules (MIX.md 2).

The document is held to schemas/registry.schema.json first. Selectors in an entry are ANDed; more selectors win, then
the id, the longest prefix, the type; a platform before a source. Two entries that nothing can tell apart are an error
that names both, so the order of the file never matters.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from schemas.registry import RegistryProblem, problems, where
from services.analytics.domain.classify.classified import HOUR_US
from services.analytics.domain.classify.things import Entry, Things
from services.analytics.domain.classify.words import normal_iri

_MINUTE_US: Final = HOUR_US // 60
_IRIS: Final = ("id", "id_prefix", "activity_type")
_TAGS: Final = ("angle", "choice", "initiative", "theme")


class RegistryError(ValueError):
    """A registry that cannot be used; `problems` says of each mistake where it is and what would be right."""

    def __init__(self, found: Iterable[RegistryProblem]) -> None:
        self.problems = tuple(found)
        super().__init__("\n".join(f"{each.where}: {each.detail}" for each in self.problems))


@dataclass(frozen=True, slots=True)
class Registry:
    """A checked registry: what it says of a thing and of a place. Nothing of it changes after it was read."""

    version: int
    things: Things = field(repr=False)
    by_verb: Mapping[str, Things] = field(repr=False)
    places: Mapping[tuple[str, str], Entry] = field(repr=False)

    @property
    def has_things(self) -> bool:
        """Whether it says anything of things; then their IRIs are looked up in the form of `normal_iri`."""
        return bool(self.by_verb) or not self.things.empty

    def thing(self, iri: str, activity_type: str) -> Entry | None:
        """Return the entry of a thing, whatever was done with it."""
        return self.things.find(iri, activity_type)

    def thing_with_verb(self, iri: str, activity_type: str, verb: str) -> Entry | None:
        """Return the entry of a thing for this verb alone: it comes before administration."""
        things = self.by_verb.get(normal_iri(verb)) if self.by_verb else None
        return things.find(iri, activity_type) if things else None

    def place(self, platform: str, source: str) -> Entry | None:
        """Return the entry of a platform and a source, of the platform, or of the source."""
        name = _platform(platform)
        by_platform = (self.places.get((name, source)) or self.places.get((name, ""))) if name else None
        return by_platform or self.places.get(("", source))


EMPTY_REGISTRY: Final = Registry(0, Things(), {}, {})
"""The registry of an organisation that has said nothing yet."""


def parse_registry(data: object, version: int = 1) -> Registry:
    """Read a registry that was parsed from YAML or JSON. Raises `RegistryError`, which names every mistake."""
    wrong = problems(data)
    if wrong or not isinstance(data, dict):
        raise RegistryError(wrong)
    reading = _Reading(data)
    for number, each in enumerate(data.get("things", [])):
        reading.thing(number, each)
    for number, each in enumerate(data.get("places", [])):
        reading.place(number, each)
    if reading.wrong:
        raise RegistryError(reading.wrong)
    for things in (reading.things, *reading.by_verb.values()):
        things.seal()
    return Registry(version, reading.things, dict(reading.by_verb), reading.places)


class _Reading:
    """A registry while it is read, and what is found wrong with it."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.things, self.by_verb = Things(), defaultdict[str, Things](Things)
        self.places: dict[tuple[str, str], Entry] = {}
        self.wrong: list[RegistryProblem] = []
        self._data = data
        self._where: dict[str, str] = {}

    def thing(self, number: int, each: Mapping[str, Any]) -> None:
        selectors = {key: _normal(key, each[key]) for key in _IRIS if key in each}
        for key, text in selectors.items():
            if not text.strip("/"):
                self._wrong(("things", number, key), "it ends where ids begin to differ: no id is found by it")
        verbs = sorted({normal_iri(verb) for verb in each.get("verbs", ())})
        named = {**selectors, **({"verbs": " ".join(verbs)} if verbs else {})}
        entry = self._entry(("things", number), each, named)
        for things in [self.by_verb[verb] for verb in verbs] or [self.things]:
            self._taken(("things", number), things.add(selectors, entry))

    def place(self, number: int, each: Mapping[str, Any]) -> None:
        platform, source = _platform(each.get("platform", "")), each.get("source", "")
        named = {key: value for key, value in (("platform", platform), ("source", source)) if value}
        entry = self._entry(("places", number), each, named)
        before = self.places.setdefault((platform, source), entry)
        self._taken(("places", number), None if before is entry else before)

    def _entry(self, path: tuple[str, int], each: Mapping[str, Any], named: Mapping[str, str]) -> Entry:
        entry = Entry(
            name=" & ".join(f"{key}={value}" for key, value in named.items()),
            mode=each["mode"],
            default_us=_microseconds(each.get("default_minutes")),
            cap_us=_microseconds(each.get("cap_minutes")),
            minutes=each.get("minutes"),
            role=each.get("role"),
            tags=_tags(each),
        )
        self._where.setdefault(entry.name, where(self._data, path))
        if entry.default_us and entry.cap_us and entry.default_us > entry.cap_us:
            self._wrong((*path, "default_minutes"), "it is above cap_minutes: allowed is what is believed")
        return entry

    def _taken(self, path: tuple[str, int], before: Entry | None) -> None:
        if before is not None:
            self._wrong(path, f"nothing tells it from {self._where[before.name]}: one of both must go, or select more")

    def _wrong(self, path: tuple[str | int, ...], detail: str) -> None:
        self.wrong.append(RegistryProblem(path, where(self._data, path), detail))


def _normal(key: str, iri: str) -> str:
    """The form in which it is compared; a prefix keeps its closing slash, which says where a name ends."""
    normal = normal_iri(iri)
    return f"{normal}/" if key == "id_prefix" and iri.endswith("/") else normal


def _platform(name: str) -> str:
    return name.strip().casefold()


def _microseconds(minutes: float | None) -> int | None:
    return None if minutes is None else round(minutes * _MINUTE_US)


def _tags(each: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags of an entry as sorted `name:value` texts."""
    support = each.get("support", [])
    words = [f"support:{word}" for word in ([support] if isinstance(support, str) else support)]
    tags = each.get("tags", {})
    return tuple(sorted([*words, *(f"{name}:{tags[name]}" for name in _TAGS if name in tags)]))

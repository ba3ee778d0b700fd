"""Where the registry meets classification: the one place through which the API reads registries and classifies.

Until `domain/classify` has `parse_registry` and `classify`, this stands in for them with the first rules and a plain
reading of things and places: `id_prefix`, `id`, `activity_type`, `verbs`; `platform`, `source`.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from schemas.events import LearningClass
from services.analytics.domain.classify.classified import Classified, Learner
from services.analytics.domain.first_classify import classify as first_classify
from services.analytics.domain.first_classify import learners
from services.analytics.domain.rules import CLASSES, RuleSet, normal_iri

Classify = Callable[[Mapping[str, Any], str, str], Classified]
"""(statement, source, kind): how it is classified under one rule set and one registry."""

_THING = ("id", "id_prefix", "activity_type", "verbs")
_PLACE = ("platform", "source")
_MORE = {"mode", "support", "default_minutes", "cap_minutes", "session_minutes", "minutes", "role", "tags", "theme"}


class RegistryError(ValueError):
    """A registry that cannot be used. The message names the entry and what is wrong with it."""


class Classifying:
    """A rule set, and what statements become under any registry laid over it."""

    def __init__(self, rules: RuleSet) -> None:
        self.rule_set = rules.version
        self._rules = rules
        self._words = frozenset(word for rule in rules.rules for word in rule.verbs | rule.activity_types)

    def under(self, registry: Mapping[str, Any]) -> Classify:
        """Return how statements are classified under a registry (a parsed file). Raises `RegistryError`."""
        things, places = _read(registry)

        def classify(statement: Mapping[str, Any], source: str, kind: str) -> Classified:
            found = first_classify(statement, kind, self._rules)
            people = tuple(Learner(each.agent) for each in learners(statement))
            for entry in [*things, *(places if found.rule_id.startswith("kind:") else ())]:
                if _matches(entry, statement, source):
                    cls: LearningClass = entry["mode"]
                    return Classified(cls, f"registry:{cls}", "entry", learners=people)
            return Classified(found.cls, found.rule_id, learners=people)

        return classify

    def known(self, iri: str) -> bool:
        """Tell whether a verb or an activity type is one that the rules speak of."""
        return normal_iri(iri) in self._words


def _read(registry: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    unknown = set(registry) - {"registry", "things", "places"}
    if unknown or registry.get("registry") != 1:
        raise RegistryError("the registry: it is {registry: 1, things: [...], places: [...]}")
    things = [_entry(each, f"things[{at}]", _THING) for at, each in enumerate(registry.get("things", []))]
    places = [_entry(each, f"places[{at}]", _PLACE) for at, each in enumerate(registry.get("places", []))]
    return things, places


def _entry(entry: object, where: str, selectors: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(entry, dict) or not set(entry) & set(selectors):
        raise RegistryError(f"{where}: give one of {', '.join(selectors)}")
    unknown = sorted(set(entry) - set(selectors) - _MORE)
    if unknown:
        raise RegistryError(f"{where}: unknown key {', '.join(unknown)}")
    if entry.get("mode") not in CLASSES:
        raise RegistryError(f"{where}: mode must be one of {', '.join(CLASSES)}")
    return cast("Mapping[str, Any]", entry)


def _matches(entry: Mapping[str, Any], statement: Mapping[str, Any], source: str) -> bool:
    target = statement["object"]
    named = str(target.get("id", ""))
    held = {
        "id": named == entry.get("id"),
        "id_prefix": named.startswith(entry.get("id_prefix", "")),
        "activity_type": target.get("definition", {}).get("type") == entry.get("activity_type"),
        "verbs": statement["verb"]["id"] in entry.get("verbs", ()),
        "platform": statement.get("context", {}).get("platform") == entry.get("platform"),
        "source": source == entry.get("source"),
    }
    return all(held[name] for name in held if name in entry)

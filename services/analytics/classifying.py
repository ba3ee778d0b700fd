"""Trying registries out: what statements become under the rules of this version and any registry laid over them."""

from collections.abc import Callable, Mapping
from typing import Any

from services.analytics.domain.classify.classified import Classified
from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import RegistryError, parse_registry
from services.analytics.domain.classify.rules import RuleSet

__all__ = ["Classify", "Classifying", "RegistryError"]

Classify = Callable[[Mapping[str, Any], str, str], Classified]
"""(statement, source, kind): how it is classified under one rule set and one registry."""


class Classifying:
    """A rule set, and what statements become under any registry laid over it."""

    def __init__(self, rules: RuleSet) -> None:
        self.rule_set = rules.version
        self._rules = rules

    def under(self, registry: Mapping[str, Any]) -> Classify:
        """Return how statements are classified under a registry (a parsed file). Raises `RegistryError`."""
        read = parse_registry(registry)
        return lambda statement, source, kind: classify(statement, source, kind, self._rules, read)

    def known(self, iri: str) -> bool:
        """Tell whether a verb or an activity type is one that the rules speak of."""
        return self._rules.matcher.knows(iri)

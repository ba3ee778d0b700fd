"""Selectors: the part of a rule that says which statements it is about.

Every selector looks at one part of a statement, or at a few. Selectors of a rule are ANDed, the words of one selector
are alternatives; under `unless` any single word keeps the rule from matching. A word is an IRI (compared whole) or a
plain word, in lower case, with hyphens between its parts; `@name` stands for a list of the rule set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.analytics.domain.classify.words import normal_iri

SELECTORS: Mapping[str, tuple[str, ...]] = {
    "verbs": ("verb",),
    "types": ("type",),
    "ids": ("id",),
    "ends": ("end",),
    "names": ("name",),
    "itself": ("type", "end"),
    "what": ("type", "id"),
    "called": ("type", "id", "name"),
    "above": ("above",),
    "categories": ("category",),
    "places": ("place",),
    "objects": ("object",),
    "marks": ("mark",),
    "extensions": ("extension",),
}
"""Each selector, and the parts of a statement (matching.py) whose words satisfy it."""

OBJECT_TYPES = frozenset({"activity", "agent", "group", "statementref", "substatement"})


class RuleError(ValueError):
    """A rule set that cannot be used. The message names the rule and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Selected:
    """The words of each selector of a rule, and those that keep it from matching."""

    words: Mapping[str, frozenset[str]]
    unless: Mapping[str, frozenset[str]]


class Selectors:
    """Reads the selectors of rules, with the lists that they may refer to."""

    def __init__(self, lists: Mapping[str, list[object]]) -> None:
        self._lists = lists
        self.keys = {"families", "unless", *SELECTORS}

    def read(self, rule: Mapping[str, Any], where: str) -> Selected:
        """Return the selectors of a rule. Raises `RuleError`; `where` names the rule."""
        texts(rule.get("families"), f"{where}: families")
        words = self._words(rule, where)
        if not words:
            raise RuleError(f"{where}: it selects nothing; give one of {', '.join(SELECTORS)}")
        against = a_mapping(rule.get("unless", {}), f"{where}: unless")
        only(against, set(SELECTORS), f"{where}: unless")
        return Selected(words, self._words(against, f"{where}: unless"))

    def _words(self, data: Mapping[str, Any], where: str) -> dict[str, frozenset[str]]:
        found = {}
        for name in SELECTORS:
            if name in data:
                found[name] = frozenset(self._flat(data[name], f"{where}: {name}"))
                if name == "objects" and not found[name] <= OBJECT_TYPES:
                    raise RuleError(f"{where}: no such objectType: {', '.join(sorted(found[name] - OBJECT_TYPES))}")
        return found

    def _flat(self, items: object, where: str) -> list[str]:
        """The words of a list: texts, references to lists, and groups of words with families of their own."""
        words: list[str] = []
        for item in a_list(items, where):
            if isinstance(item, dict):
                only(item, {"words", "families"}, where)
                texts(item.get("families"), f"{where}: families")
                words += [_word(each, where) for each in texts(item.get("words"), f"{where}: words")]
            elif isinstance(item, str) and item.startswith("@"):
                if item[1:] not in self._lists:
                    raise RuleError(f"{where}: there is no list {item[1:]}")
                words += self._flat(self._lists[item[1:]], f"list {item[1:]}")
            else:
                words.append(_word(item, where))
        if not words:
            raise RuleError(f"{where}: it must be a list of texts that is not empty")
        return words


def _word(value: object, where: str) -> str:
    if isinstance(value, str) and "://" in value:
        return normal_iri(value)
    if not isinstance(value, str) or not value or value != value.lower() or not value.replace("-", "").isalnum():
        raise RuleError(f"{where}: {value!r} is neither an IRI nor a word in lower case with hyphens")
    return value


def a_mapping(value: object, where: str) -> Mapping[str, Any]:
    """Return a mapping as it is. Raises `RuleError` for anything else."""
    if not isinstance(value, Mapping):
        raise RuleError(f"{where}: it must be a mapping")
    return value


def a_list(value: object, where: str) -> list[object]:
    """Return a list as it is. Raises `RuleError` for anything else."""
    if not isinstance(value, list):
        raise RuleError(f"{where}: it must be a list")
    return value


def texts(value: object, where: str) -> list[str]:
    """Return a list of texts, of which there is at least one. Raises `RuleError` for anything else."""
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        raise RuleError(f"{where}: it must be a list of texts that is not empty")
    return value


def only(data: Mapping[str, Any], known: set[str], where: str) -> None:
    """Raise `RuleError` when a mapping has a key that nobody knows."""
    unknown = sorted(str(key) for key in set(data) - known)
    if unknown:
        raise RuleError(f"{where}: unknown key {', '.join(unknown)}")

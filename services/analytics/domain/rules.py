"""Rules as data: what a rule file may say, and the checks that it says it well (MIX.md 2).

A rule set is checked whole when it is read, so that a mistake is found at start and not at the statement that
would have met it. Every complaint names the rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from schemas.events import LearningClass

CLASSES: tuple[LearningClass, ...] = get_args(LearningClass)
OBJECT_TYPES = frozenset({"Activity", "Agent", "Group", "StatementRef", "SubStatement"})

_SELECTORS = ("verbs", "activity_types", "object_types")
_RULE_KEYS = {"id", "class", *_SELECTORS}
_FILE_KEYS = {"rule_set", "prefixes", "kinds", "rules"}


class RuleError(ValueError):
    """A rule file that cannot be used. The message names the rule and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the rule file. An empty selector matches anything; the others are ANDed."""

    id: str
    cls: LearningClass
    verbs: frozenset[str] = frozenset()
    activity_types: frozenset[str] = frozenset()
    object_types: frozenset[str] = frozenset()

    def matches(self, verb: str, activity_type: str, object_type: str) -> bool:
        """Say whether all selectors hold; the IRIs are those of `normal_iri`."""
        return (
            (not self.verbs or verb in self.verbs)
            and (not self.activity_types or activity_type in self.activity_types)
            and (not self.object_types or object_type in self.object_types)
        )


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A checked rule file: its version, the rules in order, and what the kind of a source means without one."""

    version: str
    rules: tuple[Rule, ...]
    kinds: Mapping[str, LearningClass]


def normal_iri(iri: str) -> str:
    """Return the form in which IRIs are compared: without a closing slash, http and https alike."""
    return iri.removeprefix("http://").removeprefix("https://").rstrip("/")


def parse_rules(data: object) -> RuleSet:
    """Read a rule file that was parsed from YAML or JSON. Raises `RuleError`."""
    file = _mapping(data, "the rule file")
    _only(file, _FILE_KEYS, "the rule file")
    version = file.get("rule_set")
    if not isinstance(version, str) or not version:
        raise RuleError("the rule file: rule_set must be a text that names this version")
    prefixes = _prefixes(file.get("prefixes", {}))
    entries = file.get("rules")
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
        raise RuleError("the rule file: rules must be a list with at least one rule")
    rules = tuple(_rule(entry, number, prefixes) for number, entry in enumerate(entries, start=1))
    _unique(rules)
    return RuleSet(version, rules, _kinds(file.get("kinds", {})))


def _rule(entry: object, number: int, prefixes: Mapping[str, list[str]]) -> Rule:
    data = _mapping(entry, f"rule number {number}")
    rule_id = data.get("id")
    if not isinstance(rule_id, str) or not rule_id:
        raise RuleError(f"rule number {number}: it has no id")
    where = f"rule {rule_id}"
    if rule_id.startswith("kind:"):
        raise RuleError(f"{where}: ids that begin with kind: are for the source's kind")
    _only(data, _RULE_KEYS, where)
    selected = {name: _texts(data[name], f"{where}: {name}") for name in _SELECTORS if name in data}
    if not selected:
        raise RuleError(f"{where}: it selects nothing; give one of {', '.join(_SELECTORS)}")
    unknown = set(selected.get("object_types", [])) - OBJECT_TYPES
    if unknown:
        raise RuleError(f"{where}: no such objectType: {', '.join(sorted(unknown))}")
    return Rule(
        id=rule_id,
        cls=_class(data.get("class"), where),
        verbs=_iris(selected.get("verbs", []), prefixes, where),
        activity_types=_iris(selected.get("activity_types", []), prefixes, where),
        object_types=frozenset(selected.get("object_types", [])),
    )


def _iris(terms: list[str], prefixes: Mapping[str, list[str]], where: str) -> frozenset[str]:
    found: set[str] = set()
    for term in terms:
        prefix, colon, local = term.partition(":")
        if not colon or not local:
            raise RuleError(f"{where}: {term!r} is neither an IRI nor a prefix with a name")
        if local.startswith("//"):
            found.add(normal_iri(term))
        elif prefix in prefixes:
            found.update(normal_iri(base + local) for base in prefixes[prefix])
        else:
            raise RuleError(f"{where}: the prefix of {term!r} is not declared")
    return frozenset(found)


def _prefixes(data: object) -> dict[str, list[str]]:
    bases = {name: _texts(value, f"prefix {name}") for name, value in _mapping(data, "the rule file: prefixes").items()}
    for name, iris in bases.items():
        if any("://" not in iri for iri in iris):
            raise RuleError(f"prefix {name}: each must be the beginning of an IRI")
    return bases


def _kinds(data: object) -> dict[str, LearningClass]:
    named = _mapping(data, "the rule file: kinds")
    return {kind: _class(value, f"kind {kind}") for kind, value in named.items()}


def _class(value: object, where: str) -> LearningClass:
    for known in CLASSES:
        if value == known:
            return known
    raise RuleError(f"{where}: class must be one of {', '.join(CLASSES)}")


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise RuleError(f"{where}: it must be a mapping")
    return value


def _only(data: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(str(key) for key in set(data) - known)
    if unknown:
        raise RuleError(f"{where}: unknown key {', '.join(unknown)}")


def _texts(value: object, where: str) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        raise RuleError(f"{where}: it must be a list of texts that is not empty")
    return value


def _unique(rules: Sequence[Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise RuleError(f"rule {rule.id}: the id is used twice")
        seen.add(rule.id)

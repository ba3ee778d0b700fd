"""How one statement was learned, by whom and for how long at most: the order of MIX.md 2.

Nothing is guessed silently (law 6): every answer names the rule or the registry entry that gave it. Only the statement
and its source are read, never the content of a message, and whatever can be read of an odd statement is classified.
"""

from typing import Final

from schemas.events import LearningClass
from services.analytics.domain.classify.classified import Classified, Role
from services.analytics.domain.classify.learners import learners
from services.analytics.domain.classify.reading import Statement, mapping, object_type, text
from services.analytics.domain.classify.registry import Registry
from services.analytics.domain.classify.rules import Rule, RuleSet
from services.analytics.domain.classify.things import Entry
from services.analytics.domain.classify.timing import times
from services.analytics.domain.classify.words import normal_iri

THING: Final = "registry:thing"
PLACE: Final = "registry:place"
"""What stands for a rule of ours where the registry decided; the entry is named beside it."""

Decision = tuple[LearningClass, str, Entry | None, Rule | None]
"""A class, the name of the rule behind it, and the registry entry or the rule itself, if it was one."""


def classify(statement: Statement, source: str, kind: str, rules: RuleSet, registry: Registry) -> Classified:
    """Return the class of a statement from a source of that kind, with the rule behind it and who learned."""
    matched = rules.matcher.matches(statement)
    cls, name, entry, rule = _decide(statement, source, kind, matched, rules, registry)
    if rule is not None and rule.inner:
        cls, name, matched = _inside(statement, source, rule, rules, registry)
    about = rule or rules.first(matched, "work", "people", "instruction")
    found = times(statement, cls, entry, about, kind, rules.timing(matched))
    return Classified(
        cls=cls,
        rule=name,
        entry=entry.name if entry else None,
        formal_context=rules.first(matched, "context") is not None,
        learners=learners(statement, about.learner if about else "actor", _role(entry, about)),
        default_us=found.default_us,
        default_from=found.default_from,
        cap_us=found.cap_us,
        session_us=found.session_us,
        timed=found.timed,
        tags=entry.tags if entry else rule.tags if rule else (),
    )


def _decide(statement: Statement, source: str, kind: str, matched: int, rules: RuleSet, registry: Registry) -> Decision:
    """Go through the steps in the order of MIX.md 2; the first that knows the statement decides."""
    target = mapping(statement.get("object"))
    activity = object_type(target) == "Activity"
    iri = normal_iri(text(target.get("id"))) if activity else ""
    activity_type = normal_iri(text(mapping(target.get("definition")).get("type"))) if activity else ""
    verb = normal_iri(text(mapping(statement.get("verb")).get("id")))
    if iri and (entry := registry.thing_with_verb(iri, activity_type, verb)):
        return entry.mode, THING, entry, None
    if rule := rules.first(matched, "administration"):
        return rule.cls, rule.id, None, rule
    if iri and (entry := registry.thing(iri, activity_type)):
        return entry.mode, THING, entry, None
    if rule := rules.first(matched, "work", "people"):
        return rule.cls, rule.id, None, rule
    if entry := registry.place(text(mapping(statement.get("context")).get("platform")), source):
        return entry.mode, PLACE, entry, None
    if rule := rules.first(matched, "instruction"):
        return rule.cls, rule.id, None, rule
    return rules.kinds.get(kind, "unclassified"), f"kind:{kind}", None, None


def _inside(
    statement: Statement, source: str, rule: Rule, rules: RuleSet, registry: Registry
) -> tuple[LearningClass, str, int]:
    """What somebody saw another person do: its class is that of the SubStatement, or of nothing that it holds."""
    inner = mapping(statement.get("object"))
    matched = rules.matcher.matches(inner)
    if object_type(mapping(inner.get("object"))) == "SubStatement":
        return rule.cls, rule.id, matched
    cls, _, entry, found = _decide(inner, source, "", matched, rules, registry)
    known = entry is not None or found is not None
    return (cls if known else rule.cls), rule.id, matched


def _role(entry: Entry | None, about: Rule | None) -> Role:
    if entry and entry.role:
        return entry.role
    return about.role if about else "learner"

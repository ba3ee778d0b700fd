"""How one statement was learned, by whom and for how long at most: the order of MIX.md 2.

Nothing is guessed silently (law 6): every answer names the rule or the registry entry that gave it. Only the statement
and its source are read, never the content of a message, and whatever can be read of an odd statement is classified.
"""

from typing import Final

from schemas.events import LearningClass
from services.analytics.domain.classify.classified import Classified, Role
from services.analytics.domain.classify.learners import learners
from services.analytics.domain.classify.reading import Act, Statement, act_of, text
from services.analytics.domain.classify.registry import Registry
from services.analytics.domain.classify.rules import Found, Rule, RuleSet
from services.analytics.domain.classify.things import Entry
from services.analytics.domain.classify.timing import times_of
from services.analytics.domain.classify.words import normal_iri

THING: Final = "registry:thing"
PLACE: Final = "registry:place"
"""What stands for a rule of ours where the registry decided; the entry is named beside it."""

Decision = tuple[LearningClass, str, Entry | None, Rule | None]
"""A class, the name of the rule behind it, and the registry entry or the rule itself, if it was one."""


def classify(statement: Statement, source: str, kind: str, rules: RuleSet, registry: Registry) -> Classified:
    """Return the class of a statement from a source of that kind, with the rule behind it and who learned."""
    act = act_of(statement)
    found = rules.look(act)
    cls, name, entry, rule = _decide(act, source, kind, found, rules, registry)
    if rule is not None and rule.inner:
        cls, found = _inside(act, source, rule, rules, registry)
    about = rule or found.about
    times = times_of(act, cls, entry, about, kind, found.timing)
    return Classified(
        cls=cls,
        rule=name,
        entry=entry.name if entry else None,
        formal_context=found.formal_context,
        learners=learners(statement, about.learner if about else "actor", _role(entry, about)),
        default_us=times.default_us,
        default_from=times.default_from,
        cap_us=times.cap_us,
        session_us=times.session_us,
        timed=times.timed,
        tags=entry.tags if entry else rule.tags if rule else (),
    )


def _decide(act: Act, source: str, kind: str, found: Found, rules: RuleSet, registry: Registry) -> Decision:
    """Go through the steps in the order of MIX.md 2; the first that knows the statement decides."""
    iri, activity_type = "", ""
    if registry.has_things and act.object_type == "Activity":
        iri, activity_type = normal_iri(act.iri), normal_iri(act.activity_type)
    if iri and (entry := registry.thing_with_verb(iri, activity_type, act.verb)):
        return entry.mode, THING, entry, None
    if rule := found.administration:
        return rule.cls, rule.id, None, rule
    if iri and (entry := registry.thing(iri, activity_type)):
        return entry.mode, THING, entry, None
    if rule := found.acts:
        return rule.cls, rule.id, None, rule
    if registry.places and (entry := registry.place(text(act.context.get("platform")), source)):
        return entry.mode, PLACE, entry, None
    if rule := found.instruction:
        return rule.cls, rule.id, None, rule
    return rules.kinds.get(kind, "unclassified"), f"kind:{kind}", None, None


def _inside(act: Act, source: str, rule: Rule, rules: RuleSet, registry: Registry) -> tuple[LearningClass, Found]:
    """What somebody saw another person do: its class is that of the SubStatement, or that of the rule if none knows."""
    inner = act_of(act.object)
    found = rules.look(inner)
    if inner.object_type == "SubStatement":
        return rule.cls, found
    cls, _, entry, inside = _decide(inner, source, "", found, rules, registry)
    return (cls if entry or inside else rule.cls), found


def _role(entry: Entry | None, about: Rule | None) -> Role:
    if entry and entry.role:
        return entry.role
    return about.role if about else "learner"

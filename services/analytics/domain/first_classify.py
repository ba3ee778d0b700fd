"""How one statement was learned, and by whom: the statement and its source's kind in, a class and its rule out.

Nothing is guessed silently (law 6): every answer names the rule that gave it. Only the statement itself is read,
never the content of a message, and a statement here has already passed ingest's validation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.events import LearningClass
from schemas.xapi.agents import ifi
from services.analytics.domain.rules import RuleSet, normal_iri

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Classification:
    """A class, the id of the rule that gave it, and the rule set in which that id means something."""

    cls: LearningClass
    rule_id: str
    rule_set: str


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody who learned, as the statement names that person; `role` is `learner` for who acted."""

    agent: Mapping[str, Any]
    role: str = "learner"


def classify(statement: Statement, kind: str, rules: RuleSet) -> Classification:
    """Return the class of a statement from a source of that kind: the first rule that matches, else the kind."""
    verb = normal_iri(statement["verb"]["id"])
    target = statement["object"]
    object_type = target.get("objectType", "Activity")
    activity_type = normal_iri(target.get("definition", {}).get("type", ""))
    for rule in rules.rules:
        if rule.matches(verb, activity_type, object_type):
            return Classification(rule.cls, rule.id, rules.version)
    return Classification(rules.kinds.get(kind, "unclassified"), f"kind:{kind}", rules.version)


def learners(statement: Statement) -> list[Learner]:
    """Return whose learning a statement is about: the actor, or each member of a Group once.

    Empty when nobody can be told: a Group without members, or whose members carry no identifier (`no_learner`).
    """
    actor = statement["actor"]
    if actor.get("objectType") != "Group":
        return [Learner(actor)]
    known = {identity: member for member in reversed(actor.get("member", [])) if (identity := ifi(member))}
    return [Learner(member) for _, member in sorted(known.items())]

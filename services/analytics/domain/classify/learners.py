"""Who learned by a statement, and who gave time to others (MIX.md 1.3)."""

from collections.abc import Mapping
from typing import Any

from schemas.xapi.agents import ifi
from services.analytics.domain.classify.classified import Learner, Role
from services.analytics.domain.classify.reading import Statement, mapping, text
from services.analytics.domain.classify.rules import About


def learners(statement: Statement, about: About, role: Role) -> tuple[Learner, ...]:
    """Return everybody whose time a statement is about, each identity once: those who learned come first.

    `about` says who learned: the actor, in that role, or the object or the actor of the SubStatement, and then the
    role is what the actor was for them. An actor who is also the instructor of the statement gave the time.
    """
    actor = mapping(statement.get("actor"))
    if about == "actor":
        if role == "learner" and _is_instructor(actor, mapping(statement.get("context"))):
            role = "instructor"
        return tuple([Learner(agent, role) for agent in _known(actor).values()])
    learned, gave = _known(_learner(statement, about)), _known(actor)
    given = [Learner(agent, role) for identity, agent in gave.items() if identity not in learned]
    return tuple([Learner(agent) for agent in learned.values()] + given)


def _learner(statement: Statement, about: About) -> Mapping[str, Any]:
    """The Agent or Group that learned by what the actor did; nobody when the object is none."""
    target = mapping(statement.get("object"))
    if about == "substatement":
        return mapping(target.get("actor"))
    return target if target.get("objectType") in ("Agent", "Group") else {}


def _known(agent: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return an Agent, or each member of a Group, by IFI in order; nobody where there is none (`no_learner`)."""
    if agent.get("objectType") != "Group":
        identity = _identity(agent)
        return {identity: agent} if identity else {}
    members = agent.get("member")
    known = [mapping(each) for each in reversed(members)] if isinstance(members, list) else []
    return dict(sorted({identity: each for each in known if (identity := _identity(each))}.items()))


def _identity(agent: Mapping[str, Any]) -> str | None:
    if "account" in agent:
        account = mapping(agent["account"])
        if not (text(account.get("homePage")) and text(account.get("name"))):
            return None
    return ifi(agent)


def _is_instructor(actor: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    if "instructor" not in context:
        return False
    return _identity(actor) in _known(mapping(context["instructor"]))

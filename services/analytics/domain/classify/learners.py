"""Who learned by a statement, and who gave time to others (MIX.md 1.3)."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.xapi.agents import ifi
from services.analytics.domain.classify.classified import Learner, Role
from services.analytics.domain.classify.reading import Statement, mapping, object_type, text
from services.analytics.domain.classify.rules import About


def learners(statement: Statement, about: About, role: Role) -> tuple[Learner, ...]:
    """Return everybody whose time a statement is about, each identity once: those who learned come first.

    `about` says who learned: the actor, in that role, or the object or the actor of the SubStatement, and then the
    role is what the actor was for them. An actor who is also the instructor of the statement gave the time.
    """
    actor = mapping(statement.get("actor"))
    target = mapping(statement.get("object"))
    found: dict[str, Learner] = {}
    if about == "object" and object_type(target) in ("Agent", "Group"):
        _add(found, target, "learner")
    elif about == "substatement":
        _add(found, mapping(target.get("actor")), "learner")
    elif role == "learner" and _is_instructor(actor, statement):
        role = "instructor"
    _add(found, actor, role)
    return tuple(found.values())


def _add(found: dict[str, Learner], agent: Mapping[str, Any], role: Role) -> None:
    for identity, member in _identities(agent):
        found.setdefault(identity, Learner(member, role))


def _identities(agent: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield an Agent with its IFI, or each member of a Group; nobody where there is none (`no_learner`)."""
    members = agent.get("member", []) if agent.get("objectType") == "Group" else [agent]
    known = ((_identity(mapping(each)), each) for each in (members if isinstance(members, list) else []))
    yield from sorted(((identity, each) for identity, each in known if identity), key=lambda pair: pair[0])


def _identity(agent: Mapping[str, Any]) -> str | None:
    account = agent.get("account", None if "account" not in agent else "")
    if account is not None and not (text(mapping(account).get("homePage")) and text(mapping(account).get("name"))):
        return None
    return ifi(agent)


def _is_instructor(actor: Mapping[str, Any], statement: Statement) -> bool:
    instructor = mapping(statement.get("context")).get("instructor")
    mine = _identity(actor) if isinstance(instructor, dict) else None
    return mine is not None and mine in (identity for identity, _ in _identities(mapping(instructor)))

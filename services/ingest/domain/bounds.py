"""How many people one statement may be about: what it starts downstream costs time for each of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.reasons import Reason
from services.common.errors import Rejected


def bound_agents(statements: Sequence[dict[str, Any]], most: int, *, batch: bool) -> None:
    """Raise Rejected for the first valid statement that holds more Agents in Groups and lists than `most`.

    An LRS may refuse a statement for its size (IEEE 9274.1.1 4.2.4.1), with 413 (Communication 3.2).
    """
    for index, statement in enumerate(statements):
        if sum(_counts(statement)) > most:
            detail = f"the Groups of a statement have at most {most} members in all (LEERMIX_STATEMENT_AGENTS)"
            raise Rejected(Reason.BODY_TOO_LARGE, detail, f"$[{index}]" if batch else "$")


def _counts(statement: dict[str, Any]) -> Iterator[int]:
    """The number of Agents at each place of a statement, or of a SubStatement, that may hold some."""
    yield _members(statement["actor"])
    about = statement["object"]
    if about.get("objectType") == "SubStatement":
        yield from _counts(about)
    else:
        yield _members(about)
    context = statement.get("context")
    if context:
        yield _members(context.get("instructor", {}))
        yield _members(context.get("team", {}))
        yield len(context.get("contextAgents", ()))
        for each in context.get("contextGroups", ()):
            yield _members(each["group"])


def _members(actor: dict[str, Any]) -> int:
    return len(actor.get("member", ()))

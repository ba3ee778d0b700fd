"""How many people one request may be about: what it starts downstream costs time for each of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.reasons import Reason
from services.common.errors import Rejected


def bound_members(statements: Sequence[dict[str, Any]], most: int, *, batch: bool) -> None:
    """Raise Rejected where the Groups (and contextAgents) of valid statements have more members in all than `most`.

    An LRS may refuse a statement for its size (IEEE 9274.1.1 4.2.4.1), with 413 (Communication 3.2).
    """
    members = 0
    for index, statement in enumerate(statements):
        members += sum(_counts(statement))
        if members > most:
            detail = (
                f"the Groups of a request have at most {most} members in all (LEERMIX_GROUP_MEMBERS): "
                "send fewer statements at once, or smaller Groups"
            )
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

"""What a schema cannot say about a statement: calendar days, scores, contexts, component ids and attachments.

Every function expects a value that the schema has passed.
"""

from collections.abc import Iterator
from typing import Any

from schemas.reasons import Reason
from schemas.xapi.times import parse_timestamp
from services.common.errors import Rejected

DEEPEST = 200
"""The levels of nesting that an extension may have: beyond 254 a statement could not be written again."""

_COMPONENTS = ("choices", "scale", "source", "target", "steps")


def cross_check(statement: dict[str, Any], path: str, sent: frozenset[str]) -> None:
    """Raise Rejected for the first problem of a statement, or of the SubStatement that is its object."""
    _times(statement, path)
    _object(statement["object"], f"{path}.object", sent)
    if "result" in statement:
        _result(statement["result"], f"{path}.result")
    if "context" in statement:
        _context(statement["context"], statement["object"].get("objectType", "Activity"), f"{path}.context")
    if "attachments" in statement:
        _attachments(statement["attachments"], f"{path}.attachments", sent)


def _object(value: dict[str, Any], path: str, sent: frozenset[str]) -> None:
    if value.get("objectType") == "SubStatement":
        cross_check(value, path, sent)
    else:
        _activity(value, path)


def _times(statement: dict[str, Any], path: str) -> None:
    for name in ("timestamp", "stored"):
        if name in statement:
            try:
                parse_timestamp(statement[name])
            except ValueError:
                detail = "Expected a day and time of the calendar, found one that does not exist."
                raise Rejected(Reason.INVALID_TIMESTAMP, detail, f"{path}.{name}") from None


def _activity(activity: dict[str, Any], path: str) -> None:
    """Also for objects that are no Activity: they have no definition."""
    definition = activity.get("definition")
    if definition:
        _depth(definition, f"{path}.definition")
        if "interactionType" in definition:
            _components(definition, f"{path}.definition")


def _components(definition: dict[str, Any], path: str) -> None:
    """Data 2.4.4.1: within an array, all id values are distinct."""
    for name in _COMPONENTS:
        seen: set[str] = set()
        for index, component in enumerate(definition.get(name, ())):
            if component["id"] in seen:
                detail = "Another interaction component of this array has this id."
                raise Rejected(Reason.INVALID_VALUE, detail, f"{path}.{name}[{index}].id")
            seen.add(component["id"])


def _result(result: dict[str, Any], path: str) -> None:
    _depth(result, path)
    score = result.get("score")
    if not score:
        return
    low, high, raw = score.get("min"), score.get("max"), score.get("raw")
    if low is not None and high is not None and low > high:
        raise Rejected(Reason.INVALID_SCORE, "Expected min to be at most max.", f"{path}.score.min")
    if raw is not None and low is not None and raw < low:
        raise Rejected(Reason.INVALID_SCORE, "Expected raw to be at least min.", f"{path}.score.raw")
    if raw is not None and high is not None and raw > high:
        raise Rejected(Reason.INVALID_SCORE, "Expected raw to be at most max.", f"{path}.score.raw")


def _context(context: dict[str, Any], object_type: str, path: str) -> None:
    _depth(context, path)
    if object_type != "Activity":
        for name in ("revision", "platform"):
            if name in context:
                detail = f"Only a statement about an Activity may have {name}; this one is about another object."
                raise Rejected(Reason.INVALID_CONTEXT, detail, f"{path}.{name}")
    for where, activity in _context_activities(context):
        _activity(activity, f"{path}.contextActivities.{where}")


def _context_activities(context: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, activities in context.get("contextActivities", {}).items():
        if isinstance(activities, list):
            for index, activity in enumerate(activities):
                yield f"{name}[{index}]", activity
        else:
            yield name, activities


def _attachments(attachments: list[dict[str, Any]], path: str, sent: frozenset[str]) -> None:
    """Data 2.4.11: an attachment's bytes come with the request, or it says where they are."""
    for index, attachment in enumerate(attachments):
        if "fileUrl" not in attachment and attachment["sha2"].lower() not in sent:
            detail = "Expected a fileUrl, or a part of this request with the bytes of this sha2."
            raise Rejected(Reason.INVALID_ATTACHMENT, detail, f"{path}[{index}]")


def _depth(holder: dict[str, Any], path: str) -> None:
    """Refuse extensions that nest deeper than can be written again. Level by level: no recursion to exhaust."""
    level = [value for value in holder.get("extensions", {}).values() if isinstance(value, dict | list)]
    for _ in range(DEEPEST):
        if not level:
            return
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, dict | list)
        ]
    detail = f"Expected extensions of at most {DEEPEST} levels, found deeper ones."
    raise Rejected(Reason.MALFORMED_JSON, detail, f"{path}.extensions")

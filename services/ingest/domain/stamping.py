"""What an LRS adds to an accepted statement (xAPI 1.0.3 Data 2.3.1, 2.4.8 to 2.4.10)."""

from datetime import datetime
from typing import Any

from schemas.xapi.times import format_timestamp

_UNVERSIONED = "1.0.0"
"""The `version` of a statement that was sent without one (Communication 3.3: not 1.0.3)."""


def stamp(
    statement: dict[str, Any], *, statement_id: str, stored: datetime, authority: dict[str, Any]
) -> dict[str, Any]:
    """A new statement with id (if absent), version (if absent), `stored` and `authority` (always); the argument
    stays as it is.

    A single contextActivities object becomes an array, as it must be returned. An absent `timestamp` stays
    absent: readers are shown the final `stored` in its place (the log's rules).
    """
    stamped = {"id": statement_id, "version": _UNVERSIONED} | listed(statement)
    stamped["stored"] = format_timestamp(stored)
    stamped["authority"] = authority
    return stamped


def listed(statement: dict[str, Any]) -> dict[str, Any]:
    """The statement (or SubStatement) with each contextActivities value as an array; a copy where it differs."""
    changed = dict(statement)
    context = statement.get("context")
    if context and "contextActivities" in context:
        activities = {
            name: value if isinstance(value, list) else [value] for name, value in context["contextActivities"].items()
        }
        changed["context"] = context | {"contextActivities": activities}
    if statement["object"].get("objectType") == "SubStatement":
        changed["object"] = listed(statement["object"])
    return changed

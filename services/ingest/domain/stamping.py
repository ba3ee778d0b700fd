"""What an LRS adds to an accepted statement (xAPI 1.0.3 Data 2.3.1, 2.4.8 to 2.4.10; IEEE 9274.1.1 4.2.4, 4.2.7)."""

from datetime import datetime
from typing import Any

from schemas.xapi.times import format_timestamp, parse_timestamp

_UNVERSIONED = {"1.0.3": "1.0.0", "2.0.0": "2.0.0"}
"""The `version` of a statement that was sent without one, by the version of its request (1.0.3 Data 2.4.10: not
1.0.3; IEEE 9274.1.1 4.2.4.3)."""


def stamp(
    statement: dict[str, Any], *, version: str, statement_id: str, stored: datetime, authority: dict[str, Any]
) -> dict[str, Any]:
    """A new statement with id (if absent), version (if absent), `stored` and `authority` (always); the argument
    stays as it is. `version` is that of the request: 1.0.3 or 2.0.0.

    A single contextActivities object becomes an array, as it must be returned. An absent `timestamp` stays
    absent: readers are shown the final `stored` in its place (the log's rules). In 2.0 a sent one becomes UTC
    (IEEE 9274.1.1 4.2.7); in 1.0.3 it stays as it was sent.
    """
    stamped = {"id": statement_id, "version": _UNVERSIONED[version]} | listed(statement)
    if version == "2.0.0":
        _to_utc(stamped)
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


def _to_utc(stamped: dict[str, Any]) -> None:
    """Write the timestamp of a statement, and that of its SubStatement, in UTC; what is in UTC stays as it was sent."""
    for part in (stamped, stamped["object"]):
        if not part.get("timestamp", "Z").endswith(("Z", "z")):
            part["timestamp"] = format_timestamp(parse_timestamp(part["timestamp"]))

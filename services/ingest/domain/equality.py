"""When two statements are the same one (xAPI 1.0.3 Data 2.3.1: immutability and its exceptions).

Ignored: id, authority, stored, timestamp and version; attachments; the display of verbs and the definition of
activities; the order of a group's members; how a SubStatement's timestamp is written; a contextActivities object
or an array of it; letter case of UUIDs; what a duration says below 0.01 s; 1 or 1.0. Nothing else is.
"""

import hashlib
import re
from typing import Any

import orjson

from schemas.xapi.times import format_timestamp, parse_timestamp

_NOT_CONTENT = frozenset({"id", "authority", "stored", "timestamp", "version", "attachments"})
_FRACTION_OF_SECOND = re.compile(r"[.,]([0-9]+)S$")
_LARGEST, _SMALLEST = 1 << 64, -(1 << 63)


def digest(statement: dict[str, Any]) -> bytes:
    """sha-256 of a valid statement's content: two digests are equal when the statements are."""
    content = _canonical({name: value for name, value in statement.items() if name not in _NOT_CONTENT})
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def _canonical(part: dict[str, Any]) -> dict[str, Any]:
    """A statement or SubStatement, written the one way."""
    canonical = {
        **part,
        "actor": _actor(part["actor"]),
        "verb": part["verb"]["id"],
        "object": _object(part["object"]),
    }
    if "result" in part:
        canonical["result"] = _result(part["result"])
    if "context" in part:
        canonical["context"] = _context(part["context"])
    return canonical


def _object(value: dict[str, Any]) -> dict[str, Any]:
    match value.get("objectType", "Activity"):
        case "Activity":
            return _activity(value)
        case "SubStatement":
            return _substatement(value)
        case "StatementRef":
            return _reference(value)
        case _:
            return _actor(value)


def _substatement(value: dict[str, Any]) -> dict[str, Any]:
    canonical = _canonical(value)
    canonical.pop("attachments", None)
    if "timestamp" in value:
        canonical["timestamp"] = format_timestamp(parse_timestamp(value["timestamp"]))
    return canonical


def _activity(activity: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in activity.items() if name != "definition"}


def _reference(reference: dict[str, Any]) -> dict[str, Any]:
    return reference | {"id": reference["id"].lower()}


def _actor(actor: dict[str, Any]) -> dict[str, Any]:
    if "member" not in actor:
        return actor
    members = sorted(actor["member"], key=lambda member: orjson.dumps(member, option=orjson.OPT_SORT_KEYS))
    return actor | {"member": members}


def _result(result: dict[str, Any]) -> dict[str, Any]:
    canonical: dict[str, Any] = _numbers(result)
    if "duration" in canonical:
        canonical["duration"] = _FRACTION_OF_SECOND.sub(_hundredths, canonical["duration"])
    return canonical


def _hundredths(fraction: re.Match[str]) -> str:
    digits = fraction[1][:2].rstrip("0")
    return f".{digits}S" if digits else "S"


def _context(context: dict[str, Any]) -> dict[str, Any]:
    canonical = dict(context)
    if "extensions" in context:
        canonical["extensions"] = _numbers(context["extensions"])
    if "registration" in context:
        canonical["registration"] = context["registration"].lower()
    if "statement" in context:
        canonical["statement"] = _reference(context["statement"])
    for name in ("instructor", "team"):
        if name in context:
            canonical[name] = _actor(context[name])
    if "contextGroups" in context:
        canonical["contextGroups"] = [group | {"group": _actor(group["group"])} for group in context["contextGroups"]]
    if "contextActivities" in context:
        canonical["contextActivities"] = {
            name: [_activity(activity) for activity in (value if isinstance(value, list) else [value])]
            for name, value in context["contextActivities"].items()
        }
    return canonical


def _numbers(value: Any) -> Any:
    """Whole floats as integers, at every depth: 1.0 is 1."""
    if isinstance(value, dict):
        return {name: _numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_numbers(inner) for inner in value]
    if isinstance(value, float) and value.is_integer() and _SMALLEST <= value < _LARGEST:
        return int(value)
    return value

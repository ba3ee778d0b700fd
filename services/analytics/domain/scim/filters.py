"""Filters (RFC 7644 3.4.2.2), as far as providers look people and groups up: comparisons with `eq`, joined by `and`."""

import re
from typing import Any

import orjson

from services.analytics.domain.scim.problems import WrongRequest

Condition = tuple[str, Any]
"""An attribute path in lower case, without the schema's URN, and the value that it must equal."""

_COMPARISON = re.compile(
    r"""\s*(?:urn:[\w:.\-]*:)?(?P<path>[A-Za-z$][\w$\-.]*(?:\[[^\]]*\](?:\.\w+)?)?)
        \s+eq\s+(?P<value>"(?:[^"\\]|\\.)*"|true|false|null|-?\d+)\s*(?P<more>and\s+|$)""",
    re.VERBOSE | re.IGNORECASE,
)
_SUB_FILTER = re.compile(r"\[[^\]]*\]")


def conditions(text: str) -> list[Condition]:
    """Return what a filter demands. Raises `WrongRequest(invalidFilter)` for what is not supported."""
    found: list[Condition] = []
    place = 0
    while True:
        each = _COMPARISON.match(text, place)
        if each is None:
            raise WrongRequest("invalidFilter", 'supported are comparisons such as userName eq "x", joined by and')
        path = _SUB_FILTER.sub("", each["path"].lower())
        found.append((path, _value(each["value"])))
        place = each.end()
        if not each["more"].strip():
            return found


def _value(text: str) -> Any:
    try:
        value = orjson.loads(text if text.startswith('"') else text.lower())
    except orjson.JSONDecodeError as error:
        raise WrongRequest("invalidFilter", "a value is a string, a number, true, false or null") from error
    if isinstance(value, str) and "\x00" in value:  # no table holds it, so nothing can be asked for by it
        raise WrongRequest("invalidFilter", "no value holds U+0000")
    return value

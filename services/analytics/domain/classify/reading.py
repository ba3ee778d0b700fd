"""Reading: the few parts of a statement that classification looks at, whatever a sender made of them.

Never the content of a message: no `result.response`, no description, no attachment. What is not as xAPI has it counts
as absent, so that what can be read of an odd statement is classified.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Statement = Mapping[str, Any]

_NOTHING: Final[Mapping[str, Any]] = {}


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object of JSON as it is, and anything else as an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def text(value: object) -> str:
    """Return a text as it is, and anything else as an empty one."""
    return value if isinstance(value, str) else ""


def object_type(target: Mapping[str, Any]) -> str:
    """Return what the object of a statement is: an Activity unless it says otherwise (Data 2.4.4)."""
    return text(target.get("objectType")) or "Activity"


def activities(context: Mapping[str, Any], *relations: str) -> Iterator[Mapping[str, Any]]:
    """Yield the context activities of those relations; a single one may stand without its list (Data 2.4.6.2)."""
    related = context.get("contextActivities")
    if isinstance(related, dict):
        for relation in relations:
            found = related.get(relation)
            if isinstance(found, dict):
                yield found
            elif isinstance(found, list):
                yield from (each for each in found if isinstance(each, dict))


def language_map(value: object, most: int = 3) -> Sequence[str]:
    """Return the first texts of a language map."""
    if not isinstance(value, dict):
        return ()
    return [each for each in list(value.values())[:most] if isinstance(each, str)]

"""Reading: the few parts of a statement that classification looks at, whatever a sender made of them.

Never the content of a message: no `result.response`, no description, no attachment. What is not as xAPI has it counts
as absent, so that what can be read of an odd statement is classified.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

Statement = Mapping[str, Any]

_NOTHING: Final[dict[str, Any]] = {}
_NAMES: Final = 3
"""So many languages of a name are read."""


class Act(NamedTuple):
    """What somebody did: the verb and the object of a statement, and what it says around them."""

    verb: str
    display: Mapping[str, Any]
    object_type: str
    object: Mapping[str, Any]
    iri: str
    definition: Mapping[str, Any]
    activity_type: str
    context: Mapping[str, Any]
    result: Mapping[str, Any]


def act_of(statement: Statement) -> Act:
    """Read a statement; an object without a type is an Activity (Data 2.4.4)."""
    verb, target = mapping(statement.get("verb")), mapping(statement.get("object"))
    definition = mapping(target.get("definition"))
    return Act(
        text(verb.get("id")),
        mapping(verb.get("display")),
        text(target.get("objectType")) or "Activity",
        target,
        text(target.get("id")),
        definition,
        text(definition.get("type")),
        mapping(statement.get("context")),
        mapping(statement.get("result")),
    )


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object of JSON as it is, and anything else as an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def text(value: object) -> str:
    """Return a text as it is, and anything else as an empty one."""
    return value if isinstance(value, str) else ""


def activities(related: object, *relations: str) -> Iterator[Mapping[str, Any]]:
    """Yield the context activities of those relations; a single one may stand without its list (Data 2.4.6.2)."""
    if isinstance(related, dict):
        for relation in relations:
            found = related.get(relation)
            if isinstance(found, dict):
                yield found
            elif isinstance(found, list):
                for each in found:
                    if isinstance(each, dict):
                        yield each


def languages(value: object) -> Sequence[str]:
    """Return the first texts of a language map."""
    if not isinstance(value, dict) or not value:
        return ()
    return [each for each in list(value.values())[:_NAMES] if isinstance(each, str)]

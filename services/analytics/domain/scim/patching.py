"""PATCH (RFC 7644 3.5.2), as Entra ID and Okta send it: with paths and without, values in any of their forms.

A resource goes in and a new one comes out. Attribute names are compared without case; an attribute that is not kept
is taken and left out later, for a provider sends all that it was told to map.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from services.analytics.domain.scim.filters import Condition, conditions
from services.analytics.domain.scim.problems import WrongRequest
from services.analytics.domain.scim.schemas import ENTERPRISE, GROUP, USER

Resource = dict[str, Any]

_PATH = re.compile(r"(?P<attribute>[A-Za-z$][\w$\-]*)(?:\[(?P<filter>.+)\])?(?:\.(?P<sub>[A-Za-z$][\w$\-]*))?")
_MOST_OPERATIONS = 1000


def patched(resource: Mapping[str, Any], body: Mapping[str, Any]) -> Resource:
    """Return the resource after every operation of a PatchOp. Raises `WrongRequest`."""
    operations = _of(body, "operations")
    if not isinstance(operations, list) or not operations or len(operations) > _MOST_OPERATIONS:
        raise WrongRequest("invalidSyntax", "Operations is a list of 1 to 1000 operations")
    after: Resource = _copied(dict(resource))
    for operation in operations:
        _operate(after, operation)
    return after


def _operate(resource: Resource, operation: Any) -> None:
    if not isinstance(operation, dict):
        raise WrongRequest("invalidSyntax", "an operation is an object")
    what, path, value = (_of(operation, name) for name in ("op", "path", "value"))
    what = str(what).lower()
    if what not in ("add", "replace", "remove"):
        raise WrongRequest("invalidSyntax", "op is add, replace or remove")
    if path is not None:
        _change(resource, what, str(path), value)
    elif what == "remove":
        raise WrongRequest("noTarget", "remove needs a path")
    elif not isinstance(value, dict):
        raise WrongRequest("invalidSyntax", "without a path the value is an object")
    else:
        for name, each in value.items():
            _change(resource, what, name, each)


def _change(resource: Resource, what: str, path: str, value: Any) -> None:
    urn, path = _without_urn(path.strip())
    target = _extension(resource) if urn == ENTERPRISE else resource
    if urn is not None and not path:
        for name, each in value.items() if isinstance(value, dict) else ():
            _set(target, what, name, each)
        return
    parts = _PATH.fullmatch(path)
    if parts is None and urn is None and path.lower().startswith("urn:"):
        return  # of a schema that is not kept
    if parts is None:
        raise WrongRequest("invalidPath", "a path is attribute, attribute.sub, attribute[filter] or URN:attribute")
    if parts["filter"]:
        _change_items(target, what, parts["attribute"], conditions(parts["filter"]), parts["sub"], value)
    elif parts["sub"]:
        inside = target.setdefault(_name(target, parts["attribute"]), {})
        if isinstance(inside, dict):
            _set(inside, what, parts["sub"], value)
    else:
        _set(target, what, parts["attribute"], value)


def _set(target: Resource, what: str, attribute: str, value: Any) -> None:
    name = _name(target, attribute)
    before = target.get(name)
    if what == "remove":
        if isinstance(before, list) and value:  # Entra ID removes members by value, beside a path without a filter
            target[name] = _without(before, _listed(value))
        else:
            target.pop(name, None)
    elif what == "add" and isinstance(before, list):
        target[name] = before + _without(_listed(value), before)
    elif isinstance(before, dict) and isinstance(value, dict):
        target[name] = before | value
    else:
        target[name] = value


def _change_items(
    target: Resource, what: str, attribute: str, wanted: list[Condition], sub: str | None, value: Any
) -> None:
    """Change the items of a multi-valued attribute that a filter names; one that is not there is made."""
    name = _name(target, attribute)
    items = [each for each in _listed(target.get(name)) if isinstance(each, dict)]
    chosen = [each for each in items if _meets(each, wanted)]
    if what == "remove":
        if sub is None:
            items = [each for each in items if each not in chosen]
        for each in chosen if sub else ():
            each.pop(_name(each, sub or ""), None)
        target[name] = items
        return
    if not chosen:
        chosen = [dict(wanted)]
        items.append(chosen[0])
    for each in chosen:
        each.update({_name(each, sub): value} if sub else value if isinstance(value, dict) else {"value": value})
    target[name] = items


def _meets(item: Mapping[str, Any], wanted: Iterable[Condition]) -> bool:
    return all(_same(_of(item, path), value) for path, value in wanted)


def _same(one: Any, other: Any) -> bool:
    return str(one).lower() == str(other).lower()


def _without(items: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """Return the items that are not among the others; an item is known by its `value`."""
    known = {_value_of(each) for each in others}
    return [each for each in items if _value_of(each) not in known]


def _value_of(item: Any) -> str:
    return str(_of(item, "value") if isinstance(item, dict) else item)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _without_urn(path: str) -> tuple[str | None, str]:
    """Return the schema that a path begins with, and the rest of it."""
    for urn in (ENTERPRISE, USER, GROUP):
        if path.lower() == urn.lower() or path.lower().startswith(f"{urn}:".lower()):
            return urn, path[len(urn) + 1 :]
    return None, path


def _extension(resource: Resource) -> Resource:
    held = resource.setdefault(_name(resource, ENTERPRISE), {})
    if not isinstance(held, dict):
        raise WrongRequest("invalidValue", "an extension is an object")
    return held


def _name(target: Mapping[str, Any], name: str) -> str:
    """Return an attribute's name as it stands there already."""
    return next((each for each in target if each.lower() == name.lower()), name)


def _of(target: Mapping[str, Any], name: str) -> Any:
    return target.get(_name(target, name))


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(each) for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value

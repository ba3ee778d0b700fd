"""A SCIM User as an entry of the roster: what of it is kept, and what it says."""

from collections.abc import Callable, Mapping
from typing import Any

from services.analytics.domain.people.cells import yes
from services.analytics.domain.people.identity import identity
from services.analytics.domain.people.wanted import NO_TEAM, Place, Stay, Wanted
from services.analytics.domain.scim.problems import WrongRequest
from services.analytics.domain.scim.schemas import ENTERPRISE

GROUPS = "groups"

_NUMBER = "employeeNumber"  # the one text that systems send as a number
_TEXTS = ("userName", "externalId", "title", "userType")
_ENTERPRISE_TEXTS = (_NUMBER, "department")
_LONGEST = 200


def kept(sent: Mapping[str, Any], groups: list[str]) -> dict[str, Any]:
    """Return what is kept of a User as it was sent, and the teams that it is a member of. Raises `WrongRequest`."""
    named = {name.lower(): value for name, value in sent.items()}
    resource: dict[str, Any] = {name: text for name in _TEXTS if (text := _text(named, name)) is not None}
    if "userName" not in resource:
        raise WrongRequest("invalidValue", "a User has a userName")
    resource["active"] = active(named.get("active"))
    if emails := _items(named, "emails", "value"):
        resource["emails"] = emails
    if places := _items(named, "addresses", "locality"):
        resource["addresses"] = places
    extension = named.get(ENTERPRISE.lower())
    if isinstance(extension, dict):
        inside = {name.lower(): value for name, value in extension.items()}
        told = {name: text for name in _ENTERPRISE_TEXTS if (text := _text(inside, name)) is not None}
        if told:
            resource[ENTERPRISE] = told
    return resource | ({GROUPS: sorted(set(groups))} if groups else {})


def reference_of(resource: Mapping[str, Any]) -> str:
    """Return the organisation's reference of a user: externalId, else employeeNumber, else userName."""
    number = resource.get(ENTERPRISE, {}).get(_NUMBER)
    return str(resource.get("externalId") or number or resource["userName"])


def wanted_of(reference: str, resource: Mapping[str, Any]) -> Wanted:
    """Return what a user says: identities by e-mail, places by groups, else by department. Raises `WrongRequest`."""
    places = resource.get("addresses", [])
    work = next((each for each in places if each.get("type", "").lower() == "work"), places[0] if places else {})
    as_what = (resource.get("title"), work.get("locality"), resource.get("userType"))
    stays = tuple(Stay(Place(team, *as_what)) for team in teams_of(resource) or [NO_TEAM])
    identities = tuple(dict.fromkeys(_mbox(each["value"]) for each in resource.get("emails", [])))
    return Wanted(reference, identities, stays, resource["active"])


def teams_of(resource: Mapping[str, Any]) -> list[str]:
    """Return the teams of a user: the groups it is a member of, else its department."""
    department = resource.get(ENTERPRISE, {}).get("department")
    return list(resource.get(GROUPS) or ([department] if department else []))


def active(value: Any) -> bool:
    """Return whether a user is active; Entra ID says so with the word "False" too."""
    return value is None or _truth(value, "active")


def _truth(value: Any, name: str) -> bool:
    try:
        return value if isinstance(value, bool) else yes(str(value))
    except ValueError as error:
        raise WrongRequest("invalidValue", f"{name} is true or false") from error


def _text(named: Mapping[str, Any], name: str) -> str | None:
    value = named.get(name.lower())
    if name == _NUMBER and isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return None if value in (None, "") else _held(value, name)


def _held(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST or not value.isprintable():
        raise WrongRequest("invalidValue", f"{name} is a text of at most {_LONGEST} printable characters")
    return value


def _items(named: Mapping[str, Any], attribute: str, needed: str) -> list[dict[str, Any]]:
    """Return the items of a multi-valued attribute, each with what is kept of it; without `needed` one says nothing.

    Raises `WrongRequest` for a part of another kind: dropping it would lose what somebody meant to say.
    """
    value = named.get(attribute)
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) for each in items):
        raise WrongRequest("invalidValue", "a multi-valued attribute is a list of objects")
    lowered = [{name.lower(): part for name, part in each.items()} for each in items]
    parts: dict[str, Callable[[Any, str], Any]] = {needed: _held, "type": _held, "primary": _truth}
    told = [
        {name: of(each[name], f"{attribute}.{name}") for name, of in parts.items() if each.get(name) not in (None, "")}
        for each in lowered
    ]
    return [each for each in told if needed in each]


def _mbox(address: str) -> str:
    try:
        return identity(address, "mbox")
    except ValueError as error:
        raise WrongRequest("invalidValue", "emails: not an e-mail address") from error

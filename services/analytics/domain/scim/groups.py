"""A SCIM Group as a team: its name, and who is in it."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.analytics.domain.people.wanted import Team
from services.analytics.domain.scim.filters import Condition
from services.analytics.domain.scim.problems import WrongRequest

_LONGEST = 200


def group_of(team: Team, members: Iterable[str]) -> dict[str, Any]:
    """Return a team as a Group, to be changed or told."""
    return {
        "displayName": team.name,
        "externalId": team.team,
        "members": [{"value": each, "type": "User"} for each in members],
    }


def name_of(group: Mapping[str, Any]) -> str:
    """Return the name of a Group as it was sent. Raises `WrongRequest`."""
    return _text(group, "displayName") or _needed()


def external_id_of(group: Mapping[str, Any]) -> str | None:
    """Return the externalId of a Group as it was sent. Raises `WrongRequest`."""
    return _text(group, "externalId")


def members_of(group: Mapping[str, Any]) -> set[str]:
    """Return the ids of the members of a Group as it was sent. Raises `WrongRequest`."""
    members = next((value for name, value in group.items() if name.lower() == "members"), None) or []
    members = members if isinstance(members, list) else [members]
    found = {str(each.get("value")).lower() if isinstance(each, dict) else "" for each in members}
    if not all(each.isprintable() and each for each in found):
        raise WrongRequest("invalidValue", "members is a list of objects, each with the id of a User as its value")
    return found


def meets(team: Team, members: Iterable[str], conditions: Iterable[Condition]) -> bool:
    """Tell whether a team is what a filter asks for. Raises `WrongRequest(invalidFilter)`."""
    return all(_meets(team, members, path, value) for path, value in conditions)


def _meets(team: Team, members: Iterable[str], path: str, value: Any) -> bool:
    if path == "displayname":
        return team.name.lower() == str(value).lower()
    if path in ("id", "externalid"):
        return team.team == str(value)
    if path in ("members", "members.value"):
        return value in members
    raise WrongRequest("invalidFilter", "groups are found by displayName, externalId, id or members")


def _text(group: Mapping[str, Any], name: str) -> str | None:
    value = next((each for key, each in group.items() if key.lower() == name.lower()), None)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _LONGEST or not value.isprintable():
        raise WrongRequest("invalidValue", f"{name} is a text of at most {_LONGEST} printable characters")
    return value


def _needed() -> str:
    raise WrongRequest("invalidValue", "a Group has a displayName")

"""What an organisation says of its people and teams, whichever way it says it: a file, SCIM, a call."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

NO_TEAM = ""
"""The team of a membership of the organisation without one."""


class Place(NamedTuple):
    """Where somebody belongs: a team (or `NO_TEAM`), and as what."""

    team: str
    role: str | None = None
    location: str | None = None
    relation: str | None = None


class Membership(NamedTuple):
    """A place with its validity in time: `until` is the first day that is no longer part of it, None while it lasts."""

    team: str
    role: str | None
    location: str | None
    relation: str | None
    since: date
    until: date | None

    @property
    def place(self) -> Place:
        """Return where it is, without when."""
        return Place(self.team, self.role, self.location, self.relation)


class Stay(NamedTuple):
    """A place as an organisation tells it: since None is "as of now", or as long as we know of it."""

    place: Place
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is said of one reference; None is nothing. `whole`: these stays are all there ever were."""

    reference: str
    identities: tuple[str, ...] | None
    stays: tuple[Stay, ...] | None
    active: bool = True
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Team:
    """A team; parent None: directly under the organisation. Who removed it may still have its past in figures."""

    team: str
    name: str
    parent: str | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class SaidTeam:
    """What is said of a team: None is nothing, parent "" is that it stands directly under the organisation."""

    team: str
    name: str | None = None
    parent: str | None = None
    line: int = 0

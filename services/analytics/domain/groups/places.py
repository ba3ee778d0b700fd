"""Places: where people were in a month, and the tree of teams that they were in (MIX.md 3.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

ROOT = ""
"""The organisation as a node of the tree; as a unit, the people without a team."""


class Place(NamedTuple):
    """One team, role and location per person per month; empty where none is known."""

    team: str = ROOT
    role: str = ""
    location: str = ""


NOWHERE = Place()

LISTED, UNLISTED = "yes", "no"


def listed(person: str, places: Mapping[str, Place]) -> str:
    """Return whether somebody is on the roster; empty while there is no roster at all."""
    return "" if not places else LISTED if person in places else UNLISTED


@dataclass(frozen=True)
class Tree:
    """Teams and their parents. The *unit* of a team is its direct members: beside the teams below it, one child more.

    A team whose parent is not known stands below the organisation itself; so does one in a circle.
    """

    parents: Mapping[str, str | None]

    @cached_property
    def children(self) -> Mapping[str, list[str]]:
        """The teams right below each node, in order of id."""
        below: dict[str, list[str]] = {}
        for team in sorted(self.parents):
            below.setdefault(self._above(team), []).append(team)
        return below

    def inside(self, node: str) -> frozenset[str]:
        """Return the units of a node: its own and those of every team below it."""
        found, waiting = {node}, [node]
        while waiting:
            for team in self.children.get(waiting.pop(), ()):
                found.add(team)
                waiting.append(team)
        return frozenset(found)

    def unit(self, team: str) -> str:
        """Return the unit of a team; one that is not in the tree has none of its own."""
        return team if team in self.parents else ROOT

    def path(self, unit: str) -> list[str]:
        """Return the nodes from a unit up to the organisation."""
        path = [unit]
        while path[-1] != ROOT:
            path.append(self._above(path[-1]))
        return path

    def _above(self, team: str) -> str:
        above = self.parents.get(team)
        if above is None or above not in self.parents or self._circles(team):
            return ROOT
        return above

    def _circles(self, team: str) -> bool:
        seen, at = set[str](), self.parents.get(team)
        while at is not None and at not in seen:
            if at == team:
                return True
            seen.add(at)
            at = self.parents.get(at)
        return False

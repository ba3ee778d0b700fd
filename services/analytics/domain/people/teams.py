"""Teams as a tree: what is said of them against what is known, every parent known and no circle."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from services.analytics.domain.people.problems import Problem, WrongFile
from services.analytics.domain.people.wanted import SaidTeam, Team

Change = Literal["added", "renamed", "moved", "removed"]


@dataclass(frozen=True, slots=True)
class TeamChange:
    """A team as it will be, and what of it changes."""

    team: Team
    changes: tuple[Change, ...]


def team_changes(known: Mapping[str, Team], said: Iterable[SaidTeam]) -> list[TeamChange]:
    """Return the changes, in order of team. Raises `WrongFile` for unknown parents and circles."""
    wanted = {each.team: each for each in said}
    after = dict(known) | {team: _after(known.get(team), each) for team, each in wanted.items()}
    problems = [problem for each in wanted.values() if (problem := _problem(each, after)) is not None]
    if problems:
        raise WrongFile(sorted(problems, key=lambda problem: problem.line))
    changed = (TeamChange(after[team], _changes(known.get(team), after[team])) for team in sorted(wanted))
    return [change for change in changed if change.changes]


def circle(team: str, teams: Mapping[str, Team]) -> bool:
    """Tell whether a team stands under itself."""
    seen, above = {team}, teams[team].parent
    while above is not None and above in teams:
        if above in seen:
            return above == team
        seen.add(above)
        above = teams[above].parent
    return False


def _after(before: Team | None, said: SaidTeam) -> Team:
    name = said.name or (before.name if before else said.team)
    parent = (before.parent if before else None) if said.parent is None else said.parent or None
    return Team(said.team, name, parent)


def _changes(before: Team | None, after: Team) -> tuple[Change, ...]:
    if before is None or before.removed:
        return ("added",)
    renamed: tuple[Change, ...] = ("renamed",) if before.name != after.name else ()
    return (*renamed, "moved") if before.parent != after.parent else renamed


def _problem(said: SaidTeam, teams: Mapping[str, Team]) -> Problem | None:
    parent = teams[said.team].parent
    if parent is not None and said.parent and (parent not in teams or teams[parent].removed):
        detail = "there is no such team: a line without a reference can define it (team, team_name, team_parent)"
        return Problem(said.line, "team_parent", detail)
    if circle(said.team, teams):
        return Problem(said.line, "team_parent", "teams form a circle: this team stands under itself")
    return None

"""An organisation's HR file: who belongs to it, by which reference, known by which identities, where and when.

One line is one person as of now, or with several lines of one reference all memberships that this person ever had.
A line without a reference says what a team is called and under which it stands: under none without a team_parent.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from services.analytics.domain.people import cells
from services.analytics.domain.people.identity import alias_of, identity
from services.analytics.domain.people.problems import Problem, WrongFile
from services.analytics.domain.people.sheet import IDENTITY_COLUMNS, Row, Sheet, read_sheet
from services.analytics.domain.people.wanted import Place, SaidTeam, Stay, Wanted

T = TypeVar("T")

_OF_A_STAY = frozenset({"team", "role", "location", "relation", "since", "until"})
_KIND_OF = {"mbox": "mbox", "email": "mbox", "mbox_sha1sum": "mbox_sha1sum", "openid": "openid", "account": "account"}


@dataclass(frozen=True, slots=True)
class HrFile:
    """What a file says."""

    people: tuple[Wanted, ...]
    teams: tuple[SaidTeam, ...]


def read_hr_file(body: bytes) -> HrFile:
    """Read a file as CSV. Raises `WrongFile` with everything that is wrong with it."""
    sheet = read_sheet(body)
    reading = _Reading(sheet)
    for row in sheet.rows:
        reading.row(row)
    return reading.end()


@dataclass(frozen=True, slots=True)
class _Line:
    line: int
    identities: tuple[str, ...]
    stay: Stay
    active: bool


class _Reading:
    """What was read so far, and what is wrong with it."""

    def __init__(self, sheet: Sheet) -> None:
        self._problems = list(sheet.problems)
        self._columns = sheet.columns
        self._identity_columns = [
            (name, _KIND_OF.get(found[1])) for name in sheet.columns if (found := IDENTITY_COLUMNS.fullmatch(name))
        ]
        self._tells_stays = not _OF_A_STAY.isdisjoint(sheet.columns)
        self._tells_parents = "team_parent" in sheet.columns
        self._people: dict[str, list[_Line]] = {}
        self._teams: dict[str, SaidTeam] = {}
        self._top: set[str] = set()
        self._owners: dict[str, tuple[str, int]] = {}

    def row(self, row: Row) -> None:
        """Take in a line."""
        reference = self._read(row, "reference", cells.name, "")
        team = self._read(row, "team", cells.name, "")
        if team:
            self._team(row, team)
        elif row.cells.get("team_name") or row.cells.get("team_parent"):
            self._wrong(row, "team", "a team_name or team_parent needs the team that it is about")
        if reference:
            place = Place(team, *(self._read(row, each, cells.name, "") or None for each in Place._fields[1:]))
            since, until = (self._read(row, each, cells.day, None) for each in ("since", "until"))
            if since and until and until <= since:
                self._wrong(row, "until", "until is the first day after a membership, so later than since")
            line = _Line(row.line, self._identities(row, reference), Stay(place, since, until), self._active(row))
            self._people.setdefault(reference, []).append(line)
        elif team and self._tells_parents:
            self._top.add(team)
        elif not team:
            self._wrong(row, "reference", "a line needs the reference of a person, or a team")

    def end(self) -> HrFile:
        """Return all of it. Raises `WrongFile`."""
        people = tuple(self._person(reference, lines) for reference, lines in self._people.items())
        if self._problems:
            places = {name: place for place, name in enumerate(self._columns)}
            raise WrongFile(sorted(self._problems, key=lambda it: (it.line, places.get(it.column, -1))))
        teams = (
            replace(each, parent="") if team in self._top and each.parent is None else each
            for team, each in self._teams.items()
        )
        return HrFile(people, tuple(teams))

    def _person(self, reference: str, lines: list[_Line]) -> Wanted:
        stays: tuple[Stay, ...] | None = tuple(line.stay for line in lines)
        if len(lines) > 1:
            self._several(lines)
        elif not self._tells_stays:
            stays = None
        told = tuple(dict.fromkeys(each for line in lines for each in line.identities))
        identities = told if self._identity_columns else None
        return Wanted(reference, identities, stays, lines[0].active, len(lines) > 1)

    def _several(self, lines: list[_Line]) -> None:
        """Check the lines of one reference against each other."""
        begun: dict[tuple[str, date | None], int] = {}
        for line in lines:
            if line.active != lines[0].active:
                self._wrong(line, "active", f"line {lines[0].line} says otherwise of the same reference")
            if line.stay.since is None:
                self._wrong(line, "since", f"line {lines[0].line} has the same reference: then each needs a since")
            elif (first := begun.setdefault((line.stay.place.team, line.stay.since), line.line)) != line.line:
                self._wrong(line, "since", f"line {first} has the same reference, team and since")

    def _team(self, row: Row, team: str) -> None:
        name = self._read(row, "team_name", cells.name, "") or None
        parent = self._read(row, "team_parent", cells.name, "") or None
        said = self._teams.setdefault(team, SaidTeam(team, name, parent, row.line))
        for column, before, now in (("team_name", said.name, name), ("team_parent", said.parent, parent)):
            if before is not None and now is not None and before != now:
                self._wrong(row, column, f"line {said.line} says otherwise of the same team")
        if (said.name is None and name) or (said.parent is None and parent):
            line = row.line if parent and said.parent is None else said.line
            self._teams[team] = SaidTeam(team, said.name or name, said.parent or parent, line)

    def _identities(self, row: Row, reference: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for column, kind in self._identity_columns:
            for text in filter(None, (part.strip() for part in row.cells.get(column, "").split(";"))):
                try:
                    each = identity(text, kind)
                except ValueError as error:
                    self._wrong(row, column, str(error))
                    continue
                known = [each, alias_of(each) or each]
                others = {line for it in known if (line := self._owned(it, reference, row.line)) is not None}
                if others:
                    self._wrong(row, column, f"line {min(others)} gives the same identity to another reference")
                found[each] = None
        return tuple(found)

    def _owned(self, identity: str, reference: str, line: int) -> int | None:
        """Return the line that gives this identity to another reference, if there is one."""
        owner, first = self._owners.setdefault(identity, (reference, line))
        return first if owner != reference else None

    def _active(self, row: Row) -> bool:
        return self._read(row, "active", cells.yes, True)

    def _read(self, row: Row, column: str, reader: Callable[[str], T], otherwise: T) -> T:
        try:
            return reader(row.cells.get(column, ""))
        except ValueError as error:
            self._wrong(row, column, str(error))
            return otherwise

    def _wrong(self, at: Row | _Line, column: str, detail: str) -> None:
        self._problems.append(Problem(at.line, column, detail))

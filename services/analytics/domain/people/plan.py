"""What an organisation says against what is known: the changes, as data. A dry run shows them, a run applies them.

An identity that nobody has used goes to whoever it is said to be at once. One by which somebody else has learned moves
no history by itself: the two persons are proposed as a match, which a human confirms.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from services.analytics.domain.people import periods
from services.analytics.domain.people.identity import kind_of
from services.analytics.domain.people.state import Known, Origin, State, in_question, keys_of
from services.analytics.domain.people.teams import TeamChange, team_changes
from services.analytics.domain.people.wanted import Membership, SaidTeam, Stay, Wanted

What = Literal["added", "changed", "returned", "left"]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one reference. `person` None: a new person is made.

    `link`: identities that nobody has; `move`: those of somebody else that were never used; `unlink`: those that are
    no longer said and were never used; `kept`: how many are no longer said, but have history.
    """

    reference: str
    person: str | None
    what: What
    active: bool
    identities: tuple[str, ...]
    link: tuple[tuple[str, Origin], ...]
    move: tuple[str, ...]
    unlink: tuple[str, ...]
    kept: int
    gone: tuple[Membership, ...]
    come: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Two persons who may be one: whom a reference means, and somebody else by whose identity it is known."""

    reference: str
    person: str | None
    other: str
    reason: Literal["same_reference", "alias"]
    kind: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that changes. `surely` are matches that need no human: an mbox and its sha1 are one by definition."""

    teams: tuple[TeamChange, ...]
    changes: tuple[Change, ...]
    proposed: tuple[Match, ...]
    surely: tuple[Match, ...]
    unchanged: int

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.teams or self.changes or self.proposed or self.surely)


def dropped_keys(roster: Mapping[str, Known], wanted: Iterable[Wanted]) -> set[str]:
    """Return the identities that are no longer said of the references: whether they were used matters."""
    dropped: set[str] = set()
    for reference, keys in in_question(roster, wanted).items():
        if reference in roster:
            dropped |= keys_of(roster[reference].identities).keys() - keys.keys()
    return dropped


def plan(
    state: State,
    wanted: Iterable[Wanted],
    teams: Iterable[SaidTeam] = (),
    *,
    today: date,
    first: date | None = None,
    complete: bool = False,
) -> Plan:
    """Return what changes when this is true from today. `complete`: who is not in it has left.

    `first`: when memberships began of whose beginning nothing is said or known. Raises `WrongFile` for the teams.
    """
    changed_teams = team_changes(state.teams, teams)
    planning = _Planning(state, {each.reference: each for each in wanted}, today, first or today, complete=complete)
    for each in planning.wanted.values():
        planning.say(each)
    if complete:
        for reference in sorted(state.roster.keys() - planning.wanted.keys()):
            planning.say(Wanted(reference, None, None, active=False))
    return planning.end(tuple(changed_teams))


class _Planning:
    """The plan so far."""

    def __init__(self, state: State, wanted: Mapping[str, Wanted], today: date, first: date, *, complete: bool) -> None:
        self.wanted = wanted
        self._state = state
        self._today = today
        self._first = first
        self._keys = in_question(state.roster, wanted.values())
        self._said_of = {key: reference for reference, keys in self._keys.items() for key in keys}
        self._taken = {known.person for known in state.roster.values()}
        self._complete = complete
        self._changes: list[Change] = []
        self._matches: dict[frozenset[str], Match] = {}
        self._unchanged = 0

    @cached_property
    def _claimed(self) -> frozenset[str]:
        """The identities of references on the roster that stay what they are."""
        return frozenset(
            key
            for reference, known in self._state.roster.items()
            if self._stays_as_it_is(reference)
            for key in keys_of(known.identities)
        )

    def _stays_as_it_is(self, reference: str) -> bool:
        said = self.wanted.get(reference)
        return not self._complete if said is None else said.active and reference not in self._keys

    def say(self, wanted: Wanted) -> None:
        """Take in what is said of one reference."""
        known = self._state.roster.get(wanted.reference)
        before = known.identities if known else ()
        said = before if wanted.identities is None else wanted.identities
        keys = self._keys.get(wanted.reference, {})
        person = known.person if known else self._whom(keys)
        link, move = self._take(wanted.reference, person, keys)
        unlink, kept = self._drop(known, said) if wanted.active else ((), 0)
        was = known.memberships if known else ()
        memberships = self._memberships(wanted, was)
        gone, come = _beside(was, memberships), _beside(memberships, was)
        identities = said if wanted.active else ()
        same = known and known.active == wanted.active and set(before) == set(identities)
        if same and not (link or move or unlink or gone or come):
            self._unchanged += 1
            return
        what = _what(known, wanted)
        self._changes.append(
            Change(
                wanted.reference, person, what, wanted.active, identities, link, move, unlink, kept, gone, come
            )
        )  # fmt: skip

    def end(self, teams: tuple[TeamChange, ...]) -> Plan:
        """Return the plan."""
        matches = [each for pair, each in self._matches.items() if pair not in self._state.matched]
        surely = tuple(each for each in self._matches.values() if each.reason == "alias")
        proposed = tuple(each for each in matches if each.reason != "alias")
        return Plan(teams, tuple(self._changes), proposed, surely, self._unchanged)

    def _whom(self, keys: Mapping[str, tuple[str, Origin]]) -> str | None:
        """Return who a new reference is: the first by whose identity it is known, unless another reference has them."""
        for key in keys:
            owner = self._state.owners.get(key)
            if owner is not None and owner not in self._taken:
                self._taken.add(owner)
                return owner
        return None

    def _take(
        self, reference: str, person: str | None, keys: Mapping[str, tuple[str, Origin]]
    ) -> tuple[tuple[tuple[str, Origin], ...], tuple[str, ...]]:
        """Return the identities that come to this person: new ones, and those that are taken from somebody else."""
        link, move = [], []
        for key, (ifi, origin) in keys.items():
            owner = self._state.owners.get(key)
            if owner is None:
                link.append((key, origin))
            elif owner == person:
                continue
            elif key in self._state.used or key in self._claimed:
                alias = origin == "alias" and owner not in self._taken
                reason: Literal["same_reference", "alias"] = "alias" if alias else "same_reference"
                match = Match(reference, person, owner, reason, kind_of(ifi))
                self._matches.setdefault(frozenset({person or f"new {reference}", owner}), match)
            else:
                move.append(key)
        return tuple(link), tuple(move)

    def _drop(self, known: Known | None, said: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
        """Return the identities that are no longer said and were never used, and how many were."""
        if known is None or known.identities == said:
            return (), 0
        dropped = [
            key
            for key in keys_of(known.identities)
            if self._state.owners.get(key) == known.person and key not in self._said_of  # else it goes there
        ]
        unlink = tuple(key for key in dropped if key not in self._state.used)
        return unlink, len(dropped) - len(unlink)

    def _memberships(self, wanted: Wanted, known: tuple[Membership, ...]) -> tuple[Membership, ...]:
        stays = wanted.stays
        if stays is not None and not wanted.active:
            stays = tuple(stay for stay in stays if stay.until is not None)  # else nobody knows until when it was
        after = known
        if stays is not None and wanted.whole:
            after = periods.as_told(stays, self._today)
        elif stays and not _as_it_is(known, stays):
            after = periods.as_of(known, stays, self._today, self._first)
        return after if wanted.active else periods.ended(after, self._today)


def _as_it_is(known: tuple[Membership, ...], stays: tuple[Stay, ...]) -> bool:
    """Tell at a glance that the one membership is what is told: so it is of most people at every import."""
    if len(known) != 1 or len(stays) != 1:
        return False
    (held,), (stay,) = known, stays
    return held.until is None and stay.until is None and stay.since == held.since and stay.place == held.place


def _what(known: Known | None, wanted: Wanted) -> What:
    if known is None:
        return "added"
    if known.active == wanted.active:
        return "changed"
    return "returned" if wanted.active else "left"


def _beside(some: tuple[Membership, ...], others: tuple[Membership, ...]) -> tuple[Membership, ...]:
    return tuple(each for each in some if each not in others)

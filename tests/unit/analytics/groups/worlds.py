"""Random firms and what their people do from day to day, with numbers that remember what they are sums of."""

from collections.abc import Iterator
from itertools import combinations
from random import Random

from schemas.events import MODES
from services.analytics.domain.groups.contribution import (
    FIGURES,
    NOTHING,
    UNKNOWN,
    Certainty,
    Contribution,
    Kind,
    Leaf,
    Part,
    ReadBy,
    plus,
)
from services.analytics.domain.groups.group import Group, Published, group, is_uncertain
from services.analytics.domain.groups.month import Month
from services.analytics.domain.groups.places import ROOT, Place, Tree
from services.analytics.domain.groups.rows import HEADS, Row
from tests.unit.analytics.groups.reckoning import Term

READ_BY = ReadBy("rules", 0)

Values = dict[Leaf, tuple[int, int, int]]


def part(person: str, leaf: Leaf, values: tuple[int, int, int]) -> Part:
    return Part(*(Term(value, {(person, (leaf, figure, value)): 1}) for figure, value in enumerate(values)))


def contributed(person: str, values: Values) -> Contribution | None:
    """A contribution of these leaves, with the heads that go with them."""
    leaves = {leaf: part(person, leaf, each) for leaf, each in values.items() if any(each)}
    if any(leaf.kind in MODES for leaf in leaves):
        leaves[Leaf("people")] = part(person, Leaf("people"), (0, 1, 0))
    if any(leaf.support for leaf in leaves):
        leaves[Leaf("reached")] = part(person, Leaf("reached"), (0, 1, 0))
    return Contribution(leaves, {}) if leaves else None


def published(month: Month, k: int) -> Published:
    uncertain = {mode: sum(is_uncertain(row, k) for row in month.rows[mode]) for mode in MODES}
    return Published(month.blocks, month.rows, uncertain, month.quartiles, month.roster)


def answers(month: Month, tree: Tree, k: int) -> Iterator[tuple[Kind | str, int, int]]:
    """Every number that any answer can tell: of what kind, in which figure, and the number.

    Also every row by itself, whether some node is made up of it or not: so pools are in it too.
    """
    for node in (ROOT, *tree.parents):
        told = group(published(month, k), node, tree, k)
        if isinstance(told, Group):
            yield from _numbers(told)
    for kind, rows in month.rows.items():
        for row in rows:
            yield from _of_row(kind, row)


def sums(month: Month) -> Iterator[tuple[tuple[Kind, ...], int, int]]:
    """The sums of modes that whoever reads reckons first: of which modes, in which figure, and the number.

    What somebody has in a sum is an unknown of its own: minutes that only change their mode leave it as it is.
    """
    told: dict[frozenset[str], dict[Kind, dict[str, Part]]] = {}
    blocks = {(kind, row.id): row.blocks for kind in MODES for row in month.rows[kind]}
    for person, record in month.people.items():
        for kind in set(MODES) & record.told.keys():
            row, each = record.told[kind]
            told.setdefault(blocks[kind, row], {}).setdefault(kind, {})[person] = each.total
    for kinds in told.values():
        for number in range(2, len(kinds) + 1):
            for some in combinations(sorted(kinds), number):
                people = {person for kind in some for person in kinds[kind]}
                for figure in FIGURES:
                    of = {p: sum(int(kinds[kind][p][figure]) for kind in some if p in kinds[kind]) for p in people}
                    yield some, figure, Term(sum(of.values()), {(p, value): 1 for p, value in of.items() if value})


def _of_row(kind: Kind, row: Row) -> Iterator[tuple[Kind, int, int]]:
    yield from ((kind, figure, number) for figure, number in enumerate(row.total))
    yield from ((kind, 0, number) for number in row.quartiles or ())
    if row.split:
        yield from ((kind, 1, number) for number in (*row.split.rules.values(), row.split.other))
        for parts in row.split.told.values():
            for each in parts.values():
                yield from ((kind, figure, number) for figure, number in enumerate(each))


def _numbers(told: Group) -> Iterator[tuple[Kind | str, int, int]]:
    if told.people is not None:
        yield "people", 1, told.people
    if told.seen is not None:
        yield "people", 1, told.seen
    for kind, each in told.kinds.items():
        yield from ((kind, figure, number) for figure, number in enumerate(each))
    for values in told.ways.values():
        for kinds in values.values():
            for kind, each in kinds.items():
                yield from ((kind, figure, number) for figure, number in enumerate(each))
    for kind, rules in told.rules.items():
        yield from ((kind, 1, number) for number in (*rules.values(), told.other[kind]))
    for mode, quartiles in told.quartiles.items():
        yield from ((mode, 0, number) for number in quartiles)


class Firm:
    """People in a tree of teams, with roles and locations; each day they do things, come, go, move and object.

    Some are on no roster, and come onto it. In a `quiet` world few do anything; where nobody `corrects`, nobody's
    values become less.
    """

    def __init__(self, seed: int, people: int, teams: int, *, quiet: bool = False, corrects: bool = True) -> None:
        self.random = Random(seed)
        names = [f"t{n}" for n in range(teams)]
        self.tree = Tree({team: self._above(place, names) for place, team in enumerate(names)})
        self.roles, self.sources = self.random.randint(0, 3), self.random.randint(1, 3)
        self.locations, self.rules = self.random.randint(0, 2), self.random.randint(1, 3)
        self.running = self.random.randint(0, 5)
        self.late = self.random.random() < 0.3
        self.unplaced = self.random.choice([0, 0, 0, 1, 2])
        self.rare = self.random.choice([*MODES, None])
        self.unlisted = self.random.choice([0, 0, 0.1, 0.5])
        self.values: dict[str, Values] = {}
        self.places: dict[str, Place] = {}
        self.objected: set[str] = set()
        self.strangers: set[str] = set()
        self.quiet, self.corrects, self.known = quiet, corrects, False
        self.read_by = READ_BY
        self.registry: dict[tuple[Kind, str], tuple[Leaf, bool]] = {}
        self.next = 0
        for _ in range(people):
            self.join()

    def _above(self, place: int, names: list[str]) -> str | None:
        return self.random.choice([None, *names[:place]]) if self.random.random() < 0.5 else None

    def join(self) -> None:
        person, self.next = f"p{self.next:03}", self.next + 1
        self.values[person] = {}
        self.places[person] = self.place()
        if self.random.random() < self.unlisted:
            self.strangers.add(person)
        if self.late:
            self.values[person] = {Leaf("formal", "s0", "u0"): (10, 1, 1)} if self.random.random() < 0.2 else {}
        elif self.random.random() < 0.85:
            self.act(person)

    def place(self) -> Place:
        pick = self.random.choice
        role = f"r{self.random.randrange(self.roles)}" if self.roles else ""
        location = f"l{self.random.randrange(self.locations)}" if self.locations else ""
        return Place(pick([*self.tree.parents, ROOT]), role, location)

    def act(self, person: str) -> None:
        """One more thing: it adds a statement, perhaps a moment, perhaps minutes."""
        for _ in range(self.random.randint(1, 3)):
            kind = self.random.choice([*MODES, *MODES, "unclassified", "not_learning", "formal"])
            if kind == self.rare and self.random.random() < 0.7:
                continue
            leaf = Leaf(
                kind,
                f"s{self.random.randrange(self.sources)}",
                f"u{self.random.randrange(self.rules)}",
                kind == "experiential" and self.random.random() < 0.4,
            )
            minutes, events, moments = self.values[person].get(leaf, (0, 0, 0))
            more = self.random.choice([0, 5, 10, 10, 30]) if kind != "not_learning" else 0
            self.values[person][leaf] = (minutes + more, events + 1, moments + self.random.randint(0, 1))

    def correct(self, person: str) -> None:
        """Something turns out otherwise: the values change, go, or go back to what they were."""
        for leaf in list(self.values[person])[:1]:
            minutes, events, moments = self.values[person][leaf]
            self.values[person][leaf] = self.random.choice([(0, 0, 0), (minutes // 2, events, moments), (10, 1, 1)])

    def read_anew(self) -> None:
        """Another version of the registry: what some rules told of is now of another class, all of it or half."""
        self.read_by = self.read_by._replace(registry=self.read_by.registry + 1)
        for _ in range(self.random.randint(1, 3)):
            kind, rule = self.random.choice([*MODES, "unclassified"]), f"u{self.random.randrange(self.rules)}"
            to = self.random.choice([*MODES, *MODES, "unclassified", "not_learning"])
            self.registry[kind, rule] = Leaf(to, rule=f"e{self.random.randrange(2)}"), self.random.random() < 0.5

    def read(self, values: Values) -> Values:
        """What somebody did, as it is read now."""
        read: Values = {}
        for leaf, each in values.items():
            entry, half = self.registry.get((leaf.kind, leaf.rule), (leaf, False))
            taken = tuple(number // 2 for number in each) if half else each
            left = tuple(number - other for number, other in zip(each, taken, strict=True))
            for to, part in ((Leaf(entry.kind, leaf.source, entry.rule, entry.support), taken), (leaf, left)):
                had = read.get(to, (0, 0, 0))
                read[to] = (had[0] + part[0], had[1] + part[1], had[2] + part[2])
        return read

    def known_places(self, day: int) -> tuple[dict[str, Place], Tree]:
        """Where people are, and the teams, as far as it is known on a day."""
        if day < self.unplaced:
            return {}, Tree({})
        return {person: each for person, each in self.places.items() if person not in self.strangers}, self.tree

    def day(self) -> None:
        """Few people change, or many. In a world that begins late nearly all begin on one day."""
        if self.late:
            self.late = False
            for person in self.values:
                if self.random.random() < 0.95:
                    self.values[person][Leaf("formal", "s0", "u0")] = (self.random.randint(11, 40), 7, 3)
            return
        share = self.random.choice([0, 0, 0.05] if self.quiet else [0.05, 0.2, 0.5, 0.9])
        for person in list(self.values):
            if self.random.random() >= share:
                continue
            what = self.random.random()
            if what < 0.65:
                self.act(person)
            elif what < 0.75:
                if self.corrects:
                    self.correct(person)
            elif what < 0.85:
                self.places[person] = self.place()
                self.strangers ^= {person} if self.unlisted else set()
            elif person in self.objected:
                self.objected.discard(person)
            else:
                self.objected.add(person)
        for _ in range(self.random.choice([0, 0, 1, 5]) if not self.quiet else 0):
            self.join()

    def leave_together(self, number: int) -> None:
        """People who do nothing else object on one day."""
        self.objected |= set(list(self.values)[:number])

    def followed(self, person: str) -> Contribution | None:
        """A contribution whose unknowns stay the same under whatever registry: for readers who know what it takes."""
        leaves: dict[Leaf, Part] = {}
        for leaf, values in self.values[person].items():
            entry, half = self.registry.get((leaf.kind, leaf.rule), (leaf, False))
            to = Leaf(entry.kind, leaf.source, entry.rule, entry.support)
            for place, goes in (("taken", to), ("left", leaf if half else to)):
                parts = [number // 2 if place == "taken" else number - number // 2 for number in values]
                unknowns = [(person, (leaf, place, figure, value)) for figure, value in enumerate(values)]
                made = Part(*(Term(number, {each: 1}) for number, each in zip(parts, unknowns, strict=True)))
                if any(made):
                    leaves[goes] = plus((leaves.get(goes, NOTHING), made))
        heads = contributed(person, self.read(self.values[person]))
        if heads is None:
            return None
        return Contribution(leaves | {leaf: each for leaf, each in heads.leaves.items() if leaf.kind in HEADS}, {})

    def contributions(self) -> dict[str, Contribution]:
        known = self.followed if self.known else lambda person: contributed(person, self.read(self.values[person]))
        made = {person: known(person) for person in self.values}
        return {p: each for p, each in made.items() if each is not None and p not in self.objected}


def simple(person: str, kind: Kind = "formal", minutes: int = 30, **leaf: str) -> Contribution:
    """Somebody with one leaf."""
    made = contributed(person, {Leaf(kind, **({"source": "lms", "rule": "course"} | leaf)): (minutes, 1, 1)})
    assert made is not None
    return made


def sure(each: Contribution, **known: int) -> Contribution:
    """The same with formal minutes that are known so."""
    return Contribution(each.leaves, {"formal": UNKNOWN._replace(**known) if known else Certainty()})

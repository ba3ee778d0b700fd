"""Following: whether what is published may follow what people do (MIX.md 3.5; `domain/groups` says why it is safe).

A value is *fresh* when nothing that was published of that person's month held it: it lies outside all that it has been.

A contributor's zero is a value like any other. But a figure that moves because of a few who have something in it, among
others who have nothing, would tell of those few all the same. So both must hold: k people are fresh, zeros or not; and
if the figure moves at all, k people are fresh in it and have something.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from services.analytics.domain.groups.contribution import FIGURES, UNKNOWN, Certainty, Kind, Leaf, Part, plus


class Range(NamedTuple):
    """The least and the greatest of each figure that was ever published."""

    least: Part
    greatest: Part

    def holds(self, figure: int, value: int) -> bool:
        """Tell whether the value may have been published."""
        return self.least[figure] <= value <= self.greatest[figure]

    def with_(self, part: Part) -> "Range":
        """Return the range with one more value."""
        return Range(Part(*map(min, self.least, part)), Part(*map(max, self.greatest, part)))


Seen = Mapping[Leaf, Range]
"""What was published of one person's month, by leaf, and by kind as a whole."""


def fresh(seen: Seen | None, leaf: Leaf, figure: int, part: Part) -> bool:
    """Tell whether nothing published held this value of a person."""
    known = seen.get(leaf) if seen else None
    return known is None or not known.holds(figure, part[figure])


@dataclass(frozen=True, slots=True)
class Told:
    """What of a person is told with a kind's row, and where that person is. `quartile`: taken for one.

    `listed`: whether on the roster (places.listed).
    """

    leaves: Mapping[Leaf, Part]
    role: str = ""
    location: str = ""
    certainty: Certainty = UNKNOWN
    quartile: bool = False
    listed: str = ""

    @property
    def total(self) -> Part:
        """All leaves together."""
        return plus(self.leaves.values())


def may_begin(after: Mapping[str, Told], people: Mapping[str, Seen], kind: Kind, k: int, *, first: bool) -> bool:
    """Tell whether these people's total may be published that was not: nobody's, or that of k contributors.

    `first`: nothing was published of the month before, so everybody is fresh.
    """
    if not after or (first and len(after) >= k):
        return True
    return len(after) >= k and _may_all({}, after, people, kind, k, together=False)


def may_follow(
    before: Mapping[str, Told], after: Mapping[str, Told], people: Mapping[str, Seen], kind: Kind, k: int, *, moves: int
) -> bool:
    """Tell whether a published total may become that of `after`. `moves`: how often it has followed already."""
    return not after or (len(after) >= k and _may_all(before, after, people, kind, k, together=not moves))


def _may_all(
    before: Mapping[str, Told],
    after: Mapping[str, Told],
    people: Mapping[str, Seen],
    kind: Kind,
    k: int,
    *,
    together: bool,
) -> bool:
    for figure in FIGURES:
        with_news = [told for person, told in after.items() if news(people.get(person), kind, figure, told)]
        for zeros in (True, False):
            if _same(before, after, figure, zeros=zeros):
                continue
            if sum(zeros or told.total[figure] > 0 for told in with_news) >= k:
                continue
            if not together or not left_together(before, after, figure, k, zeros=zeros):
                return False
    return True


def left_together(
    before: Mapping[str, Told], after: Mapping[str, Told], figure: int, k: int, *, zeros: bool = False
) -> bool:
    """Tell whether k people leave a row that has stood as it is since the month's first release, and k stay.

    They did the same things in the same place (a *cell*; cells are at least as fine as any split of the row), and none
    of them is in a quartile. The only numbers with them are the parts of the first release, and now the new row. With
    factor f for the cell's part and g, not 0, for the new row: those who left have the factor f, those who stay f + g,
    and not both of these can be 0. So k of them remain in any sum.
    """
    cells: dict[tuple[Leaf, str, str, str], list[int]] = {}
    for person, told in before.items():
        if told.quartile:
            continue
        now = after.get(person)
        for leaf, part in told.leaves.items():
            if zeros or part[figure]:
                stays = now is not None and leaf in now.leaves and now.leaves[leaf][figure] == part[figure]
                cells.setdefault((leaf, told.listed, told.role, told.location), [0, 0])[stays] += 1
    return any(min(counts) >= k for counts in cells.values())


def news(seen: Seen | None, kind: Kind, figure: int, told: Told) -> bool:
    """Tell whether a person is fresh in a figure of a kind: the total, and something in it."""
    return fresh(seen, Leaf(kind), figure, told.total) and any(
        fresh(seen, leaf, figure, part) for leaf, part in told.leaves.items()
    )


def _same(before: Mapping[str, Told], after: Mapping[str, Told], figure: int, *, zeros: bool) -> bool:
    """Tell whether a figure stays as it is; without `zeros` also whether nothing is left of it."""
    if zeros:
        return _leaves(before, figure) == _leaves(after, figure)
    now = {person: value for person, told in after.items() if (value := told.total[figure])}
    return not now or now == {person: value for person, told in before.items() if (value := told.total[figure])}


def _leaves(people: Mapping[str, Told], figure: int) -> dict[tuple[str, Leaf], int]:
    return {(person, leaf): part[figure] for person, told in people.items() for leaf, part in told.leaves.items()}


def widened(seen: Seen, leaves: Iterable[tuple[Leaf, Part]]) -> dict[Leaf, Range]:
    """Return what has been published of a person when this is published too."""
    wider = dict(seen)
    for leaf, part in leaves:
        wider[leaf] = wider[leaf].with_(part) if leaf in wider else Range(part, part)
    return wider

"""Parting: a row that stands as it was first released may be told anew where what was told comes apart cleanly."""

from collections.abc import Mapping

from services.analytics.domain.groups.contribution import FIGURES, Leaf
from services.analytics.domain.groups.following import Told
from services.analytics.domain.groups.rows import Key, Row, cell_of

People = Mapping[str, Told]
"""Of whom a row is told, and what."""


def parts_cleanly(row: Row, before: People, after: People, k: int) -> bool:
    """Tell whether a row that has stood since the month's first release may follow: it is taken apart cleanly.

    A cell is what the row's split leaves together. In each, nobody's value stays or k people's, taken for no quartile,
    and nobody's goes or k people's; and nobody has a new value, or k people. With factor f for a cell's values and g,
    not 0, for the new row, those who go have f, those who stay f + g, and who is new g: each of nobody or of k. And so
    is who has another total, for values may only have another rule.
    """
    return not row.moves and all(
        _part_of(row, before, after, figure, k, zeros=zeros) for figure in FIGURES for zeros in (True, False)
    )


def _part_of(row: Row, before: People, after: People, figure: int, k: int, *, zeros: bool) -> bool:
    sides: dict[tuple[bool, Key], set[str]] = {}
    old, new = _values(before, figure, zeros=zeros), _values(after, figure, zeros=zeros)
    for (person, leaf), value in old.items():
        stays = new.get((person, leaf)) == value
        sides.setdefault((stays, cell_of(row.split, leaf, before[person])), set()).add(person)
    news = {person for (person, leaf), value in new.items() if old.get((person, leaf)) != value}
    others = {p for p in {*before, *after} if _total(before, p, figure) != _total(after, p, figure)}
    untaken = (sum(not before[person].quartile for person in side) for side in sides.values())
    return all(len(some) >= k for some in (news, others) if some) and all(number >= k for number in untaken)


def _total(people: People, person: str, figure: int) -> int:
    return people[person].total[figure] if person in people else 0


def _values(people: People, figure: int, *, zeros: bool) -> dict[tuple[str, Leaf], int]:
    return {
        (person, leaf): part[figure]
        for person, told in people.items()
        for leaf, part in told.leaves.items()
        if zeros or part[figure]
    }

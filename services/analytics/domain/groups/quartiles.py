"""Quartiles: how people's minutes are distributed, from 4k people, without extremes (MIX.md 3.6).

A quartile proper is one person's value. So each is the mean of the k people around it; these are *taken*, and nobody is
taken twice. A cell from which people are taken keeps k others: so whatever is reckoned from it and the quartiles is of
k people still. Whom no more can be taken of is passed over, for the next nearest, but never far: what lies beyond a
sixth of all people from the quartile would not be one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

Quartiles = tuple[int, int, int]
"""Microseconds."""

_FEWEST = 4
_NEAR = 6


@dataclass(slots=True)
class Taking:
    """Who may be taken: `free` people, each in these cells, and of how many more people a cell can spare."""

    free: set[str]
    cells: Mapping[str, Collection[int]]
    spare: dict[int, int]

    def take(self, person: str) -> bool:
        """Take somebody, if that can be."""
        if person not in self.free or any(self.spare[cell] < 1 for cell in self.cells[person]):
            return False
        self.free.remove(person)
        for cell in self.cells[person]:
            self.spare[cell] -= 1
        return True

    def give_back(self, person: str) -> None:
        """Undo that."""
        self.free.add(person)
        for cell in self.cells[person]:
            self.spare[cell] += 1


def quartiles(minutes_us: Mapping[str, int], taking: Taking, k: int) -> tuple[Quartiles, list[str]] | None:
    """Return the quartiles of these people, and who was taken; None below 4k people or when they cannot be told."""
    ordered = sorted(minutes_us, key=lambda person: (minutes_us[person], person))
    if len(ordered) < _FEWEST * k:
        return None
    taken: list[str] = []
    found: list[int] = []
    for quarter in (1, 2, 3):
        window = _window(ordered, quarter * (len(ordered) - 1), taking, k)
        taken += window
        if len(window) < k:
            for person in taken:
                taking.give_back(person)
            return None
        found.append(sum(minutes_us[person] for person in window) // k)
    return (found[0], found[1], found[2]), taken


def _window(ordered: list[str], fourfold: int, taking: Taking, k: int) -> list[str]:
    """Take the k people nearest to a rank, which is given four times as large."""
    ranks = sorted(range(len(ordered)), key=lambda rank: (abs(4 * rank - fourfold), rank))
    window: list[str] = []
    for rank in ranks:
        if len(window) == k or _NEAR * abs(4 * rank - fourfold) > 4 * len(ordered):
            break
        if taking.take(ordered[rank]):
            window.append(ordered[rank])
    return window

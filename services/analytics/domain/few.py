"""Few: what may be told of numbers of people, and of things by them, outside the months of teams (law 9, MIX.md 3)."""

from collections.abc import Sequence, Set
from typing import TypeVar

T = TypeVar("T")

K = 5
"""The fewest people of whom a number may be told."""

FEW = f"<{K}"
"""What is told instead of a number of people below that."""


def people_told(people: int, k: int = K) -> int | str:
    """Return how many people, or that they are few; nobody is nobody."""
    return people if people == 0 or people >= k else FEW


def told(number: int, people: int, k: int = K) -> int | None:
    """Return a number of things that so many people did; None when they are few."""
    return number if people == 0 or people >= k else None


def part_told(part: int, whole: int, k: int = K) -> int | None:
    """Return how many of `whole` people are in a part; None when these are few, or those who are not in it."""
    return None if 0 < part < k or 0 < whole - part < k else part


def shown(ranked: Sequence[tuple[T, Set[str]]], most: int, k: int = K) -> list[T]:
    """Return which of these parts of one whole may be told, best first: at most so many, each of k people or more.

    The parts that are left out must be of k people together, or of nobody: else the whole minus what is told would
    tell of them. So the last one told is left out as well, until they are.
    """
    places = [place for place, (_, people) in enumerate(ranked) if len(people) >= k][:most]
    while places and 0 < len(_left(ranked, places)) < k:
        places.pop()
    return [ranked[place][0] for place in places]


def _left(ranked: Sequence[tuple[T, Set[str]]], places: Sequence[int]) -> set[str]:
    return {one for place, (_, people) in enumerate(ranked) if place not in places for one in people}

"""Few: what may be told of numbers of people, and of things by them, outside the months of teams (law 9, MIX.md 3).

Vocabulary, the quality of data and dry runs show what to look into, and show it as of now, whatever was told of the
months of groups. An exact number would tell, by what it was yesterday or by what a month says, of the one person who
did something meanwhile. So these are *sizes*: a number of things is the last of 5, 10, 20, 50, 100 … that it reaches, a
number of people the last multiple of k. What one person does seldom changes a size, and never tells how much it was.
"""

from bisect import bisect_right
from collections.abc import Sequence, Set
from typing import TypeVar

T = TypeVar("T")

K = 5
"""The fewest people of whom a number may be told."""

_SIZES: tuple[int, ...] = (0, 5, *(digit * 10**power for power in range(1, 16) for digit in (1, 2, 5)))


def size(number: float) -> int:
    """Return the size of a number of things or minutes: the last of 0, 5, 10, 20, 50, 100 … that it reaches."""
    return _SIZES[bisect_right(_SIZES, number) - 1]


def people_size(people: int, k: int = K) -> int:
    """Return the last multiple of k that a number of people reaches."""
    return people - people % k


def people_told(people: int, k: int = K) -> int | str:
    """Return about how many people, or that they are few; nobody is nobody."""
    return people_size(people, k) if people == 0 or people >= k else f"<{k}"


def told(number: int, people: int, k: int = K) -> int | None:
    """Return the size of a number of things that so many people did; None when they are few."""
    return size(number) if people == 0 or people >= k else None


def part_told(part: int, whole: int, k: int = K) -> int | None:
    """Return about how many of `whole` people are in a part; None when these are few, or those who are not in it."""
    return None if 0 < part < k or 0 < whole - part < k else people_size(part, k)


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

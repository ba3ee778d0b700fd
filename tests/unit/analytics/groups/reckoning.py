"""Whoever reckons with published numbers: what each is a sum of, and whether some sum of them is of few people.

A `Term` is a number that remembers which unknowns it is made of, so that the product's own arithmetic tells what each
published number is. An unknown is a person's value of a leaf in a figure; the same value on another day is the same
unknown, another value another one.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

PRIME = 2**61 - 1

Unknown = tuple[str, Any]
"""(person, whatever tells the unknown from the person's others)"""


class Term(int):
    """A whole number with the unknowns that it is a sum of."""

    form: Mapping[Unknown, int]

    def __new__(cls, value: int, form: Mapping[Unknown, int]) -> "Term":
        made = super().__new__(cls, value)
        made.form = form
        return made

    def __getnewargs__(self) -> tuple[int, Mapping[Unknown, int]]:
        return int(self), self.form

    def __add__(self, other: int) -> "Term":
        return Term(int(self) + int(other), _joined(self.form, form_of(other), 1))

    __radd__ = __add__

    def __sub__(self, other: int) -> "Term":
        return Term(int(self) - int(other), _joined(self.form, form_of(other), -1))

    def __floordiv__(self, other: int) -> "Term":
        """A mean: rounding aside the same unknowns, and a factor changes nothing."""
        return Term(int(self) // int(other), self.form)


def form_of(number: int) -> Mapping[Unknown, int]:
    return number.form if isinstance(number, Term) else {}


def _joined(one: Mapping[Unknown, int], other: Mapping[Unknown, int], sign: int) -> dict[Unknown, int]:
    joined = dict(one)
    for unknown, factor in other.items():
        joined[unknown] = joined.get(unknown, 0) + sign * factor
    return {unknown: factor for unknown, factor in joined.items() if factor}


def few(numbers: Iterable[int], k: int) -> tuple[str, ...] | None:
    """Return fewer than k people of whom alone some sum of these numbers (with factors) is; None without any.

    By rank: such a sum is a row of the numbers' row space that is 0 for everybody else.
    """
    rows = _echelon([dict(form_of(number)) for number in numbers])
    people = {pivot[0] for pivot in rows}
    everybody = sorted({person for row in rows.values() for person, _ in row})
    for some in combinations(everybody, min(k - 1, len(everybody))):
        if people.isdisjoint(some):
            continue
        # A sum that is 0 outside is made of rows whose pivot lies inside: each pivot is in no other row.
        inside = [row for pivot, row in rows.items() if pivot[0] in some]
        outside = [{unknown: factor for unknown, factor in row.items() if unknown[0] not in some} for row in inside]
        if len(_echelon(outside)) < len(inside):
            return some
    return None


def _echelon(rows: Iterable[dict[Unknown, int]]) -> dict[Unknown, dict[Unknown, int]]:
    """Return the reduced echelon form modulo a prime: by pivot, each pivot in its own row alone."""
    reduced: dict[Unknown, dict[Unknown, int]] = {}
    for row in rows:
        for pivot, by in reduced.items():
            if factor := row.get(pivot, 0):
                row = _without(row, by, factor)
        if not row:
            continue
        pivot = next(iter(row))
        inverse = pow(row[pivot], -1, PRIME)
        row = {unknown: factor * inverse % PRIME for unknown, factor in row.items()}
        for other, held in reduced.items():
            if factor := held.get(pivot, 0):
                reduced[other] = _without(held, row, factor)
        reduced[pivot] = row
    return reduced


def _without(row: Mapping[Unknown, int], by: Mapping[Unknown, int], factor: int) -> dict[Unknown, int]:
    left = dict(row)
    for unknown, other in by.items():
        left[unknown] = (left.get(unknown, 0) - factor * other) % PRIME
    return {unknown: number for unknown, number in left.items() if number}

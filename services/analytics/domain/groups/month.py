"""A month as it is published: its blocks, their rows, and what of them is of whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from schemas.events import MODES, Mode
from services.analytics.domain.groups.contribution import Kind, Leaf
from services.analytics.domain.groups.following import Range, Told
from services.analytics.domain.groups.quartiles import Quartiles
from services.analytics.domain.groups.rows import Row

KINDS: tuple[Kind, ...] = get_args(Kind)
HEEDED: tuple[Kind, ...] = (*MODES, "people")
"""The kinds by which blocks are made; the others are told where they can be."""


@dataclass(frozen=True, slots=True)
class Block:
    """Units that are told together; `id` is one of them."""

    id: str
    units: frozenset[str]

    def parts(self, units: Iterable[frozenset[str]]) -> list["Block"]:
        """Return the blocks that this one is split into: one of them keeps its id."""
        return [Block(self.id if self.id in part else min(part), part) for part in units]


@dataclass(frozen=True, slots=True)
class Record:
    """What is published of one person: by kind the row and what of it is this person's; and all that ever was."""

    told: Mapping[Kind, tuple[str, Told]]
    seen: Mapping[Leaf, Range]


@dataclass(frozen=True, slots=True)
class Month:
    """What is published of a month. `quartiles` are those of the whole organisation.

    `roster`: how many people were on the roster, by unit, whether anybody there learned or not. It is what the
    organisation says of itself, not what is recorded of people, and so it is always that of now.
    """

    blocks: tuple[Block, ...]
    rows: Mapping[Kind, tuple[Row, ...]]
    people: Mapping[str, Record]
    quartiles: Mapping[Mode, Quartiles] = field(default_factory=dict)
    roster: Mapping[str, int] = field(default_factory=dict)

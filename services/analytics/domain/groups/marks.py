"""Marks: what to know beside a trend, so that nobody calls a shift what is only seen differently (MIX.md 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from services.analytics.domain.groups.group import Group

What = Literal["source_joined", "source_left", "rule_set", "registry", "target_began", "target_ended"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened in a month: to a source, or which rule set or registry its figures are made with."""

    month: date
    what: What
    of: str


def source_marks(wholes: Mapping[date, Group | None]) -> list[Mark]:
    """Return which sources joined or left the organisation, as far as its months tell: a source of few is no mark."""
    marks: list[Mark] = []
    for (_, before), (month, after) in pairwise(sorted(wholes.items())):
        if before is None or after is None:
            continue
        joined = after.ways["source"].keys() - before.ways["source"].keys() - before.untold["source"]
        left = before.ways["source"].keys() - after.ways["source"].keys() - after.untold["source"]
        marks += [Mark(month, "source_joined", source) for source in sorted(joined)]
        marks += [Mark(month, "source_left", source) for source in sorted(left)]
    return marks


def reading_marks(readings: Sequence[tuple[date, str, int]]) -> list[Mark]:
    """Return where the rule set or the version of the registry is another than the month before."""
    marks: list[Mark] = []
    for (_, rules, registry), (month, new_rules, new_registry) in pairwise(sorted(readings)):
        if new_rules != rules:
            marks.append(Mark(month, "rule_set", new_rules))
        if new_registry != registry:
            marks.append(Mark(month, "registry", str(new_registry)))
    return marks

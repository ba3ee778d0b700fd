"""One person's month while it is being made up: where there is still room in a shift, and what was written."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.console.story.hospital import Person
from services.console.story.shifts import Shift
from services.console.story.writing import Draft

_TRIES = 12


@dataclass
class Diary:
    """A person, the dice, what is taken of the time, and the drafts in the order in which they were made up."""

    person: Person
    colleagues: tuple[Person, ...]
    draws: random.Random
    taken: list[tuple[datetime, datetime]] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)

    def room(self, shift: Shift, minutes: float) -> datetime | None:
        """Take so many minutes of a shift in which nothing else happens and return their start, if there are any."""
        length = timedelta(minutes=minutes)
        for _ in range(_TRIES):
            start = shift.start + timedelta(seconds=self.draws.randrange(shift.minutes * 60))
            end = start + length
            if end <= shift.end and all(end <= begun or start >= ended for begun, ended in self.taken):
                self.taken.append((start, end))
                return start
        return None

    def chance(self, probability: float) -> bool:
        """Throw the dice."""
        return self.draws.random() < probability

    def seconds(self, minutes: tuple[int, int]) -> timedelta:
        """Return some duration between so many minutes and so many."""
        return timedelta(seconds=self.draws.randint(minutes[0] * 60, minutes[1] * 60))

    def write(
        self,
        kind: str,
        verb: str,
        target: Mapping[str, Any],
        at: datetime,
        duration: timedelta | None = None,
        *,
        result: Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
        late: bool = False,
    ) -> None:
        """Write down a statement about this person."""
        self.drafts.append(
            Draft(kind, at, self.person.agent, verb, target, self.person, duration, result, context, late)
        )

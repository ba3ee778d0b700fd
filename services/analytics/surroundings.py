"""What a fold needs besides rows: the clock, and randomness for new persons."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`now` tells the time; `new_id` makes a person's id."""

    now: Callable[[], datetime]
    new_id: Callable[[], str]

"""What is wrong with an HR file: all of it, each with its place, none with a value that could be personal."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `line` counts from 1, as an editor does; `column` is the name in the header."""

    line: int
    column: str
    detail: str


class WrongFile(Exception):  # noqa: N818 - the name says what was found
    """The file cannot be taken; nothing of it was."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems, the first in line {problems[0].line}: {problems[0].detail}")
        self.problems = problems

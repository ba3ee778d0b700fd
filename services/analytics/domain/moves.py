"""What a changed registry would move: statements from one class to another, told so that nobody is given away."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from schemas.events import LearningClass
from services.analytics.domain.few import K, people_told, shown, size, told

_TOP = 10

What = Literal["all", "id_prefixes", "activity_types"]


@dataclass(slots=True)
class _Moved:
    statements: int = 0
    identities: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Moves:
    """The statements that move between two classes, with whom (by actor_key) and what they are about."""

    _moved: dict[tuple[LearningClass, LearningClass], dict[tuple[What, str], _Moved]] = field(default_factory=dict)

    def add(
        self, before: LearningClass, after: LearningClass, identities: Iterable[str], prefix: str, activity_type: str
    ) -> None:
        """Note a statement that moves."""
        identities = list(identities)
        of = self._moved.setdefault((before, after), {})
        for key in ("all", ""), ("id_prefixes", prefix), ("activity_types", activity_type):
            moved = of.setdefault(key, _Moved())
            moved.statements += 1
            moved.identities.update(identities)

    def identities(self) -> set[str]:
        """Return of whom anything moves."""
        return {one for of in self._moved.values() for one in of["all", ""].identities}

    def told(self, person: Callable[[str], str], k: int = K) -> list[dict[str, Any]]:
        """Return the moves, the most statements first. `person` says who an identity is.

        All numbers are sizes (few). Those by fewer than k people are not told, nor a prefix or type that would tell of
        so few.
        """
        found = []
        for (before, after), of in sorted(self._moved.items(), key=lambda each: (-each[1]["all", ""].statements, each)):
            whole = of["all", ""]
            people = len({person(one) for one in whole.identities})
            found.append(
                {
                    "from": before,
                    "to": after,
                    "statements": told(whole.statements, people, k),
                    "people": people_told(people, k),
                    "id_prefixes": _top(of, "id_prefixes", person, k),
                    "activity_types": _top(of, "activity_types", person, k),
                }
            )
        return found


def _top(
    of: dict[tuple[What, str], _Moved], wanted: What, person: Callable[[str], str], k: int
) -> list[dict[str, Any]]:
    """Return the values under which most statements move; those without one are told of nowhere."""
    parts = {value: moved for (what, value), moved in of.items() if what == wanted}
    ranked = sorted(parts, key=lambda value: (value == "", -parts[value].statements, value))
    people = [(value, {person(one) for one in parts[value].identities}) for value in ranked]
    return [{"value": value, "statements": size(parts[value].statements)} for value in shown(people, _TOP, k) if value]

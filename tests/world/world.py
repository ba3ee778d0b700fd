"""A world: so many people over so many days, with late phones, repeated and voided statements, and what is true."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from tests.world.cast import FORUM, INTERVISIE, JOB_AIDS, VIDEO, Label, Person, Stage
from tests.world.scenes import ADMIN, SCENES

FIRST_DAY = date(2026, 10, 1)
"""Clocks go back in the night to 25 October."""
_FIRST_SECOND = 1_790_805_600
"""Midnight of it in Amsterdam."""
_WEEK = 7 * 86_400

REGISTRY: dict[str, Any] = {
    "registry": 1,
    "things": [
        {"id_prefix": JOB_AIDS, "mode": "experiential", "support": "extrinsic", "default_minutes": 3},
        {"activity_type": FORUM, "mode": "social", "default_minutes": 2},
        {"activity_type": INTERVISIE, "mode": "social", "default_minutes": 60, "role": "peer"},
        {"activity_type": VIDEO, "mode": "formal", "default_minutes": 1},
    ],
}
"""What makes classification say what the labels say."""


@dataclass(frozen=True)
class World:
    """`deliveries` are in the order of arrival; `labels` say what is true, by statement id; `voids` are taken back."""

    people: tuple[Person, ...]
    deliveries: tuple[dict[str, Any], ...]
    labels: dict[str, Label]
    voids: frozenset[str]

    def people_csv(self) -> str:
        """The people file: of each an mbox and an account; the sha1 of the mbox is known by itself."""
        rows = [
            f"{person.id},{agent['mbox']}" if "mbox" in agent else f"{person.id},{_account(agent)}"
            for person in self.people
            for agent in person.agents
            if "mbox_sha1sum" not in agent
        ]
        return "\n".join(["person,identity", *rows, ""])


def world(people: int, days: int, seed: int = 1, busy: float = 0.6) -> World:
    """Return a world of so many people over so many days. `busy`: how many scenes somebody has on a weekday."""
    rng = Random(seed)
    cast = [Person.numbered(number) for number in range(1, people + 1)]
    stage = Stage(rng)
    for person in cast:
        others = [each for each in cast if each is not person] or [person]
        for day in range(days):
            phone_is_offline = rng.random() < 0.1
            stage.late = rng.randint(1, _WEEK) if phone_is_offline else 0
            rest = (FIRST_DAY.weekday() + day) % 7 >= 5
            for _turn in range(_how_many(rng, busy / 5 if rest else busy)):
                # The night too: shifts are where days are cut.
                at = _FIRST_SECOND + day * 86_400 + rng.choice((rng.randint(0, 86_399), rng.randint(25_000, 65_000)))
                scene = rng.choices(list(SCENES), list(SCENES.values()))[0]
                scene(stage, person, at, others)
    stage.late = 0
    voids = _void(stage, cast)
    repeats = [each for each in stage.deliveries if rng.random() < 0.03]
    deliveries = [*stage.deliveries, *repeats]
    deliveries.sort(key=lambda each: each["arrived"])
    return World(tuple(cast), tuple(deliveries), stage.labels, voids)


def _how_many(rng: Random, mean: float) -> int:
    return sum(rng.random() < mean / 3 for _ in range(3))


def _void(stage: Stage, cast: list[Person]) -> frozenset[str]:
    """Take back some statements, and try to take back a few of those that took back."""
    said = [each["statement"]["id"] for each in stage.deliveries]
    targets = stage.rng.sample(said, len(said) // 100)
    voiding = [
        stage.say(cast[0], "voided", _reference(target), _FIRST_SECOND + stage.rng.randint(0, _WEEK), ADMIN)
        for target in targets
    ]
    for target in voiding[:2]:
        stage.say(cast[0], "voided", _reference(target), _FIRST_SECOND, ADMIN)
    return frozenset(targets)


def _reference(target: str) -> dict[str, str]:
    return {"objectType": "StatementRef", "id": target}


def _account(agent: dict[str, Any]) -> str:
    return f"{agent['account']['homePage']}|{agent['account']['name']}"

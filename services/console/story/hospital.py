"""Who lives in the story: the hospital De Lindehof, six teams and sixty people. All of it is fiction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

HOME = "https://id.lindehof.example"
DOMAIN = "lindehof.example"

Pattern = Literal["office", "round_the_clock", "early_late"]
"""When a team works: on weekdays; in early, late and night shifts; in early and late ones, weekends included."""

Doing = Literal[
    "course", "classroom", "aid", "practice", "coaching", "talk", "feedback", "reading", "reaction", "task", "login"
]

HABITS: Mapping[str, Mapping[Doing, float]] = {
    "starter": {
        "course": 0.5, "classroom": 0.08, "aid": 0.6, "coaching": 0.05, "talk": 0.04, "reading": 0.05, "reaction": 0.1,
        "task": 0.1, "login": 0.2,
    },
    "doer": {
        "course": 0.02, "aid": 2.1, "practice": 0.24, "coaching": 0.02, "talk": 0.04, "feedback": 0.05, "reading": 0.03,
        "reaction": 0.1, "task": 0.6, "login": 0.01,
    },
    "connector": {
        "course": 0.03, "classroom": 0.02, "aid": 0.8, "practice": 0.1, "coaching": 0.14, "talk": 0.26,
        "feedback": 0.15, "reading": 0.35, "reaction": 1.1, "task": 0.25, "login": 0.03,
    },
    "steady": {
        "course": 0.06, "classroom": 0.02, "aid": 1.3, "practice": 0.18, "coaching": 0.06, "talk": 0.08,
        "feedback": 0.06, "reading": 0.12, "reaction": 0.4, "task": 0.4, "login": 0.05,
    },
    "quiet": {
        "course": 0.02, "aid": 0.4, "practice": 0.04, "talk": 0.03, "reaction": 0.05, "task": 0.15, "login": 0.02,
    },
}  # fmt: skip
"""How often a person of each habit does something, per working day."""

HABIT_NAMES = tuple(HABITS)


@dataclass(frozen=True, slots=True)
class Team:
    """A team: its names, when it works, and how many people of each habit (in the order of HABITS) it has."""

    id: str
    nl: str
    en: str
    pattern: Pattern
    habits: tuple[int, int, int, int, int]

    def group(self) -> dict[str, Any]:
        """Return the team as statements name it in their context."""
        return {"objectType": "Group", "name": self.nl, "account": {"homePage": f"{HOME}/teams", "name": self.id}}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the story; `number` orders the people and is part of nothing else."""

    number: int
    name: str
    team: Team
    habit: str
    agent: Mapping[str, Any] = field(hash=False)


TEAMS = (
    Team("c2", "Verpleegafdeling cardiologie", "Cardiology ward", "round_the_clock", (3, 2, 2, 4, 1)),
    Team("h4", "Verpleegafdeling chirurgie", "Surgical ward", "round_the_clock", (1, 3, 2, 4, 2)),
    Team("seh", "Spoedeisende hulp", "Emergency department", "round_the_clock", (1, 3, 2, 3, 2)),
    Team("poli", "Poliklinieken en afspraken", "Outpatient desk", "office", (2, 1, 3, 4, 1)),
    Team("keuken", "Keuken en roomservice", "Kitchen and room service", "early_late", (0, 5, 0, 2, 1)),
    Team("beeld", "Beeldvorming", "Imaging", "office", (1, 1, 0, 3, 1)),
)

_NAMES = (
    "Noor Terpstra", "Sanne Oudewater", "Bram Veldkamp", "Yara Benali", "Teun Haverkort", "Fleur Mandemaker",
    "Ivo Roosenboom", "Merel Dijkgraaf", "Samir Oukili", "Lotte Wagenvoort", "Gijs Hoefnagel", "Dewi Sastrowidjojo",
    "Femke Zonneveld", "Daan Kruisheer", "Amina Toure", "Joris Blekemolen", "Roos Vanderlinde", "Kaan Yildirim",
    "Maud Sleutel", "Pim Ridderhof", "Eline Haakma", "Rafael Monteiro", "Tess Groenendijk", "Wout Appelman",
    "Imke Steenhuis", "Luuk Palsma", "Naomi Ferrier", "Sjoerd Wieringa", "Hanna Lammertink", "Omar Chafik",
    "Vera Duinkerken", "Stijn Kolkman", "Jasmijn Rietveld", "Cas Bouwhuis", "Milou Tervoort",
    "Anouk Berendsen", "Ruben Scholtens", "Nienke Aalders", "Priya Ramdin", "Hugo Weststrate", "Lieke Zandstra",
    "Bas Oldenkamp", "Esra Demirci", "Koen Hartgers", "Marit Feddes", "Floor Nijenhuis",
    "Jan Willem Pot", "Rosa Vermaat", "Tariq Azimi", "Gerda Huizinga", "Mees Lansink", "Saar Poortvliet",
    "Dirk Slagter", "Ewa Kowalczyk",
    "Puck Brandsma", "Thijs Ouwehand", "Leila Haddad", "Rik Monnink", "Sofie Eikelboom", "Jelle Barkema",
)  # fmt: skip


def people() -> tuple[Person, ...]:
    """Return the sixty people, team by team."""
    found: list[Person] = []
    for team in TEAMS:
        for habit, count in zip(HABIT_NAMES, team.habits, strict=True):
            for _ in range(count):
                number = len(found)
                found.append(Person(number, _NAMES[number], team, habit, _agent(number, _NAMES[number])))
    return tuple(found)


def roster(since: date) -> str:
    """Return the hospital's HR file: everybody, in a team since that day."""
    rows = ["reference,mbox,account,team,team_name,since"]
    for person in people():
        account = person.agent.get("account")
        mbox = str(person.agent.get("mbox", "")).removeprefix("mailto:")
        named = f"{account['homePage']}|{account['name']}" if account else ""
        rows.append(f"m{4100 + person.number},{mbox},{named},{person.team.id},{person.team.nl},{since}")
    return "\n".join([*rows, ""])


def shown(everyone: tuple[Person, ...]) -> tuple[Person, ...]:
    """Return the three people whose mixes the closing screen shows: they learn in visibly different ways."""
    return tuple(
        next(p for p in everyone if p.team.id == team and p.habit == habit)
        for team, habit in (("c2", "starter"), ("poli", "connector"), ("keuken", "doer"))
    )


def _agent(number: int, name: str) -> dict[str, Any]:
    """Return how statements name a person: by account or by mail, one of them, as systems do."""
    if number % 2:
        return {"objectType": "Agent", "name": name, "account": {"homePage": HOME, "name": f"m{4100 + number}"}}
    return {"objectType": "Agent", "name": name, "mbox": f"mailto:{name.lower().replace(' ', '.')}@{DOMAIN}"}

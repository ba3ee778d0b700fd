"""The words of the demo, in Dutch and English: recorded learning, a line to compare with, nobody judged."""

from collections.abc import Mapping
from typing import Literal

from schemas.events import Mode
from services.console.story.hospital import Person

Language = Literal["nl", "en"]

MODE_NAMES: Mapping[Language, Mapping[Mode, str]] = {
    "nl": {"experiential": "leren door te werken", "social": "leren van en met elkaar", "formal": "formeel leren"},
    "en": {"experiential": "learning by working", "social": "learning from each other", "formal": "formal learning"},
}
HABIT_NAMES: Mapping[Language, Mapping[str, str]] = {
    "nl": {
        "starter": "nieuw in huis",
        "connector": "deelt veel met collega's",
        "doer": "leert vooral tijdens het werk",
    },
    "en": {"starter": "new in the house", "connector": "shares a lot with colleagues", "doer": "learns mostly at work"},
}
_MONTHS: Mapping[Language, tuple[str, ...]] = {
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
           "november", "december"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
}  # fmt: skip

_TEXTS: Mapping[str, Mapping[Language, str]] = {
    "title": {
        "nl": "Ziekenhuis De Lindehof, {month}: vastgelegd leren",
        "en": "De Lindehof hospital, {month}: recorded learning",
    },
    "reference": {
        "nl": "70:20:10, een lijn om mee te vergelijken, geen doel",
        "en": "70:20:10, a line to compare with, not a target",
    },
    "marks": {
        "nl": "{mark} onder elke balk: waar in die lijn 70 en 90 % ligt. Wat geen bron ziet, telt niet mee.",
        "en": "{mark} under each bar: where 70 and 90 % lie in that line. What no source sees is not in here.",
    },
    "organisation": {"nl": "Het hele ziekenhuis, {people} mensen", "en": "The whole hospital, {people} people"},
    "team": {"nl": "{team}, {people} mensen   {figures}", "en": "{team}, {people} people   {figures}"},
    "hidden": {"nl": "Niet getoond, om niemand te herkennen.", "en": "Not shown, so that nobody can be recognised."},
    "nothing": {"nl": "Nog geen minuten vastgelegd.", "en": "No minutes recorded yet."},
    "time": {"nl": "{hours} uur {minutes:02d} min", "en": "{hours} h {minutes:02d} min"},
    "behind_it": {"nl": "uit {events} statements", "en": "from {events} statements"},
    "next": {"nl": "Een volgende stap voor {name}", "en": "A next step for {name}"},
    "takes": {"nl": "{minutes} minuten, {mode}", "en": "{minutes} minutes, {mode}"},
    "why": {"nl": "Waarom", "en": "Why"},
    "questions": {"nl": "Om zelf na te gaan", "en": "For {name} to check"},
    "fiction": {
        "nl": "Iedereen hier is verzonnen. Weghalen: leermix demo --remove",
        "en": "Everybody here is made up. To take it away: leermix demo --remove",
    },
    "behind": {
        "nl": "Let op: nog niet alles is verwerkt; de cijfers lopen nog op.",
        "en": "Note: not everything has been processed yet; the figures will still grow.",
    },
    "sending": {"nl": "Versturen", "en": "Sending"},
    "waiting": {"nl": "Wachten tot alles is verwerkt", "en": "Waiting until all is processed"},
    "first": {
        "nl": "{count} statements verstuurd in {seconds:.0f} s.",
        "en": "{count} statements sent in {seconds:.0f} s.",
    },
    "again": {
        "nl": "Dezelfde {count} statements nog eens verstuurd in {seconds:.0f} s: er verandert niets.",
        "en": "The same {count} statements sent again in {seconds:.0f} s: nothing changes.",
    },
}


def say(text: str, language: Language, /, **values: object) -> str:
    """Return a text of the demo with its values filled in."""
    return _TEXTS[text][language].format(**values)


def language_of(wished: str | None, environment: str) -> Language:
    """Return the language that was asked for, else that of LANG; English where that is neither."""
    return "nl" if (wished or environment).lower().startswith("nl") else "en"


def month_name(year: int, month: int, language: Language) -> str:
    """Return a month in words."""
    return f"{_MONTHS[language][month - 1]} {year}"


def duration(minutes: float, language: Language) -> str:
    """Return hours and minutes, rounded to the minute."""
    hours, rest = divmod(round(minutes), 60)
    return say("time", language, hours=hours, minutes=rest)


def introduce(person: Person, language: Language) -> str:
    """Return who somebody is: name, how that person learns, team."""
    team = person.team.nl if language == "nl" else person.team.en
    return f"{person.name}, {HABIT_NAMES[language][person.habit]} ({team})"

"""The closing screen: mixes as bars beside the reference line, and one suggestion with its reasons. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from services.console.bars import COLOURS, LETTERS, ORDER, REFERENCE, Glyphs, bar, marks, percentages
from services.console.demonstration.reading import Figures
from services.console.demonstration.words import MODE_NAMES, Language, duration, introduce, month_name, say
from services.console.story.hospital import TEAMS, Person

_INDENT = 2
_WIDEST = 100


@dataclass(frozen=True, slots=True)
class Closing:
    """What the screen shows."""

    month: date
    people: tuple[Person, ...]
    figures: Figures
    suggestion_for: Person
    suggestion: Mapping[str, Any]


def closing_screen(shown: Closing, language: Language, width: int, glyphs: Glyphs) -> RenderableType:
    """Return the screen for a terminal of `width` columns."""
    cells = min(width, _WIDEST) - 2 * _INDENT
    month = month_name(shown.month.year, shown.month.month, language)
    parts: list[RenderableType] = [Text(), Text(say("title", language, month=month), style="bold"), _legend(language)]
    parts += [Text(say("marks", language, mark=glyphs.mark), style="dim"), Text()]
    parts += [Text(say("reference", language)), Padding(bar(REFERENCE, cells, glyphs), (0, _INDENT)), Text()]
    organisation = shown.figures.organisation
    parts += _mix(
        say("organisation", language, people=organisation.get("people", "?")), organisation, language, cells, glyphs
    )
    parts += _teams(shown.figures.teams, language, cells, glyphs)
    for person in shown.people:
        _, mix = shown.figures.people[person.name]
        parts += _mix(introduce(person, language), mix, language, cells, glyphs)
    parts += _suggestion(shown.suggestion_for, shown.suggestion, language)
    if not shown.figures.complete:
        parts.append(Text(say("behind", language), style="bold"))
    return Group(*parts, Text(), Text(say("fiction", language), style="dim"))


def _legend(language: Language) -> Text:
    text = Text()
    for mode in ORDER:
        text.append(LETTERS[mode], style=f"bold {COLOURS[mode]}")
        text.append(f" {MODE_NAMES[language][mode]}   ")
    return text


def _teams(
    mixes: Mapping[str, Mapping[str, Any]], language: Language, cells: int, glyphs: Glyphs
) -> Iterator[RenderableType]:
    """Yield a bar for each team, or for the teams that are told only together; of what is not told, why not."""
    names = {team.id: team.nl if language == "nl" else team.en for team in TEAMS}
    shown: set[str] = set()
    for team, mix in mixes.items():
        if team in shown:
            continue
        together = [team, *(each["id"] for each in mix["pooled_with"])]
        shown.update(together)
        name = " + ".join(names.get(each, each) for each in together)
        if mix.get("hidden") or mix["share"] is None:
            yield Text(f"{name}: {say('hidden', language)}", overflow="fold")
            continue
        yield Text(say("team", language, team=name, people=mix["people"], figures=percentages(mix["share"])))
        yield Padding(bar(mix["share"], cells, glyphs), (0, _INDENT))
    yield Text()


def _mix(
    title: str, mix: Mapping[str, Any], language: Language, cells: int, glyphs: Glyphs
) -> Iterator[RenderableType]:
    """Yield one mix: who, the bar over the marks of the line, the figures."""
    yield Text(title)
    if mix.get("hidden"):
        yield Padding(Text(say("hidden", language)), (0, _INDENT))
    elif mix["share"] is None:
        yield Padding(Text(say("nothing", language)), (0, _INDENT))
    else:
        total = duration(sum(mix["minutes"][mode] for mode in ORDER), language)
        yield Padding(bar(mix["share"], cells, glyphs), (0, _INDENT))
        yield Padding(marks(cells, glyphs), (0, _INDENT))
        events = say("behind_it", language, events=sum(mix["events"][mode] for mode in ORDER))
        yield Padding(Text(f"{total}   {percentages(mix['share'])}   {events}"), (0, _INDENT))
    yield Text()


def _suggestion(person: Person, suggestion: Mapping[str, Any], language: Language) -> Iterator[RenderableType]:
    offered, name = suggestion["intervention"], person.name.split()[0]
    yield Text(f"{say('next', language, name=name)}: {offered[f'title_{language}']}", style="bold")
    mode = MODE_NAMES[language][suggestion["mode"]]
    takes = say("takes", language, minutes=offered["minutes"], mode=mode)
    yield Padding(Text(f"{offered[f'description_{language}']} ({takes}.)"), (0, _INDENT))
    for heading, texts in (
        (say("why", language), [why[f"text_{language}"] for why in suggestion["why"]]),
        (say("questions", language, name=name), [each[f"question_{language}"] for each in suggestion["questions"]]),
    ):
        if texts:
            yield Padding(Text(f"{heading}: {' '.join(texts)}"), (0, _INDENT))

"""The three things that `leermix demo` does, from settings to what is printed. Progress on standard error."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.common.settings import Settings
from services.console.bars import glyphs_for
from services.console.demonstration.access import FILE, HOSPITAL, Keys, credentials, running_url
from services.console.demonstration.file import Outcome, lines_of, send_file
from services.console.demonstration.reading import Expected, Figures, Reader
from services.console.demonstration.removal import remove
from services.console.demonstration.screen import Closing, closing_screen
from services.console.demonstration.sending import Advance, send
from services.console.demonstration.words import Language, language_of, say
from services.console.exits import Exit, Failure
from services.console.reach import zone_of_new_tenants
from services.console.story.hospital import TEAMS, people, roster, shown
from services.console.story.marker import STORY, Anchor, last_full_month, marker
from services.console.story.month import Sent, events_of, tell
from services.console.story.shifts import month_bounds
from services.console.story.writing import SOURCES
from services.console.terminal import answer, answer_json

USUAL_SEED = 70
_FILE_SOURCE = "file"


@dataclass(frozen=True, slots=True)
class Told:
    """A run of the story: what was sent and how long that took, what came of it, and one person's suggestion."""

    anchor: Anchor
    again: bool
    statements: int
    seconds: float
    closing: Closing


def run_story(*, url: str | None, language: str | None, seed: int | None, as_json: bool) -> None:
    """Send the story, wait until it is processed, and show it."""
    spoken = language_of(language, os.environ.get("LC_ALL") or os.environ.get("LANG", ""))
    done = asyncio.run(_story(Settings(), url, spoken, seed))
    if as_json:
        answer_json(_as_json(done))
        return
    values = {"count": done.statements, "seconds": done.seconds}
    console = Console(highlight=False)
    console.print(say("again" if done.again else "first", spoken, **values))
    console.print(closing_screen(done.closing, spoken, console.width, glyphs_for(console.encoding)))


def run_file(path: Path, *, url: str | None, as_json: bool) -> None:
    """Send a file and tell what became of its lines."""
    outcome = asyncio.run(_file(Settings(), url, path))
    refused = sorted(outcome.refused.values(), key=lambda each: (-each.lines, each.first_line))
    if as_json:
        answer_json({"lines": outcome.lines, "taken": outcome.taken, "refused": [asdict(each) for each in refused]})
        return
    answer(f"{outcome.lines} statements in {path}: {outcome.taken} taken, {outcome.lines - outcome.taken} refused.")
    if refused:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for heading in ("status", "reason", "lines", "first line"):
            table.add_column(heading, no_wrap=True)
        table.add_column("where, and why there", overflow="fold")
        for each in refused:
            numbers = str(each.lines), str(each.first_line)
            table.add_row(str(each.status), each.reason, *numbers, f"{each.path}: {each.detail}")
        Console(highlight=False, markup=False).print(table)


def run_remove(*, url: str | None, as_json: bool) -> None:
    """Take the demo away."""
    gone = asyncio.run(_remove(Settings(), url))
    if as_json:
        answer_json({"rows": gone})
    elif any(gone.values()):
        answer(f"The demo is gone: {sum(gone.values())} rows deleted, its credentials revoked.")
    else:
        answer("There was nothing of the demo to remove.")


async def _remove(settings: Settings, url: str | None) -> dict[str, int]:
    await running_url(settings, url)
    return await remove(settings)


async def _file(settings: Settings, wished: str | None, path: Path) -> Outcome:
    url = await running_url(settings, wished)
    async with credentials(settings, url, FILE, {_FILE_SOURCE: "other"}) as keys:
        total = await asyncio.to_thread(lambda: sum(1 for _ in lines_of(path)))
        with _progress("Sending", total) as advance:
            return await asyncio.to_thread(send_file, url, keys.by_source[_FILE_SOURCE], path, advance)


async def _story(settings: Settings, wished: str | None, language: Language, seed: int | None) -> Told:
    url = await running_url(settings, wished)
    async with credentials(settings, url, HOSPITAL, SOURCES) as keys, Reader(keys) as reader:
        known = await reader.anchor()
        anchor = known or _first_anchor(settings, seed)
        _check(anchor, seed)
        story = (_marked(anchor), *tell(anchor.month, anchor.zone, anchor.seed))
        began = time.monotonic()
        await reader.roster(roster(anchor.month))
        await _send(keys, story, language)
        seconds = time.monotonic() - began
        closing = await _read(reader, anchor, story[1:], language)
        return Told(anchor, known is not None, len(story), seconds, closing)


def _first_anchor(settings: Settings, seed: int | None) -> Anchor:
    zone = ZoneInfo(zone_of_new_tenants(settings))
    return Anchor(last_full_month(datetime.now(zone).date()), zone, USUAL_SEED if seed is None else seed)


def _marked(anchor: Anchor) -> Sent:
    return Sent(next(source for source, kind in SOURCES.items() if kind == "work_system"), marker(anchor))


def _check(anchor: Anchor, seed: int | None) -> None:
    if seed not in (None, anchor.seed):
        raise Failure(f"The story of seed {anchor.seed} is there already; `leermix demo --remove` first.", Exit.USAGE)
    if anchor.story != STORY:
        raise Failure("The story there is that of another version of leermix; `leermix demo --remove` first.")


async def _send(keys: Keys, story: tuple[Sent, ...], language: Language) -> None:
    """Send the marker first: a run that is cut short must still fix the dates of the next."""
    with _progress(say("sending", language), len(story)) as advance:
        await asyncio.to_thread(send, keys, story[:1], advance)
        await asyncio.to_thread(send, keys, story[1:], advance)


async def _read(reader: Reader, anchor: Anchor, story: tuple[Sent, ...], language: Language) -> Closing:
    events = events_of(story)
    faces = shown(people())
    faces_of = {p.name: (p.agent, events[p.name]) for p in faces}
    expected = Expected(tuple(team.id for team in TEAMS), faces_of, sum(events.values()))
    since, until = month_bounds(anchor.month, anchor.zone)
    with Console(stderr=True).status(say("waiting", language)):
        figures = await reader.figures(expected, f"{anchor.month:%Y-%m}", since, until)
    chosen = faces[0]
    if chosen.name not in figures.people:
        raise Failure("Analytics knows the people of the story not yet; is it running? `leermix doctor` looks further.")
    suggestion = await reader.next(figures.people[chosen.name][0])
    return Closing(anchor.month, tuple(p for p in faces if p.name in figures.people), figures, chosen, suggestion)


@contextmanager
def _progress(title: str, total: int) -> Iterator[Advance]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(file=sys.stderr)) as progress:
        task = progress.add_task(title, total=total)
        yield lambda count: progress.advance(task, count)


def _as_json(done: Told) -> dict[str, Any]:
    figures: Figures = done.closing.figures
    return {
        "month": f"{done.anchor.month:%Y-%m}",
        "time_zone": done.anchor.zone.key,
        "seed": done.anchor.seed,
        "again": done.again,
        "statements": done.statements,
        "seconds": round(done.seconds, 1),
        "complete": figures.complete,
        "organisation": figures.organisation,
        "teams": figures.teams,
        "people": {name: {"id": person, "mix": mix} for name, (person, mix) in figures.people.items()},
        "suggestion": {"for": done.closing.suggestion_for.name} | dict(done.closing.suggestion),
    }

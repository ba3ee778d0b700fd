"""The whole month: everybody's diary, the circles of the teams, feedback, corrections, and the order of sending."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from services.console.story.diary import Diary
from services.console.story.doings import DOINGS
from services.console.story.hospital import HABITS, TEAMS, Person, people
from services.console.story.materials import CIRCLES, TINCAN
from services.console.story.shifts import Shift, shifts
from services.console.story.writing import SOURCES, Draft, activity, reference

NAMESPACE = UUID("6d0c2a58-4f0b-5e55-9d6e-0f6d6c656572")
_SOURCE_OF = {kind: source for source, kind in SOURCES.items()}


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement and the source that sends it."""

    source: str
    statement: dict[str, Any]


def tell(month: date, zone: ZoneInfo, seed: int) -> tuple[Sent, ...]:
    """Return the statements of a month (its first day) in the order in which they are sent.

    The same arguments give the same statements, ids included.
    """
    draws = random.Random(seed)  # noqa: S311 - a story, no secret
    drafts = [draft for team in TEAMS for draft in _team(team.id, month, zone, draws)]
    numbered = {str(uuid5(NAMESPACE, f"{month:%Y-%m}/{zone.key}/{seed}/{n}")): draft for n, draft in enumerate(drafts)}
    spare = (str(uuid5(NAMESPACE, f"{month:%Y-%m}/{zone.key}/{seed}/+{n}")) for n in range(len(drafts)))
    numbered |= dict(zip(spare, _feedback(numbered, draws), strict=False))
    numbered |= dict(zip(spare, _corrections(numbered, draws), strict=False))
    return tuple(
        Sent(_SOURCE_OF[draft.kind], draft.statement(statement_id, zone))
        for statement_id, draft in _sending_order(numbered, draws)
    )


def _team(team: str, month: date, zone: ZoneInfo, draws: random.Random) -> list[Draft]:
    """Make up the month of a team: first what it does together, then each person's own."""
    members = tuple(person for person in people() if person.team.id == team)
    rosters = {person: shifts(person, month, zone, draws) for person in members}
    diaries = {person: Diary(person, members, draws) for person in members}
    together = list(_circles(diaries, rosters, draws))
    for person, diary in diaries.items():
        for shift in rosters[person]:
            _live(diary, shift)
    return together + [draft for diary in diaries.values() for draft in diary.drafts]


def _live(diary: Diary, shift: Shift) -> None:
    """Let one person have one shift."""
    for doing, per_day in HABITS[diary.person.habit].items():
        times = int(per_day) + diary.chance(per_day % 1)
        if doing in DOINGS:
            for _ in range(times):
                DOINGS[doing](diary, shift)


def _circles(diaries: dict[Person, Diary], rosters: dict[Person, list[Shift]], draws: random.Random) -> Iterator[Draft]:
    """Bring together, once or twice a month, those of a team who are at work: one statement about a group."""
    moments = sorted({shift.start + timedelta(hours=6) for worked in rosters.values() for shift in worked})
    for moment in sorted(draws.sample(moments, min(len(moments), draws.randint(1, 2)))):
        thing = draws.choice(CIRCLES)
        length = timedelta(minutes=draws.randint(*thing.minutes))
        present = [p for p in diaries if _free(diaries[p], rosters[p], moment, moment + length)]
        if len(present) < 3:
            continue
        members = sorted(draws.sample(present, min(len(present), draws.randint(3, 6))), key=lambda p: p.number)
        for person in members:
            diaries[person].taken.append((moment, moment + length))
        group = {"objectType": "Group", "name": thing.nl, "member": [dict(person.agent) for person in members]}
        target = activity("coaching", f"{TINCAN}/tutor-session", thing)
        yield Draft("coaching", moment + length, group, "attended", target, members[0], length)


def _free(diary: Diary, roster: Sequence[Shift], start: datetime, end: datetime) -> bool:
    at_work = any(shift.start <= start and end <= shift.end for shift in roster)
    return at_work and all(end <= begun or start >= ended for begun, ended in diary.taken)


def _feedback(numbered: dict[str, Draft], draws: random.Random) -> list[Draft]:
    """Let colleagues comment on what somebody of their team practised, some hours later."""
    found = []
    for statement_id, draft in numbered.items():
        if draft.verb != "completed" or "meelopen" not in str(draft.target["id"]) or draws.random() > 0.5:
            continue
        colleagues = [p for p in people() if p.team == draft.person.team and HABITS[p.habit].get("feedback", 0) > 0.04]
        chosen = [p for p in colleagues if p != draft.person]
        if chosen:
            person = draws.choice(chosen)
            at = draft.at + timedelta(minutes=draws.randint(5, 50))
            found.append(Draft("coaching", at, person.agent, "commented", reference(statement_id), person))
    return found


def _corrections(numbered: dict[str, Draft], draws: random.Random) -> list[Draft]:
    """Take back two job aids that were ticked on the wrong patient's list: voiding statements."""
    candidates = [i for i, d in numbered.items() if d.kind == "job_aid" and d.duration is not None and not d.late]
    return [
        replace(numbered[i], verb="voided", target=reference(i), at=numbered[i].at + timedelta(minutes=4),
                duration=None, result=None, context=None)
        for i in draws.sample(candidates, 2)
    ]  # fmt: skip


def _sending_order(numbered: dict[str, Draft], draws: random.Random) -> list[tuple[str, Draft]]:
    """Order by time, but what was offline comes at the end, and not in order."""
    inorder = sorted(numbered.items(), key=lambda item: (item[1].at, item[0]))
    late = [item for item in inorder if item[1].late]
    draws.shuffle(late)
    return [item for item in inorder if not item[1].late] + late


def events_of(sent: Sequence[Sent]) -> Counter[str]:
    """Return how many statements are about each person, by name, once those that were taken back are gone."""
    gone = {s.statement["object"]["id"] for s in sent if s.statement["verb"]["id"].endswith("/voided")}
    kept = [s.statement["actor"] for s in sent if s.statement["id"] not in gone]
    return Counter(agent["name"] for actor in kept for agent in actor.get("member", [actor]))

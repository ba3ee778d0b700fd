"""What the demo reads back: the marker, and the figures of the organisation and of a few people, as any app would."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import httpx
import orjson

from schemas.events import MODES
from services.console.demonstration.access import READER, Keys
from services.console.exits import Failure
from services.console.story.marker import MARKER_ID, Anchor, anchor_in

_PATIENCE_SECONDS = 90.0
_LOOK_AGAIN_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Expected:
    """What must have arrived before figures are shown: events of each person who is shown, and of everybody."""

    teams: tuple[str, ...]
    people: Mapping[str, tuple[Mapping[str, Any], int]]
    """By name: the agent and the number of events."""
    everybody: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The mixes of the organisation, of its teams, and of the people shown (by name, with their ids).

    `complete`: whether all that they rest on had arrived.
    """

    organisation: dict[str, Any]
    teams: dict[str, dict[str, Any]]
    people: dict[str, tuple[str, dict[str, Any]]]
    complete: bool


class Reader:
    """Reads with the run's reading credential."""

    def __init__(self, keys: Keys) -> None:
        self._client = httpx.AsyncClient(
            base_url=keys.url,
            auth=keys.by_source[READER],
            headers={"X-Experience-API-Version": "1.0.3", "X-Leermix-Viewer": "self"},
            timeout=30,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def anchor(self) -> Anchor | None:
        """Return the anchor of the story that is told already; None before the first time."""
        answer = await self._client.get("/xapi/statements", params={"statementId": MARKER_ID})
        return None if answer.status_code == 404 else anchor_in(_checked(answer))

    async def roster(self, rows: str) -> None:
        """Say who belongs to the organisation: the same again changes nothing."""
        headers = {"Content-Type": "text/csv"}
        _checked(await self._client.post("/analytics/v1/people/import", content=rows.encode(), headers=headers))

    async def next(self, person: str) -> dict[str, Any]:
        """Return a person's open suggestion."""
        return _checked(await self._client.get(f"/recommend/v1/people/{person}/next"))

    async def figures(self, expected: Expected, month: str, since: datetime, until: datetime) -> Figures:
        """Wait until analytics has caught up, for a bounded time, and return the figures of the month."""
        give_up = time.monotonic() + _PATIENCE_SECONDS
        window = {"since": since.isoformat(), "until": until.isoformat()}
        while True:
            found = await self._figures(expected, month, window)
            if found.complete or time.monotonic() > give_up:
                return found
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _figures(self, expected: Expected, month: str, window: Mapping[str, str]) -> Figures:
        # The organisation last: figures of a group that were told once follow only when enough people have something
        # new (MIX.md 3.5), so nobody asks for them before everything is counted.
        people: dict[str, tuple[str, dict[str, Any]]] = {}
        for name, (agent, events) in expected.people.items():
            person = await self._person(agent)
            if person is None:
                return Figures({}, {}, people, complete=False)
            mix = _checked(await self._client.get(f"/analytics/v1/people/{person}/mix", params=window))
            people[name] = (person, mix)
            if mix["lag"] != 0 or events_in(mix) < events:
                return Figures({}, {}, people, complete=False)
        answer = await self._client.get("/analytics/v1/organisation/mix", params={"month": month})
        organisation = _checked(answer)
        complete = organisation["hidden"] or events_in(organisation) >= expected.everybody
        teams = {
            team: _checked(await self._client.get(f"/analytics/v1/teams/{team}/mix", params={"month": month}))
            for team in expected.teams
        }
        return Figures(organisation, teams, people, complete)

    async def _person(self, agent: Mapping[str, Any]) -> str | None:
        text = orjson.dumps(agent).decode()
        answer = await self._client.get("/analytics/v1/people", params={"agent": text})
        return None if answer.status_code == 404 else str(_checked(answer)["id"])


def events_in(mix: Mapping[str, Any]) -> int:
    """Return how many events stand behind a mix, whatever their class; a count that is hidden counts nothing."""
    counts = [*(mix["events"][mode] for mode in MODES), mix["unclassified"], mix["not_learning"]]
    return sum(int(count or 0) for count in counts)


def _checked(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code != 200:
        raise Failure(f"{answer.request.url.path} answered {answer.status_code}: {answer.text[:300]}")
    found: dict[str, Any] = answer.json()
    return found

"""A generated world sent to a running leermix whose heart is killed amid it, and what is served and checked then."""

import asyncio
import csv
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import yaml

from schemas.events import MODES
from tests.harness.system import LEERMIX, System
from tests.world.world import FIRST_DAY, REGISTRY, World

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
KINDS = ("lms", "job_aid", "social", "coaching", "work_system", "other")
NUMBERS = ("minutes", "measured", "moments", "events", "given")
_HEADERS = {"X-Experience-API-Version": "1.0.3", "X-Leermix-Viewer": "self"}
_HR = "reference;mbox;account;team;team_name;team_parent;role;since;until;active"

Figures = dict[tuple[str, str, str], dict[str, float]]
"""Minutes, measured minutes, moments, events and given minutes by (person, day, class); what is nothing is left out."""


class Client:
    """Who sends a world and asks about it."""

    def __init__(self, system: System, made: World, seed: int) -> None:
        self.system, self.made, self._rng = system, made, random.Random(seed)
        auth = {kind: system.credential(source=f"world-{kind}", kind=kind) for kind in KINDS}
        self._http = {
            kind: httpx.AsyncClient(base_url=system.origin, auth=each, headers=_HEADERS, timeout=30)
            for kind, each in auth.items()
        }

    async def close(self) -> None:
        for http in self._http.values():
            await http.aclose()

    async def prepare(self) -> None:
        """The registry, and half of the people as HR knows them: with their accounts."""
        await self._ask("PUT", "/analytics/v1/registry", json=REGISTRY)
        rows = [_HR, ";;;ORG;Organisation;;;;;"]
        for each in self.made.people[::2]:
            mbox, _, account = each.agents
            named = f"{account['account']['homePage']}|{account['account']['name']}"
            rows.append(f"{each.id};{mbox['mbox'].removeprefix('mailto:')};{named};ORG;;;;;;")
        headers = {"content-type": "text/csv; charset=utf-8"}
        await self._ask("POST", "/analytics/v1/people/import", content="\n".join(rows).encode(), headers=headers)

    async def send(self, deliveries: Sequence[dict[str, Any]]) -> None:
        """Send deliveries, in one request for each kind of source, again and again until each is taken."""
        for kind in KINDS:
            once = {each["statement"]["id"]: each["statement"] for each in deliveries if each["kind"] == kind}
            if once:
                await self._ask("POST", "/xapi/statements", kind, json=list(once.values()))

    def batches(self, size: int) -> list[list[dict[str, Any]]]:
        """The world's deliveries in an order that means nothing, some again."""
        shuffled = list(self.made.deliveries)
        shuffled += self._rng.sample(shuffled, len(shuffled) // 20)
        self._rng.shuffle(shuffled)
        return [shuffled[place : place + size] for place in range(0, len(shuffled), size)]

    async def merge(self) -> None:
        """Make one person of each whom HR does not know, who had one for the mbox and another for the account."""
        for each in self.made.people[1::2]:
            found = []
            for agent in (each.agents[0], each.agents[2]):
                params = {"agent": json.dumps(agent)}
                found.append((await self._ask("GET", "/analytics/v1/people", params=params))["id"])
            await self._ask("POST", f"/analytics/v1/people/{found[0]}/merges", json={"merged": found[1]})

    async def caught_up(self) -> None:
        """Wait until nothing waits to be counted."""
        params = {"agent": json.dumps(self.made.people[0].agents[0])}
        person = (await self._ask("GET", "/analytics/v1/people", params=params))["id"]
        while (await self.mix(person, FIRST_DAY, FIRST_DAY))["lag"] != 0:
            await asyncio.sleep(0.2)

    async def mix(self, person: str, first: date, last: date) -> dict[str, Any]:
        """The served mix of whole local days."""
        since, until = (datetime.combine(day, datetime.min.time(), AMSTERDAM) for day in (first, last))
        window = {"since": since.isoformat(), "until": (until + timedelta(days=1)).isoformat()}
        told: dict[str, Any] = await self._ask("GET", f"/analytics/v1/people/{person}/mix", params=window)
        return told

    async def _ask(self, method: str, path: str, kind: str = "other", **more: Any) -> Any:
        """Ask until it is answered: what is being started again is away for a while, and somebody not known yet."""
        async with asyncio.timeout(90):
            while True:
                try:
                    answer = await self._http[kind].request(method, path, **more)
                except httpx.TransportError:
                    await asyncio.sleep(0.2)
                    continue
                if answer.status_code not in (404, 502, 503, 504):
                    break
                await asyncio.sleep(0.2)
        assert answer.status_code in (200, 201, 202), answer.text
        return answer.json()


def told(figures: dict[str, Any]) -> dict[str, float]:
    """What there is of these numbers."""
    return {name: figures[name] for name in NUMBERS if figures[name]}


def checked(system: System) -> tuple[int, dict[str, str], Figures]:
    """What anyone can check: `leermix mix` on what `leermix export` wrote; how many statements, and who is who."""
    statements, people, registry = (system.folder / name for name in ("s.ndjson", "people.csv", "registry.yaml"))
    registry.write_text(yaml.safe_dump(REGISTRY))
    export = [str(LEERMIX), "export", str(statements), str(people), "--replace", "--json"]
    written = json.loads(_run(export, system))["statements"]
    mix = [sys.executable, "-m", "services.console.main", "mix", "--time-zone", AMSTERDAM.key]
    mix += ["--registry", str(registry), "--people", str(people)]
    lines = [json.loads(line) for line in _run(mix, system, statements).splitlines()]
    found = {(each["person"], each["day"], each["mode"]): told(each) for each in lines if told(each)}
    with people.open(newline="") as file:
        who = {row["identity"]: row["person"] for row in csv.DictReader(file)}
    return written, who, found


def _run(words: list[str], system: System, stdin: Path | None = None) -> str:
    with (stdin or Path("/dev/null")).open() as source:
        done = subprocess.run(words, env=system.environment, stdin=source, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def served(client: Client, expected: Figures) -> Figures:
    """What is served of each person on each day of which something is expected, and nothing on the others.

    `given` and unclassified are told, `measured` and `moments` of what is unclassified are not.
    """
    days: dict[str, set[str]] = {}
    for person, day, _ in expected:
        days.setdefault(person, set()).add(day)
    found: Figures = {}
    gate = asyncio.Semaphore(8)

    async def ask(person: str, day: str) -> None:
        async with gate:
            mix = await client.mix(person, date.fromisoformat(day), date.fromisoformat(day))
        for mode in MODES:
            if row := told({name: mix[name][mode] for name in NUMBERS}):
                found[person, day, mode] = row
        beside = {"minutes": mix["unclassified_minutes"], "events": mix["unclassified"]}
        found[person, day, "unclassified"] = {name: number for name, number in beside.items() if number}
        found[person, day, "not_learning"] = {"events": mix["not_learning"]} if mix["not_learning"] else {}

    await asyncio.gather(*(ask(person, day) for person, theirs in days.items() for day in theirs))
    return {key: row for key, row in found.items() if row}


def as_served(expected: Figures) -> Figures:
    """What of these figures is served."""
    beside = {"unclassified": ("minutes", "events"), "not_learning": ("events",)}
    cut = {
        key: {name: number for name, number in row.items() if name in beside.get(key[2], NUMBERS)}
        for key, row in expected.items()
    }
    return {key: row for key, row in cut.items() if row}


def by_name(figures: Figures, who: dict[str, str], made: World) -> Figures:
    """The figures by the world's names, of the days that the world tells of."""
    names = {}
    for each in made.people:
        mbox, sha1, account = each.agents
        keys = (mbox["mbox"], sha1["mbox_sha1sum"], f"{account['account']['homePage']}|{account['account']['name']}")
        names |= {who[key]: each.id for key in keys if key in who}
    until = (FIRST_DAY + timedelta(days=45)).isoformat()
    return {(names[person], day, mode): row for (person, day, mode), row in figures.items() if day < until}

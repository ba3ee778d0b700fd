"""A year of an organisation, read and asked (`python -m bench.million`): a replay of it all, then what answers take.

The statements are laid into the store of a running `leermix up` (COPY, as if they had come over the year), and
analytics derives them by a replay: that is the first figure. Then, over HTTP, with all of it there: a person's mix over
365 days, typical and heaviest; the organisation's trend over the year; how soon a late statement moves a mix. At last,
with --twice, a second derivation beside the first, and the switch. Rates are of this machine at this moment. A plain
client asks: what a comfortable one needs for itself is as much as the answer.
"""

import argparse
import asyncio
import base64
import http.client
import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson

from services.analytics.rules import base_data, base_rules
from services.analytics.store import derivations, replays
from services.console.place import Place
from services.ingest.store import ensure_month
from tests.harness.system import System

_CHUNK = 20_000
_LONGEST_RELEASE = 1800
_HEADERS = {"X-Experience-API-Version": "1.0.3", "Content-Type": "application/json", "X-Leermix-Viewer": "self"}
_LMS, _WIKI = "https://lms.leermix.example", "https://wiki.leermix.example"
_ADL, _TC, _AS = "http://adlnet.gov/expapi", "http://id.tincanapi.com", "http://activitystrea.ms/schema/1.0"
_DOINGS: tuple[tuple[str, str, str, str, str | None], ...] = (
    # verb, object, type, kind of the source, duration
    (f"{_ADL}/verbs/launched", f"{_LMS}/courses/{{n}}", f"{_ADL}/activities/course", "lms", None),
    (f"{_ADL}/verbs/answered", f"{_LMS}/courses/{{n}}/q", f"{_ADL}/activities/cmi.interaction", "lms", "PT1M"),
    (f"{_ADL}/verbs/completed", f"{_LMS}/courses/{{n}}", f"{_ADL}/activities/course", "lms", "PT25M"),
    (f"{_TC}/verb/replied", f"{_WIKI}/forum/{{n}}", f"{_TC}/activitytype/forum-topic", "social", None),
    (f"{_AS}/open", f"{_WIKI}/job-aids/{{n}}", f"{_TC}/activitytype/checklist", "job_aid", None),
    ("https://w3id.org/xapi/adl/verbs/logged-in", f"{_LMS}/", f"{_AS}/application", "lms", None),
)
Row = tuple[UUID, datetime, str, dict[str, Any]]


def year(events: int, people: int, end: datetime, seed: int = 1) -> Iterator[Row]:
    """Yield (id, stored, source kind, statement) in the order of time; a few people do much, most little."""
    chance = random.Random(seed)
    weights = [1 / (1 + rank / 50) for rank in range(people)]
    whose = iter(chance.choices(range(people), weights, k=events))
    step = timedelta(days=365) / events
    for number in range(events):
        verb, thing, kind_of, source, duration = _DOINGS[number % len(_DOINGS)]
        at = end - timedelta(days=365) + number * step
        made = {
            "id": str(UUID(int=chance.getrandbits(128), version=4)),
            "actor": {"account": {"homePage": _LMS, "name": f"person-{next(whose)}"}, "name": "Somebody"},
            "verb": {"id": verb, "display": {"en": verb.rsplit("/", 1)[-1]}},
            "object": {"id": thing.format(n=number % 400), "definition": {"type": kind_of, "name": {"en": "A thing"}}},
            "context": {"registration": str(UUID(int=chance.getrandbits(128), version=4)), "platform": source},
            "timestamp": at.isoformat(),
            "version": "1.0.3",
        } | ({"result": {"duration": duration}} if duration else {})
        yield UUID(made["id"]), at, source, made


async def lay(connection: asyncpg.Connection, events: int, people: int, say: Callable[[str], None]) -> None:
    """Lay the year into the store, and make analytics know that it heard of it."""
    end = datetime.now(UTC) - timedelta(hours=1)
    for month in range(13):
        await ensure_month(connection, (end - timedelta(days=365)).replace(day=15) + timedelta(days=30.5 * month))
    began, rows = time.perf_counter(), list[Row]()
    for number, row in enumerate(year(events, people, end), start=1):
        rows.append(row)
        if len(rows) == _CHUNK or number == events:
            await _copy(connection, rows)
            rows.clear()
            if number % (10 * _CHUNK) == 0:
                say(f"{number:>9,} statements laid, {number / (time.perf_counter() - began):,.0f}/s")
    await connection.execute("ANALYZE")


async def _copy(connection: asyncpg.Connection, rows: list[Row]) -> None:
    none = b"\x00" * 32
    await connection.copy_records_to_table(
        "statement_ids",
        schema_name="ingest",
        columns=["tenant", "id", "digest", "fingerprint", "stored"],
        records=[("default", id_, none, none, at) for id_, at, _, _ in rows],
    )
    await connection.copy_records_to_table(
        "statements",
        schema_name="ingest",
        columns=["tenant", "id", "stored", "arrived", "timestamp_sent", "source", "kind", "credential", "body"],
        records=[
            ("default", id_, at, at, True, kind, kind, "bench", orjson.dumps(made)) for id_, at, kind, made in rows
        ],
    )
    await connection.copy_records_to_table(
        "statements",
        schema_name="analytics",
        columns=["tenant", "id", "basis"],
        records=[("default", id_, "record") for id_, _, _, _ in rows],
    )


async def until_complete(connection: asyncpg.Connection, derivation: int, say: Callable[[str], None]) -> float:
    """Watch a replay until it is complete; return statements per second."""
    began, told = time.perf_counter(), 0.0
    while True:
        row = next(e for e in await replays.listed(connection, "default") if e["derivation"] == derivation)
        now = time.perf_counter()
        if row["completed"] is not None:
            return float(row["done"] / (now - began))
        if now - told > 15:
            told = now
            say(f"{row['done']:>9,} of {row['total']:,} replayed, {row['done'] / (now - began):,.0f}/s")
        await asyncio.sleep(0.5)


async def timed(times: int, ask: Callable[[], Awaitable[Any]]) -> dict[str, float]:
    """Ask so often; milliseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    return _spread(taken)


class Plain:
    """One connection that is kept, and GETs one after the other."""

    def __init__(self, origin: str, key: str, secret: str) -> None:
        self._connection = http.client.HTTPConnection(origin.removeprefix("http://"))
        token = base64.b64encode(f"{key}:{secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "X-Leermix-Viewer": "self"}

    def timed(self, urls: Sequence[str]) -> dict[str, float]:
        """GET all of these; milliseconds."""
        self._connection.close()  # the server has closed what was idle for long; the next request opens it again
        taken = []
        for url in urls:
            began = time.perf_counter()
            self._connection.request("GET", url, headers=self._headers)
            answer = self._connection.getresponse()
            answer.read()
            taken.append((time.perf_counter() - began) * 1000)
            if answer.status != 200:
                raise RuntimeError(f"{url} answered {answer.status}")
        return _spread(taken)


def _spread(taken: list[float]) -> dict[str, float]:
    taken.sort()
    return {"p50_ms": statistics.median(taken), "p95_ms": taken[int(len(taken) * 0.95)], "max_ms": taken[-1]}


async def answers(
    client: httpx.AsyncClient, plain: Plain, connection: asyncpg.Connection, people: int
) -> dict[str, Any]:
    """Measure what answers take."""
    now = datetime.now(UTC)
    since = f"{(now - timedelta(days=365)).date()}T00:00:00Z"
    names = ["person-0", *(f"person-{people // 2 + n}" for n in range(40))]
    ids = {name: await _person(client, name) for name in names}
    urls = {name: f"/analytics/v1/people/{each}/mix?since={since}" for name, each in ids.items()}
    trend = f"/analytics/v1/organisation/trend?from={now - timedelta(days=365):%Y-%m}&until={now:%Y-%m}"
    told: dict[str, Any] = {
        "mix of a typical person": plain.timed([urls[name] for name in names[1:] * 10]),
        "mix of the heaviest person": plain.timed([urls["person-0"]] * 200),
        "seconds until the year's months were told": await _told(client, trend),
        "the organisation's trend over a year": plain.timed([trend] * 40),
    }
    told["a late statement moves a mix"] = await timed(20, lambda: _late(client, ids["person-0"], now))
    rows = await connection.fetch("SELECT relname, pg_total_relation_size(oid) AS bytes FROM pg_class WHERE oid IN ("
                                  "'analytics.events'::regclass, 'analytics.person_days'::regclass, "
                                  "'analytics.statements'::regclass)")  # fmt: skip
    told["bytes"] = {row["relname"]: row["bytes"] for row in rows}
    return told


async def _late(client: httpx.AsyncClient, person: str, now: datetime) -> None:
    """Send a statement of some day of the year, and ask until the mix of that day tells of it."""
    at = now - timedelta(days=random.randint(30, 300), minutes=random.randint(0, 1000))
    day = {"since": (at - timedelta(hours=2)).isoformat(), "until": (at + timedelta(minutes=1)).isoformat()}
    url = f"/analytics/v1/people/{person}/mix"
    before = (await client.get(url, params=day)).json()["events"]["formal"]
    sent = {
        "actor": {"account": {"homePage": _LMS, "name": "person-0"}},
        "verb": {"id": _DOINGS[2][0]},
        "object": {"id": f"{_LMS}/courses/1", "definition": {"type": _DOINGS[2][2]}},
        "result": {"duration": "PT7M"},
        "timestamp": at.isoformat(),
    }
    (await client.post("/xapi/statements", json=sent)).raise_for_status()
    while (await client.get(url, params=day)).json()["events"]["formal"] == before:
        await asyncio.sleep(0.01)


async def _told(client: httpx.AsyncClient, trend: str) -> float:
    """Ask until twelve months of the trend hold figures, not only reasons why not; return the seconds."""
    began = time.perf_counter()
    while True:
        answer = await client.get(trend)
        answer.raise_for_status()
        if sum(not month["hidden"] for month in answer.json()["months"]) >= 12:
            return time.perf_counter() - began
        if time.perf_counter() - began > _LONGEST_RELEASE:
            raise RuntimeError(f"not told within {_LONGEST_RELEASE} s: {answer.text[:500]}")
        await asyncio.sleep(1)


async def _person(client: httpx.AsyncClient, name: str) -> str:
    agent = json.dumps({"account": {"homePage": _LMS, "name": name}})
    answer = await client.get("/analytics/v1/people", params={"agent": agent})
    answer.raise_for_status()
    return str(answer.json()["id"])


async def measure(events: int, people: int, say: Callable[[str], None], *, twice: bool) -> dict[str, Any]:
    """Do it all; return the figures."""
    async with System("up") as system:
        key, secret = system.credential(source="bench", kind="lms")
        note = Place(system.folder / "data").running()
        assert note is not None
        connection = await asyncpg.connect(note.database)
        await lay(connection, events, people, say)
        before = system.cpu_seconds()
        await derivations.prepare(connection, base_rules().version, base_data(), "Europe/Amsterdam")
        rate = await until_complete(connection, 1, say)
        used = sum(system.cpu_seconds().values()) - sum(before.values())
        told: dict[str, Any] = {"replay per second": round(rate), "replay CPU µs": used / events * 1e6}
        say(f"replayed: {told}")
        await connection.execute("ANALYZE")
        auth = (key, secret)
        async with httpx.AsyncClient(base_url=system.origin, auth=auth, headers=_HEADERS, timeout=300) as client:
            told |= await answers(client, Plain(system.origin, *auth), connection, people)
        if twice:
            await replays.start(connection, "default", reason="bench", switch=False)
            told["second replay per second"] = round(await until_complete(connection, 2, say))
            began = time.perf_counter()
            async with connection.transaction():
                await replays.switch(connection, "default", 2)
            told["switch_ms"] = (time.perf_counter() - began) * 1000
        await connection.close()
    return told


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench.million", description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--people", type=int, default=20_000)
    options.add_argument("--twice", action="store_true", help="a second replay beside the first, and the switch")
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    say: Callable[[str], None] = (lambda _: None) if asked.json else print
    told = asyncio.run(measure(asked.events, asked.people, say, twice=asked.twice))
    print(json.dumps(told, indent=None if asked.json else 2))


if __name__ == "__main__":
    main()

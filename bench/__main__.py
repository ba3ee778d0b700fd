"""One command, one run: what a statement costs (`make bench`).

Rates are of this machine at this moment; compare them with each other, never with another day's. The CPU stands
beside the rate: microseconds per statement over all processes of the system, PostgreSQL and Kafka among them, the
client not counted. The table goes to standard output, or with --json as one object.
"""

import argparse
import asyncio
import json
import time
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import orjson

from services.ingest.domain.equality import digest
from services.ingest.domain.stamping import stamp
from services.ingest.domain.validation import parse, validate_request
from tests.harness.system import System

_HEADERS = {"X-Experience-API-Version": "1.0.3", "Content-Type": "application/json"}
_NOW_AUTHORITY = {"objectType": "Agent", "account": {"homePage": "http://leermix.example", "name": "bench"}}


def statement(number: int) -> dict[str, Any]:
    """Return a statement of about 1.6 kB, of one of 500 people, as an LMS sends it.

    A person's statements are spread over the days and the hours of a month, so that what they cost does not grow with
    how many a day holds: after 56,000 statements it is four.
    """
    course = f"http://lms.leermix.example/courses/{number % 40}"
    turn = number // 500  # of this person
    return {
        "id": str(uuid4()),
        "actor": {
            "objectType": "Agent",
            "name": f"Person {number % 500}",
            "account": {"homePage": "http://lms.leermix.example", "name": f"person-{number % 500}"},
        },
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en": "completed", "nl": "voltooide"}},
        "object": {
            "objectType": "Activity",
            "id": f"{course}/modules/{number % 7}",
            "definition": {
                "type": "http://adlnet.gov/expapi/activities/module",
                "name": {"en": "Talking with patients and relatives", "nl": "In gesprek met patiënt en naasten"},
                "description": {"en": "How to listen first, and what to ask next. " * 6},
            },
        },
        "result": {
            "completion": True,
            "success": True,
            "score": {"scaled": 0.83, "raw": 83, "min": 0, "max": 100},
            "duration": f"PT{5 + number % 30}M",
        },
        "context": {
            "registration": str(uuid4()),
            "platform": "lms",
            "language": "nl",
            "contextActivities": {
                "parent": [{"id": course, "definition": {"type": "http://adlnet.gov/expapi/activities/course"}}],
                "grouping": [{"id": "http://lms.leermix.example/catalogue"}],
                "category": [{"id": "https://w3id.org/xapi/cmi5/context/categories/moveon"}],
            },
            "extensions": {"http://lms.leermix.example/ext/session": str(uuid4())},
        },
        "timestamp": f"2026-10-{1 + turn % 28:02d}T{8 + turn // 28 % 10:02d}:{number % 60:02d}:00.000+02:00",
    }


def validation_alone() -> dict[str, Any]:
    """Parse, validate, digest, stamp and dump a batch of 50, on one core."""
    body = orjson.dumps([statement(n) for n in range(50)])
    now = datetime.now(UTC)

    def one_batch() -> None:
        statements, batch = parse(body)
        validate_request(statements, "1.0.3", batch=batch)
        for each in statements:
            digest(each)
            orjson.dumps(stamp(each, version="1.0.3", statement_id=each["id"], stored=now, authority=_NOW_AUTHORITY))

    seconds = min(timeit.repeat(one_batch, number=10, repeat=5)) / 500
    return {"what": "validation alone", "bytes": len(body) // 50, "rate": round(1 / seconds), "cpu_us": seconds * 1e6}


class Bench:
    """Measurements on one running system."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._auth = system.credential(source="bench", kind="lms")

    async def accepted(self, batch: int, clients: int, seconds: float) -> dict[str, Any]:
        """POST batches from so many clients for so long: accepted statements, latency and CPU."""
        number, taken = 0, []

        async def client(until: float) -> None:
            nonlocal number
            async with self._http() as http:
                while time.perf_counter() < until:
                    body = orjson.dumps([statement(number + n) for n in range(batch)])
                    number += batch
                    began = time.perf_counter()
                    answer = await http.post("/xapi/statements", content=body, headers=_HEADERS)
                    taken.append(time.perf_counter() - began)
                    answer.raise_for_status()

        before, began = self._system.cpu_seconds(), time.perf_counter()
        await asyncio.gather(*(client(began + seconds) for _ in range(clients)))
        await self._drained()
        elapsed, after = time.perf_counter() - began, self._system.cpu_seconds()
        used = {what: (after[what] - before.get(what, 0)) / number * 1e6 for what in after}
        taken.sort()
        return {
            "what": f"POST × {batch} accepted, {clients} clients",
            "rate": round(number / elapsed),
            "p50_ms": taken[len(taken) // 2] * 1000,
            "p99_ms": taken[int(len(taken) * 0.99)] * 1000,
            "cpu_us": sum(used.values()),
            "of": {what: round(each) for what, each in sorted(used.items()) if each >= 0.5},
        }

    async def to_mix(self, times: int) -> dict[str, Any]:
        """POST one statement of a new person and ask until its minutes stand in the mix: the whole way, alone."""
        taken = []
        async with self._http() as http:
            for _ in range(times):
                sent = statement(0) | {"actor": {"mbox": f"mailto:{uuid4()}@leermix.example"}}
                began = time.perf_counter()
                (await http.post("/xapi/statements", content=orjson.dumps(sent), headers=_HEADERS)).raise_for_status()
                await self._until_counted(http, sent["actor"])
                taken.append(time.perf_counter() - began)
        taken.sort()
        return {
            "what": "POST → mix",
            "p50_ms": taken[len(taken) // 2] * 1000,
            "p99_ms": taken[int(times * 0.99)] * 1000,
        }

    async def _until_counted(self, http: httpx.AsyncClient, agent: dict[str, Any]) -> None:
        window = {"since": "2026-09-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"}
        while True:
            person = await http.get("/analytics/v1/people", params={"agent": json.dumps(agent)})
            if person.status_code == 200:
                url = f"/analytics/v1/people/{person.json()['id']}/mix"
                mix = await http.get(url, params=window, headers={"X-Leermix-Viewer": "self"})
                if mix.json()["minutes"]["formal"] > 0:
                    return

    async def _drained(self) -> None:
        """Wait until analytics has counted what was sent: its CPU belongs to it."""
        async with self._http() as http:
            while True:
                text = (await http.get("/metrics/analytics")).text
                if "leermix_log_lag" not in text:
                    text = (await http.get("/metrics")).text
                lags = [float(line.split()[-1]) for line in text.splitlines() if line.startswith("leermix_log_lag{")]
                if lags and not any(lags):
                    return
                await asyncio.sleep(0.5)

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self._system.origin, auth=self._auth, timeout=60)


async def measure(mode: str, seconds: float, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Run every measurement in one mode."""
    rows = []
    async with System(mode) as system:
        bench = Bench(system)
        await bench.accepted(50, 2, 2)  # warm
        for batch, clients in ((1, 1), (1, 16), (50, 4), (500, 2)):
            rows.append(await bench.accepted(batch, clients, seconds) | {"mode": mode})
            say(told(rows[-1]))
        rows.append(await bench.to_mix(100) | {"mode": mode})
        say(told(rows[-1]))
    return rows


def told(row: dict[str, Any]) -> str:
    """Return a row as a line of text."""
    numbers = {
        "rate": "{:>8,.0f}/s",
        "cpu_us": "{:>8,.0f} µs CPU/statement",
        "p50_ms": "p50 {:>7.1f} ms",
        "p99_ms": "p99 {:>7.1f} ms",
    }
    parts = [text.format(row[name]) for name, text in numbers.items() if name in row]
    return f"{row.get('mode', 'one core'):10} {row['what']:32} " + "  ".join(parts) + f"  {row.get('of', '')}"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument(
        "--mode", choices=["up", "up-kafka"], action="append", help="default: both, one after the other"
    )
    options.add_argument("--seconds", type=float, default=10, help="length of each measurement")
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    say: Callable[[str], None] = (lambda _: None) if asked.json else print
    rows = [validation_alone()]
    say(told(rows[0]))
    for mode in asked.mode or ["up", "up-kafka"]:
        rows += asyncio.run(measure(mode, asked.seconds, say))
    if asked.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()

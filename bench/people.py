"""20,000 people of whom 5 % change, and two of them made one and two again: `python -m bench.people`.

Each of the 200 first people has learned before; a statement is sent and waited for all the while, so that the table
also tells what an import costs those who send.
"""

import argparse
import asyncio
import json
import time
from typing import Any
from uuid import uuid4

import httpx

from tests.harness.firm import hr_file
from tests.harness.system import System

_XAPI = {"X-Experience-API-Version": "1.0.3"}
_VIEWER = {"X-Leermix-Viewer": "self"}
_WINDOW = {"since": "2026-09-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"}


def statement(number: int) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "actor": {"mbox": f"mailto:p{number % 200}@example.nl"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": f"https://lms.example.nl/course/{number % 40}"},
        "result": {"duration": f"PT{5 + number % 30}M"},
        "timestamp": f"2026-10-{1 + number % 28:02d}T{8 + number % 10:02d}:00:00Z",
    }


class Bench:
    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.rows: list[tuple[str, float, str]] = []

    async def history(self, statements: int) -> None:
        for start in range(0, statements, 200):
            sent = [statement(number) for number in range(start, start + 200)]
            (await self._http.post("/xapi/statements", json=sent, headers=_XAPI)).raise_for_status()

    async def imported(self, what: str, body: bytes, **params: str) -> dict[str, int]:
        beside = asyncio.create_task(self._senders())
        began = time.perf_counter()
        answer = await self._http.post(
            "/analytics/v1/people/import", content=body, params=params, headers={"content-type": "text/csv"}
        )
        took = time.perf_counter() - began
        beside.cancel()
        slowest = max((await asyncio.gather(beside, return_exceptions=True))[0] or [0])  # type: ignore[type-var]
        counts = {name: number for name, number in answer.raise_for_status().json()["counts"].items() if number}
        self.rows.append((what, took, f"slowest POST of a statement meanwhile {slowest * 1000:.0f} ms"))
        return counts

    async def counted(self) -> None:
        """Wait until all that was sent is in the mixes."""
        await self._mix(await self._person(1))

    async def merged(self, statements: int) -> None:
        one, other = [await self._person(number) for number in (1, 2)]
        before = [await self._mix(person) for person in (one, other)]
        began = time.perf_counter()
        answer = await self._http.post(f"/analytics/v1/people/{one}/merges", json={"merged": other})
        merge = answer.raise_for_status().json()["merge"]
        self.rows.append(("merge", time.perf_counter() - began, f"two people of {statements // 200} events each"))
        both = (await self._mix(one))["events"]
        assert both == {mode: before[0]["events"][mode] + before[1]["events"][mode] for mode in both}
        began = time.perf_counter()
        (await self._http.post(f"/analytics/v1/merges/{merge}/undo")).raise_for_status()
        self.rows.append(("undo", time.perf_counter() - began, "figures as before"))
        assert [await self._mix(person) for person in (one, other)] == before

    async def _senders(self) -> list[float]:
        taken: list[float] = []
        try:
            while True:
                began = time.perf_counter()
                await self._http.post("/xapi/statements", json=statement(len(taken)), headers=_XAPI)
                taken.append(time.perf_counter() - began)
                await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            return taken

    async def _person(self, number: int) -> str:
        agent = json.dumps(statement(number)["actor"])
        answer = await self._http.get("/analytics/v1/people", params={"agent": agent})
        return answer.raise_for_status().json()["id"]

    async def _mix(self, person: str) -> dict[str, Any]:
        """Return what of a person's mix is figures, once all that was sent is counted."""
        while True:
            answer = await self._http.get(f"/analytics/v1/people/{person}/mix", params=_WINDOW, headers=_VIEWER)
            told = answer.raise_for_status().json()
            if told["lag"] == 0:
                break
        return {name: told[name] for name in ("minutes", "events", "moments") if name in told}


async def measure(mode: str, people: int, statements: int) -> list[tuple[str, float, str]]:
    async with System(mode) as system:
        auth = system.credential(source="bench", kind="lms")
        async with httpx.AsyncClient(base_url=system.origin, auth=auth, timeout=120) as http:
            bench = Bench(http)
            await bench.history(statements)
            await bench.counted()
            first, later = hr_file(people), hr_file(people, later=True)
            await bench.imported(f"first import of {people:,}", first)
            shown = await bench.imported("dry run, 5 % otherwise", later, dry_run="true", complete="true")
            assert await bench.imported("run", later, complete="true") == shown
            again = await bench.imported("again: nothing changes", later, complete="true")
            assert set(again) == {"people_unchanged"}
            await bench.merged(statements)
            return bench.rows


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench.people", description=__doc__)
    options.add_argument("--mode", choices=["up", "up-kafka"], default="up")
    options.add_argument("--people", type=int, default=20_000)
    options.add_argument("--statements", type=int, default=20_000)
    asked = options.parse_args()
    for what, took, more in asyncio.run(measure(asked.mode, asked.people, asked.statements)):
        print(f"{asked.mode:9} {what:26} {took:7.2f} s   {more}")


if __name__ == "__main__":
    main()

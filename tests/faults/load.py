"""The load under which things are killed: clients that send statements with ids of their own and keep each answer."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

PEOPLE = 24
KINDS = {"lms": "formal", "job_aid": "experiential", "social": "social"}
"""Source kinds, and the mode they decide: no rule knows the verb below."""
VERB = "http://leermix.example/verbs/did"
BEGIN = datetime(2026, 9, 7, 8, tzinfo=UTC)
REPLY_WITHIN = 12.0  # seconds; a reply later than this is late beyond any bound


@dataclass(slots=True)
class Request:
    """One request and what became of it: a status, or None when the connection broke."""

    kind: str
    statements: list[dict[str, Any]]
    answers: list[tuple[float, int | None, float]] = field(default_factory=list)
    """(when it was sent, status, seconds it took), in order; more than one when it was sent again."""

    @property
    def accepted(self) -> bool:
        return any(status == 200 for _, status, _ in self.answers)

    @property
    def ids(self) -> list[str]:
        return [each["id"] for each in self.statements]


def mbox(world: str, number: int) -> str:
    """The address of one of the people of a round."""
    return f"mailto:p{number}@{world}.example"


def statement(world: str, randomness: random.Random) -> dict[str, Any]:
    """One statement about one of the people: a whole number of seconds, ending at some whole second of three weeks."""
    end = BEGIN + timedelta(days=randomness.randrange(21), seconds=randomness.randrange(8 * 3600))
    return {
        "id": str(UUID(int=randomness.getrandbits(128), version=4)),
        "actor": {"mbox": mbox(world, randomness.randrange(PEOPLE))},
        "verb": {"id": VERB},
        "object": {"id": f"http://leermix.example/things/{randomness.randrange(50)}"},
        "timestamp": end.isoformat(),
        "result": {"duration": f"PT{randomness.randrange(1, 1800)}S"},
    }


class Load:
    """Clients that send until told to stop."""

    def __init__(self, origin: str, credentials: dict[str, tuple[str, str]], world: str, seed: int) -> None:
        self.world = world
        self.began = datetime.now(UTC) - timedelta(seconds=5)
        self.requests: list[Request] = []
        self._origin = origin
        self._credentials = credentials
        self._random = random.Random(seed)
        self._stop = asyncio.Event()

    async def run(self, clients: int, seconds: float) -> None:
        """Send with so many clients for so long, then let the last answers come."""
        tasks = [asyncio.create_task(self._client(random.Random(self._random.getrandbits(64)))) for _ in range(clients)]
        try:
            await asyncio.wait_for(asyncio.shield(asyncio.gather(*tasks)), seconds)
        except TimeoutError:
            self._stop.set()
            await asyncio.gather(*tasks)

    async def pour(self, rate: float, seconds: float) -> None:
        """Send so many requests a second, whether or not earlier ones have been answered, and await the answers.

        An open loop: what stands still for a second is felt by a second's worth of requests. In `run` it is felt by
        one request per client, so its percentiles flatter.
        """
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
        began = time.monotonic()
        async with (
            httpx.AsyncClient(base_url=self._origin, timeout=REPLY_WITHIN, limits=limits) as http,
            asyncio.TaskGroup() as sending,
        ):
            for number in range(round(rate * seconds)):
                await asyncio.sleep(began + number / rate - time.monotonic())
                request = self._request(self._random)
                sending.create_task(self.send(http, request))

    def stop(self) -> None:
        """Have every client end after its present request."""
        self._stop.set()

    async def _client(self, randomness: random.Random) -> None:
        async with httpx.AsyncClient(base_url=self._origin, timeout=REPLY_WITHIN) as http:
            while not self._stop.is_set():
                request = self._request(randomness)
                await self.send(http, request)
                if randomness.random() < 0.02 or (not request.accepted and randomness.random() < 0.5):
                    await self.send(http, request)  # a client that repeats itself, or tries again
                await asyncio.sleep(0.005 if request.accepted else 0.1)

    def _request(self, randomness: random.Random) -> Request:
        kind = randomness.choice(sorted(KINDS))
        statements = [statement(self.world, randomness) for _ in range(randomness.choice((1, 1, 1, 5, 20)))]
        request = Request(kind, statements)
        self.requests.append(request)
        return request

    async def send(self, http: httpx.AsyncClient, request: Request) -> None:
        """Send the request once and remember the answer."""
        sent, began = time.time(), time.perf_counter()
        status: int | None = None
        try:
            answer = await http.post(
                "/xapi/statements",
                json=request.statements,
                headers={"X-Experience-API-Version": "1.0.3"},
                auth=self._credentials[request.kind],
            )
            status = answer.status_code
        except httpx.TransportError:
            pass
        request.answers.append((sent, status, time.perf_counter() - began))


def latencies(requests: Sequence[Request], since: float, until: float) -> dict[str, Any]:
    """Return how the answers sent in a span were: counts per status, p50, p99 and the worst, in milliseconds."""
    answers = [each for request in requests for each in request.answers if since <= each[0] < until]
    counts: dict[str, int] = {}
    for _, status, _ in answers:
        counts[str(status)] = counts.get(str(status), 0) + 1
    taken = sorted(seconds for _, _, seconds in answers)
    if not taken:
        return {"answers": counts}
    return {
        "answers": counts,
        "p50": round(1000 * taken[len(taken) // 2], 1),
        "p99": round(1000 * taken[min(len(taken) - 1, int(len(taken) * 0.99))], 1),
        "max": round(1000 * taken[-1], 1),
    }

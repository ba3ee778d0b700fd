"""What must hold after any fault (LOG: "What a fault test may and must assert"), by a recomputation of its own."""

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from .load import KINDS, PEOPLE, REPLY_WITHIN, Load, Request, mbox

_RANK = {"experiential": 0, "social": 1, "formal": 2}
_HEADERS = {"X-Experience-API-Version": "1.0.3"}


async def stored(http: httpx.AsyncClient, auth: tuple[str, str], load: Load) -> dict[str, dict[str, Any]]:
    """Export every statement of this load's people that was stored since it began, by id."""
    found: dict[str, dict[str, Any]] = {}
    more = f"/xapi/statements?limit=500&ascending=true&since={load.began:%Y-%m-%dT%H:%M:%SZ}"
    while more:
        answer = await http.get(more, headers=_HEADERS, auth=auth)
        answer.raise_for_status()
        page = answer.json()
        found |= {
            each["id"]: each for each in page["statements"] if each["actor"]["mbox"].endswith(f"@{load.world}.example")
        }
        more = page["more"]
    return found


def kept_as_promised(requests: Sequence[Request], found: dict[str, dict[str, Any]]) -> None:
    """Assert laws 1 and 2 on what is stored."""
    sent = {statement["id"]: statement for request in requests for statement in request.statements}
    strangers = set(found) - set(sent)
    assert not strangers, f"{len(strangers)} statements stored that nobody sent"
    for request in requests:
        here = [each for each in request.ids if each in found]
        if request.accepted:
            assert len(here) == len(request.ids), f"{len(request.ids) - len(here)} accepted statements lost"
        assert len(here) in (0, len(request.ids)), f"a request of {len(request.ids)} is torn: {len(here)} are stored"
    for statement_id, kept in found.items():
        assert kept["result"] == sent[statement_id]["result"]
        assert kept["actor"]["mbox"] == sent[statement_id]["actor"]["mbox"]


def never_late(requests: Sequence[Request]) -> None:
    """Assert that no reply came later than its bound."""
    late = [seconds for request in requests for _, _, seconds in request.answers if seconds > REPLY_WITHIN]
    assert not late, f"{len(late)} replies were late, the worst {max(late):.1f} s"


def painted(requests: Sequence[Request], found: dict[str, dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Recompute each person's seconds per mode from what is stored, second by second.

    Shares nothing with the product: a second belongs to the shortest claim on it, then mode, then id (MIX 1.12).
    """
    kind_of = {each: request.kind for request in requests for each in request.ids}
    seconds: dict[str, dict[int, tuple[int, int, str, str]]] = {}
    for statement_id, statement in found.items():
        mode = KINDS[kind_of[statement_id]]
        length = int(statement["result"]["duration"][2:-1])
        end = int(datetime.fromisoformat(statement["timestamp"]).timestamp())
        claim = (length, _RANK[mode], statement_id, mode)
        mine = seconds.setdefault(statement["actor"]["mbox"], {})
        for second in range(end - length, end):
            if second not in mine or claim < mine[second]:
                mine[second] = claim
    told: dict[str, dict[str, int]] = {}
    for person, mine in seconds.items():
        told[person] = dict.fromkeys(KINDS.values(), 0)
        for *_, mode in mine.values():
            told[person][mode] += 1
    return told


async def served(http: httpx.AsyncClient, auth: tuple[str, str], world: str) -> dict[str, dict[str, float]]:
    """Return each person's minutes as the analytics API tells them."""
    told = {}
    for number in range(PEOPLE):
        agent = json.dumps({"mbox": mbox(world, number)})
        person = await http.get("/analytics/v1/people", params={"agent": agent}, auth=auth)
        if person.status_code == 404:
            continue
        answer = await http.get(
            f"/analytics/v1/people/{person.json()['id']}/mix",
            params={"since": "2026-09-01T00:00:00Z", "until": "2026-10-15T00:00:00Z"},
            headers={"X-Leermix-Viewer": "self"},
            auth=auth,
        )
        answer.raise_for_status()
        told[mbox(world, number)] = answer.json()["minutes"]
    return told


async def counted_once(
    http: httpx.AsyncClient, auth: tuple[str, str], load: Load, found: dict[str, dict[str, Any]]
) -> None:
    """Assert that each person's minutes are those of what is stored, to the second."""
    wanted, told = painted(load.requests, found), await served(http, auth, load.world)
    assert set(told) == set(wanted), "other people are served than stored"
    differing = {
        person: (told[person], seconds)
        for person, seconds in wanted.items()
        if {mode: round(60 * n) for mode, n in told[person].items()} != seconds
    }
    assert not differing, f"{len(differing)} people differ, e.g. {next(iter(differing.items()))}"


async def settled(
    http: httpx.AsyncClient, auth: tuple[str, str], load: Load, within: float = 60
) -> dict[str, dict[str, Any]]:
    """Return what is stored once everything holds; raise what still does not hold after so many seconds.

    The groups need some time to find each other and to read what is left: until then neither the store nor the
    figures are complete, and nobody promised that.
    """
    deadline = time.monotonic() + within
    while True:
        try:
            found = await stored(http, auth, load)
            kept_as_promised(load.requests, found)
            await counted_once(http, auth, load, found)
        except (AssertionError, httpx.HTTPError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.5)
        else:
            return found


async def ready(http: httpx.AsyncClient, within: float) -> float:
    """Wait until the system says that it is ready; return the seconds it took."""
    began = time.monotonic()
    while True:
        try:
            if (await http.get("/health/ready")).status_code == 200:
                return time.monotonic() - began
        except httpx.TransportError:
            pass
        assert time.monotonic() - began < within, f"not ready within {within} s"
        await asyncio.sleep(0.1)


async def all_hold(origin: str, auth: tuple[str, str], load: Load) -> dict[str, Any]:
    """Assert everything; return what there was."""
    requests = load.requests
    never_late(requests)
    async with httpx.AsyncClient(base_url=origin, timeout=30) as http:
        recovered = await ready(http, 120)
        # What was in a socket when its client gave up may still be appended: let it come before counting.
        await asyncio.sleep(3)
        found = await settled(http, auth, load)
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "requests": len(requests),
        "accepted": sum(request.accepted for request in requests),
        "stored": len(found),
        "ready_after": round(recovered, 1),
    }

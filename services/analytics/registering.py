"""Changing a registry: what a change would move, tried out on stored statements, and the change itself (MIX.md 2).

A change makes a new version and asks for a new derivation of all history by it; the old one is served until that is
complete, or longer when it is left to an operator. A dry run changes nothing and stops after some seconds.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from schemas.reasons import Reason
from schemas.xapi.agents import actor_key
from services.analytics.changing import Acts
from services.analytics.classifying import Classify, Classifying, RegistryError
from services.analytics.domain.derivations import Derivation, State
from services.analytics.domain.few import K
from services.analytics.domain.moves import Moves
from services.analytics.domain.object_ids import prefix_of
from services.analytics.domain.registry_file import Change, Registry, difference
from services.analytics.store import derivations, registries, tenants
from services.analytics.store.registries import Stored, Version
from services.common.access.credentials import Caller
from services.common.consumer import Transaction
from services.common.database import Database
from services.common.errors import Rejected

_PAGE, _PORTION = 1000, 50
_MOST_STATEMENTS = 200_000
_MOST_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that somebody asks for. `edit` makes the new registry of the present one; it may refuse."""

    operation: str
    edit: Callable[[Registry], Registry]
    expected: int | None = None
    """The version that the change was made for; None: whichever holds."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The version that holds now, the derivation by it (none when nothing changed) and its state, and what changed."""

    version: int
    derivation: int | None
    change: Change
    state: State = "building"


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change would move among the newest statements; `complete`: they were all looked at."""

    version: int
    change: Change
    looked_at: int
    complete: bool
    moves: Sequence[Mapping[str, Any]]


class Registering:
    """Changes registries, and tries changes out."""

    def __init__(self, database: Database, acting: Acts, classifying: Classifying, zone: ZoneInfo, k: int = K) -> None:
        self._database = database
        self._acting = acting
        self._classifying = classifying
        self._k = k
        self._zone = zone
        self._trying = asyncio.Lock()

    async def change(self, caller: Caller, asked: Asked, *, switch: bool) -> Changed:
        """Keep a new version, and begin the derivation that reads history by it."""

        async def work(tx: Transaction) -> Changed:
            await registries.lock(tx.connection, caller.tenant)
            present = await registries.latest(tx.connection, caller.tenant)
            proposed = self._proposed(present, asked)
            change = difference(present.registry, proposed)
            if not change:
                return Changed(present.version, None, change)
            version = present.version + 1
            told = {"operation": asked.operation, "added": change.added, "removed": change.removed}
            if not switch:
                await self._first(tx, caller.tenant)  # by the registry that holds: that is what stays served
            await registries.keep(tx.connection, caller.tenant, version, proposed, told, caller.source)
            first = await self._first(tx, caller.tenant)
            if first is not None and first.registry == version:
                return Changed(version, first.number, change, first.state)
            zone = (await tenants.zones(tx.connection, [caller.tenant], self._zone))[caller.tenant]
            derivation = await registries.derive(
                tx.connection, caller.tenant, self._classifying.rule_set, version, zone.key, switch=switch
            )
            return Changed(version, derivation, change)

        return await self._acting.run(work)

    async def _first(self, tx: Transaction, tenant: str) -> Derivation | None:
        """Return the derivation that is served; a tenant without any gets its first one, which has no history to read.

        So nobody waits for a replay of nothing, and a first statement at this very moment finds it or brings it.
        """
        found = await derivations.live(tx.connection, [tenant], self._classifying.rule_set, self._zone)
        return next((each for each in found[tenant] if each.active), None)

    async def trial(self, caller: Caller, asked: Asked, now: datetime, days: int) -> Trial:
        """Say what a change would move among the statements of so many days, the newest first."""
        async with self._database.connection() as connection:
            present = await registries.latest(connection, caller.tenant)
            objected = await registries.objected(connection, caller.tenant)
        proposed = self._proposed(present, asked)
        before, after = self._classifying.under(present.registry), self._classifying.under(proposed)
        async with self._trying:  # one at a time: it is work, and nobody waits for it but who asked
            moves, looked_at, complete = await self._compare(caller.tenant, before, after, now, days, objected)
        async with self._database.connection() as connection:
            who = await registries.persons(connection, caller.tenant, moves.identities())
        told = moves.told(lambda identity: who.get(identity, identity), self._k)
        return Trial(present.version, difference(present.registry, proposed), looked_at, complete, told)

    def _proposed(self, present: Version, asked: Asked) -> Registry:
        """Return the registry as it would be. Raises `Rejected` when it is none, or made for another version."""
        if asked.expected is not None and asked.expected != present.version:
            detail = f"the registry is at version {present.version} now; read it again, and make the change there"
            raise Rejected(Reason.STALE, detail, "If-Match")
        proposed = asked.edit(present.registry)
        try:
            self._classifying.under(proposed)
            kept = orjson.dumps(proposed)
        except (RegistryError, TypeError) as error:  # TypeError: what YAML can say and JSON cannot
            raise Rejected(Reason.INVALID_VALUE, str(error), "$") from error
        if b"\\u0000" in kept:
            raise Rejected(Reason.INVALID_VALUE, "no text can hold the character U+0000", "$")
        return proposed

    async def _compare(
        self, tenant: str, before: Classify, after: Classify, now: datetime, days: int, objected: Set[str]
    ) -> tuple[Moves, int, bool]:
        moves, looked_at, stop = Moves(), 0, time.monotonic() + _MOST_SECONDS
        pages = registries.newest_first(self._database.connection, tenant, now - timedelta(days=days), now, _PAGE)
        async with aclosing(pages):
            async for page in pages:
                for start in range(0, len(page), _PORTION):
                    for stored in page[start : start + _PORTION]:
                        _compare(stored, before, after, moves, objected)
                        looked_at += 1
                    await asyncio.sleep(0)  # other requests go on in between
                    if looked_at >= _MOST_STATEMENTS or time.monotonic() >= stop:
                        return moves, looked_at, False
        return moves, looked_at, True


def _compare(stored: Stored, before: Classify, after: Classify, moves: Moves, objected: Set[str]) -> None:
    was = before(stored.statement, stored.source, stored.kind)
    will = after(stored.statement, stored.source, stored.kind)
    if was.cls == will.cls:
        return
    target, identities = stored.statement["object"], {actor_key(each.agent) for each in (*was.learners, *will.learners)}
    if identities and identities <= objected:
        return
    moves.add(
        was.cls,
        will.cls,
        identities - objected,
        prefix_of(str(target.get("id", ""))) if target.get("objectType", "Activity") == "Activity" else "",
        (target.get("definition") or {}).get("type", ""),
    )

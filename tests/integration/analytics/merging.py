"""Merges of people beside the group: what the routes of the roster do, on the group's own database."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from schemas.xapi.agents import actor_key
from services.analytics.acting import Acting
from services.analytics.announcing import Announcing
from services.analytics.history import History
from services.analytics.people import merging
from services.analytics.people.parts import Parts
from services.analytics.surroundings import Surroundings
from services.common.outbox import TableOutbox
from tests.integration.analytics.conftest import AMSTERDAM, NOW, Group
from tests.integration.analytics.statements import agent

TENANT = "default"
Agent = dict[str, Any]
_FIGURES = """
    SELECT i.actor_key, d.day::text, d.class, d.minutes_us / 60000000 AS minutes, d.events
    FROM analytics.person_days d JOIN analytics.identities i USING (tenant, person)
    WHERE i.origin <> 'alias' AND d.minutes_us + d.events > 0
"""

Before = Callable[[], Awaitable[None]]


class Merging:
    """`before` is awaited amid each merge and undoing, with both persons locked and identities moved."""

    def __init__(self, group: Group, before: Before | None = None) -> None:
        around = Surroundings(lambda: NOW, lambda: str(uuid4()))
        acting = Acting(group.database, TableOutbox("analytics"))
        history, announcing = History(group.readings, around), Announcing(group.readings, around)

        async def move(*arguments: Any) -> None:
            if before is not None:
                await before()
            await history.move(*arguments)

        self.group = group
        self.parts = Parts(group.database, acting, move, announcing.people, lambda: NOW, around.new_id, AMSTERDAM)

    async def merge(self, kept: Agent, merged: Agent) -> str:
        """Merge the persons of these agents; return the merge."""
        pair = [await self.person(each) for each in (kept, merged)]
        return (await merging.merge(self.parts, TENANT, *pair, "test")).merge

    async def undo(self, merge: str) -> None:
        await merging.undo(self.parts, TENANT, merge)

    async def person(self, of: Agent) -> str:
        query = "SELECT person::text FROM analytics.identities WHERE tenant = $1 AND actor_key = $2"
        return (await self.group.rows(query, TENANT, actor_key(of)))[0][0]

    async def figures(self, *names: str) -> set[tuple[str, str, str, int, int]]:
        """Return (name, day, class, minutes, events) of these people; who were merged share theirs."""
        keys = {actor_key(agent(name)): name for name in names}
        return {(keys[row[0]], *tuple(row)[1:]) for row in await self.group.rows(_FIGURES) if row[0] in keys}

    async def everything(self) -> list[Any]:
        """Return events and days as they stand, but for versions, and rows that say nothing."""
        events = await self.group.rows(
            "SELECT (to_jsonb(e) - 'version')::text AS row FROM analytics.events e ORDER BY 1"
        )
        days = await self.group.rows(
            "SELECT to_jsonb(d)::text AS row FROM analytics.person_days d "
            "WHERE minutes_us + doubled_us + given_us + events + given_events > 0 ORDER BY 1"
        )
        return [row[0] for row in (*events, *days)]

"""A person's objection to figures about themselves: written in the request itself (law 9)."""

from uuid import UUID

from schemas.reasons import Reason
from services.analytics.people import merging
from services.analytics.people.parts import Parts
from services.analytics.store import linking, merges
from services.common.access import objections
from services.common.consumer import Transaction
from services.common.errors import Rejected


async def set_objection(parts: Parts, tenant: str, person: str, *, objects: bool) -> None:
    """Keep an objection or take it back, and tell the log. It holds in the very next answer. Raises `Rejected`."""

    async def work(tx: Transaction) -> None:
        into = await linking.lock(tx.connection, tenant, {person})
        if person not in into:
            raise Rejected(Reason.NOT_FOUND, "no such person; GET /analytics/v1/people?agent=… finds one", "id")
        if into[person] is not None:
            now = await merging.where(tx.connection, tenant, person)
            raise Rejected(Reason.CONFLICT, f"this person is known as {now} now", "id")
        if objects:
            await merges.own_objection(tx.connection, tenant, person)
        change = objections.object_to if objects else objections.withdraw
        if await change(tx.connection, tenant, UUID(person)):
            await parts.announce(tx, [(tenant, person)])

    await parts.acting.run(work)

"""Two persons who turn out to be one, and one who turns out to be two: identities move, and history with them.

Events keep their actor_key; a person is a mapping over identities. So a merge only moves identities, and undoing it
moves exactly those back, wherever later merges have taken them. What comes along: the entries of the roster with their
memberships; an objection, which then holds for both. What does not: shares and looks stay with the id that they were
given to. A merged person's shares sleep, since there is nothing left to see, and hold again when it is undone.
"""

from uuid import UUID

from schemas.reasons import Reason
from services.analytics.people.parts import Parts
from services.analytics.store import linking, merges, roster
from services.analytics.store.merges import Merge
from services.common.access import objections
from services.common.consumer import Transaction
from services.common.database import Connection
from services.common.errors import Rejected


async def merge(parts: Parts, tenant: str, kept: str, merged: str, author: str) -> Merge:
    """Make two persons one: `kept` has the identities of both from now on. Raises `Rejected`."""

    async def work(tx: Transaction) -> Merge:
        await roster.alone(tx.connection, tenant)
        return await merge_in(parts, tx, tenant, kept, merged, author)

    return await parts.acting.run(work)


async def merge_in(parts: Parts, tx: Transaction, tenant: str, kept: str, merged: str, author: str) -> Merge:
    """Do it within a transaction that changes the roster alone."""
    if kept == merged:
        raise Rejected(Reason.INVALID_VALUE, "a person cannot be merged into itself", "$.merged")
    connection = tx.connection
    into = await linking.lock(connection, tenant, {kept, merged})
    await _whole(connection, tenant, into, kept, "id")
    await _whole(connection, tenant, into, merged, "$.merged")
    keys = await linking.of(connection, tenant, merged)
    await linking.move(connection, tenant, dict.fromkeys(keys, kept))
    entries = await merges.move_entries(connection, tenant, merged, kept)
    objection = await objections.objected(connection, tenant, UUID(merged))
    objection = objection and await objections.object_to(connection, tenant, UUID(kept))
    await merges.mark(connection, tenant, merged, kept)
    done = Merge(parts.new_id(), kept, merged, tuple(keys), tuple(entries), objection, author)
    done = await merges.add(connection, tenant, done)
    await parts.move(tx, tenant, dict.fromkeys(keys, kept), {kept, merged})
    await parts.publish(tx, [(tenant, kept), (tenant, merged)])
    return done


async def undo(parts: Parts, tenant: str, merge_id: str) -> Merge:
    """Make two persons of them again. Raises `Rejected`."""

    async def work(tx: Transaction) -> Merge:
        await roster.alone(tx.connection, tenant)
        return await _undo(parts, tx, tenant, merge_id)

    return await parts.acting.run(work)


async def _undo(parts: Parts, tx: Transaction, tenant: str, merge_id: str) -> Merge:
    connection = tx.connection
    done = await merges.locked(connection, tenant, merge_id)
    if done is None:
        raise Rejected(Reason.NOT_FOUND, "there is no such merge; GET /analytics/v1/merges lists them", "merge")
    if done.undone is not None:
        raise Rejected(Reason.CONFLICT, "this merge is undone already", "merge")
    keeper = await where(connection, tenant, done.kept)
    await linking.lock(connection, tenant, {keeper, done.merged})
    theirs = set(await linking.of(connection, tenant, keeper))
    back = [key for key in done.identities if key in theirs]
    await linking.move(connection, tenant, dict.fromkeys(back, done.merged))
    await merges.move_entries(connection, tenant, keeper, done.merged, done.entries)
    if done.objection:
        await objections.withdraw(connection, tenant, UUID(done.kept))
    await merges.mark(connection, tenant, done.merged, None)
    undone = await merges.undone(connection, tenant, done)
    await parts.move(tx, tenant, dict.fromkeys(back, done.merged), {keeper, done.merged})
    await parts.publish(tx, [(tenant, keeper), (tenant, done.merged)])
    return undone


async def where(connection: Connection, tenant: str, person: str) -> str:
    """Return who has this person's identities now: the person, or at the end of however many merges another one."""
    while (into := await merges.merged_into(connection, tenant, person)) is not None:
        person = into
    return person


async def _whole(connection: Connection, tenant: str, into: dict[str, str | None], person: str, path: str) -> None:
    """Refuse persons whom there are not, and those who were merged already."""
    if person not in into:
        raise Rejected(Reason.NOT_FOUND, "no such person; GET /analytics/v1/people?agent=… finds one", path)
    if into[person] is not None:
        raise Rejected(Reason.CONFLICT, f"merged already, into {await where(connection, tenant, person)}", path)

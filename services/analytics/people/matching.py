"""Matches: found among people who are known, and confirmed or rejected by a human."""

from collections.abc import Collection
from typing import Any

from schemas.reasons import Reason
from services.analytics.domain.people.matching import likely
from services.analytics.people import merging
from services.analytics.people.parts import Parts
from services.analytics.store import linking, matches, roster
from services.common.consumer import Transaction
from services.common.errors import Rejected


async def find(parts: Parts, tenant: str, home_pages: Collection[str] = ()) -> int:
    """Look for persons who may be one, and propose them; return how many were not proposed before."""

    async def work(tx: Transaction) -> int:
        await roster.alone(tx.connection, tenant)
        known = await roster.entries(tx.connection, tenant, None)
        found = likely([each for each in known.values() if each.active], home_pages)
        owners = await linking.owners(tx.connection, tenant, {each.key for each in found})
        new = [
            (each.person, owners[each.key], parts.new_id(), each.reason, each.kind, each.reference)
            for each in found
            if owners.get(each.key, each.person) != each.person
        ]
        return await matches.add(tx.connection, tenant, new)

    return await parts.acting.run(work)


async def decide(parts: Parts, tenant: str, match: str, *, confirmed: bool, author: str) -> dict[str, Any]:
    """Keep a human's word on a match; a confirmed one makes the two persons one. Raises `Rejected`.

    Whom the reference meant is kept, if one of them is on the roster, else the first.
    """

    async def work(tx: Transaction) -> dict[str, Any]:
        await roster.alone(tx.connection, tenant)
        pair = await matches.locked(tx.connection, tenant, match)
        if pair is None:
            raise Rejected(Reason.NOT_FOUND, "there is no such match; GET /analytics/v1/matches lists them", "match")
        if pair["state"] != "proposed":
            raise Rejected(Reason.CONFLICT, f"this match is {pair['state']} already", "match")
        state = "confirmed" if confirmed else "rejected"
        await matches.decide(tx.connection, tenant, match, state, author)
        if not confirmed:
            return {"match": match, "state": state}
        entries = await roster.entries(tx.connection, tenant, [pair["reference"]])
        kept, merged = [await merging.where(tx.connection, tenant, pair[each]) for each in ("one", "other")]
        if any(each.person == merged for each in entries.values()):
            kept, merged = merged, kept
        done = await merging.merge_in(parts, tx, tenant, kept, merged, author)
        return {"match": match, "state": state, "merge": done.merge, "kept": kept, "merged": merged}

    return await parts.acting.run(work)

"""History derived anew: of statements whose meaning changed, and of persons whose identities moved.

Both are ordinary transactions of the same parts as the consumer's. Events keep their actor_key; a person is a mapping
over identities, and so a merge and its undoing only move and fold (LOG.md).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

import orjson

from services.analytics import deriving, folding
from services.analytics.decoding import Key, content_of
from services.analytics.domain.minutes.facts import Fact
from services.analytics.domain.minutes.instants import to_us
from services.analytics.domain.moving import heard_again, moved
from services.analytics.domain.standing import Content, Standing
from services.analytics.domain.voice.additions import fact_of
from services.analytics.identifying import Identified
from services.analytics.readings import Readings
from services.analytics.store import events, people, statements, voice
from services.analytics.surroundings import Surroundings
from services.common.consumer import Transaction

_READ = """
    -- What the store keeps under these ids.
    SELECT tenant, id::text, arrived, source, kind, statement FROM ingest_api.statements_v1
    JOIN unnest($1::text[], $2::uuid[]) AS wanted (tenant, id) USING (tenant, id)
"""


class History:
    """What derives history anew."""

    def __init__(self, readings: Readings, around: Surroundings) -> None:
        self._readings = readings
        self._around = around

    async def rederive(self, tx: Transaction, keys: Iterable[Key], *, only: int | None = None) -> None:
        """Derive these statements anew from what the store keeps, under one derivation or all that are kept current.

        Of a statement that the store does not have, yet or any more, all is known that was derived of it. Left alone
        are those that analytics has not heard of yet: their record will come, and is derived then.
        """
        locked = await statements.lock(tx.connection, dict.fromkeys(keys, Standing()))
        heard = {key: each.standing for key, each in locked.items() if each.standing.basis is not None}
        if not heard:
            return
        voided = [key for key, each in heard.items() if each.voided and not each.voiding]
        kept: dict[Key, Content | None] = {**await self._kept(tx, heard.keys() - set(voided)), **dict.fromkeys(voided)}
        live = await self._live(tx, {tenant for tenant, _ in heard}, only)
        found = dict(deriving.said(kept, live))
        if gone := heard.keys() - kept.keys():
            numbers = {each.derivation.number for theirs in live.values() for each in theirs}
            found |= deriving.said_before(await events.of_statements(tx.connection, gone, numbers), live)
        corrected = await deriving.corrected(tx.connection, heard, found)
        await folding.fold(tx, corrected, live, heard, self._around)

    async def derive_additions(
        self, tx: Transaction, tenant: str, ids: Iterable[str], *, only: int | None = None
    ) -> None:
        """Derive what persons added themselves, or take it back."""
        keys = {(tenant, each) for each in ids}
        if not keys:
            return
        await statements.lock(tx.connection, dict.fromkeys(keys, Standing()))
        live = await self._live(tx, {tenant}, only)
        held = await voice.additions(tx.connection, tenant, [id_ for _, id_ in keys])
        facts = {(tenant, each.addition.id): [fact_of(each.addition)] for each in held if each.counts}
        found: dict[tuple[Key, int], Sequence[Fact]] = {
            (key, each.derivation.number): facts.get(key, []) for key in keys for each in live[tenant]
        }
        await folding.fold(tx, found, live, keys, self._around)

    async def move(self, tx: Transaction, tenant: str, moves: Mapping[str, str], persons: Collection[str]) -> None:
        """Give the events of these identities (actor_keys) to these persons, and derive both sides anew.

        `persons` are all concerned, those who had the identities and those who get them. The caller has locked them,
        in id order, and moved the identities already. Nothing is read but the events: statements may have left the
        store, or not be there yet, and whoever changes an event has its person locked.
        """
        locked = await people.lock(tx.connection, {(tenant, person) for person in persons})
        live = await self._live(tx, {tenant}, None)
        held = await events.of_persons(tx.connection, tenant, persons)
        pausing = await voice.pauses(tx.connection, locked)
        pauses = {person: theirs for (_, person), theirs in pausing.items()}
        changed = moved(held, moves, pauses)
        if changed:
            known = {(each.derivation, each.place): each for each in held}
            before = [known[each.derivation, each.place] for each in changed]
            await folding.refold(tx, before, changed, Identified({}, locked), live, self._around)
        if again := heard_again(held, moves, pauses):
            await self.rederive(tx, {(tenant, statement) for statement in again})

    async def _kept(self, tx: Transaction, keys: Iterable[Key]) -> dict[Key, Content]:
        wanted = sorted(keys)
        if not wanted:
            return {}
        rows = await tx.connection.fetch(_READ, *map(list, zip(*wanted, strict=True)))
        return {
            (row["tenant"], row["id"]): content_of(
                orjson.loads(row["statement"]), row["id"], to_us(row["arrived"]), row["source"], row["kind"]
            )
            for row in rows
        }

    async def _live(self, tx: Transaction, tenants: Iterable[str], only: int | None) -> folding.Live:
        live = await self._readings.live(tx.connection, tenants)
        if only is None:
            return live
        return {tenant: [e for e in theirs if e.derivation.number == only] for tenant, theirs in live.items()}

"""What the API does: offer a person the next suggestion, keep its outcome, and show what was offered before.

Here are the clock, the dice and the ids; the choice itself is the domain's. A person's row is locked while a
suggestion is made, so that there is one open suggestion however many ask at once. A look is kept with its answer, or
not at all.
"""

import secrets
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import orjson

from schemas import events
from schemas.reasons import Reason
from schemas.topics import SUGGESTIONS
from services.common import metrics
from services.common.access.credentials import Caller
from services.common.access.sight import SELF, look
from services.common.database import Connection, Database
from services.common.errors import Rejected
from services.common.eventlog import Entry
from services.common.eventlog.waiting import set_within
from services.common.outbox import Outbox
from services.recommend import store
from services.recommend.domain.catalogue import Catalogue
from services.recommend.domain.choose import Choice, Situation, choose
from services.recommend.domain.situation import situation_of
from services.recommend.domain.suggestion import Outcome, Suggestion, is_open, may_follow
from services.recommend.waiting import Arrivals

PATIENCE = 2.0
"""Seconds that a request waits for a person, or for the first mix of one, that may be on its way."""

_dice = secrets.SystemRandom()


class Offering:
    """The suggestions of all people."""

    def __init__(self, database: Database, outbox: Outbox, arrivals: Arrivals, catalogue: Catalogue) -> None:
        self._database = database
        self._outbox = outbox
        self._arrivals = arrivals
        self._catalogue = catalogue

    async def next(self, caller: Caller, person: UUID, viewer: UUID | str) -> tuple[store.Offered, bool]:
        """Return the person's open suggestion, and whether it was made just now. Raises `Rejected`."""
        deadline = time.monotonic() + PATIENCE
        with self._arrivals.of(caller.tenant, person) as arrival:
            while True:
                arrival.clear()
                try:
                    return await self._next(caller, person, viewer, deadline)
                except _TooSoon as soon:
                    await set_within(arrival, soon.seconds)

    async def history(self, caller: Caller, person: UUID, viewer: UUID | str, limit: int) -> list[store.Offered]:
        """Return what was offered to a person, newest first. Raises `Rejected`."""
        async with self._database.transaction() as connection:
            await look(connection, caller, person, viewer, "suggestions")
            if await store.person(connection, caller.tenant, person, lock=False) is None:
                raise _unknown()
            return await store.history(connection, caller.tenant, person, limit)

    async def tell(
        self, caller: Caller, person: UUID, viewer: UUID | str, suggestion: UUID, outcome: Outcome
    ) -> store.Offered:
        """Keep what the person did with a suggestion, and return it. Raises `Rejected`."""
        if viewer not in (SELF, person):
            raise Rejected(Reason.FORBIDDEN, "only the person can tell what came of a suggestion", "X-Leermix-Viewer")
        async with self._database.transaction() as connection:
            await look(connection, caller, person, viewer, "outcome of a suggestion")
            offered = await store.locked(connection, caller.tenant, person, suggestion)
            if offered is None:
                raise Rejected(Reason.NOT_FOUND, "no such suggestion was made to this person")
            if not may_follow(offered.outcome, outcome):
                raise Rejected(Reason.CONFLICT, f"its outcome is {offered.outcome} already", "$.outcome")
            if offered.outcome is outcome:
                return offered
            now = datetime.now(UTC)
            await store.tell(connection, caller.tenant, offered, outcome, now)
            return replace(offered, outcome=outcome, outcome_at=now)

    async def _next(
        self, caller: Caller, person: UUID, viewer: UUID | str, deadline: float
    ) -> tuple[store.Offered, bool]:
        async def work(connection: Connection) -> tuple[store.Offered, list[tuple[str, Entry]]]:
            await look(connection, caller, person, viewer, "next suggestion")
            known = await self._known(connection, caller.tenant, person, deadline)
            now = datetime.now(UTC)  # only now: the row is locked, so times follow the order of the suggestions
            last = await store.unanswered(connection, caller.tenant, person)
            if last is not None and _is_open(last, now):
                return last, []
            if known.mix_version is None:
                _wait_for(min(deadline - time.monotonic(), PATIENCE - known.known_for.total_seconds()))
            return await self._make(connection, caller.tenant, person, known, now)

        offered, outgoing = await self._database.retrying(work)
        if outgoing:
            self._outbox.committed(outgoing)
            metrics.SUGGESTIONS.labels(offered.mode).inc()
        return offered, bool(outgoing)

    async def _known(self, connection: Connection, tenant: str, person: UUID, deadline: float) -> store.Known:
        known = await store.person(connection, tenant, person, lock=True)
        if known is None:
            _wait_for(deadline - time.monotonic())
            raise _unknown()
        return known

    async def _make(
        self, connection: Connection, tenant: str, person: UUID, known: store.Known, now: datetime
    ) -> tuple[store.Offered, list[tuple[str, Entry]]]:
        """Choose, keep the suggestion and what it was chosen with, and leave it for the log: one transaction."""
        mix = events.Mix.model_validate_json(known.mix) if known.mix is not None else None
        situation = situation_of(mix, now, await store.interventions(connection, tenant, person))
        choice = choose(situation, self._catalogue, _dice.random(), _dice.random())
        if choice is None:
            raise Rejected(Reason.NOT_FOUND, "nothing in the catalogue can be offered to this person now")
        offered = store.Offered(
            uuid4(), person, choice.mode, choice.policy, choice.catalogue, choice.propensity, self._shown(choice), now
        )
        await store.add(connection, tenant, offered, choice.intervention, _snapshot(situation, known))
        outgoing = [(SUGGESTIONS, _entry(tenant, offered, choice))]
        await self._outbox.write(connection, outgoing)
        return offered, outgoing

    def _shown(self, choice: Choice) -> str:
        """Return as JSON what the person gets to see."""
        entry = self._catalogue[choice.intervention]
        return orjson.dumps(
            {
                "intervention": entry.model_dump(mode="json", exclude={"preconditions"}),
                "why": [asdict(why) for why in choice.reasons],
                "questions": [question.model_dump(mode="json") for question in choice.questions],
            }
        ).decode()


class _TooSoon(Exception):  # noqa: N818 - no error: it rolls the look back
    """What the log may be about to tell is not here yet: look again when it comes, or after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def _wait_for(seconds: float) -> None:
    if seconds > 0:
        raise _TooSoon(seconds)


def _unknown() -> Rejected:
    return Rejected(Reason.NOT_FOUND, "nobody is known here under that id; analytics tells a person's id")


def _is_open(offered: store.Offered, now: datetime) -> bool:
    return is_open(Suggestion(str(offered.suggestion), "", offered.offered_at, offered.outcome), now)


def _snapshot(situation: Situation, known: store.Known) -> str:
    told = asdict(situation) | {"offered": sorted(situation.offered), "mix_version": known.mix_version}
    return orjson.dumps(told).decode()


def _entry(tenant: str, offered: store.Offered, choice: Choice) -> Entry:
    suggestion = events.Suggestion(
        tenant=tenant,
        person=offered.person,
        suggestion=offered.suggestion,
        intervention=choice.intervention,
        mode=choice.mode,
        policy=choice.policy,
        catalogue=choice.catalogue,
        propensity=choice.propensity,
        reasons=[why.code for why in choice.reasons],
        at=offered.offered_at,
    )
    return Entry(f"{tenant}/{offered.person}".encode(), suggestion.model_dump_json().encode())

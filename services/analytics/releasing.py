"""Releasing: months of people summed up as they change, and months of groups released from these (MIX.md 3).

A release that nobody has been told of binds nobody: it is made anew until somebody asks. So what came late, or who was
put in a team only today, is in what is told first.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from services.analytics.domain.derivations import Derivation
from services.analytics.domain.groups import calendar
from services.analytics.domain.groups.contribution import Contribution, ReadBy, dumped
from services.analytics.domain.groups.group import Group, Published, group, uncertain
from services.analytics.domain.groups.month import Month
from services.analytics.domain.groups.places import ROOT, Place, Tree
from services.analytics.domain.groups.release import release
from services.analytics.domain.minutes.days import day_of, default_window, first_instant
from services.analytics.domain.minutes.instants import to_us
from services.analytics.store import derivations, events, months, places, releases
from services.analytics.store.events import Owner, Window
from services.analytics.store.months import Stale
from services.analytics.store.releases import Kept, Made, Writing
from services.common.backoff import pause
from services.common.database import Connection, Database, is_away
from services.common.errors import Unavailable

_AT_ONCE = 50
"""How many people are summed up in one transaction. Reading what they have holds up whoever else asks."""
_FEW_PEOPLE = 2000
"""Up to so many people in a tenant, who asks waits for a release; of more, for the next one in the background."""

_TIMES = 9
"""So many times as long as it took, the next time is waited for."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Releasing:
    """Keeps the months of every tenant's groups. `k`: the fewest people of whom anything is told."""

    database: Database
    now: Callable[[], datetime]
    k: int
    seconds: float

    async def run(self) -> None:
        """Do so for all tenants, again and again, until cancelled; any number of processes may.

        It takes a tenth of the time at most: of many people, figures are brought up to date less often.
        """
        while True:
            began = time.monotonic()
            try:
                async with self.database.connection() as connection:
                    tenants = await months.tenants(connection)
                for tenant in tenants:
                    await self.refresh(tenant)
                    await self.release(tenant)
            except Exception as error:
                if not (isinstance(error, Unavailable) or is_away(error)):
                    raise
                logger.warning("groups wait", extra={"for": type(error).__name__})
            await pause(max(self.seconds, _TIMES * (time.monotonic() - began)))

    async def ready(self, tenant: str, wanted: Sequence[date]) -> None:
        """Bring these months up to date where that is quickly done, or where there is nothing to be told else."""
        async with self.database.connection() as connection:
            known = await releases.known(connection, tenant, wanted)
            if await months.more_than(connection, tenant, _FEW_PEOPLE):
                wanted = [month for month in wanted if month in known and known[month].released is None]
                if not wanted:
                    return
        await self.refresh(tenant)
        await self.release(tenant, wanted)

    async def refresh(self, tenant: str) -> None:
        """Sum up anew the months of everybody who has changed."""
        now_us = to_us(self.now())
        while await self.database.retrying(lambda connection: self._refresh(connection, tenant, now_us)):
            pass

    async def _refresh(self, connection: Connection, tenant: str, now_us: int) -> bool:
        """Sum up some people; tell whether there may be more."""
        await months.lock(connection, tenant)
        derivation = await derivations.whole(connection, tenant)
        if derivation is None:
            return False
        sums = await months.state(connection, tenant)
        if sums.marked != derivation.number:
            await months.mark_all(connection, tenant, derivation.number)
        stale = await months.stale(connection, tenant, day_of(now_us, derivation.zone), _AT_ONCE)
        if stale:
            await self._sum_up(connection, derivation, stale, now_us)
        elif sums.summed != derivation.number:
            await months.complete(connection, tenant, derivation.number)
        return len(stale) == _AT_ONCE or (bool(stale) and sums.summed != derivation.number)

    async def _sum_up(
        self, connection: Connection, derivation: Derivation, stale: Iterable[Stale], now_us: int
    ) -> None:
        tenant, zone = derivation.tenant, derivation.zone
        horizon_us = default_window(now_us, zone)[1]
        owners = {each: Owner(tenant, derivation.number, each.person) for each in stale}
        windows = [
            Window(owner, first_instant(calendar.month_of(each.since), zone), horizon_us, each.longest_us)
            for each, owner in owners.items()
        ]
        held = await events.around(connection, windows)
        since = {each.person: calendar.month_of(each.since) for each in owners}
        kept = await months.of_persons(connection, tenant, derivation.number, since)
        made: dict[tuple[date, str], Contribution | None] = dict.fromkeys(kept)
        for each, owner in owners.items():
            await asyncio.sleep(0)  # other requests go on in between
            own = [event.held for event in held.get(owner, ())]
            if own:
                first = max(since[each.person], calendar.month_of(day_of(min(h.fact.t_us for h in own), zone)))
                last = calendar.month_of(day_of(now_us, zone))
                found = calendar.contributions(own, calendar.before(first), last, horizon_us, zone)
                made |= {(month, each.person): one for month, one in found.items() if month >= since[each.person]}
        changed = {key: one for key, one in made.items() if one is None or kept.get(key) != dumped(one)}
        await months.rewrite(connection, tenant, derivation.number, changed)
        await months.news(connection, tenant, (month for month, _ in changed))
        persons = sorted(since)
        beyond = await months.beyond(connection, tenant, derivation.number, persons, horizon_us)
        until = {p: day_of(beyond[p], zone) if p in beyond else None for p in persons}
        await months.fresh(connection, tenant, until)

    async def release(self, tenant: str, wanted: Sequence[date] | None = None) -> None:
        """Release the months (None: all) that have news."""
        async with self.database.connection() as connection:
            derivation = await derivations.whole(connection, tenant)
            if derivation is None or (await months.state(connection, tenant)).summed != derivation.number:
                return
            basis = await self._basis(connection, derivation)
            known = await releases.known(connection, tenant, wanted)
        for month, each in known.items():
            if each.news or each.basis != basis:
                await self.database.retrying(lambda connection, m=month: self._release(connection, tenant, m))  # type: ignore[misc]

    async def _release(self, connection: Connection, tenant: str, month: date) -> None:
        await months.lock(connection, tenant)
        told = await releases.lock(connection, tenant, month)
        derivation = await derivations.whole(connection, tenant)
        if derivation is None or (await months.state(connection, tenant)).summed != derivation.number:
            return
        basis, at = await self._basis(connection, derivation), self.now().astimezone(UTC)
        kept = await releases.kept(connection, tenant, month) if told else None
        sums = await months.of_month(connection, tenant, derivation.number, month)
        where = await places.of_month(connection, tenant, month, calendar.following(month))
        tree, _ = await places.tree(connection, tenant)
        made = Made(basis, derivation.rule_set, derivation.registry, derivation.zone.key, at)
        # In a thread: with many people it takes seconds, in which everything else goes on.
        running = month == calendar.month_of(day_of(to_us(at), derivation.zone))
        written = await asyncio.to_thread(self._made, kept, sums, where, tree, made, running)
        await releases.write(connection, tenant, month, written, made)

    def _made(
        self,
        kept: Kept | None,
        sums: Mapping[str, str],
        where: Mapping[str, Place],
        tree: Tree,
        made: Made,
        running: bool,
    ) -> Writing:
        before = kept.month() if kept else None
        at = made.at.isoformat(timespec="seconds").replace("+00:00", "Z")
        read_by = ReadBy(made.rule_set, made.registry)
        people = months.contributions(sums)
        after = release(before, people, where, tree, k=self.k, at=at, read_by=read_by, running=running)
        return releases.writing(before, after, whole_of(after, tree, self.k))

    async def _basis(self, connection: Connection, derivation: Derivation) -> str:
        return await places.basis(connection, derivation.tenant, f"{derivation.number} {self.k}")


def whole_of(month: Month, tree: Tree, k: int) -> Group | None:
    """Return what is told of the organisation, if anything is."""
    everything = Published(month.blocks, month.rows, uncertain(month.rows, k), month.quartiles, month.roster)
    told = group(everything, ROOT, tree, k)
    return told if isinstance(told, Group) else None


async def tell(database: Database, tenant: str, wanted: Sequence[date]) -> None:
    """Say, before anything is read, that somebody is told of these months: from now on releases follow one another."""
    async with database.transaction() as connection:
        known = await releases.known(connection, tenant, wanted)
        untold = [month for month, each in known.items() if not each.told]
        if untold:
            await releases.tell(connection, tenant, untold)

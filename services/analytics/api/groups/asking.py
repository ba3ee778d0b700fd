"""Asking: from a request about a group to what is told of it, month by month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.events import MODES
from schemas.reasons import Reason
from services.analytics.api import parameters
from services.analytics.api.groups import answers
from services.analytics.api.groups.answers import Which
from services.analytics.api.groups.telling import Telling, marks, month_text
from services.analytics.api.parameters import text_of
from services.analytics.api.reading import Reading
from services.analytics.domain.derivations import Derivation
from services.analytics.domain.figures import By
from services.analytics.domain.groups import calendar
from services.analytics.domain.groups.contribution import ReadBy
from services.analytics.domain.groups.group import Group, Hidden, Published, group
from services.analytics.domain.groups.marks import Mark, reading_marks, source_marks, target_marks
from services.analytics.domain.groups.places import ROOT, Tree
from services.analytics.domain.groups.sight import Connected
from services.analytics.domain.minutes.days import day_of, default_window, first_instant
from services.analytics.domain.targets import Held, Scope, bands_over, in_context
from services.analytics.releasing import Releasing, tell
from services.analytics.store import connected, places, releases, targets
from services.analytics.store.releases import Known
from services.common.database import Connection
from services.common.errors import Rejected


@dataclass(frozen=True, slots=True)
class Tellings:
    """What is told of a group in some months, and the marks beside them."""

    which: Which
    months: Mapping[date, Telling]
    marks: Sequence[Mark]

    def trend(self, by: By) -> answers.Trend:
        """Return all months."""
        return answers.Trend(
            group=self.which,
            months=[telling.mix(by) for _, telling in sorted(self.months.items())],
            marks=marks(self.marks),
        )


@dataclass(frozen=True, slots=True)
class Asking:
    """The parts that the routes about groups share."""

    reading: Reading
    releasing: Releasing

    async def month(self, tenant: str, text: str | None, path: str) -> date:
        """Return the month that is asked for; this one by default."""
        async with self.reading.database.connection() as connection:
            derivation = await self.reading.served(connection, tenant)
        try:
            return parameters.month(text, derivation.zone, self.reading.now_us())[0]
        except Rejected as error:
            raise Rejected(error.reason, error.detail, path) from error

    async def months(self, tenant: str, since: str | None, until: str | None, most: int) -> list[date]:
        """Return the months of a trend: twelve by default."""
        last = await self.month(tenant, until, "?until")
        first = calendar.before(last, 11) if since is None else await self.month(tenant, since, "?from")
        wanted = calendar.months(first, last)
        if not 0 < len(wanted) <= most:
            raise Rejected(Reason.INVALID_PARAMETER, f"from lies before until, by {most} months at most", "?from")
        return wanted

    async def about(self, tenant: str, node: str, wanted: Sequence[date], which: Which | None = None) -> Tellings:
        """Return what is told of a node of the tree in these months."""
        await self.reading.lag()
        await self.releasing.ready(tenant, wanted)
        await tell(self.reading.database, tenant, wanted)
        async with self.reading.database.transaction(snapshot=True) as connection:
            derivation = await self.reading.served(connection, tenant)
            tree, names = await places.tree(connection, tenant)
            if node != ROOT and node not in names:
                raise Rejected(Reason.NOT_FOUND, "no such team", "team")
            wholes = await releases.wholes(connection, tenant, wanted)
            told = await self._told(connection, tenant, node, wholes, tree)
            known = await releases.known(connection, tenant, wanted)
            seen = await self._connected(connection, derivation)
            held, began = await self._held(connection, tenant, node, wanted, which)
        own = which or (Which(kind="team", id=node, name=names[node]) if node != ROOT else Which(kind="organisation"))
        tellings = {
            month: Telling(
                _waiting(
                    self._frame(own, month, known.get(month), derivation) | _reading(known.get(month), told.get(month)),
                    derivation,
                ),
                told.get(month, Hidden()),
                seen,
                names,
                self.releasing.k,
                held[month],
            )
            for month in wanted
        }
        read = {month: tellings[month].frame for month, each in known.items() if each.released is not None}
        released = [(month, frame["rule_set"], frame["registry"]) for month, frame in read.items()]
        return Tellings(own, tellings, [*source_marks(wholes), *reading_marks(released), *began])

    async def _held(
        self, connection: Connection, tenant: str, node: str, wanted: Sequence[date], which: Which | None
    ) -> tuple[dict[date, Held], list[Mark]]:
        """Return the bands of each month: of the group itself, and of the organisation around it; and their marks."""
        around: Scope = "organisation"
        own: tuple[Scope, str] = (around, "") if node == ROOT else ("team", node)
        if which is not None:
            own = ("role", which.id or "") if which.kind == "role" else own
        first, following = min(wanted), calendar.following(max(wanted))
        found = await targets.standing(connection, tenant, {own, (around, "")}, first, following)
        mine = [each for each in found if (each.scope, each.of) == own]
        others = [each for each in found if (each.scope, each.of) != own]
        held = {
            month: Held(
                bands_over(mine, month, calendar.following(month)),
                in_context(others, month, calendar.following(month)),
            )
            for month in wanted
        }
        return held, target_marks(mine, wanted)

    async def _told(
        self, connection: Connection, tenant: str, node: str, wholes: Mapping[date, Group | None], tree: Tree
    ) -> dict[date, Group | Hidden]:
        if node == ROOT:
            return {month: whole or Hidden() for month, whole in wholes.items()}
        found = await releases.published(connection, tenant, wholes, tree.inside(node))
        rosters = await releases.rosters(connection, tenant, found)
        told: dict[date, Group | Hidden] = {}
        for month, (blocks, rows) in found.items():
            whole = wholes[month]
            uncertain = whole.uncertain if whole else {}
            told[month] = group(Published(blocks, rows, uncertain, roster=rosters[month]), node, tree, self.releasing.k)
        return told

    async def _connected(self, connection: Connection, derivation: Derivation) -> Connected:
        registry = await self.reading.readings.registry(connection, derivation.tenant, derivation.registry)
        placed = [
            (source, mode) for (_, source), entry in registry.places.items() for mode in MODES if entry.mode == mode
        ]
        return Connected(await connected.sources(connection, derivation.tenant), placed)

    def _frame(self, which: Which, month: date, known: Known | None, derivation: Derivation) -> dict[str, Any]:
        zone, now_us = derivation.zone, self.reading.now_us()
        ends_us = first_instant(calendar.following(month), zone)
        if month == calendar.month_of(day_of(now_us, zone)):
            ends_us = min(ends_us, default_window(now_us, zone)[1])
        released = known.released if known else None
        made = known if known and known.released else None
        return {
            "group": which,
            "month": month_text(month),
            "since": text_of(first_instant(month, zone)),
            "until": text_of(ends_us),
            "time_zone": made.time_zone if made else zone.key,
            "rule_set": made.rule_set if made else derivation.rule_set,
            "registry": made.registry if made else derivation.registry,
            "complete_through": released.isoformat(timespec="seconds").replace("+00:00", "Z") if released else None,
            "k": self.releasing.k,
        }


def _waiting(frame: dict[str, Any], derivation: Derivation) -> dict[str, Any]:
    """Return the frame, which says what it waits for where it is not, or not all, by what is served."""
    whole = (frame["rule_set"], frame["registry"]) == (derivation.rule_set, derivation.registry)
    return frame | {"waits_for": None if whole and not frame.get("partly_read_by") else derivation.label}


def _reading(known: Known | None, told: Group | Hidden | None) -> dict[str, Any]:
    """Return under which reading a group is told in a month that was released: what is told may not have followed."""
    group = told.pool if isinstance(told, Hidden) else told
    if known is None or group is None or not group.read_by:
        return {}
    made = ReadBy(known.rule_set, known.registry)
    newest = made if made in group.read_by else group.read_by[-1]
    others = [f"{each.rule_set}+r{each.registry}" for each in group.read_by if each != newest]
    return {**newest._asdict(), "partly_read_by": others}

"""From what is told of a group to an answer, as model and as rows: every answer is made here, of one `Group`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from schemas.events import MODES
from services.analytics.api.groups import answers
from services.analytics.api.groups.answers import GroupHidden, GroupMix, Which
from services.analytics.domain.figures import By, minutes
from services.analytics.domain.groups.cuts import Way
from services.analytics.domain.groups.figures import Told, figures, part, support
from services.analytics.domain.groups.group import Group, Hidden
from services.analytics.domain.groups.sight import Connected, sight
from services.analytics.domain.targets import Held, against

MANY = "fewer than {k} people"


@dataclass(frozen=True, slots=True)
class Telling:
    """What a month's answers about a group are made of: the frame, what is told, what is connected, and names."""

    frame: Mapping[str, Any]
    told: Group | Hidden
    connected: Connected
    names: Mapping[str, str]
    k: int
    held: Held

    def mix(self, by: By, source: str | None = None) -> GroupMix | GroupHidden:
        """Return the mix, or that of the statements of one source."""
        if isinstance(self.told, Hidden):
            if self.told.pool is None or source is not None:
                return self._hidden(self.told)
            return self._pool(self.told, self.told.pool, by)
        visible = self.connected.visible(self.told)
        if source is not None:
            return self._cut(self.told, part(self.told, "source", source, visible, by), by, source)
        return self._mix(self.told, figures(self.told, visible, by), by)

    def _pool(self, hidden: Hidden, pool: Group, by: By) -> GroupMix:
        """Return the mix of the teams that are told only together: a sum of whole blocks, as any (MIX.md 3.2)."""
        told = self._mix(pool, figures(pool, self.connected.visible(pool), by), by)
        frame = self._frame(hidden)
        few = [each for each in (frame["because"], told.because) if each]
        return told.model_copy(update={"pooled_with": frame["pooled_with"], "because": "; ".join(few)})

    def placed(self, way: Literal["role", "location"], value: str, by: By) -> GroupMix | GroupHidden:
        """Return the mix of the people with a role or at a location."""
        if isinstance(self.told, Hidden):
            return self._hidden(self.told)
        told = part(self.told, way, value, self.connected.visible(self.told), by)
        return self._cut(self.told, told, by, way=way)

    def why(self) -> answers.GroupWhy:
        """Return the rules behind the mix."""
        if isinstance(self.told, Hidden):
            return answers.GroupWhy(**self._frame(self.told))
        rules = [
            answers.Rule(mode=kind, rule=rule, events=events)
            for kind, counts in self.told.rules.items()
            for rule, events in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        ]
        return answers.GroupWhy(**self._frame(), rules=rules, other=dict(self.told.other))

    def sight(self) -> answers.Sight:
        """Return what can be seen of the group."""
        if isinstance(self.told, Hidden):
            return answers.Sight(**self._frame(self.told))
        visible, sources = self.connected.visible(self.told), sight(self.told, self.connected)
        modes = {
            mode: answers.SeenMode(
                visible=visible[mode],
                sources=[
                    answers.SeenSource(source=each.source, kind=each.kind, reaches_at_least=each.reaches)
                    for each in sources[mode]
                ],
            )
            for mode in MODES
        }
        told = self.told
        return answers.Sight(
            **self._frame(), people=told.people, roster=told.roster or None, seen=told.seen, modes=modes
        )

    def distribution(self) -> answers.Distribution:
        """Return the quartiles."""
        if isinstance(self.told, Hidden):
            return answers.Distribution(**self._frame(self.told))
        found = {
            mode: answers.Quartiles(lower=minutes(low), median=minutes(middle), upper=minutes(high))
            for mode, (low, middle, high) in self.told.quartiles.items()
        }
        few = f"quartiles are told of the organisation or of a group by itself, from {4 * self.k} people with a mode"
        frame = self._frame() | ({"hidden": True, "because": few} if len(found) < len(MODES) else {})
        return answers.Distribution(**frame, quartiles={mode: found.get(mode) for mode in MODES})

    def _cut(
        self, group: Group, told: Told | None, by: By, source: str | None = None, way: Way = "source"
    ) -> GroupMix | GroupHidden:
        if told is None:
            return GroupHidden(**self._frame() | {"hidden": True, "because": self._because(way)})
        return self._mix(group, told, by, source, way)

    def _mix(self, group: Group, told: Told, by: By, source: str | None = None, way: Way = "source") -> GroupMix:
        few = (
            f"{', '.join(told.few)}: {MANY.format(k=self.k)} have recorded learning of this mode" if told.few else None
        )
        fields = asdict(told)
        varied = answers.Shares(halved=fields.pop("halved"), doubled=fields.pop("doubled"))
        segment = support(group) if source is None and way == "source" else None
        return GroupMix(
            **self._frame() | {"hidden": few is not None, "because": few},
            **fields,
            by=by,
            source=source,
            share_with_defaults=varied,
            visible=self.connected.visible(group),
            performance_support=answers.PerformanceSupport(**asdict(segment)) if segment else None,
            as_of=group.oldest or None,
            **self._compared(told, source is None and way != "location"),
        )

    def _compared(self, told: Told, whole: bool) -> dict[str, Any]:
        """Return the shares against the bands of the group, and of what is around it (MIX.md 4)."""
        held = self.held if whole else Held({}, [])
        exact = {mode: Fraction(str(share)) for mode, share in told.share.items()} if told.share else None
        context = [{"scope": scope, "of": of, **against(exact, bands)} for scope, of, bands in held.context]
        return against(exact, held.own) | {"context": context}

    def _hidden(self, hidden: Hidden) -> GroupHidden:
        return GroupHidden(**self._frame(hidden))

    def _because(self, way: Way) -> str:
        few = MANY.format(k=self.k)
        if way == "source":
            return f"nothing is recorded by this source, or it is of {few} in some group that is told"
        return f"nobody is known with this {way}, or it is of {few} where it is cut by teams, sources and roles"

    def _frame(self, hidden: Hidden | None = None) -> dict[str, Any]:
        if hidden is None:
            return {"hidden": False, **self.frame}
        own = self.frame["group"].id
        others = [
            Which(kind="team", id=u, name=self.names[u]) for u in sorted(hidden.units) if u in self.names and u != own
        ]
        because = f"{MANY.format(k=self.k)} have recorded learning here in this month"
        if others:
            because = f"{MANY.format(k=self.k)}, of all or of a mode: it is told only together with other teams"
        return {**self.frame, "hidden": True, "because": because, "pooled_with": others}


def month_text(month: date) -> str:
    """Return a month as answers name it."""
    return f"{month:%Y-%m}"


def marks(found: Sequence[Any]) -> list[answers.Mark]:
    """Return marks as answers have them."""
    return [answers.Mark(month=month_text(each.month), what=each.what, of=each.of) for each in found]

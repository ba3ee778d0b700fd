"""What is recomputed together: the threads of what changed, then each day that their old and new claims touch.

(MIX.md 1.16.) One `Part` is one person under one derivation. It says what it must be given (`digests`, `windows`), is
given it (`take`, `see`), and then knows the new claims and days. Nothing outside of it can change by what changed
inside.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from schemas.events import LearningClass
from services.analytics.domain.events import Event, Thread
from services.analytics.domain.minutes.days import day_bounds, day_of
from services.analytics.domain.minutes.facts import Fact, Footprint, Held, footprints
from services.analytics.domain.minutes.sums import DaySum, day_sums, touched
from services.analytics.domain.minutes.threads import claimed

Place = tuple[str, int]
"""What tells the events of a person apart: statement and number."""

_DAY = timedelta(days=1)


class Part:
    """What changes of one person: `before` are events as they were, `changed` as they are to be."""

    def __init__(self, zone: ZoneInfo, before: Sequence[Event], changed: Sequence[Event]) -> None:
        self._zone = zone
        self._changed = {event.place: event for event in changed}
        self._held = {event.place: event for event in changed if not event.retracted}
        self._known = {event.place for event in (*before, *changed)}
        self._seen: dict[Place, Footprint] = {}
        was = [event for event in before if not event.retracted]
        self._threads = {each for event in (*was, *self._held.values()) if (each := event.thread) is not None}
        self._days = touched((event.held.footprint for event in was), zone)
        self._lessens = bool(was)
        self._asked: set[date] = set()
        self._next = self._days | {day for event in self._held.values() for day in _expected(event.fact, zone)}

    @property
    def digests(self) -> set[int]:
        """The digests of the threads that must be given whole."""
        return {digest for _, _, digest in self._threads}

    @property
    def lessens(self) -> bool:
        """Whether a class may have less than before, so that what stood on its days must be forgotten first.

        Known once there are sums.
        """
        return self._lessens

    @property
    def days(self) -> set[date]:
        """The days whose figures change."""
        return self._days

    def windows(self) -> list[tuple[int, int]]:
        """Return the pieces of time of which everything must be given, as far as is known now; each once."""
        missing, self._asked = sorted(self._next - self._asked), self._asked | self._next
        runs: list[list[date]] = []
        for day in missing:
            if runs and runs[-1][1] + _DAY == day:
                runs[-1][1] = day
            else:
                runs.append([day, day])
        return [(day_bounds(first, self._zone)[0], day_bounds(last, self._zone)[1]) for first, last in runs]

    def take(self, events: Iterable[Event]) -> None:
        """Be given the threads as they stand in the store; what changed meanwhile is known better here."""
        for event in events:
            if event.place not in self._known:
                self._known.add(event.place)
                self._held[event.place] = event

    def see(self, footprints: Mapping[Place, Footprint]) -> None:
        """Be given what reaches into the windows, as it stands in the store."""
        self._seen |= footprints

    def rethread(self) -> list[Event]:
        """Derive the threads anew; return every event that is to be written, with its new claims."""
        members: dict[Thread, list[Event]] = {thread: [] for thread in self._threads}
        for event in self._held.values():
            if event.thread in members:
                members[event.thread].append(event)
        written = dict(self._changed)
        for theirs in members.values():
            claims = claimed([event.fact for event in theirs])
            for event in theirs:
                self._claim(event, Held(event.fact, claims[event.fact.statement]), written)
        self._days = self._days | touched(
            (each.held.footprint for each in written.values() if not each.retracted), self._zone
        )
        self._next = self._days
        return list(written.values())

    def sums(self) -> dict[date, dict[LearningClass, DaySum]]:
        """Return the figures of the days that change."""
        everything = footprints(event.held for event in self._held.values())
        everything += [each for place, each in self._seen.items() if place not in self._known]
        found = day_sums(everything, self._days, self._zone)
        self._lessens = self._lessens or self._lost(everything, found)
        return found

    def _lost(self, everything: Iterable[Footprint], found: Mapping[date, Mapping[LearningClass, DaySum]]) -> bool:
        """Tell whether a class has nothing on a day that something of it touches.

        What claimed the last of it there may have lost it to something new, also where nothing else changed.
        """
        wanting = {
            mode: days
            for mode in {each.mode for each in everything} - {"not_learning"}
            if (days := {day for day, classes in found.items() if mode not in classes})
        }
        lost = ((wanting[each.mode], touched([each], self._zone)) for each in everything if each.mode in wanting)
        return any(not days.isdisjoint(of) for days, of in lost)

    def _claim(self, event: Event, held: Held, written: dict[tuple[str, int], Event]) -> None:
        if event.place in self._changed:
            new = event.claiming(held, event.version)
        elif event.held != held:
            self._days = self._days | touched([event.held.footprint], self._zone)
            self._lessens = True
            new = event.claiming(held, event.version + 1)
        else:
            return
        written[event.place] = self._held[event.place] = new


def reach_us(held: Held) -> int:
    """Return how far anything of it reaches from where it ends, its default doubled."""
    length = held.claimed.end_us - held.claimed.start_us
    return 2 * length if held.claimed.known == "default" else length


def _expected(fact: Fact, zone: ZoneInfo) -> set[date]:
    """Return the days that a fact will touch, but for a session that began long before it."""
    before = max(fact.duration_us, 2 * fact.default_us)
    first, last = day_of(fact.t_us - before, zone), day_of(fact.t_us + 2 * fact.default_us, zone)
    return {first} if first == last else {first + n * _DAY for n in range((last - first).days + 1)}

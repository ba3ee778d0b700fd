"""What is recomputed together, in any steps, is what everything adds up to (MIX.md 1.16); here the store is a dict."""

from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.domain.events import Event, settle
from services.analytics.domain.minutes.facts import Claimed, footprints
from services.analytics.domain.minutes.sums import day_sums, touched
from services.analytics.domain.minutes.threads import held
from services.analytics.domain.moving import moved
from services.analytics.domain.recomputing import Part, reach_us
from tests.oracle.compare import spoken
from tests.unit.analytics.held import fact

ZONE = ZoneInfo("Europe/Amsterdam")
MIDNIGHT = 1_792_879_200_000_000
"""In Amsterdam, of the night in which the clock goes back."""
MINUTE = 60_000_000
PEOPLE = ("p", "q", "r")
LEARNERS = {"a": "p", "b": "q", "c": "q", "d": "r"}


@dataclass
class Store:
    """What folding.refold and the tables do, as they say it."""

    events: dict[tuple[str, int], Event] = field(default_factory=dict)
    days: dict = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)
    whose: dict[str, str] = field(default_factory=lambda: dict(LEARNERS))

    def say(self, told) -> None:
        """Make these facts of statements, {statement: facts}, all at once."""
        changed = []
        for statement, facts in told.items():
            old = [event for (of, _), event in self.events.items() if of == statement]
            changed += settle("t", 1, old, facts, self.whose)
        self._refold(changed)

    def move(self, learner: str, person: str) -> None:
        concerned = {self.whose[learner], person}
        self.whose[learner] = person
        theirs = [event for event in self.events.values() if event.person in concerned]
        self._refold(moved(theirs, {learner: person}, {}))

    def _refold(self, changed) -> None:
        before = [self.events[each.place] for each in changed if each.place in self.events]
        parts = {
            person: Part(ZONE, [e for e in before if e.person == person], [e for e in changed if e.person == person])
            for person in sorted({each.person for each in (*before, *changed)})
        }
        for person, part in parts.items():
            digests = part.digests
            part.take([e for e in self._of(person) if e.fact.thread in digests])
            self._give(person, part)
        written = [event for part in parts.values() for event in part.rethread()]
        for person, part in parts.items():
            self._give(person, part)
        for event in written:
            self.events[event.place] = event
            self.longest[event.person] = max(self.longest.get(event.person, 0), reach_us(event.held))
        for person, part in parts.items():
            sums = part.sums()
            for day, classes in sums.items():
                if part.lessens:
                    self.days = {at: row for at, row in self.days.items() if at[:2] != (person, day)}
                self.days |= {(person, day, cls): row for cls, row in classes.items()}

    def _of(self, person: str):
        return [event for event in self.events.values() if event.person == person and not event.retracted]

    def _give(self, person: str, part: Part) -> None:
        longest = self.longest.get(person, 0)
        for since, until in part.windows():
            part.see(
                {
                    event.place: event.held.footprint
                    for event in self._of(person)
                    if since - longest <= event.claimed.end_us < until + 2 * longest
                    and 2 * event.claimed.end_us - event.claimed.start_us >= since
                    and min(_earliest(event.claimed), event.fact.t_us) < until
                }
            )

    def whole(self):
        found = {}
        for person in PEOPLE:
            everything = held(event.fact for event in self._of(person))
            for day, sums in day_sums(footprints(everything), touched(footprints(everything), ZONE), ZONE).items():
                found |= {(person, day, cls): spoken(row) for cls, row in sums.items() if spoken(row)}
        return found

    def folded(self):
        return {at: spoken(row) for at, row in self.days.items() if spoken(row)}


def _earliest(claimed: Claimed) -> int:
    doubled = 2 * claimed.start_us - claimed.end_us
    return doubled if claimed.since_us is None else min(doubled, claimed.since_us)


minutes = st.sampled_from([0, 0, 1, 10, 11, 30, 60, 900])


@st.composite
def facts(draw, statement):
    at = MIDNIGHT + draw(st.sampled_from([0, 0, 0, 1500])) * MINUTE + draw(st.integers(-3, 9)) * 10 * MINUTE
    more = {
        "mode": draw(st.sampled_from(["formal", "formal", "social", "experiential", "unclassified", "not_learning"])),
        "duration_us": draw(minutes) * MINUTE,
        "default_us": draw(minutes) * MINUTE,
        "session_us": draw(st.sampled_from([0, 240, 240])) * MINUTE,
        "thread": draw(st.integers(1, 4)),
        "object": draw(st.integers(1, 2)),
        "part": draw(st.sampled_from(["opener", "closer", "outcome", "other", "other"])),
        "discrete": draw(st.booleans()),
        "flags": draw(st.sampled_from([frozenset(), frozenset(), frozenset({"arrival"})])),
    }
    learners = sorted(draw(st.sets(st.sampled_from("aaabcd"), max_size=2)))
    roles = [draw(st.sampled_from(["learner", "learner", "coach"])) for _ in learners]
    return [
        fact(statement, at, **more, learner=learner, role=role) for learner, role in zip(learners, roles, strict=True)
    ]


@st.composite
def steps(draw):
    """A step: some statements say something, again or otherwise, or an identity is somebody else's from now on."""
    if draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(sorted(LEARNERS))), draw(st.sampled_from(PEOPLE))
    return {f"s{n}": draw(facts(f"s{n}")) for n in draw(st.sets(st.integers(0, 19), min_size=1, max_size=3))}


@settings(max_examples=200, deadline=None)
@given(st.lists(steps(), min_size=1, max_size=12))
def test_steps_add_up_to_the_whole(taken):
    store, told = Store(), {}
    for step in taken:
        if isinstance(step, dict):
            told |= step
            store.say(step)
        else:
            store.move(*step)
        assert store.folded() == store.whole()
    at_once = Store(whose=dict(store.whose))
    at_once.say(told)
    assert store.folded() == at_once.folded()
    assert {e.person == store.whose[e.fact.learner] for e in store.events.values()} <= {True}


def test_an_event_that_only_moves_keeps_what_it_says():
    store = Store()
    store.say({"s": [fact("s", MIDNIGHT, duration_us=30 * MINUTE, learner="a")]})
    before = store.events["s", 0]
    store.move("a", "q")
    store.move("a", "p")
    assert store.events["s", 0] == replace(before, version=3)


def test_what_claimed_the_last_of_a_day_loses_it_to_something_new():
    store = Store()
    store.say({"s": [fact("s", MIDNIGHT + 20 * MINUTE, duration_us=30 * MINUTE, learner="a", session_us=1)]})
    assert len(store.folded()) == 2
    new = fact("new", MIDNIGHT, mode="social", duration_us=15 * MINUTE, learner="a", thread=2)
    store.say({"new": [new]})
    assert store.folded() == store.whole()

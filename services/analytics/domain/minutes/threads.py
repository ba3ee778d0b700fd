"""Threads: what the statements of one thread claim together (MIX.md 1, rules 7 to 10 and 14).

A thread is one person's statements of one mode with the same thread key; what was given to others is a thread apart.

Where the rules leave room:
- A duration is cut off at its visit's first opener before the longest is chosen: where a running total was sent early
  in the visit, the statement that covers more of the visit stands for it. An opener's own duration is not cut off, and
  stands for its visit when nothing after it does: otherwise it would say nothing.
- A visit's end is its first closer, else its last outcome, else its last statement. That is the end of a session, of
  the stretch in which the time between statements does not count because the visit reported it, and of what keeps a
  default away.
- The time since the previous statement is not claimed by an opener whose previous statement is about the same object.
- A *measured visit*, which keeps defaults away, has a reported or session claim for the whole of it. Its own statements
  never get a default, however late (an outcome may come the next day).
- A per-type session of 0 means that this has no session time at all.
- Any claim joins a moment's run, a default one too: both statements lie in it, bounds included.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from services.analytics.domain.minutes.facts import Claimed, Fact, Held, Known
from services.analytics.domain.minutes.visits import GAP_US, Visit, thread_order, visits


def held(facts: Iterable[Fact]) -> list[Held]:
    """Return one person's facts (each statement once), with what their threads give them."""
    threads: dict[tuple[str, int, bool], list[Fact]] = {}
    for fact in facts:
        threads.setdefault((fact.mode, fact.thread, fact.given), []).append(fact)
    found: list[Held] = []
    for thread in threads.values():
        given = claimed(thread)
        found += [Held(fact, given[fact.statement]) for fact in thread]
    return found


def claimed(facts: Iterable[Fact]) -> dict[str, Claimed]:
    """Return what each statement of ONE thread claims, by statement id. `not_learning` claims nothing.

    Statements with the flag `arrival` have only their own duration or default: nobody knows when they were made.
    """
    facts = list(facts)
    return {facts[0].statement: alone(facts[0])} if len(facts) == 1 else together(facts)


def alone(fact: Fact) -> Claimed:
    """Return what a statement claims that has its thread to itself, as most have: its duration, else its default."""
    if fact.mode != "not_learning":
        if fact.duration_us:
            return Claimed(fact.t_us - fact.duration_us, fact.t_us, "reported", None, True)
        if fact.default_us:
            start_us = fact.t_us if fact.part == "opener" else fact.t_us - fact.default_us
            return Claimed(start_us, start_us + fact.default_us, "default", None, True)
    return Claimed(fact.t_us, fact.t_us, "none", None, fact.mode != "not_learning")


def together(facts: Iterable[Fact]) -> dict[str, Claimed]:
    """Return what each statement of one thread claims, by statement id."""
    ordered = sorted({fact.statement: fact for fact in facts}.values(), key=thread_order)
    if ordered and ordered[0].mode == "not_learning":
        return {fact.statement: Claimed(fact.t_us, fact.t_us, "none", None, False) for fact in ordered}
    timely = [fact for fact in ordered if "arrival" not in fact.flags]
    claims = _Claims()
    seen = visits(timely)
    for visit in seen:
        _claim_visit(visit, claims)
    _claim_since(timely, seen, claims)
    for fact in ordered:
        if "arrival" in fact.flags and fact.duration_us:
            claims.put(fact, fact.t_us - fact.duration_us, "reported")
    _claim_defaults(ordered, claims)
    last = _last_of_runs(ordered, claims)
    return {fact.statement: claims.of(fact, fact.statement in last) for fact in ordered}


@dataclass(slots=True)
class _Claims:
    """What is claimed so far: per statement its longest claim and a second one, and what keeps defaults away."""

    longest: dict[str, tuple[int, int, Known]] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    measured: set[str] = field(default_factory=set)
    spans: list[tuple[int, int]] = field(default_factory=list)
    reported: dict[str, int] = field(default_factory=dict)

    def put(self, fact: Fact, start_us: int, known: Known) -> None:
        """Claim the time from `start_us` to the statement."""
        self.longest[fact.statement] = (start_us, fact.t_us, known)
        self.spans.append((start_us, fact.t_us))

    def of(self, fact: Fact, moment: bool) -> Claimed:
        start_us, end_us, known = self.longest.get(fact.statement) or (fact.t_us, fact.t_us, "none")
        return Claimed(start_us, end_us, known, self.since.get(fact.statement), moment)


def _claim_visit(visit: Visit, claims: _Claims) -> None:
    """What was reported of a visit (MIX.md 1.8); of one with nothing reported, its session (1.9)."""
    timed = [fact for fact in visit.facts if fact.duration_us]
    if not visit.marked:
        for fact in timed:
            claims.put(fact, fact.t_us - fact.duration_us, "reported")
        return
    if timed:
        fact, start_us = _standing_for(visit, timed)
        claims.put(fact, start_us, "reported")
        if visit.opener:
            claims.reported[visit.opener.statement] = visit.end.t_us
    elif visit.leading and (visit.closer or visit.outcome):
        fact, start_us = visit.end, visit.leading.t_us
        if fact.t_us - start_us > fact.session_us:
            return
        claims.put(fact, start_us, "session")
    else:
        return
    claims.measured.update(fact.statement for fact in visit.facts)
    claims.spans.append(visit.span)


def _standing_for(visit: Visit, timed: Sequence[Fact]) -> tuple[Fact, int]:
    """Return whose duration stands for a whole visit, and since when: the longest in it; of equals the earliest."""
    opened_us = visit.opener.t_us if visit.opener else None
    best, best_start, best_us = timed[0], timed[0].t_us - timed[0].duration_us, 0
    for fact in timed:
        start_us = fact.t_us - fact.duration_us
        if opened_us is not None:
            start_us = max(start_us, opened_us)
        if fact.t_us - start_us > best_us:
            best, best_start, best_us = fact, start_us, fact.t_us - start_us
    return best, best_start


def _claim_since(timely: Sequence[Fact], seen: Iterable[Visit], claims: _Claims) -> None:
    """The time since the thread's previous statement, of one without a duration (MIX.md 1.9)."""
    reported_until = 0
    for previous, fact in pairwise(timely):
        reported_until = max(reported_until, claims.reported.get(previous.statement, reported_until))
        between = fact.t_us - previous.t_us
        if fact.duration_us or not fact.session_us or not 0 < between <= GAP_US:
            continue
        if previous.part == "closer" or previous.discrete or fact.discrete or fact.t_us <= reported_until:
            continue
        if fact.part == "opener" and fact.object == previous.object:
            continue
        if fact.statement not in claims.longest:
            claims.put(fact, previous.t_us, "session")
        elif claims.longest[fact.statement][0] != previous.t_us:
            claims.since[fact.statement] = previous.t_us


def _claim_defaults(ordered: Iterable[Fact], claims: _Claims) -> None:
    """Their type's minutes, for statements far from all that is measured (MIX.md 1.10)."""
    known = claims.longest.keys() | claims.measured
    waiting = [fact for fact in ordered if fact.default_us and fact.statement not in known]
    if not waiting:
        return
    spans = _merged(claims.spans)
    starts = [start for start, _ in spans]
    for fact in waiting:
        place = bisect_right(starts, fact.t_us + GAP_US) - 1
        if place >= 0 and fact.t_us - GAP_US <= spans[place][1]:
            continue
        start_us = fact.t_us if fact.part == "opener" else fact.t_us - fact.default_us
        claims.longest[fact.statement] = (start_us, start_us + fact.default_us, "default")


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the union of closed intervals, in order."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _last_of_runs(ordered: Sequence[Fact], claims: _Claims) -> set[str]:
    """Return the last statement of each run: the next is more than G later, and no claim holds both (MIX.md 1.14)."""
    last: set[str] = set()
    intervals = sorted(claims.longest.values())
    place, reach = 0, 0
    for number, fact in enumerate(ordered):
        while place < len(intervals) and intervals[place][0] <= fact.t_us:
            reach = max(reach, intervals[place][1]) if place else intervals[place][1]
            place += 1
        if number + 1 == len(ordered):
            last.add(fact.statement)
        else:
            next_us = ordered[number + 1].t_us
            if next_us - fact.t_us > GAP_US and (not place or reach < next_us):
                last.add(fact.statement)
    return last

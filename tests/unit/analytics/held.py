"""Facts and what they hold, for tests that begin after the threads."""

from services.analytics.domain.events import Event
from services.analytics.domain.minutes.facts import Claimed, Fact, Held


def fact(statement, t_us, mode="formal", **more):
    given = {
        "learner": "k",
        "alias": None,
        "role": "learner",
        "rule": "rule",
        "entry": None,
        "source": "app",
        "flags": frozenset(),
        "duration_us": 0,
        "default_us": 0,
        "default_from": "",
        "session_us": 0,
        "thread": 1,
        "object": 1,
        "part": "other",
        "discrete": False,
    } | more
    return Fact(statement=str(statement), mode=mode, t_us=t_us, **given)


def held(statement, end, length=0, mode="formal", known="reported", **more):
    claimed = Claimed(end - length, end, known if length else "none", None, moment=True)
    return Held(fact(statement, end, mode, duration_us=length, **more), claimed)


def event(statement, end, length=0, mode="formal", **more):
    return Event("t", 1, 0, 1, False, "p", held(statement, end, length, mode, **more))

"""Why a mix is what it is: its stretches and events, each with its statement and rule (law 8), a page at a time.

A page is a window of its own: it ends where the first thing begins that does not fit, and the next one begins there.
Since a window cuts stretches exactly, the pages together hold every minute and every event once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.events import LearningClass
from services.analytics.domain.events import Event
from services.analytics.domain.minutes.stretches import Stretch, stretches


@dataclass(frozen=True, slots=True)
class Page:
    """What lies in [since, until), cut at both ends; `more` tells whether anything lies after `until`."""

    until_us: int
    more: bool
    stretches: list[tuple[Stretch, Event]]
    events: list[Event]


def page(events: Sequence[Event], *, since_us: int, until_us: int, modes: frozenset[LearningClass], limit: int) -> Page:
    """Return the first page of a window: about `limit` stretches and events, more only where they begin together.

    `events` are all of the person's that reach into the window, of any mode: they decide together whose a minute is.
    """
    of_statement = {event.fact.statement: event for event in events}
    inside = sorted(
        (e for e in events if e.fact.mode in modes and since_us <= e.fact.t_us < until_us),
        key=lambda event: (event.fact.t_us, event.fact.statement),
    )
    folded = [
        cut
        for stretch in stretches(event.held for event in events)
        if stretch.mode in modes and (cut := _cut(stretch, since_us, until_us)) is not None
    ]
    beyond = [stretch.start_us for stretch in folded[limit : limit + 1]]
    beyond += [event.fact.t_us for event in inside[limit : limit + 1]]
    # What begins with the page itself and still does not fit makes a page of that one instant.
    end_us = min((max(start, since_us + 1) for start in beyond), default=until_us)
    shown = [cut for stretch in folded if (cut := _cut(stretch, since_us, end_us)) is not None]
    return Page(
        until_us=end_us,
        more=end_us < until_us,
        stretches=[(stretch, of_statement[stretch.statement]) for stretch in shown],
        events=[event for event in inside if event.fact.t_us < end_us],
    )


def _cut(stretch: Stretch, since_us: int, until_us: int) -> Stretch | None:
    start, end = max(stretch.start_us, since_us), min(stretch.end_us, until_us)
    return stretch._replace(start_us=start, end_us=end) if start < end else None

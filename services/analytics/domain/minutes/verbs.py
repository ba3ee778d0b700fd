"""What a verb does to a visit, and which acts take no time between them: the lists of MIX.md 1.6 and 1.9, as data.

Verbs are known by their local name, because every profile has its own IRI for the same word: `.../verbs/launched`,
`.../schema/1.0/play`. MIX.md names the words; added here are their other forms (`open`, `play`, as Activity Streams
writes them) and words that profiles use for the same: `started`, `exited`, `abandoned` (cmi5), `stopped`, `ended`.
"""

import re
from functools import lru_cache

from services.analytics.domain.minutes.facts import Part

# MIX.md's own words.
NAMED: dict[Part, set[str]] = {
    "opener": {"launched", "initialized", "opened", "played", "resumed", "joined"},
    "closer": {"terminated", "suspended", "closed", "paused", "left"},
    "outcome": {"completed", "passed", "failed", "satisfied"},
}
NAMED_DISCRETE = {"posted", "replied", "asked", "voted"}

# Their other forms, and other words for the same.
ALSO: dict[Part, set[str]] = {
    "opener": {"launch", "initialize", "initialised", "open", "play", "resume", "join", "started", "start"},
    "closer": {"terminate", "suspend", "close", "pause", "leave", "exited", "exit", "abandoned", "stopped", "ended"},
    "outcome": {"complete", "pass", "fail", "satisfy"},
}
ALSO_DISCRETE = {
    *{"post", "reply", "ask", "vote", "voted-up", "voted-down", "replied-to-tweet", "tweeted", "retweeted"},
    *{"commented", "comment", "responded", "respond", "mentioned", "shared", "share", "liked", "like", "rated"},
}

PARTS = {word: part for words in (NAMED, ALSO) for part, listed in words.items() for word in listed}
DISCRETE = NAMED_DISCRETE | ALSO_DISCRETE

_SEPARATORS = re.compile(r"[/#:]")


@lru_cache(maxsize=8192)
def acts(verb: str) -> tuple[Part, bool]:
    """Return what a verb (its IRI) does to a visit, and whether it is a discrete act."""
    local = _SEPARATORS.split(verb.rstrip("/#"))[-1].lower()
    return PARTS.get(local, "other"), local in DISCRETE

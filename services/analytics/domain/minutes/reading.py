"""Reading: what one statement says about each of its learners, for the minutes (MIX.md 1, rules 2 to 6)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b, sha256
from typing import Any

from schemas.xapi.agents import ifi, mbox_alias
from schemas.xapi.times import parse_duration, parse_timestamp
from services.analytics.domain.classify.classified import GIVING, Classified, Learner
from services.analytics.domain.minutes.facts import Fact, Flag
from services.analytics.domain.minutes.instants import to_us
from services.analytics.domain.minutes.verbs import acts

# t lies between these, so that every local date around it is one that a calendar can hold.
_EARLIEST_US = to_us(datetime(2, 1, 1, tzinfo=UTC))
_LATEST_US = to_us(datetime(9998, 1, 1, tzinfo=UTC))

# Where a session's id stands: cmi5 (w3id.org, purl.org), the video profile, Open edX and ubion end in these words.
# First the session itself, then what only some media player knows.
_SESSION_NAMES = ("sessionid", "mediasessionid")
_NO_FLAGS: frozenset[Flag] = frozenset()


def facts_of(statement: Mapping[str, Any], *, arrived_us: int, source: str, classified: Classified) -> list[Fact]:
    """Return what a stored statement (with its id) says, one fact for each identity that learned by it or gave time.

    `arrived_us` is the arrival that ingest stamped: it stands in for a timestamp that was not sent or that no calendar
    can hold. Empty without learners (`no_learner`). Facts of `not_learning` are read like the others, so that a
    correction can make something of them: it is their mode that keeps them from claiming anything.
    """
    t_us, flags = _moment(statement.get("timestamp"), arrived_us)
    duration_us, disbelieved = believed((statement.get("result") or {}).get("duration"), classified.cap_us)
    if disbelieved:
        flags |= {"disbelieved"}
    part, discrete = acts(statement["verb"]["id"])
    default_us, session_us = classified.default_us, classified.session_us
    if not classified.timed:  # no minutes of any kind (MIX.md 1.4): it opens and closes nothing either
        part, discrete, duration_us, default_us, session_us = "other", True, 0, 0, 0
    target = object_key(statement["object"])
    thread, on = digest(thread_key(statement, target)), digest(target)
    facts: dict[str, Fact] = {}
    for each in classified.learners:
        learner, alias = identity(each)
        if learner in facts and (each.role in GIVING or not facts[learner].given):
            continue  # each identity once; who both learned and gave time learned
        facts[learner] = Fact(
            statement["id"], learner, alias, each.role, classified.cls, classified.rule, classified.entry, source,
            t_us, flags, duration_us, default_us, classified.default_from, session_us, thread, on, part, discrete,
            classified.tags,
        )  # fmt: skip
    return list(facts.values())


@lru_cache(maxsize=8192)
def believed(text: object, cap_us: int) -> tuple[int, bool]:
    """Return the length of a duration and False, or 0 and whether one was sent that is not believed (MIX.md 1.5)."""
    if text is None:
        return 0, False
    try:
        duration = parse_duration(str(text))
    except ValueError:
        return 0, True
    if duration.calendar or not 0 < duration.microseconds <= cap_us:
        return 0, True
    return duration.microseconds, False


def thread_key(statement: Mapping[str, Any], target: str) -> str:
    """Return the text that a statement's thread is known by: the first that it has of session, registration, least
    parent, and `target`, the key of its object (MIX.md 1.6)."""
    context = statement.get("context")
    if context:
        session = _session(context.get("extensions"))
        if session:
            return f"session|{session}"
        registration: str | None = context.get("registration")
        if registration:
            return f"registration|{registration.lower()}"
        parents = (context.get("contextActivities") or {}).get("parent")
        if parents:
            least: str = min(each["id"] for each in ([parents] if isinstance(parents, Mapping) else parents))
            return f"activity|{least}"
    return target


def object_key(target: Mapping[str, Any]) -> str:
    """Return the text that an object is known by; a SubStatement is about its own object."""
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        return f"activity|{target['id']}"
    if kind == "StatementRef":
        return f"statement|{target['id'].lower()}"
    if kind == "SubStatement":
        return object_key(target["object"])
    return ifi(target) or "members"


@lru_cache(maxsize=16_384)
def digest(text: str) -> int:
    """Return 64 bits of a text, as PostgreSQL's bigint holds them."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def _moment(text: object, arrived_us: int) -> tuple[int, frozenset[Flag]]:
    if text is not None:
        try:
            t_us = to_us(parse_timestamp(str(text)))
        except ValueError:
            pass
        else:
            if _EARLIEST_US <= t_us < _LATEST_US:
                return t_us, _NO_FLAGS
    return arrived_us, frozenset({"arrival"})


def _session(extensions: Mapping[str, Any] | None) -> str | None:
    """Return the session's id. Of several with the same right the one with the least IRI, whatever order they have."""
    found: dict[tuple[int, str], str] = {}
    for iri, value in (extensions or {}).items():
        place = _session_place(iri)
        if place is not None and value and isinstance(value, str | int):
            found[place, iri] = str(value)
    return found[min(found)] if found else None


@lru_cache(maxsize=8192)
def _session_place(iri: str) -> int | None:
    local = iri.rstrip("/").rpartition("/")[2].rpartition("#")[2]
    name = "".join(filter(str.isalnum, local)).lower()
    return _SESSION_NAMES.index(name) if name in _SESSION_NAMES else None


def identity(learner: Learner) -> tuple[str, str | None]:
    """Return the actor_key of a learner, and that of the sha1 of its mbox if it has one."""
    named = ifi(learner.agent)
    if named is None:
        raise ValueError("a learner is an Agent with an identifier")
    return _keys(named)


@lru_cache(maxsize=16_384)
def _keys(named: str) -> tuple[str, str | None]:
    """Return the actor_key of an IFI, and that of the sha1 of an mbox."""
    return sha256(named.encode()).hexdigest(), mbox_alias(named)

"""Proposals: what an organisation could tell its registry of vocabulary that is not clear. A person decides.

From the words that stand in it, in the order in which classes are tried (MIX.md 2): the act decides, not the course
around it. Without any, from the kind of the source.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from schemas.events import LearningClass
from services.analytics.domain.vocabulary import Term

_AIDS = (
    *("jobaid", "checklist", "howto", "procedure", "protocol", "manual", "instruction", "runbook", "guideline"),
    *("kb", "knowledgebase", "werkinstructie", "handleiding", "stappenplan", "richtlijn"),
)
_WORDS: Mapping[LearningClass, tuple[str, ...]] = {
    "not_learning": (
        *("login", "logout", "signin", "signout", "preference", "setting"),
        *("enrol", "enroll", "enrolment", "enrollment", "unsubscribe"),
    ),
    "experiential": (*_AIDS, "task", "worktask", "workproduct"),
    "social": (
        *("forum", "discussion", "thread", "post", "reply", "comment", "chat", "message", "wiki", "blog", "community"),
        *("mentor", "mentoring", "coach", "coaching", "peer", "meeting", "feedback", "question"),
        *("intervisie", "overleg", "vraag"),
    ),
    "formal": (
        *("course", "lesson", "module", "quiz", "exam", "assessment", "training", "webinar", "classroom"),
        *("scorm", "cmi5", "elearning", "cursus", "les", "toets"),
    ),
}
_OF_KIND: Mapping[str, LearningClass] = {
    "lms": "formal",
    "job_aid": "experiential",
    "work_system": "experiential",
    "coaching": "social",
    "social": "social",
}
_SUPPORT = {"support": "extrinsic", "default_minutes": 3}
_PARTS = re.compile(r"(?i:cmi5)|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry that `POST /registry/things` takes, and on whose word."""

    entry: Mapping[str, Any]
    because: str


def proposed(term: Term) -> Proposal | None:
    """Return what one could say of a term, or None when nothing in it tells."""
    for where, text in (
        ("type", term.activity_type),
        ("id", term.prefix),
        ("platform", term.platform),
        ("verb", term.verb),
    ):
        selectors = _selectors(term, where)
        for mode, word in _told_by(text) if selectors else ():
            return _proposal(selectors, mode, f"the word {word} in its {where}", aid=word in _AIDS)
    selectors = _selectors(term, "kind")
    if selectors and term.kind in _OF_KIND:
        mode = _OF_KIND[term.kind]
        return _proposal(selectors, mode, f"sources of kind {term.kind}", aid=term.kind == "job_aid")
    return None


def _proposal(selectors: Mapping[str, Any], mode: LearningClass, because: str, *, aid: bool) -> Proposal:
    return Proposal({**selectors, "mode": mode, **(_SUPPORT if aid else {})}, because)


def _selectors(term: Term, where: str) -> dict[str, Any]:
    """Return what an entry would be found by: never a verb alone, which says nothing of a thing."""
    by_type = {"activity_type": term.activity_type} if term.activity_type else {}
    if where == "type":
        return by_type
    found: dict[str, Any] = {"id_prefix": term.prefix} if term.prefix else by_type
    return found | {"verbs": [term.verb]} if found and where == "verb" else found


def _told_by(text: str) -> Iterator[tuple[LearningClass, str]]:
    """Yield the classes that words of a text tell of, in the order in which classes are tried."""
    words = _words_of(_path(text))
    for mode, known in _WORDS.items():
        for word in words:
            if word in known:
                yield mode, word


def _path(iri: str) -> str:
    """Return what of an IRI says something of the thing: its path, or the whole of what is no URL."""
    return iri.partition("://")[2].partition("/")[2] if "://" in iri else iri


def _words_of(text: str) -> list[str]:
    """Return the words of a text in the singular too, and each two that stand together (job aid) as one."""
    plain = [part.lower() for part in _PARTS.findall(text)]
    pairs = [first + second for first, second in pairwise(plain)]
    return [form for word in (*pairs, *plain) for form in (word, word.removesuffix("s"))]

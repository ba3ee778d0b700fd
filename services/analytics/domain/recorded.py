"""Recorded statements as a set: statements in, what each person holds out. Without database, network or clock.

This is the whole way from statements to minutes for whoever has all of them at hand, as `leermix mix` has. A served mix
goes the same way in steps: the same `facts_of`, `held` and `day_sums`, with tables in between.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import blake2b

from schemas.xapi.agents import ifi
from services.analytics.domain.classify.classified import Classified
from services.analytics.domain.minutes.facts import Fact, Held
from services.analytics.domain.minutes.reading import facts_of, identity
from services.analytics.domain.minutes.threads import held
from services.analytics.domain.standing import Content

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

Classifier = Callable[[Content], Classified]


class Recorded:
    """A growing set of statements, by id.

    The first content of an id counts (law 3). What a voiding statement names is out, whichever comes first, unless it
    is a voiding statement itself (xAPI 1.0.3 Data 2.3.2).
    """

    def __init__(self, classify: Classifier, people: Mapping[str, str]) -> None:
        """`people` knows persons by the actor_keys of their identities; an mbox and its sha1 are one anyway."""
        self._classify = classify
        self._people = people
        self._facts: dict[str, list[Fact]] = {}
        self._voided: set[str] = set()
        self._voiding: set[str] = set()
        self._names: dict[str, str] = {}

    def add(self, content: Content) -> None:
        """Take a statement. One without an id is known by what it says: the same again is the same statement.

        Raises KeyError, TypeError, AttributeError or ValueError for what is no statement, and takes nothing of it.
        """
        statement_id = _same_id(content.statement.get("id") or _fingerprint(content.statement))
        if statement_id in self._facts:
            return
        content = replace(content, statement={**content.statement, "id": statement_id})
        classified = self._classify(content)
        facts = facts_of(content.statement, arrived_us=content.arrived_us, source=content.source, classified=classified)
        if content.voiding:
            self._voided.add(_same_id(content.statement["object"]["id"]))
            self._voiding.add(statement_id)
        self._facts[statement_id] = facts
        for learner in classified.learners:
            self._name(ifi(learner.agent) or "", *identity(learner))

    @property
    def learnerless(self) -> int:
        """How many statements name nobody who learned by them (`no_learner`)."""
        return sum(not facts for facts in self._facts.values())

    def held(self) -> dict[str, list[Held]]:
        """Return what each person holds, by person: the id that `people` gives, else a readable text.

        That text is the canonical IFI (`mbox|mailto:…`, `mbox_sha1sum|…`, `openid|…`, `account|homePage|name`); of an
        mbox and its sha1 it is the mbox, if any statement shows it.
        """
        persons: dict[str, dict[str, Fact]] = {}
        for statement_id, facts in self._facts.items():
            if statement_id in self._voided and statement_id not in self._voiding:
                continue
            for fact in facts:
                mine = persons.setdefault(self._person(fact), {})
                mine[statement_id] = _once(fact, mine.get(statement_id))
        return {person: held(facts.values()) for person, facts in sorted(persons.items())}

    def _person(self, fact: Fact) -> str:
        known = self._people.get(fact.learner) or self._people.get(fact.alias or "")
        return known or self._names[fact.alias or fact.learner]

    def _name(self, text: str, learner: str, alias: str | None) -> None:
        if alias:
            self._names[alias] = text
        else:
            self._names.setdefault(learner, text)


def _once(fact: Fact, other: Fact | None) -> Fact:
    """Return the fact that counts where two identities in one statement are one person: learning before giving."""
    return fact if other is None else min(fact, other, key=lambda each: (each.given, each.role, each.learner))


def _same_id(text: object) -> str:
    """Return an id as it is compared: a UUID in lower case."""
    return str(text).lower() if _UUID.fullmatch(str(text)) else str(text)


def _fingerprint(statement: Mapping[str, object]) -> str:
    return blake2b(json.dumps(statement, sort_keys=True).encode(), digest_size=16).hexdigest()

"""Matching: which rules a statement satisfies, without walking through them.

Every word of every rule is in a table for the part of a statement where it may stand, with the *bits* of all rules that
it satisfies there: one bit per selector and rule, in one large integer. A statement is read once; the bits of its words
are ORed; a rule matches where each of its selectors has its bit. So a rule more costs nothing at run time.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from services.analytics.domain.classify.reading import (
    Statement,
    activities,
    language_map,
    mapping,
    object_type,
    text,
)
from services.analytics.domain.classify.selectors import SELECTORS, Selected
from services.analytics.domain.classify.words import last_word, normal_iri, noun_forms, splitter, verb_forms

_PARTS: Final = tuple(dict.fromkeys(part for parts in SELECTORS.values() for part in parts))
_REMEMBERED: Final = 4096
"""Verbs, types, courses, … of which the bits are remembered: most statements repeat those of others."""
_CONTEXT_MARKS: Final = ("registration", "instructor", "team")

Table = dict[str, int]


class Matcher:
    """The rules as tables. It holds nothing of the statements that it has seen but the bits of what repeats."""

    def __init__(self, rules: Sequence[Selected]) -> None:
        self._size = len(rules)
        self._tables: dict[str, Table] = {part: {} for part in _PARTS}
        self._free: list[int] = []
        for place, selector in enumerate(SELECTORS):
            self._enter(selector, place * self._size, [rule.words.get(selector) for rule in rules])
            self._enter(selector, len(SELECTORS) * self._size, [rule.unless.get(selector) for rule in rules])
            self._free.append(sum(1 << number for number, rule in enumerate(rules) if selector not in rule.words))
        everything = {word for table in self._tables.values() for word in table if not _is_iri(word)}
        self._split = splitter(everything).findall
        self._pairs = {word.partition("-")[0] for word in everything if "-" in word}
        remember = lru_cache(_REMEMBERED)
        self._verb, self._type = remember(self._of_verb), remember(self._of_type)
        self._above, self._category = remember(self._of_above), remember(self._of_category)
        self._place, self._extension = remember(self._of_place), remember(self._of_extension)

    def _enter(self, selector: str, offset: int, words: Iterable[frozenset[str] | None]) -> None:
        """Write the words that each rule has for a selector into the tables of the parts where they count."""
        for number, each in enumerate(words):
            for word in each or ():
                for part in SELECTORS[selector]:
                    table = self._tables[part]
                    for form in _forms(word, part):
                        table[form] = table.get(form, 0) | 1 << offset + number

    def matches(self, statement: Statement) -> int:
        """Return the rules that a statement satisfies: bit n is set when rule number n does."""
        size, bits = self._size, self._bits(statement)
        found = (1 << size) - 1
        for free in self._free:
            found &= bits | free
            bits >>= size
        return found & ~bits

    def _bits(self, statement: Statement) -> int:
        verb, target, context = (mapping(statement.get(key)) for key in ("verb", "object", "context"))
        definition = mapping(target.get("definition"))
        iri, names = text(target.get("id")), language_map(definition.get("name"))
        bits = self._verb(text(verb.get("id")), tuple(language_map(verb.get("display"))))
        bits |= self._tables["object"].get(object_type(target).lower(), 0)
        if iri:
            host, _, path = normal_iri(iri).partition("/")
            bits |= self._text(path, "id") | self._place(host)
        bits |= self._type(text(definition.get("type"))) if "type" in definition else 0
        for name in names:
            bits |= self._text(name, "name")
        if context:
            bits |= self._of_context(context)
        return bits | self._of_marks(mapping(statement.get("result")), definition, context)

    def _of_context(self, context: Mapping[str, Any]) -> int:
        bits = self._place(text(context.get("platform")))
        for each in activities(context, "parent", "grouping"):
            definition = mapping(each.get("definition"))
            names = tuple(language_map(definition.get("name")))
            bits |= self._above(text(each.get("id")), text(definition.get("type")), names)
        for each in activities(context, "category"):
            bits |= self._category(text(each.get("id")))
        return bits

    def _of_marks(self, result: Mapping[str, Any], definition: Mapping[str, Any], context: Mapping[str, Any]) -> int:
        marks, bits = self._tables["mark"], 0
        for key in result:
            bits |= marks.get(key, 0)
        if "interactionType" in definition:
            bits |= marks.get("interaction", 0) | marks.get(text(definition["interactionType"]), 0)
        for mark in _CONTEXT_MARKS:
            if mark in context:
                bits |= marks.get(mark, 0)
        for holder in (result, definition, context):
            for key in mapping(holder.get("extensions")) if "extensions" in holder else ():
                bits |= self._extension(key)
        return bits

    def _of_verb(self, iri: str, displays: tuple[str, ...]) -> int:
        """The words of the verb's IRI; if none is known, those that it is displayed with."""
        bits = self._of_iri(iri, "verb")
        for display in () if bits else displays:
            bits |= self._of_iri(display.strip().replace(" ", "-"), "verb")
        return bits

    def _of_type(self, iri: str) -> int:
        return self._of_iri(iri, "type")

    def _of_above(self, iri: str, type_iri: str, names: tuple[str, ...]) -> int:
        bits = self._of_iri(type_iri, "above") | self._text(normal_iri(iri).partition("/")[2], "above")
        for name in names:
            bits |= self._text(name, "above")
        return bits

    def _of_category(self, iri: str) -> int:
        return self._tables["category"].get(normal_iri(iri), 0) | self._text(iri, "category")

    def _of_place(self, name: str) -> int:
        return self._text(name, "place")

    def _of_extension(self, key: str) -> int:
        return self._tables["extension"].get(normal_iri(key), 0) | self._text(key, "extension")

    def _of_iri(self, iri: str, part: str) -> int:
        """The bits of an IRI whose last word means something: as a whole if it is known so, else its parts."""
        table, last = self._tables[part], last_word(iri)
        bits = table.get(normal_iri(iri), 0)
        return bits | table[last] if last in table else bits or self._text(last, part)

    def _text(self, words: str, part: str) -> int:
        """The bits of every word of a text, and of every two words that stand next to each other."""
        table, pairs, bits, before = self._tables[part], self._pairs, 0, ""
        for found in self._split(words):
            word = found.lower()
            if before:
                bits |= table.get(f"{before}-{word}", 0)
            before = word if word in pairs else ""
            if word in table:
                bits |= table[word]
        return bits


def _is_iri(word: str) -> bool:
    return "/" in word or "." in word


def _forms(word: str, part: str) -> set[str]:
    if _is_iri(word):
        return {word}
    return verb_forms(word) if part == "verb" else noun_forms(word)

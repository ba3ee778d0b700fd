"""Matching: which rules a statement satisfies, without walking through them.

Every word of every rule is in a table for the part of a statement where it may stand, with the *bits* of all rules that
it satisfies there: one bit per selector and rule, in one large integer. A statement is read once; the bits of its words
are ORed; a rule matches where each of its selectors has its bit. So a rule more costs nothing at run time.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from services.analytics.domain.classify.reading import Act, activities, languages, mapping, text
from services.analytics.domain.classify.selectors import SELECTORS, Selected
from services.analytics.domain.classify.words import (
    DIGITS,
    WORDS,
    heads,
    last_word,
    normal_iri,
    noun_forms,
    path_end,
    place_and_path,
    verb_forms,
)

_PARTS: Final = tuple(dict.fromkeys(part for parts in SELECTORS.values() for part in parts))
_REMEMBERED: Final = 4096
"""Verbs, types, courses, … of which the bits are remembered: most statements repeat those of others."""
_CONTEXT_MARKS: Final = ("registration", "instructor", "team")
_OBJECT_TYPES: Final = ("Activity", "Agent", "Group", "StatementRef", "SubStatement")

READ: Final = 500
"""Characters of a text that are read: no sender can make one slow, or fill the memory with what is remembered."""

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
        words = {word for table in self._tables.values() for word in table if not _is_iri(word)}
        self._pairs = {word.partition("-")[0] for word in words if "-" in word}
        self._objects = {name: self._tables["object"].get(name.lower(), 0) for name in _OBJECT_TYPES}
        self._root, self._bare = (self._tables["mark"].get(mark, 0) for mark in ("root", "bare"))
        self._all = (1 << self._size) - 1
        remember = lru_cache(_REMEMBERED)
        self._verb, self._type, self._id = remember(self._of_verb), remember(self._of_type), remember(self._of_id)
        self._above, self._category = remember(self._of_above), remember(self._of_category)
        self._name = remember(self._of_name)
        self._place, self._extension = remember(self._of_place), remember(self._of_extension)

    def _enter(self, selector: str, offset: int, words: Iterable[frozenset[str] | None]) -> None:
        """Write the words that each rule has for a selector into the tables of the parts where they count."""
        for number, each in enumerate(words):
            for word in each or ():
                for part in SELECTORS[selector]:
                    table = self._tables[part]
                    for form in _forms(word, part):
                        table[form] = table.get(form, 0) | 1 << offset + number

    def matches(self, bits: int) -> int:
        """Return the rules that the bits of an act satisfy: bit n is set when rule number n does."""
        found = self._all
        for free in self._free:
            found &= bits | free
            bits >>= self._size
        return found & ~bits

    def bits(self, act: Act) -> int:
        """Return the bits of all words of an act."""
        bits = self._verb(act.verb[:READ]) or self._displayed(act.display)
        bits |= self._objects.get(act.object_type, 0)
        if act.iri:
            place, path = place_and_path(act.iri[:READ])
            bits |= (self._id(path) if path else self._root) | self._place(place)
        if act.activity_type:
            bits |= self._type(act.activity_type[:READ])
        for name in languages(act.definition.get("name")):
            bits |= self._name(name[:READ])
        if act.context:
            bits |= self._around(act.context)
        return bits | self._marks(act)

    def knows(self, iri: str) -> bool:
        """Tell whether a verb or a type is one that some rule speaks of."""
        forms = {normal_iri(iri), last_word(iri)}
        return any(form in self._tables[part] for part in ("verb", "type") for form in forms)

    def _around(self, context: Mapping[str, Any]) -> int:
        bits = 0
        if "platform" in context:
            bits = self._place(text(context["platform"])[:READ])
        if "contextActivities" in context:
            related = context["contextActivities"]
            for each in activities(related, "parent", "grouping"):
                definition = mapping(each.get("definition"))
                names = tuple([name[:READ] for name in languages(definition.get("name"))])
                bits |= self._above(text(each.get("id"))[:READ], text(definition.get("type"))[:READ], names)
            for each in activities(related, "category"):
                bits |= self._category(text(each.get("id"))[:READ])
        return bits

    def _marks(self, act: Act) -> int:
        marks = self._tables["mark"]
        bits = 0 if act.definition or act.context or act.result else self._bare
        for key in act.result:
            if key in marks:
                bits |= marks[key]
        if "interactionType" in act.definition:
            bits |= marks.get("interaction", 0) | marks.get(text(act.definition["interactionType"]), 0)
        for mark in _CONTEXT_MARKS:
            if mark in act.context:
                bits |= marks.get(mark, 0)
        for holder in (act.result, act.definition, act.context):
            if "extensions" in holder:
                for key in mapping(holder["extensions"]):
                    bits |= self._extension(key[:READ])
        return bits

    def _of_verb(self, iri: str) -> int:
        """The bits of a verb: as a whole, or by the one of its words that is the verb."""
        table, last = self._tables["verb"], last_word(iri)
        bits = table.get(normal_iri(iri), 0)
        if last in table:
            return bits | table[last]
        return bits or next((table[head] for head in heads(last) if head in table), 0)

    def _displayed(self, display: Mapping[str, Any]) -> int:
        """The words that a verb is displayed with, for one whose IRI nobody knows."""
        bits = 0
        for each in languages(display):
            bits |= self._verb(each[:READ].strip().replace(" ", "-"))
        return bits

    def _of_id(self, path: str) -> int:
        return self._text(path, "id") | self._text(path_end(path), "end")

    def _of_name(self, name: str) -> int:
        return self._text(name, "name")

    def _of_type(self, iri: str) -> int:
        return self._of_iri(iri, "type")

    def _of_above(self, iri: str, type_iri: str, names: tuple[str, ...]) -> int:
        bits = self._of_iri(type_iri, "above") | self._text(place_and_path(iri)[1], "above")
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
        for found in WORDS(words):
            word = found.lower()
            if word not in table and word[-1] <= "9":
                word = word.rstrip(DIGITS)
            if before and f"{before}-{word}" in table:
                bits |= table[f"{before}-{word}"]
            before = word if word in pairs else ""
            if word in table:
                bits |= table[word]
        return bits


def _is_iri(word: str) -> bool:
    return "/" in word or "." in word


def _forms(word: str, part: str) -> set[str]:
    """Return how a word may be written: in its usual forms, and a compound also in one piece (`forumposts`)."""
    if _is_iri(word):
        return {word}
    found = verb_forms(word) if part == "verb" else noun_forms(word)
    return found | {form.replace("-", "") for form in found}

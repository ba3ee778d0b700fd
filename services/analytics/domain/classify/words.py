"""Words: how IRIs and names become the words that rules know, whoever coined them.

`https://w3id.org/xapi/adl/verbs/logged-in`, `…/loggedIn` and `…#logged_in` all end in the word `logged-in`; the path
`/mod_forum/discuss.php` holds `mod`, `forum`, `discuss` and `php`. A rule's word stands for its usual forms too
(`course`, `courses`; `post`, `posted`, `posting`), which are made when the rules are read, not when they are used.
"""

import re
from collections.abc import Iterator
from typing import Final

_LAST = re.compile(r"[^/#:=?]+(?=[/#:=?]*$)")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GAPS = re.compile(r"(?:[\s_+.-]|%20)+")
DIGITS: Final = "0123456789"
WORDS: Final = re.compile(
    r"[A-ZÀ-Þ]?[a-zß-ÿ]+(?:[0-9]+[a-z]?(?![a-zA-Z]))?|[A-ZÀ-Þ]+(?![a-zß-ÿ])(?:[0-9]+[A-Z]?(?![a-zA-Z]))?"
).findall
"""Finds the words in a text; digits belong to the word before them (cmi5, H5P), and capitals begin a new one."""
_QUERY = re.compile(r"\?[^#]*")
_URN: Final = "urn:"
_NAMED: Final = 2
"""So many of the last parts of a path name the object itself."""
_AUXILIARIES: Final = frozenset({"a", "est", "ha", "has", "hat", "have", "heeft", "is", "ist", "was", "were", "wurde"})
_VOWELS: Final = frozenset("aeiou")
_IRREGULAR: Final = {
    form: forms.split()
    for forms in (
        "build built",
        "buy bought",
        "give gave given",
        "hide hid hidden",
        "hold held",
        "leave left",
        "make made",
        "meet met",
        "pay paid",
        "sell sold",
        "send sent",
        "show showed shown",
        "speak spoke spoken",
        "take took taken",
        "teach taught",
        "tell told",
        "win won",
        "withdraw withdrew withdrawn",
        "write wrote written",
    )
    for form in forms.split()
}
"""The forms of a verb that no rule makes, its stem first: in Activity Streams one may `leave` and `send`."""
_SHORTEST: Final = 3
"""Letters of a word that may be taken for the stem of another one."""


def normal_iri(iri: str) -> str:
    """Return the form in which IRIs are compared: without a closing slash, http and https alike."""
    return iri.removeprefix("http://").removeprefix("https://").rstrip("/")


def last_word(iri: str) -> str:
    """Return the last word of an IRI: lower case, joined by hyphens; empty when it has none."""
    found = _LAST.search(iri)
    return _GAPS.sub("-", _CAMEL.sub("-", found.group())).lower().strip("-") if found else ""


def place_and_path(iri: str) -> tuple[str, str]:
    """Return where the thing of an IRI stands and what the rest of the IRI says of it.

    Of `https://lms.example.org/course/3` they are `lms.example.org` and `course/3`, of `urn:academy:course:3` `academy`
    and `course/3`.
    """
    bare = normal_iri(iri)
    if not bare.lower().startswith(_URN):
        place, _, path = bare.partition("/")
        return place, path
    place, _, path = bare[len(_URN) :].partition(":")
    return place, path.replace(":", "/")


def path_end(path: str) -> str:
    """Return the parts of a path that name the object itself; what stands before says where it is.

    In `course/3/annotation/7` they are `annotation/7`, in `mod/assign/view.php?id=1#submission` `view.php/submission`.
    """
    parts = _QUERY.sub("", path).replace("#", "/").split("/")
    return "/".join([part for part in parts if part][-_NAMED:])


def heads(verb: str) -> Iterator[str]:
    """Yield what may be the verb itself in one of several words: at the front, or a participle at the end.

    `voted-cancel` is voted, `quiz-attempt-submitted` submitted, `engineered-prompt` engineered and nothing else.
    """
    words = verb.split("-")
    if words[0] in _AUXILIARIES and len(words) > 1:
        yield "-".join(words[1:])
        words = words[1:]
    yield "-".join(words[:2])
    yield words[0]
    if words[-1].endswith("ed"):
        yield words[-1]


def noun_forms(word: str) -> set[str]:
    """Return a noun in the singular and in the plural; of a compound the last part changes."""
    front, hyphen, last = word.rpartition("-")
    return {front + hyphen + form for form in _plurals(last)}


def verb_forms(word: str) -> set[str]:
    """Return a verb in its forms; of a compound (`voted-up`) the first part changes, or the last."""
    front, hyphen, rest = word.partition("-")
    found = {form + hyphen + rest for form in _tenses(front)}
    if hyphen:
        found.update(front + hyphen + form for form in _tenses(rest))
    return found


def _plurals(word: str) -> set[str]:
    found = {word}
    if len(word) >= _SHORTEST:
        if word.endswith("ies"):
            found.add(word[:-3] + "y")
        elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
            found.update({word[:-1], word[:-2]} if word.endswith("es") else {word[:-1]})
        elif word.endswith("y") and word[-2] not in _VOWELS:
            found.add(word[:-1] + "ies")
        else:
            found.update({word + "es", word + "zes"} if word.endswith("z") else {word + _plural_ending(word)})
    return found


def _plural_ending(word: str) -> str:
    return "es" if word.endswith(("s", "x", "ch", "sh")) else "s"


def _tenses(word: str) -> set[str]:
    irregular = _IRREGULAR.get(word)
    return {*irregular} | _conjugated(irregular[0]) if irregular else {word}.union(*map(_conjugated, _stems(word)))


def _stems(word: str) -> Iterator[str]:
    yield word
    if word.endswith("ied"):
        yield word[:-3] + "y"
    for ending, least in (("ed", 2), ("ing", 3)):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= least:
            yield from (stem, stem + "e") if len(stem) >= _SHORTEST else (stem + "e",)
            if stem[-1] == stem[-2]:
                yield stem[:-1]


def _conjugated(stem: str) -> set[str]:
    if len(stem) < _SHORTEST:
        return {stem}
    if stem.endswith("e"):
        return {stem, stem + "s", stem + "d", stem[:-1] + "ing"}
    if stem.endswith("y") and stem[-2] not in _VOWELS:
        return {stem, stem[:-1] + "ies", stem[:-1] + "ied", stem + "ing"}
    ending = "es" if stem.endswith(("s", "x", "z", "ch", "sh")) else "s"
    return {stem, stem + ending, stem + "ed", stem + "ing", stem + stem[-1] + "ed", stem + stem[-1] + "ing"}

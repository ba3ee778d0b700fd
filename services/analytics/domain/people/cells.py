"""The cells of an HR file: dates, words for yes and no, text. Each raises `ValueError` with one sentence."""

import re
from datetime import date

_YES = frozenset({"", "true", "1", "yes", "y", "ja", "j", "waar"})
_NO = frozenset({"false", "0", "no", "n", "nee", "onwaar"})
_DUTCH = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})")
_LONGEST = 200


def day(text: str) -> date | None:
    """Return a date as ISO 8601 or as a Dutch Excel writes it; None for an empty cell."""
    if not text:
        return None
    try:
        if dutch := _DUTCH.fullmatch(text):
            return date(int(dutch[3]), int(dutch[2]), int(dutch[1]))
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("not a date: write 2026-03-31 or 31-3-2026") from None


def yes(text: str) -> bool:
    """Return whether somebody is active; an empty cell says so."""
    word = text.lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueError("write true or false (ja or nee, 1 or 0)")


def name(text: str) -> str:
    """Return a text that can stand in a table and on a page."""
    if len(text) > _LONGEST or not text.isprintable():
        raise ValueError(f"at most {_LONGEST} printable characters")
    return text

"""Answers as rows, for a spreadsheet or a data frame: one row for each mode, rule or source of each month.

What an answer says once (group, month, rule set, …) stands in each row; what it says by mode becomes a column.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.events import MODES
from services.common.tables import Row, flat, squared

Told = Mapping[str, Any]

_LISTS = ("rules", "stretches", "events")
_BY_MODE = (
    *("minutes", "measured", "moments", "events", "given", "share", "coverage", "target", "gap", "visible"),
    "quartiles",
)
_PARTS = {
    "coverage": ("reported", "session", "default"),
    "target": ("low", "high", "days"),
    "quartiles": ("lower", "median", "upper"),
}
_VARIED = ("halved", "doubled")
_ELSEWHERE = ("pooled_with", "context", "reference")


def rows_of(told: Told) -> list[Row]:
    """Return an answer about a person or a group as rows that all have the same columns, whatever it says."""
    months = told.get("months")
    each = [month for month in months if isinstance(month, Mapping)] if isinstance(months, list) else [told]
    return list(squared([row for one in each for row in _rows(one)]))


def _rows(told: Told) -> Iterator[dict[str, Any]]:
    """Yield the rows of one month: of its list where it is one, else one for each mode."""
    listed = next((name for name in _LISTS if isinstance(told.get(name), list)), None)
    if listed is not None:
        beside = flat({name: value for name, value in told.items() if not isinstance(value, list) and value != {}})
        for entry in told[listed]:
            yield beside | flat(entry)
        return
    by_mode = [name for name in _BY_MODE if name in told]
    frame = flat({n: v for n, v in told.items() if n not in {*by_mode, *_ELSEWHERE, "share_with_defaults"}})
    if not by_mode:
        yield frame
        return
    for mode in MODES:
        row = frame | {"mode": mode}
        for name in by_mode:
            row |= _cells(name, (told[name] or {}).get(mode))
        if "share_with_defaults" in told:
            varied = told["share_with_defaults"] or {}
            row |= {f"share_{how}": (varied.get(how) or {}).get(mode) for how in _VARIED}
        yield row


def _cells(name: str, value: Any) -> dict[str, Any]:
    """Return one value of one mode as cells: always the same ones, whether it is there or not."""
    if name not in _PARTS:
        return {name: value}
    return {f"{name}_{part}": (value or {}).get(part) for part in _PARTS[name]}

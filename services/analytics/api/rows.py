"""Answers as rows, for a spreadsheet or a data frame: one row for each mode, rule or source of each month.

What an answer says once (group, month, rule set, …) stands in each row; what it says by mode becomes a column.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.events import MODES
from services.common.tables import Row, flat, squared

Told = Mapping[str, Any]

_LISTS = ("rules", "stretches", "events")


def rows_of(told: Told) -> list[Row]:
    """Return an answer about a person or a group as rows that all have the same columns."""
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
    by_mode, beside = {}, {}
    for name, value in told.items():
        if _is_by_mode(value):
            by_mode[name] = value
        elif isinstance(value, Mapping) and value and all(_is_by_mode(v) or v is None for v in value.values()):
            by_mode |= {f"{name}_{inner}": v or {} for inner, v in value.items()}  # shares with defaults halved, …
        elif name != "pooled_with":
            beside[name] = value
    frame = flat(beside)
    if not by_mode:
        yield frame
        return
    for mode in MODES:
        yield frame | {"mode": mode} | flat({name: value.get(mode) for name, value in by_mode.items()})


def _is_by_mode(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and set(value) <= set(MODES)

"""Figures as tables: the same rows as JSON, CSV, CSV as a Dutch Excel opens it, and Parquet; with an ETag.

A row is a flat mapping with the same columns in each: texts, numbers, truths, dates, or None. What a format cannot tell
apart (CSV: None and an empty text) is told by the column being empty.
"""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, get_args

import orjson
from fastapi import Request
from starlette.responses import Response

from schemas.reasons import Reason
from services.common.errors import Rejected

Format = Literal["json", "csv", "csv-nl", "parquet"]
Row = Mapping[str, Any]

_TYPES: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "csv-nl": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
_FILE_NAME = re.compile(r"[^A-Za-z0-9.-]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def format_of(request: Request, text: str | None) -> Format:
    """Return what is asked for: `?format=`, else what `Accept` names first of what there is, else JSON."""
    if text is not None:
        for known in get_args(Format):
            if text == known:
                return known  # type: ignore[no-any-return]
        raise Rejected(Reason.INVALID_PARAMETER, f"format is one of {', '.join(get_args(Format))}", "?format")
    for each in request.headers.get("accept", "").split(","):
        wanted = each.partition(";")[0].strip().lower()
        for known, media in _TYPES.items():
            if wanted == media.partition(";")[0]:
                return known
    return "json"


def answer(
    request: Request,
    told: Mapping[str, Any],
    rows: Callable[[], Sequence[Row]],
    wanted: Format,
    name: str,
    beside: Mapping[str, Any] | None = None,
) -> Response:
    """Return figures in the format that is wanted: `told` is the JSON, `rows` the same as a table, `name` of the file.

    An answer that the client has already (If-None-Match) is 304 without a body. `beside` is told in JSON too, but makes
    no answer another one: how fresh it is.
    """
    body = orjson.dumps(told) if wanted == "json" else table(rows(), wanted)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if beside and wanted == "json":
        body = orjson.dumps({**told, **beside})
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept, Authorization, X-Leermix-Viewer"}
    if _has(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    if wanted != "json":
        ending = "parquet" if wanted == "parquet" else "csv"
        headers["Content-Disposition"] = f'attachment; filename="{_FILE_NAME.sub("-", name)}.{ending}"'
    return Response(body, headers=headers, media_type=_TYPES[wanted])


def table(rows: Sequence[Row], wanted: Format) -> bytes:
    """Return rows as CSV or Parquet."""
    if wanted == "parquet":
        return _parquet(rows)
    dutch = wanted == "csv-nl"
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if dutch else ",", lineterminator="\r\n")
    if rows:
        writer.writerow(rows[0])
        writer.writerows([_cell(value, dutch=dutch) for value in row.values()] for row in rows)
    # Excel takes a file without a mark for one of its own code page, and a comma for the end of a number's whole part.
    return (b"\xef\xbb\xbf" if dutch else b"") + text.getvalue().encode()


def flat(told: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested figures as one row: {"minutes": {"formal": 3}} as minutes_formal 3; lists are joined."""
    row: dict[str, Any] = {}
    for name, value in told.items():
        if isinstance(value, Mapping):
            row |= flat(value, f"{prefix}{name}_")
        elif isinstance(value, list | tuple | set | frozenset):
            row[f"{prefix}{name}"] = " ".join(str(each) for each in value)
        else:
            row[f"{prefix}{name}"] = value
    return row


def squared(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return rows that all have every column, in the order in which columns first come."""
    columns = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name) for name in columns} for row in rows]


def _cell(value: Any, *, dutch: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        text = repr(value) if isinstance(value, float) and not value.is_integer() else f"{value:.0f}"
        return text.replace(".", ",") if dutch else text
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value)
    # A spreadsheet would take such a text for a formula and run it.
    return f"'{text}" if text.startswith(_FORMULA) else text


def _parquet(rows: Sequence[Row]) -> bytes:
    # Loaded when first wanted: it takes longer than everything else of a start together.
    import pyarrow
    import pyarrow.parquet

    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([dict(row) for row in rows]), buffer, compression="zstd")
    return buffer.getvalue()


def _has(header: str, etag: str) -> bool:
    wanted = {each.strip().removeprefix("W/") for each in header.split(",")}
    return "*" in wanted or etag in wanted

"""A sheet of cells as CSV: with a byte order mark or without, with commas, semicolons or tabs, as Excel saves it."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.analytics.domain.people.problems import Problem, WrongFile

_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_SEPARATORS = ";,\t"
IDENTITY_COLUMNS = re.compile(r"(identity|identities|mbox|mbox_sha1sum|openid|account|email)(?:[_ ]?\d+)?")
PLAIN_COLUMNS = ("reference", "team", "team_name", "team_parent", "role", "location", "relation", "since", "until",
                 "active")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A line with its cells, by the name of their column; `line` is where it begins."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns, in order, and the rows that hold anything."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read_sheet(body: bytes) -> Sheet:
    """Read it. Raises `WrongFile` where nothing can be read without the header; other problems are listed in it."""
    text = _text(body)
    lines = 0
    separator = ""
    if told := _SEPARATOR_LINE.match(text):
        separator, text, lines = told[1], text[told.end() :], 1
    header = text.lstrip("\r\n").partition("\n")[0]
    separator = separator or max(_SEPARATORS, key=header.count)
    records = _records(text, separator, lines)
    try:
        line, names = next(records, (1, []))
    except csv.Error as error:
        raise WrongFile([Problem(lines + 1, "", f"cannot be read as CSV: {error}")]) from error
    columns = tuple(name.strip().lower() for name in names)
    while columns and not columns[-1]:  # Excel writes separators for columns that were once used
        columns = columns[:-1]
    _check(columns, line)
    rows, problems = [], []
    try:
        for line, cells in records:
            if any(cell.strip() for cell in cells[len(columns) :]):
                problems.append(Problem(line, "", f"more cells than the {len(columns)} columns of the header"))
            rows.append(Row(line, dict(zip(columns, (cell.strip() for cell in cells), strict=False))))
    except csv.Error as error:
        problems.append(Problem(line + 1, "", f"cannot be read as CSV: {error}"))
    return Sheet(columns, tuple(rows), tuple(problems))


def _text(body: bytes) -> str:
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise WrongFile([Problem(1, "", "the file is UTF-16: save it as CSV UTF-8")])
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise WrongFile([Problem(line, "", "not UTF-8: save the file as CSV UTF-8")]) from error
    if "\0" in text:
        raise WrongFile([Problem(text.count("\n", 0, text.index("\0")) + 1, "", "a zero byte: this is no CSV")])
    return text


def _records(text: str, separator: str, before: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that hold anything, each with its number."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    begun = before + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begun, cells
        begun = before + reader.line_num + 1


def _check(columns: tuple[str, ...], line: int) -> None:
    problems = [
        Problem(line, name or f"number {place}", _UNKNOWN)
        for place, name in enumerate(columns, 1)
        if name not in PLAIN_COLUMNS and not IDENTITY_COLUMNS.fullmatch(name)
    ]
    problems += [Problem(line, name, "this column is there twice") for name in sorted(set(columns))
                 if columns.count(name) > 1]  # fmt: skip
    if "reference" not in columns:
        problems.append(Problem(line, "reference", "the first line must name the columns, `reference` among them"))
    if problems:
        raise WrongFile(problems)


_UNKNOWN = (
    f"not a column of an HR file; known are {', '.join(PLAIN_COLUMNS)}, and for identities: identities, mbox, "
    "mbox_sha1sum, openid, account (also mbox_2 and so on). Leave out what is not needed, names above all"
)

"""The people file of `leermix mix`: a CSV that says which identities are one person."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from services.analytics.domain.people.identity import alias_of, identity, key_of
from services.console.exits import Exit, Failure

_COLUMNS = ("person", "identity")


def people_in(file: Path) -> dict[str, str]:
    """Return persons by the actor_keys of their identities, for an mbox that of its sha1 too.

    Other columns than `person` and `identity` are left alone. Raises `Failure` with line and column of a mistake.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Failure(f"the people file {file} cannot be read: {error.strerror}", Exit.USAGE) from None
    except UnicodeDecodeError:
        raise Failure(f"the people file {file} is not UTF-8", Exit.USAGE) from None
    people: dict[str, str] = {}
    for line, row in _rows(text, file.name):
        person, known_by = (str(row[column] or "").strip() for column in _COLUMNS)
        if not person:
            raise Failure(f"{file.name}, line {line}, column person: it is empty", Exit.USAGE)
        for key in _keys(known_by, f"{file.name}, line {line}, column identity"):
            if people.setdefault(key, person) != person:
                problem = f"this identity is already {people[key]}'s; an identity is of one person"
                raise Failure(f"{file.name}, line {line}, column identity: {problem}", Exit.USAGE)
    return people


def _rows(text: str, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text), delimiter=_delimiter(text), strict=True)
    try:
        for column in _COLUMNS:
            if column not in (reader.fieldnames or ()):
                raise Failure(f"{name}, line 1: there is no column {column}; it needs person,identity", Exit.USAGE)
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise Failure(f"{name}, line {reader.reader.line_num}: {error}", Exit.USAGE) from error


def _delimiter(text: str) -> str:
    """Return what stands between the columns: Dutch Excel writes semicolons."""
    heading = text.partition("\n")[0]
    return ";" if ";" in heading and "," not in heading else ","


def _keys(text: str, where: str) -> list[str]:
    """Return the actor_keys of an identity as the file writes it: as an HR file does, or as a line of the mix."""
    try:
        canonical = identity(text)
    except ValueError:
        forms = "an address, a sha1 in 40 hexadecimal digits, an openid (a URL), or homePage|name of an account"
        raise Failure(f"{where}: {text!r} is no identity; it is {forms}", Exit.USAGE) from None
    alias = alias_of(canonical)
    return [key_of(each) for each in (canonical, alias) if each]

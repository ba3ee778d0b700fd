"""What the console says: progress for people on standard error, answers on standard output."""

import sys
from typing import Any


def say(message: str) -> None:
    """Tell a person what is being done."""
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def answer(text: str) -> None:
    """Print what was asked for."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def answer_json(value: Any) -> None:
    """Print what was asked for as one line of JSON."""
    import orjson

    answer(orjson.dumps(value, default=str).decode())


def table(headings: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """Return rows under headings, in columns as wide as they need, never cut: they are for copying."""
    cells = [headings, *(tuple("" if cell is None else str(cell) for cell in row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )

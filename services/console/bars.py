"""Bars for the terminal: parts of a whole, told apart by pattern and letter first and by colour second.

Pure: shares in, text out. The colours are Okabe and Ito's, which colour-blind people can tell apart; without colour
patterns and letters remain, and without Unicode plain characters do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from schemas.events import Mode

ORDER: tuple[Mode, ...] = ("experiential", "social", "formal")
"""The order of 70:20:10."""
REFERENCE: Mapping[Mode, float] = {"experiential": 0.7, "social": 0.2, "formal": 0.1}
LETTERS: Mapping[Mode, str] = {"experiential": "W", "social": "S", "formal": "F"}
COLOURS: Mapping[Mode, str] = {"experiential": "#0072B2", "social": "#E69F00", "formal": "#009E73"}

_MARK_AT = (0.7, 0.9)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters a bar is drawn with."""

    fills: Mapping[Mode, str]
    mark: str


UNICODE = Glyphs({"experiential": "█", "social": "▒", "formal": "░"}, "╵")
PLAIN = Glyphs({"experiential": "#", "social": "+", "formal": "."}, "'")


def glyphs_for(encoding: str) -> Glyphs:
    """Return what a terminal of that encoding can show."""
    return UNICODE if encoding.lower().replace("-", "") == "utf8" else PLAIN


def cells(share: Mapping[Mode, float], width: int) -> dict[Mode, int]:
    """Divide `width` cells by largest remainder; what is there at all gets at least one cell."""
    there = [mode for mode in ORDER if share[mode] > 0]
    spare = width - len(there)
    if spare < 0:
        raise ValueError(f"{width} cells cannot show {len(there)} parts")
    total = sum(share[mode] for mode in there)
    exact = {mode: share[mode] / total * width for mode in there}
    given = {mode: max(1, int(exact[mode])) for mode in there}
    while sum(given.values()) != width:
        step = 1 if sum(given.values()) < width else -1
        able = [mode for mode in there if given[mode] + step >= 1]
        furthest = max(able, key=lambda mode: (exact[mode] - given[mode]) * step)
        given[furthest] += step
    return {mode: given.get(mode, 0) for mode in ORDER}


def bar(share: Mapping[Mode, float], width: int, glyphs: Glyphs = UNICODE) -> Text:
    """Return a bar of exactly `width` cells: each part in its pattern, with its letter in the middle."""
    text = Text(no_wrap=True)
    for mode, count in cells(share, width).items():
        if not count:
            continue
        before = (count - 1) // 2
        fill, colour = glyphs.fills[mode], COLOURS[mode]
        text.append(fill * before, style=colour)
        text.append(LETTERS[mode], style=f"bold {colour} reverse" if count > 1 else f"bold {colour}")
        text.append(fill * (count - 1 - before), style=colour)
    return text


def marks(width: int, glyphs: Glyphs = UNICODE) -> Text:
    """Return the line under a bar that marks where 70 and 90 % end."""
    line = [" "] * width
    for place in _MARK_AT:
        line[round(place * width) - 1] = glyphs.mark
    return Text("".join(line), style="dim", no_wrap=True)


def percentages(share: Mapping[Mode, float]) -> str:
    """Return the shares in whole per cent that add up to 100, with their letters."""
    points = _whole([share[mode] for mode in ORDER])
    return "  ".join(f"{LETTERS[mode]} {value} %" for mode, value in zip(ORDER, points, strict=True))


def _whole(shares: Sequence[float]) -> list[int]:
    exact = [100 * share for share in shares]
    floors = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: floors[i] - exact[i])
    for place in by_remainder[: round(sum(exact)) - sum(floors)]:
        floors[place] += 1
    return floors

"""Bars: exactly as wide as asked, true to the shares, and readable without colour."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from services.console.bars import LETTERS, ORDER, PLAIN, REFERENCE, UNICODE, bar, cells, glyphs_for, marks, percentages

SHARES = (
    st.lists(st.integers(0, 10_000), min_size=3, max_size=3)
    .filter(any)
    .map(lambda parts: {mode: part / sum(parts) for mode, part in zip(ORDER, parts, strict=True)})
)


@given(SHARES, st.integers(3, 120))
def test_cells_add_up_and_nothing_that_is_there_disappears(share: dict[str, float], width: int) -> None:
    given_cells = cells(share, width)
    assert sum(given_cells.values()) == width
    for mode in ORDER:
        assert (given_cells[mode] > 0) == (share[mode] > 0)
        assert abs(given_cells[mode] - share[mode] * width) < 3


@given(SHARES)
def test_percentages_add_up_to_a_hundred(share: dict[str, float]) -> None:
    values = [int(word) for word in percentages(share).split() if word.isdigit()]
    assert sum(values) == 100
    assert all(abs(value - 100 * share[mode]) < 1 for value, mode in zip(values, ORDER, strict=True))


@pytest.mark.parametrize("glyphs", [UNICODE, PLAIN])
def test_parts_are_told_apart_without_colour(glyphs) -> None:
    text = bar(REFERENCE, 60, glyphs).plain
    assert len(text) == 60
    assert [text.count(LETTERS[mode]) for mode in ORDER] == [1, 1, 1]
    assert [text.count(glyphs.fills[mode]) + 1 for mode in ORDER] == [42, 12, 6]


def test_the_marks_stand_where_the_reference_bar_changes() -> None:
    line, reference = marks(60).plain, bar(REFERENCE, 60).plain
    for place in (number for number, character in enumerate(line) if character != " "):
        here, after = (
            next(m for m in ORDER if reference[p] in (UNICODE.fills[m], LETTERS[m])) for p in (place, place + 1)
        )
        assert here != after


def test_a_bar_of_one_mode_has_no_other() -> None:
    assert set(bar({"experiential": 1.0, "social": 0.0, "formal": 0.0}, 20).plain) == {"█", "W"}


def test_too_few_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        cells(REFERENCE, 2)


def test_terminals_without_unicode_get_plain_characters() -> None:
    assert glyphs_for("utf-8") is glyphs_for("UTF8") is UNICODE
    plain = Console(file=io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert glyphs_for(plain.encoding) is PLAIN
    assert bar(REFERENCE, 30, PLAIN).plain.isascii()

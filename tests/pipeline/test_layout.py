"""A page as text: what a person would type."""

import numpy as np

from ocr.page import Page, TextLine
from ocr.pipeline.layout import MOST_COLUMNS, page_text


def line(text: str, left: float, row: int, width: float | None = None) -> TextLine:
    """A line whose letters are ten pixels wide."""
    right, top = left + (10 * len(text) if width is None else width), 30 * row
    corners = np.float32([[left, top], [right, top], [right, top + 20], [left, top + 20]])
    return TextLine(corners, text, 0.9, 0.9, (), row)


def page(*lines: TextLine) -> Page:
    return Page((1000, 1000), lines)


def test_columns_stand_where_they_are_printed() -> None:
    rows = page(
        line("SHOP", 180, 0), line("TEA", 100, 1), line("1.20", 300, 1), line("CAKE", 100, 2), line("12.50", 290, 2)
    )
    assert page_text(rows) == "        SHOP\nTEA                 1.20\nCAKE               12.50"


def test_columns_that_touch_are_two_spaces_apart() -> None:
    assert page_text(page(line("TOTAL", 0, 0), line("9.99", 52, 0))) == "TOTAL  9.99"


def test_a_page_without_text_is_empty_and_lines_without_text_leave_no_row() -> None:
    assert page_text(page()) == ""
    assert page_text(page(line("", 0, 0, 50))) == ""
    assert page_text(page(line("A", 0, 0), line("", 0, 1, 50), line("B", 0, 2))) == "A\nB"


def test_a_mark_far_away_does_not_fill_a_line() -> None:
    text = page_text(page(line("AB", 0, 0), line("x", 90_000, 0)))
    assert len(text) == MOST_COLUMNS + 1

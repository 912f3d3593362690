"""A page as plain text: each printed row on a line, its columns where they stand."""

from __future__ import annotations

import itertools

import numpy as np

from ocr.page import Page, TextLine
from ocr.pipeline.levelling import MiddleLine, direction, middle_line, turned

MOST_COLUMNS = 160
"""A row starts its last column before this one: a stray mark far away does not fill a line with spaces."""
GAP = "  "
"""Least space between two columns."""


def page_text(page: Page) -> str:
    """The texts of a page, row by row; what stands below each other on paper does so in a font of one width.

    A character of the text stands for the median width of the page's characters. Columns of a row have at least two
    spaces between them. Rows without text are left out.
    """
    read = [line for line in page.lines if line.text]
    if not read:
        return ""
    middles = [middle_line(line.points_N2) for line in read]
    starts = columns_of(read, middles)
    rows = itertools.groupby(zip(read, starts, strict=True), key=lambda each: each[0].row)
    return "\n".join(row_text([(line.text, start) for line, start in row]) for _, row in rows)


def columns_of(lines: list[TextLine], middles: list[MiddleLine]) -> list[int]:
    """The column in which each line starts, from 0."""
    angle = direction(middles)
    spans_N2 = np.array([(x_M.min(), x_M.max()) for x_M in (turned(each.points_M2, angle)[:, 0] for each in middles)])
    counts_N = np.array([len(line.text) for line in lines])
    widths_N = (spans_N2[:, 1] - spans_N2[:, 0]) / counts_N
    order = np.argsort(widths_N)
    shares_N = np.cumsum(counts_N[order])
    width = max(1.0, float(widths_N[order][np.searchsorted(shares_N, shares_N[-1] / 2)]))
    starts_N = np.rint((spans_N2[:, 0] - spans_N2[:, 0].min()) / width)
    return [int(start) for start in np.minimum(starts_N, MOST_COLUMNS)]


def row_text(texts: list[tuple[str, int]]) -> str:
    """The texts of a row, each at its column or, if that is taken, behind what stands there."""
    row = ""
    for text, start in texts:
        row = (row + GAP if row else "").ljust(start) + text
    return row

"""CSV that a spreadsheet shows and does not run.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-``, ``@``, a tabulator or a line end for a formula, and a
file may be called so. Such a text gets an apostrophe before it, by which spreadsheets know text. It gets one more where
apostrophes stand before the sign already: the first one there is always ours, and reading takes it away again. Numbers,
and lists of them, stay as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

FORMULA = re.compile(r"'*([=+@\t\r\n＝＋－＠]|-(?![\d .|-]*$))")
"""What begins like a formula; East Asian spreadsheets take the wide signs too."""
GUARDED = re.compile("'" + FORMULA.pattern)
SEPARATORS = re.compile('[",;\t\r\n]')
"""What needs quotes, the separators of other countries' spreadsheets included."""


def csv_text(rows: Iterable[Sequence[object]], end: str = "\n") -> str:
    """Rows of texts and numbers as CSV; ``None`` is an empty cell."""
    return "".join(",".join(map(cell, row)) + end for row in rows)


def cell(value: object) -> str:
    """One cell with the quotes that it needs."""
    text = "" if value is None else str(value)
    if isinstance(value, str) and FORMULA.match(text):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if SEPARATORS.search(text) else text


def csv_rows(text: str) -> list[list[str]]:
    """The rows of what `csv_text` wrote.

    Raises:
        csv.Error: it is no CSV.
    """
    limit = csv.field_size_limit(max(len(text), 1))  # the library's own, 131072, is less than an image may have
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    finally:
        csv.field_size_limit(limit)
    return [[each[1:] if GUARDED.match(each) else each for each in row] for row in rows]

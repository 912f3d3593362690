"""CSV whose cells a spreadsheet shows but never runs as formulas.

A spreadsheet reads a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end as a formula, and file names
may begin like that. Such a text gets a leading apostrophe, which marks text in spreadsheets, even if it already begins
with apostrophes: the first one is always ours, and reading removes it. Numbers, and lists of them, stay unchanged.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

FORMULA = re.compile(r"'*([=+@\t\r\n＝＋－＠]|-(?![\d .|-]*$))")
"""The start of a formula; East Asian spreadsheets accept the full-width signs too."""
GUARDED = re.compile("'" + FORMULA.pattern)
SEPARATORS = re.compile('[",;\t\r\n]')
"""Characters that need quotes, including the separators of other locales."""


def csv_text(rows: Iterable[Sequence[object]], end: str = "\n") -> str:
    """Rows of texts and numbers as CSV; ``None`` is an empty cell."""
    return "".join(",".join(map(cell, row)) + end for row in rows)


def cell(value: object) -> str:
    """One cell, quoted if necessary."""
    text = "" if value is None else str(value)
    if isinstance(value, str) and FORMULA.match(text):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if SEPARATORS.search(text) else text


def csv_rows(text: str) -> list[list[str]]:
    """Read the rows that `csv_text` wrote.

    Raises:
        csv.Error: the text is not CSV.
    """
    limit = csv.field_size_limit(max(len(text), 1))  # the default of 131072 is less than one image may need
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    finally:
        csv.field_size_limit(limit)
    return [[each[1:] if GUARDED.match(each) else each for each in row] for row in rows]

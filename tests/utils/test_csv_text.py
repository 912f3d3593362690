"""A name in a CSV file is text to a spreadsheet, and the same name to who reads it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.utils.csv_text import csv_rows, csv_text

SIGNS = "=+-@\t\r\n'＝;,\"a1 |."


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=cmd|' /C calc'!A0.jpg", "'=cmd|' /C calc'!A0.jpg"),
        ("+1+cmd.jpg", "'+1+cmd.jpg"),
        ("-rf.jpg", "'-rf.jpg"),
        ("-2+3+cmd", "'-2+3+cmd"),
        ("@SUM(A1).jpg", "'@SUM(A1).jpg"),
        ("\t=1", '"\'\t=1"'),
        ("\r=1", '"\'\r=1"'),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("'quoted'.jpg", "'quoted'.jpg"),
        ("a=b-c+d@e.jpg", "a=b-c+d@e.jpg"),
        ("a;=1", '"a;=1"'),
        ('a "b", c', '"a ""b"", c"'),
        ("-1.5 2 3|-4 5", "-1.5 2 3|-4 5"),
        (-1.5, "-1.5"),
        (None, ""),
        (True, "True"),
    ],
)
def test_what_a_spreadsheet_would_run_is_text(value: object, written: str) -> None:
    assert csv_text([[value]]) == f"{written}\n"


@given(st.lists(st.lists(st.text(SIGNS, min_size=1), min_size=1, max_size=3), min_size=1, max_size=4))
def test_what_was_written_is_read(rows: list[list[str]]) -> None:
    text = csv_text(rows)
    assert csv_rows(text) == rows
    # Any other reader finds the same cells, but for one apostrophe.
    for row, other in zip(rows, csv.reader(io.StringIO(text, newline="")), strict=True):
        assert all(found in {each, f"'{each}"} for each, found in zip(row, other, strict=True))


def test_a_long_cell_is_read() -> None:
    text = csv_text([["filename", "polygons"], ["a.jpg", "1 2 " * 100_000]])
    assert csv_rows(text)[1][1] == "1 2 " * 100_000

"""What a receipt's labelled words say, in reading order."""

from pathlib import Path
from typing import Any

import numpy as np

from ocr.formats.common.labels import in_reading_order, values_of
from ocr.types import Record, Word


def word(left: float, top: float, text: str | None, field: str | None = None, **more: Any) -> Word:
    points = [[left, top], [left + 20, top], [left + 20, top + 10], [left, top + 10]]
    return Word(np.array(points, np.float32), text, field=field, **more)


def receipt(*words: Word, **fields: str) -> Record:
    return Record(Path("a.jpg"), {str(number): each for number, each in enumerate(words)}, fields=fields)


def test_words_without_lines_are_read_row_by_row() -> None:
    """The second row rises by less than half of its height from left to right."""
    places = {"d": (30, 18), "c": (0, 21), "a": (0, 0), "f": (60, 40), "b": (30, 3), "e": (60, 17)}
    words = [word(*place, text) for text, place in places.items()]
    assert "".join(each.text or "" for each in in_reading_order(words)) == "abcdef"


def test_line_numbers_are_kept_to_where_all_words_have_one() -> None:
    words = [word(0, 0, "c", line=2), word(30, 40, "b", line=1), word(0, 40, "a", line=1)]
    assert "".join(each.text or "" for each in in_reading_order(words)) == "abc"


def test_values_are_joined_from_the_words_of_a_field() -> None:
    found = values_of(
        receipt(
            word(30, 20, " JOHOR  BAHRU ", "address"),
            word(0, 20, "81100", "address"),
            word(0, 0, "NO 1", "address"),
            word(0, 40, "Kopi", "menu.nm"),
            word(0, 60, "TOTAL"),
            word(30, 60, "9.00", "total"),
            word(60, 60, None, "tax"),
            word(0, 80, "faint", "tips", ignore=True),
        )
    )
    assert found == {"address": "NO 1 81100 JOHOR BAHRU", "total": "9.00"}


def test_a_receipt_s_own_values_count_before_its_words() -> None:
    assert values_of(receipt(word(0, 0, "9.00", "total"), company="A")) == {"company": "A"}

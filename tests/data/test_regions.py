"""Words or lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocr.data.regions import check_granularity, regions_of
from ocr.types import InputError, Record, Word


def word(x: float, line: int | None, text: str | None = "a", ignore: bool = False) -> Word:
    return Word(np.array([[x, 0], [x + 8, 0], [x + 8, 5], [x, 5]], np.float32), text, ignore, line)


def test_words_are_the_annotation_as_it_is() -> None:
    words = {"1": word(0, None), "2": word(10, 3, ignore=True)}
    assert regions_of(Record(Path("a"), words), "word") == tuple(words.values())


def test_lines_join_the_words_of_one_number_from_left_to_right() -> None:
    record = Record(Path("a"), {"1": word(10, 1, "right"), "2": word(0, 1, "left"), "3": word(0, 2, "other")})
    first, second = regions_of(record, "line")
    assert first.transcription == "left right"
    assert first.points_N2.tolist() == [[0, 0], [8, 0], [10, 0], [18, 0], [18, 5], [10, 5], [8, 5], [0, 5]]
    assert (second.transcription, second.line) == ("other", 2)


def test_an_unknown_word_makes_the_line_unknown() -> None:
    (line,) = regions_of(Record(Path("a"), {"1": word(0, 1), "2": word(10, 1, None)}), "line")
    assert line.transcription is None


def test_ignored_words_leave_the_line_to_the_others() -> None:
    words = {
        "1": word(0, 1),
        "2": word(10, 1, ignore=True),
        "3": word(0, 2, ignore=True),
        "4": word(5, None, None, True),
    }
    counted, ignored, loose = regions_of(Record(Path("a"), words), "line")
    assert not counted.ignore
    assert counted.points_N2[:, 0].max() == 8
    assert ignored.ignore
    assert loose is words["4"]


def test_lines_need_line_numbers() -> None:
    record = Record(Path("a.jpg"), {"1": word(0, 1), "7": word(0, None)})
    with pytest.raises(InputError, match=r"a\.jpg: word '7' has no line number"):
        regions_of(record, "line")
    with pytest.raises(InputError, match="'paragraph' is unknown"):
        check_granularity(record, "paragraph")
    check_granularity(record, "word")

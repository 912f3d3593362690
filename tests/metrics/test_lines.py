"""Lines matched by place, and the text of a page."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.metrics.lines import LineMatch, match_lines, page_text
from ocr.types import Word
from shapes import box, turned


def line(
    x: float, y: float, text: str | None = "a", width: float = 100, height: float = 10, *, ignore: bool = False
) -> Word:
    return Word(box(x, y, width, height), text, ignore)


def test_lines_match_from_an_iou_of_one_half_on() -> None:
    assert match_lines([line(0, 0)], [line(0, 0, width=50)]) == LineMatch(((0, 0),), (), ())
    assert match_lines([line(0, 0)], [line(0, 0, width=49)]) == LineMatch((), (0,), (0,))
    assert match_lines([], []) == LineMatch((), (), ())


def test_the_upright_boxes_count() -> None:
    """The quad covers a third of its upright box."""
    slanted = Word(turned((100, 100), 200, 20, 20), "a")
    (left, top), (right, bottom) = slanted.points_N2.min(axis=0), slanted.points_N2.max(axis=0)
    assert match_lines([line(left, top, "a", right - left, bottom - top)], [slanted]).pairs == ((0, 0),)


def test_each_line_has_one_match_the_closest() -> None:
    truth = [line(0, 0), line(0, 50)]
    found = [line(0, 2), line(0, 1), line(0, 51), line(0, 90)]
    assert match_lines(truth, found) == LineMatch(((0, 1), (1, 2)), (), (0, 3))


@pytest.mark.parametrize("dont_care", [{"ignore": True}, {"text": None}, {"text": " \u200b"}])
def test_what_is_ignored_or_has_no_text_is_not_judged(dont_care: dict) -> None:
    truth = [line(0, 0), line(0, 50, **dont_care)]
    found = [line(0, 50), line(0, 50, width=30), line(0, 44), line(0, 0)]
    match = match_lines(truth, found)  # 4 of 10 rows of the third lie in the region
    assert match == LineMatch(((0, 3),), (), (2,))
    assert (match.truth, match.read) == ([0], [2, 3])


places = st.integers(0, 8).map(lambda step: step * 7.0)
lines = st.lists(
    st.builds(line, places, places, st.sampled_from(["a", "bc", "", None]), st.integers(5, 40)), max_size=6
)


@given(lines, lines, st.data())
@settings(max_examples=100, deadline=None)
def test_the_order_of_lines_changes_nothing(truth: list[Word], found: list[Word], data: st.DataObject) -> None:
    def in_words(truth: list[Word], found: list[Word]) -> list:
        match = match_lines(truth, found)
        told = [(key(truth[one]), key(found[other])) for one, other in match.pairs]
        return [
            sorted(told),
            *(
                sorted(key(words[place]) for place in places)
                for words, places in ((truth, match.missed), (found, match.added))
            ),
        ]

    def key(word: Word) -> str:
        return f"{word.points_N2.tolist()} {word.text or ''}"

    shuffled = data.draw(st.permutations(truth)), data.draw(st.permutations(found))
    assert in_words(*map(list, shuffled)) == in_words(truth, found)
    assert page_text(shuffled[0]) == page_text(truth)


def test_a_page_is_read_row_by_row() -> None:
    words = [
        line(200, 21, "9.00", 40),
        line(0, 60, "TOTAL"),
        line(0, 18, "Milk"),
        line(150, 66, "-", 5, 2),
        line(0, 0, "SHOP"),
        line(0, 80, None),
    ]
    assert page_text(words) == "SHOP Milk 9.00 TOTAL -"
    assert page_text([]) == ""


def test_where_a_row_is_split_makes_no_difference() -> None:
    rows = [line(0, 0, "Milk 2 x 4.50", 130), line(0, 20, "TOTAL 9.00", 130)]
    pieces = [line(0, 0, "Milk", 40), line(60, 0, "2 x 4.50", 70), line(0, 20, "TOTAL", 50), line(90, 20, "9.00", 40)]
    assert page_text(rows) == page_text(pieces) == "Milk 2 x 4.50 TOTAL 9.00"


def test_a_tilted_page_keeps_its_rows() -> None:
    words = [
        Word(turned((x + y * 0.05, y - x * 0.05), 60, 20, -3), text)
        for y, row in ((100, "ab"), (130, "cd"))
        for x, text in zip((50, 150), row, strict=True)
    ]
    assert page_text(words[::-1]) == "a b c d"
    assert page_text([replace(word, points_N2=word.points_N2 + np.float32(7)) for word in words]) == "a b c d"

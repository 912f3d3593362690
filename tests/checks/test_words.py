"""Words: what of their entries, polygons and texts is told, by hand-made cases."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ocr.checks.kinds import Kind
from ocr.checks.polygons import check_polygons, starts_top_left, text_heights
from ocr.checks.texts import demojibaked, repaired_text, text_flaws
from ocr.checks.words import CheckedWord, read_word, read_words, tally
from ocr.geometry import order_clockwise
from ocr.types import Word

SQUARE = [[10, 10], [30, 10], [30, 30], [10, 30]]


def kinds(*words: Any, size: tuple[int, int] | None = (100, 100)) -> list[list[Kind]]:
    """The kinds found at each of some words, given as the file has them."""
    read = read_words(json.dumps({f"{n}": word for n, word in enumerate(words)}).encode())
    check_polygons(read, size)
    return [[kind for kind, _ in word.flaws] for word in read]


@pytest.mark.parametrize(
    ("points", "found"),
    [
        (SQUARE, []),
        ([*SQUARE[1:], SQUARE[0]], [Kind.START_CORNER]),
        (SQUARE[::-1], [Kind.COUNTER_CLOCKWISE]),
        ([[10, 10], [30, 30], [30, 10], [10, 30]], [Kind.CROSSES_ITSELF]),
        ([[10, 10], [20, 20], [30, 30]], [Kind.NO_AREA]),
        ([[10, 10], [10, 10], [10, 10]], [Kind.NO_AREA]),
        ([[10, 10], [30, 10]], [Kind.TOO_FEW_POINTS]),
        ([], [Kind.TOO_FEW_POINTS]),
        ([[-1.5, 10], [30, 10], [30, 30], [-1.5, 30]], [Kind.OVER_THE_BORDER]),
        ([[10, 10], [103, 10], [103, 30], [10, 30]], [Kind.OUT_OF_BOUNDS]),
        ([[-9, -9], [-4, -9], [-4, -4], [-9, -4]], [Kind.OUT_OF_BOUNDS]),
        ([[1e39, 10], [30, 10], [30, 30]], [Kind.NOT_FINITE]),
        ([["NaN", 10], [30, 10], [30, 30]], [Kind.NOT_FINITE]),
        ([["ten", 10], [30, 10], [30, 30]], [Kind.BAD_WORD]),
        (None, [Kind.BAD_WORD]),
        ([[1, 2, 3]] * 4, [Kind.BAD_WORD]),
    ],
)
def test_a_polygon_is_told_what_is_wrong_with_it(points: Any, found: list[Kind]) -> None:
    assert kinds({"points": points}) == [found]


def test_without_a_size_only_the_left_and_the_top_are_borders() -> None:
    assert kinds({"points": [[10, 10], [900, 10], [900, 30]]}, size=None) == [[]]
    assert kinds({"points": [[-10, 10], [900, 10], [900, 30]]}, size=None) == [[Kind.OUT_OF_BOUNDS]]


def test_a_number_beyond_any_float_is_not_finite() -> None:
    (word,) = read_words(b'{"0": {"points": [[1e999, 1], [2, 2], [3, 3]]}}')
    assert [kind for kind, _ in word.flaws] == [Kind.NOT_FINITE]


def test_what_tables_write_for_a_flag_is_taken() -> None:
    words = read_words(json.dumps({str(n): {"points": SQUARE, "ignore": n} for n in (0, 1)}).encode())
    words += read_words(json.dumps({"2": {"points": SQUARE, "ignore": None}}).encode())
    assert [checked.word is not None and checked.word.ignore for checked in words] == [False, True, False]
    assert [checked.flaws for checked in words] == [[], [], []]
    assert kinds({"points": SQUARE, "ignore": 2}) == [[Kind.BAD_WORD]]


def test_a_broken_word_hides_no_other() -> None:
    assert kinds({"points": SQUARE}, 7, {"points": [[50, 50], [60, 50], [60, 60]]}) == [[], [Kind.BAD_WORD], []]


def test_the_first_of_two_polygons_is_no_duplicate_wherever_the_other_starts() -> None:
    turned = [*SQUARE[2:], *SQUARE[:2]]
    assert kinds({"points": SQUARE}, {"points": turned}) == [[], [Kind.START_CORNER, Kind.DUPLICATE_POLYGON]]


def test_the_smaller_of_two_overlapping_words_is_told_where_both_count() -> None:
    inner = [[12, 12], [20, 12], [20, 20], [12, 20]]
    beside = [[25, 10], [45, 10], [45, 30], [25, 30]]  # a quarter of it
    assert kinds({"points": SQUARE}, {"points": inner}, {"points": beside}) == [[], [Kind.OVERLAP], []]
    assert kinds({"points": SQUARE}, {"points": inner, "ignore": True}) == [[], []]


@pytest.mark.parametrize(("right", "flaws"), [(30, [Kind.IN_IGNORED]), (49, [Kind.IN_IGNORED]), (51, []), (90, [])])
def test_a_word_that_lies_in_an_ignored_one_by_more_than_half_is_told(right: float, flaws: list[Kind]) -> None:
    word = {"points": [[10, 12], [right, 12], [right, 20], [10, 20]]}
    assert kinds({"points": SQUARE, "ignore": True}, word) == [[], flaws]
    assert kinds({**word, "ignore": True}, {"points": SQUARE})[0] == []


def test_of_two_words_of_one_key_the_lost_one_is_told_and_both_are_counted() -> None:
    words = read_words(b'{"a": {"points": [[0, 0], [9, 0], [9, 9]]}, "a": {"points": [[50, 50], [60, 50], [60, 60]]}}')
    assert [(word.key, [kind for kind, _ in word.flaws]) for word in words] == [
        ("a#1", [Kind.REPEATED_WORD]),
        ("a", []),
    ]
    counted = tally(words, 2)
    assert (counted.checked, counted.clean, counted.with_findings, counted.unreadable) == (2, 1, 1, 0)


def test_a_count_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(RuntimeError, match="does not add up"):
        tally(read_words(b'{"a": {"points": []}}'), 2)


@given(
    st.lists(arrays.arrays(np.float32, st.tuples(st.integers(3, 6), st.just(2)), elements=st.integers(0, 5).map(float)))
)
def test_where_a_polygon_starts_is_what_ordering_says(polygons: list[np.ndarray]) -> None:
    ordered = [order_clockwise(points_N2) for points_N2 in polygons]
    rolled = [np.roll(points_N2, 1, axis=0) for points_N2 in ordered]
    for given_ in (ordered, rolled) if polygons else ():
        # Of those without an area no direction is known, so that ordering may turn them round.
        same = [np.array_equal(order_clockwise(points_N2), points_N2) for points_N2 in given_]
        assert starts_top_left(given_).tolist() == same


@given(
    st.lists(
        st.lists(st.tuples(st.floats(-300, 300, width=32), st.floats(-300, 300, width=32)), max_size=6), max_size=5
    )
)
def test_any_finite_polygons_are_checked_and_counted(polygons: list[list[tuple[float, float]]]) -> None:
    words = read_words(json.dumps({str(n): {"points": points} for n, points in enumerate(polygons)}).encode())
    check_polygons(words, (100, 100))
    assert tally(words, len(polygons)).checked == len(polygons)


def test_a_text_height_is_the_shorter_side() -> None:
    import shapely

    turned = shapely.affinity.rotate(shapely.box(0, 0, 80, 20), 30)
    np.testing.assert_allclose(text_heights(np.array([shapely.box(0, 0, 80, 20), turned])), [20, 20], rtol=1e-5)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Café 3,50 €", []),
        ("합계 3,000원", []),
        ("CafÃ©", [Kind.MOJIBAKE]),
        ("Â£4", [Kind.MOJIBAKE]),
        ("합계".encode().decode("latin-1"), [Kind.CONTROL_CHARACTERS, Kind.MOJIBAKE]),
        ("ÀÉÎ", []),
        ("Caf\ufffd", [Kind.LOST_CHARACTERS]),
        ("a\tb", [Kind.CONTROL_CHARACTERS]),
        ("a\u200bb", [Kind.CONTROL_CHARACTERS]),
        ("", []),
    ],
)
def test_a_text_is_told_what_spoiled_it(text: str, found: list[Kind]) -> None:
    assert [kind for kind, _ in text_flaws(text)] == found


@given(st.text())
def test_a_repaired_text_stays_repaired_and_can_be_written(text: str) -> None:
    once = repaired_text(text)
    once.encode()
    assert not any(kind is Kind.CONTROL_CHARACTERS for kind, _ in text_flaws(once))


@given(st.text(st.characters(min_codepoint=0xA0, max_codepoint=0xFFFD, exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf8_read_as_latin1_is_decoded(text: str) -> None:
    if not any(kind is Kind.CONTROL_CHARACTERS for kind, _ in text_flaws(text)):
        assert demojibaked(text.encode().decode("latin-1")) == text


def test_a_word_without_flaws_carries_no_points_to_the_report() -> None:
    word = CheckedWord("1", Word(np.array(SQUARE, np.float32)))
    assert word.findings("train", "a.png") == []


@pytest.mark.parametrize(
    ("text", "width", "found"),
    [("TOTAL 12.50", 100, []), ("TOTAL 12.50", 12, [Kind.TEXT_TOO_DENSE]), ("0000", 10, [Kind.TEXT_TOO_DENSE]),
     ("0123", 10, []), ("", 1, [Kind.EMPTY_TEXT]), (" \u200b", 1, [Kind.CONTROL_CHARACTERS, Kind.EMPTY_TEXT]),
     ("TOTAL", 4, []), ("TOTAL 12.50 EUR", 9, [Kind.TEXT_TOO_DENSE])],
)  # fmt: skip
def test_a_region_must_be_wide_enough_for_its_text(text: str, width: int, found: list[Kind]) -> None:
    """Ten pixels high: a character needs 1.5 columns, a repeated one twice that."""
    points = [[0, 0], [width, 0], [width, 10], [0, 10]]
    word = read_word("0001", json.dumps({"points": points, "transcription": text}).encode())
    assert [kind for kind, _ in word.flaws] == found


def test_an_ignored_region_may_say_anything_at_any_width() -> None:
    points = [[0, 0], [12, 0], [12, 10], [0, 10]]
    for text in ("", None):
        entry = {"points": points, "transcription": text, "ignore": True}
        assert read_word("0001", json.dumps(entry).encode()).flaws == []
    entry = {"points": points, "transcription": "합계 TOTAL 12.50", "ignore": True}
    assert read_word("0001", json.dumps(entry).encode(), frozenset("TOAL")).flaws == []
    found = read_word("0001", json.dumps({**entry, "ignore": False}).encode(), frozenset("TOAL")).flaws
    assert [kind for kind, _ in found] == [Kind.OUTSIDE_CHARSET, Kind.TEXT_TOO_DENSE]


def test_characters_outside_the_charset_are_named() -> None:
    (flaw,) = text_flaws("합계 5,000원", frozenset(" 0123456789,."))
    assert flaw == (Kind.OUTSIDE_CHARSET, "'합계원' in '합계 5,000원'")
    assert text_flaws("5,000", frozenset("0123456789,")) == []

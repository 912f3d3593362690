"""Words as they are, or joined to lines."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocr.data.regions import check_granularity, regions_of, with_regions
from ocr.types import InputError, Record, Word


def word(left, text="a", *, line=None, ignore=False, top=0):
    corners = [[left, top], [left + 10, top], [left + 10, top + 8], [left, top + 8]]
    return Word(np.array(corners, np.float32), text, ignore, line)


def record(*words):
    return Record(Path("images/train/a.jpg"), {f"{number:04d}": word for number, word in enumerate(words, start=1)})


def test_words_are_taken_as_they_stand():
    words = (word(20, line=0), word(0), word(40, ignore=True))
    assert regions_of(record(*words), "word") == words


def test_line_joins_its_words_from_left_to_right():
    first, second = regions_of(
        record(word(20, "TOTAL", line=4), word(0, "9,00", line=2, top=30), word(5, "GRAND", line=4)), "line"
    )
    assert (first.transcription, first.line, first.ignore) == ("GRAND TOTAL", 4, False)
    expected = [[5, 0], [15, 0], [20, 0], [30, 0], [30, 8], [20, 8], [15, 8], [5, 8]]
    assert first.points_N2.tolist() == expected
    assert (second.transcription, second.line) == ("9,00", 2)
    assert second.points_N2.tolist() == word(0, top=30).points_N2.tolist()


def test_a_line_has_the_field_and_the_item_on_which_its_words_agree():
    def labelled(left, field, item, **more):
        return replace(word(left, line=1, **more), field=field, item=item)

    def joined(*words):
        (line,) = regions_of(record(*words), "line")
        return line.field, line.item

    assert joined(labelled(0, "menu.nm", 2), labelled(20, "menu.nm", 2)) == ("menu.nm", 2)
    assert joined(labelled(0, "menu.nm", 2), labelled(20, "menu.price", 2)) == (None, 2)
    assert joined(labelled(0, "total", None), labelled(20, None, None)) == (None, None)
    assert joined(labelled(0, "total", None), labelled(20, None, None, ignore=True)) == ("total", None)


def test_text_is_unknown_where_one_word_is():
    (line,) = regions_of(record(word(0, "a", line=1), word(20, None, line=1)), "line")
    assert line.transcription is None


@pytest.mark.parametrize("blank", ["", " ", "\u200b"])
def test_a_blank_text_makes_a_line_what_an_unknown_one_makes_it(blank):
    (line,) = regions_of(record(word(0, "a", line=1), word(20, blank, line=1)), "line")
    assert line.transcription is None


def test_ignored_words_do_not_widen_a_line_that_counts():
    words = [word(0, "a", line=1), word(20, "b", line=1), word(40, "c", line=1, ignore=True)]
    (line,) = regions_of(record(*words), "line")
    assert not line.ignore
    assert line.transcription == "a b"
    assert line.points_N2[:, 0].max() == 30


def test_line_is_ignored_where_all_its_words_are():
    (line,) = regions_of(record(word(0, line=1, ignore=True), word(20, line=1, ignore=True)), "line")
    assert line.ignore
    assert line.points_N2[:, 0].max() == 30


def test_ignored_words_are_not_joined_around_a_line_that_counts():
    words = [word(0, line=1, ignore=True), word(20, "b", line=2), word(40, line=1, ignore=True)]
    first, last, found = regions_of(record(*words), "line")
    assert (first, last) == (words[0], words[2])
    assert np.array_equal(found.points_N2, words[1].points_N2)
    again = with_regions(with_regions(record(*words), "line"), "line")
    assert [region.ignore for region in again.words.values()] == [True, True, False]


def test_ignored_words_without_a_line_stay_as_they_are():
    loose = word(60, "###", ignore=True)
    first, second = regions_of(record(loose, word(0, "a", line=7)), "line")
    assert first.line == 7
    assert second is loose


def test_word_without_line_number_is_named():
    wrong = record(word(0, line=1), word(20))
    with pytest.raises(
        InputError,
        match=r"a\.jpg: word '0002' has no line number.*data\.granularity=word .*evaluate\.py: granularity=word",
    ):
        regions_of(wrong, "line")
    check_granularity(wrong, "word")


def test_unknown_granularity_is_named():
    with pytest.raises(
        InputError,
        match=r"data\.granularity='paragraph' is unknown; use 'word' or 'line' \(evaluate\.py calls it granularity",
    ):
        check_granularity(record(), "paragraph")


def test_page_without_words_has_no_regions():
    assert regions_of(record(), "line") == regions_of(record(), "word") == ()


def test_record_of_lines_has_the_lines_for_words():
    words = [word(20, "b", line=4), word(0, "c", line=2, top=30), word(5, "a", line=4)]
    whole = record(*words)
    joined = with_regions(whole, "line")
    assert joined.image_path == whole.image_path
    assert [region.transcription for region in joined.words.values()] == ["a b", "c"]
    again = with_regions(joined, "line")
    for first, second in zip(joined.words.values(), again.words.values(), strict=True):
        assert np.array_equal(first.points_N2, second.points_N2)
    assert list(with_regions(whole, "word").words.values()) == words

"""The words of a line: where the characters' places put them."""

from itertools import pairwise

import numpy as np
import pytest
import shapely

from ocr import LineReader
from ocr.geometry import merge_line
from ocr.images.crops import LineCrop
from ocr.pipeline.words import lines_of, words_of
from ocr.recognition.postprocess.sequence import GreedySequence
from ocr.synthesis.receipt import render_receipt
from ocr.types import Detection, Reading, Word

LINE = np.float32([[0, 0], [110, 0], [110, 20], [0, 20]])
FLUSH = LineCrop(margin=0.0)


def test_words_begin_and_end_half_a_character_beside_their_middles() -> None:
    places = tuple((number + 0.5) / 11 for number in range(11))
    first, second = words_of(Reading("AB CDEFGHIJ", (0.9, 0.8, *[0.7] * 8, 0.6), places), LINE, FLUSH)
    assert (first.text, second.text) == ("AB", "CDEFGHIJ")
    assert (first.confidence, second.confidence) == (0.8, 0.6)
    np.testing.assert_allclose(first.points_N2, [[0, 0], [20, 0], [20, 20], [0, 20]], atol=1e-3)
    np.testing.assert_allclose(second.points_N2, [[30, 0], [110, 0], [110, 20], [30, 20]], atol=1e-3)


def test_a_reading_without_places_or_text_has_its_words() -> None:
    assert words_of(Reading(""), LINE, FLUSH) == ()
    assert words_of(Reading(" "), LINE, FLUSH) == ()
    (word,) = words_of(Reading("A"), LINE, FLUSH)
    np.testing.assert_allclose(word.points_N2, LINE)
    assert [each.text for each in words_of(Reading("A  B"), LINE, FLUSH)] == ["A", "B"]


def test_a_network_that_names_no_places_has_words_as_wide_as_their_texts() -> None:
    probability_TK = np.eye(12, dtype=np.float32)[[1, 2, 11, *range(3, 11), 0, 5]]  # 0 ends the text
    reading = GreedySequence("ABCDEFGHIJ ")(probability_TK)
    assert (reading.text, reading.places) == ("AB CDEFGHIJ", ())
    first, second = words_of(reading, LINE, FLUSH)
    np.testing.assert_allclose(first.points_N2, [[0, 0], [20, 0], [20, 20], [0, 20]], atol=1e-3)
    np.testing.assert_allclose(second.points_N2, [[30, 0], [110, 0], [110, 20], [30, 20]], atol=1e-3)


@pytest.mark.parametrize(
    ("first", "second", "texts"),
    [(22, 30, ["1", "TEA", "2.50"]), (20, 30, ["1 TEA", "2.50"]), (19, 20, ["1 TEA 2.50"])],
)
def test_wide_blanks_part_columns(first: float, second: float, texts: list[str]) -> None:
    """Characters every 8 pixels, 20 high: a blank is wide from 2.5 pitches (20) and 1.05 heights (21) on."""
    text = "1 TEA 2.50"
    middles = np.cumsum([4, first / 2, first / 2, 8, 8, second / 2, second / 2, 8, 8, 8])
    x = float(middles[-1])
    points_42 = np.float32([[0, 0], [x + 4, 0], [x + 4, 20], [0, 20]])
    confidences = (0.9, 0.1, *[0.8] * 3, 0.2, *[0.7] * 4)
    reading = Reading(text, confidences, tuple(middle / (x + 4) for middle in middles))
    lines = lines_of(Detection(points_42, 0.6), reading, FLUSH)
    assert [line.text for line in lines] == texts
    assert [[word.text for word in line.words] for line in lines] == [each.split() for each in texts]
    assert lines[-1].confidence == (0.7 if len(lines) > 1 else 0.1)
    assert {line.score for line in lines} == {0.6}
    assert lines[0].points_N2[:, 0].min() == 0
    assert lines[-1].points_N2[:, 0].max() == pytest.approx(x + 4, abs=1e-3)
    for line, following in pairwise(lines):
        assert line.points_N2[:, 0].max() < following.points_N2[:, 0].min()
    if len(lines) == 1:
        np.testing.assert_array_equal(lines[0].points_N2, points_42)


def test_a_column_of_a_curved_region_is_a_part_of_it() -> None:
    """Two columns on an arc: each outline is the arc's part, so that both lie within it and do not overlap."""
    angles = np.linspace(np.pi * 1.25, np.pi * 1.75, 9)
    outer, inner = (np.stack([400 + r * np.cos(angles), 500 + r * np.sin(angles)], axis=1) for r in (400, 360))
    arc_N2 = np.concatenate([outer, inner[::-1]]).astype(np.float32)
    places = (0.02, 0.06, 0.10, 0.5, 0.90, 0.94, 0.98)
    first, second = lines_of(Detection(arc_N2, 0.6), Reading("TEA 450", (0.9,) * 7, places), FLUSH)
    assert (first.text, second.text) == ("TEA", "450")
    whole, *parts = (shapely.Polygon(each) for each in (arc_N2, first.points_N2, second.points_N2))
    assert all(part.is_valid and part.difference(whole.buffer(0.5)).area == 0 for part in parts)
    assert parts[0].intersection(parts[1]).area == 0
    assert [round(part.area / whole.area, 2) for part in parts] == [0.12, 0.12]


def test_nothing_read_is_one_line_without_text() -> None:
    (line,) = lines_of(Detection(LINE, 0.6), Reading(" ", (0.9,), (0.5,)), FLUSH)
    assert (line.text, line.confidence, line.words) == ("", 0.0, ())


def test_words_at_a_narrow_space_do_not_overlap() -> None:
    first, second = words_of(Reading("A B", (0.9,) * 3, (0.45, 0.5, 0.55)), LINE, FLUSH)
    assert first.points_N2[:, 0].max() <= second.points_N2[:, 0].min() + 1e-3


@pytest.mark.parametrize("index", [1, 5])
def test_words_of_synthesised_lines_lie_where_they_are_printed(index: int) -> None:
    """Receipts of the generator, the shipped recogniser; lines that it reads without a mistake."""
    picture, record = render_receipt(2, "test", index)
    lines: dict[int | None, list[Word]] = {}
    for word in record.words.values():
        lines.setdefault(word.line, []).append(word)
    several = [words for words in lines.values() if len(words) > 1]
    polygons = [merge_line([word.points_N2 for word in words]) for words in several]
    reader = LineReader.load(device="cpu", threads=1)
    overlaps = []
    for words, points_N2, reading in zip(several, polygons, reader.read(picture, polygons), strict=True):
        if reading.text == " ".join(word.text or "" for word in words):
            for word, found in zip(words, words_of(reading, points_N2, reader.transform), strict=True):
                one, other = (shapely.Polygon(each.points_N2).buffer(0) for each in (word, found))
                overlaps.append(one.intersection(other).area / one.union(other).area)
    assert len(overlaps) > 20
    assert np.mean(overlaps) > 0.85
    assert np.mean(np.array(overlaps) > 0.5) > 0.97

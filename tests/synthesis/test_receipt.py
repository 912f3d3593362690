"""One receipt: a pure function with a valid, complete annotation."""

import hashlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from PIL import Image, ImageChops, ImageDraw

from ocr.fields import FIELDS, ITEM
from ocr.geometry import signed_area
from ocr.synthesis import fonts
from ocr.synthesis.chance import Chance
from ocr.synthesis.content import Row, single
from ocr.synthesis.receipt import Typeface, annotate, print_receipt, render_receipt, set_to_height
from ocr.synthesis.scene import LONGEST_SIDE, keep_inside, place
from ocr.types import Record
from ocr.values import parse_amount

SAMPLE = range(12)


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return [render_receipt(5, "train", index)[1] for index in SAMPLE]


def test_same_arguments_give_the_same_picture_and_words() -> None:
    first, second = render_receipt(3, "val", 7), render_receipt(3, "val", 7)
    assert first[0].tobytes() == second[0].tobytes()
    assert repr(first[1]) == repr(second[1])


@pytest.mark.parametrize("other", [(4, "val", 7), (3, "train", 7), (3, "val", 8)])
def test_every_argument_matters(other: tuple[int, str, int]) -> None:
    assert render_receipt(3, "val", 7)[0].tobytes() != render_receipt(*other)[0].tobytes()


def test_polygons_are_valid_clockwise_and_inside(records: list[Record]) -> None:
    for record in records:
        assert record.width is not None
        assert record.height is not None
        assert max(record.width, record.height) <= LONGEST_SIDE
        for key, word in record.words.items():
            points = word.points_N2
            assert len(points) in {4, 6, 10}, (record.name, key)
            assert signed_area(points) > 0, (record.name, key)
            assert shapely.Polygon(points).is_valid, (record.name, key)
            assert points.min() >= 0, (record.name, key)
            assert points[:, 0].max() <= record.width, (record.name, key)
            assert points[:, 1].max() <= record.height, (record.name, key)


def test_every_word_has_text_and_line_and_lines_count_up(records: list[Record]) -> None:
    for record in records:
        assert list(record.words) == [f"{number:04d}" for number in range(1, len(record.words) + 1)]
        numbers = [word.line for word in record.words.values()]
        assert all(word.transcription and not word.ignore for word in record.words.values())
        assert all(number is not None for number in numbers)
        assert numbers == sorted(numbers, key=lambda number: number or 0)
        assert set(numbers) == set(range(1, len(set(numbers)) + 1))


def test_words_of_a_line_follow_each_other_from_left_to_right(records: list[Record]) -> None:
    for record in records:
        words = list(record.words.values())
        for left, right in pairwise(words):
            if left.line == right.line:
                assert left.points_N2[:, 0].mean() < right.points_N2[:, 0].mean()


def test_words_carry_their_facts(records: list[Record]) -> None:
    for record in records:
        found = {word.field for word in record.words.values()}
        assert {"company", "menu.price"} <= found
        assert found <= {None, *FIELDS}
        for word in record.words.values():
            assert (word.item is not None) == (word.field or "").startswith(ITEM)
            if word.field is not None and FIELDS[word.field] == "amount":
                assert parse_amount(word.transcription or "") is not None, (record.name, word.transcription)


def test_bent_words_get_more_points() -> None:
    counts = {len(word.points_N2) for index in SAMPLE for word in render_receipt(5, "train", index)[1].words.values()}
    assert {4, 6} <= counts


@pytest.mark.parametrize("index", range(6))
def test_polygons_hold_all_the_ink_of_their_words_in_the_picture(index: int) -> None:
    """The printed ink of the words, bent by the warp, against their polygons."""
    chance = Chance(11, "ink", index)
    printed = print_receipt(chance, "photo")
    warp = keep_inside(place(chance, "photo", printed.layers.ink.size), printed.words)
    record = annotate(printed.words, warp, Path("a.jpg"))

    # Keep the ink of words alone: rules, codes and bars print outside every word's box on the paper.
    on_paper = Image.new("L", printed.layers.ink.size)
    for word in printed.words:
        box = tuple(round(value) for value in word.box)
        on_paper.paste(255, box)
    picture = np.asarray(warp.render(ImageChops.multiply(printed.layers.ink, on_paper))) > 96

    covered = Image.new("1", warp.size)
    draw = ImageDraw.Draw(covered)
    for annotated in record.words.values():
        # A pixel of the image is covered when its centre is: shift from edges to centres.
        draw.polygon([(float(x) - 0.5, float(y) - 0.5) for x, y in annotated.points_N2], fill=1)
    covered_HW = np.asarray(covered)
    assert picture.sum() > 1000
    assert (picture & ~covered_HW).sum() <= 0.001 * picture.sum()


@pytest.mark.parametrize("measure", [(400, 28, 1.5), (300, 60, 1.5)], ids=["least width first", "smallest font first"])
def test_endless_receipts_end_early(measure: tuple[int, int, float]) -> None:
    rows: list[Row] = [single(f"ITEM {number}") for number in range(400)]
    typeface = Typeface(fonts.MONOSPACED[0], None, fonts.Setting(grid=True))
    _, sheet = set_to_height(rows, typeface, measure, tallest=1400)
    assert 1300 < sheet.height <= 1400
    assert sheet.words[0].text == "ITEM"


def test_golden_pixels() -> None:
    """Guards the promise that a corpus can be made again: a change here means that every corpus changes.

    When that is meant, put the new figures here and say in the commit that the data set's digest changes.
    """
    digests = []
    for index in range(3):
        picture, record = render_receipt(2026, "golden", index)
        words = "".join(
            f"{key}{word.transcription}{word.points_N2.tolist()}{word.line}" for key, word in record.words.items()
        )
        digests.append(hashlib.sha256(picture.tobytes() + words.encode()).hexdigest()[:16])
    assert digests == GOLDEN


GOLDEN = ["733faca556a9e950", "c13d08d18b6a3c84", "26c51ac14bb02aa7"]

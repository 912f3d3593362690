"""Total-Text's text form, as NumPy and Python 2 printed it."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ocr.formats.common.base import AnnotationError
from ocr.formats.totaltext import read_entry, read_text, read_totaltext, write_totaltext
from ocr.types import Record, Word
from tests.support.foreign import told

LAYOUTS = [("Images/Train", "Groundtruth/Polygon/Train"), ("Images/Test", "txt_format/Test"), ("images", "gt")]
ENTRIES = r"""x: [[115 503 494 115]], y: [[322 346 426 404]], ornt: [u'm'], transcriptions: [u'nauGHTY']
x: [[ 61  81 100 100  81  61]], y: [[571 571 571 596 596 596]], ornt: [u'#'], transcriptions: [u'#']
x: [[ 33  69 135 248 291 250 212 136  85  65  60  50  40  35  34  33  32
  31]], y: [[122  62  26  47 126 138  85  65  95 142 143 144 145 146 147 148 149
 150]], ornt: [u'c'], transcriptions: [u"SOUTH'N"]
x: [[1 9 9]], y: [[1 1 9]], ornt: [u'h'], transcriptions: [u'caf\xe9 \u2019s']
"""


def write(root: Path, layout: tuple[str, str], entries: str = ENTRIES) -> Path:
    for name in layout:
        (root / name).mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (600, 600)).save(root / layout[0] / "img11.jpg")
    (root / layout[1] / "poly_gt_img11.txt").write_text(entries, encoding="utf-8")
    return root


@pytest.mark.parametrize("layout", LAYOUTS)
def test_entries_of_one_or_several_rows(tmp_path: Path, layout: tuple[str, str]) -> None:
    data = read_totaltext(write(tmp_path, layout))
    assert data.left_out == {}
    (record,) = data.records
    assert record.image_path == tmp_path / layout[0] / "img11.jpg"
    assert list(record.words) == ["0001", "0002", "0003", "0004"]
    first, second, third, fourth = record.words.values()
    assert first.points_N2.tolist() == [[115, 322], [503, 346], [494, 426], [115, 404]]
    assert first.transcription == "nauGHTY"
    assert (second.ignore, second.transcription, len(second.points_N2)) == (True, None, 6)
    assert (third.transcription, len(third.points_N2)) == ("SOUTH'N", 18)
    assert third.points_N2[-1].tolist() == [31, 150]
    assert fourth.transcription == "café ’s"


def test_training_and_test_set_side_by_side_are_two(tmp_path: Path) -> None:
    write(write(tmp_path, LAYOUTS[0]), ("Images/Test", "Groundtruth/Polygon/Test"))
    with pytest.raises(AnnotationError, match="several data sets; give one of them"):
        read_totaltext(tmp_path)
    (record,) = read_totaltext(tmp_path / "Groundtruth/Polygon/Test").records
    assert record.image_path == tmp_path / "Images/Test/img11.jpg"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("y: [[1 2 3]]", "is not 'x: [["),
        ("x: [[1 2 3]], y: [[1 2]], ornt: [u'c'], transcriptions: [u'a']", "has 3 x and 2 y"),
        ("x: [[1 2 three]], y: [[1 2 3]], ornt: [u'c'], transcriptions: [u'a']", "'three'"),
        ("x: [[1 2 nan]], y: [[1 2 3]], ornt: [u'c'], transcriptions: [u'a']", "finite numbers"),
        ("x: [[1 2 3]], y: [[1 2 3]], ornt: [u'c'], transcriptions: [__import__('os')]", "one text in quotes"),
        (r"x: [[1 2 3]], y: [[1 2 3]], ornt: [u'c'], transcriptions: [u'\ud83d']", "is wrong"),
        (r"x: [[1 2 3]], y: [[1 2 3]], ornt: [u'c'], transcriptions: [u'\UFFFFFFFF']", "is wrong"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, entry: str, said: str) -> None:
    first = ENTRIES.splitlines()[0] + "\n" if entry.startswith("x:") else ""
    write(tmp_path, LAYOUTS[0], f"{first}{entry}\n")
    told_of = told(read_totaltext(tmp_path))
    assert re.search(rf"poly_gt_img11\.txt, row {1 + len(first) // 90}", told_of)
    assert said in told_of


def test_an_entry_without_text_or_points() -> None:
    word = read_entry("x: [[]], y: [[]], ornt: [u'h'], transcriptions: []", "a, row 1")
    assert word.points_N2.shape == (0, 2)
    assert word.transcription is None


def test_python_2_wrote_an_emoji_as_two_surrogates() -> None:
    assert read_text(r"u'\ud83d\ude00'", "x") == "😀"


@given(st.text(max_size=12))
def test_any_text_is_read_as_python_writes_it(text: str) -> None:
    assert read_text(f"u{text!r}", "x") == text


def test_writes_entries_with_their_orientation(tmp_path: Path) -> None:
    Image.new("RGB", (60, 40)).save(tmp_path / "a.png")
    box, slanted = np.float32([[2, 3], [12, 3], [12, 9], [2, 9]]), np.float32([[2, 3], [12, 5], [11, 12], [1, 9]])
    curve = np.float32([[2, 10], [10, 4], [20, 10], [20, 18], [10, 12], [2, 18]])
    words = [Word(box, "it's"), Word(slanted, "b\n"), Word(curve, "c"), Word(box, ignore=True)]
    one = Record(tmp_path / "a.png", {f"{n:04d}": word for n, word in enumerate(words, start=1)}, 60, 40)
    assert write_totaltext([one], tmp_path / "out", "val") == []
    text = (tmp_path / "out" / "val" / "gt" / "poly_gt_a.txt").read_text(encoding="utf-8")
    assert text.splitlines() == [
        """x: [[2 12 12 2]], y: [[3 3 9 9]], ornt: [u'h'], transcriptions: [u"it's"]""",
        r"x: [[2 12 11 1]], y: [[3 5 12 9]], ornt: [u'm'], transcriptions: [u'b\n']",
        "x: [[2 10 20 20 10 2]], y: [[10 4 10 18 12 18]], ornt: [u'c'], transcriptions: [u'c']",
        "x: [[2 12 12 2]], y: [[3 3 9 9]], ornt: [u'#'], transcriptions: [u'#']",
    ]


@pytest.mark.parametrize(("kind", "text", "ignored"), [("#", "a", True), ("m", "#", True), ("m", "a", False)])
def test_a_word_is_ignored_by_its_orientation_too(kind: str, text: str, ignored: bool) -> None:
    entry = f"x: [[1 9 9]], y: [[1 1 9]], ornt: [u'{kind}'], transcriptions: [u'{text}']"
    assert read_entry(entry, "a, row 1").ignore is ignored

"""ICDAR 2013: the training set's blanks, the test set's commas."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocr.formats.icdar2013 import read_icdar2013, read_row, write_icdar2013
from ocr.types import Record, Word
from tests.support.foreign import told

TRAINING = ("Challenge2_Training_Task12_Images", "Challenge2_Training_Task1_GT")
TEST = ("Challenge2_Test_Task12_Images", "Challenge2_Test_Task1_GT")


def write(root: Path, layout: tuple[str, str], stem: str, rows: str) -> Path:
    for name in layout:
        (root / name).mkdir(parents=True)
    Image.new("RGB", (1280, 960)).save(root / layout[0] / f"{stem}.jpg")
    (root / layout[1] / f"gt_{stem}.txt").write_bytes(rows.encode())
    return root


def test_the_training_set_has_blanks(tmp_path: Path) -> None:
    rows = '158 128 411 181 "Footpath"\r\n443 128 501 169 "To"\r\n64 200 363 243 "###"\r\n'
    (record,) = read_icdar2013(write(tmp_path, TRAINING, "100", rows)).records
    assert record.image_path == tmp_path / TRAINING[0] / "100.jpg"
    first, second, third = record.words.values()
    assert first.points_N2.tolist() == [[158, 128], [411, 128], [411, 181], [158, 181]]
    assert (first.transcription, second.transcription) == ("Footpath", "To")
    assert (third.transcription, third.ignore) == (None, True)


def test_the_test_set_has_commas(tmp_path: Path) -> None:
    rows = '\ufeff38, 43, 920, 215, "Tiredness"\n275, 264, 665, 450, "kills, \\"a\\" \\\\ day"\n'
    (record,) = read_icdar2013(write(tmp_path, TEST, "img_1", rows)).records
    assert [word.transcription for word in record.words.values()] == ["Tiredness", 'kills, "a" \\ day']


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("1,2,3,4,plain text", "plain text"),
        ("1 2 3 4 plain, text", "plain, text"),
        ("1,2,3,4", None),
        ('1,2,3,4,""', ""),
        ('1,2,3,4,"12,30"', "12,30"),
        ("1,2,3,4,12,30", "12,30"),
        ('1,2,3,4,"half', '"half'),
    ],
)
def test_other_forms_of_a_row(row: str, text: str | None) -> None:
    assert read_row(row, "x").transcription == text


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,2,3,4,5,6,7,8,text", "eight numbers, a box has four; give format=icdar2015"),
        ("1,2,3,4,5,6,7,8", "give format=icdar2015"),
        ('1, two, 3, 4, "a"', "'two'"),
        ('1, 2, 3, "a"', "4 finite numbers"),
        ('1, 2, nan, 4, "a"', "4 finite numbers"),
        ("1 2 3", "4 finite numbers"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, said: str) -> None:
    write(tmp_path, TRAINING, "100", f'158 128 411 181 "Footpath"\n\n{row}\n')
    told_of = told(read_icdar2013(tmp_path))
    assert re.search(r"gt_100\.txt, row 3", told_of)
    assert said in told_of


def test_writes_boxes_and_tells_what_they_lose(tmp_path: Path) -> None:
    Image.new("RGB", (60, 40)).save(tmp_path / "a.png")
    slanted = np.array([[2, 3], [12, 5], [11, 12], [1, 9]], np.float32)
    words = {"0001": Word(slanted, 'a "b" \\'), "0002": Word(np.float32([[1, 1], [9, 1], [9, 9], [1, 9]]), None)}
    told = write_icdar2013([Record(tmp_path / "a.png", words, 60, 40)], tmp_path / "out", "val")
    text = (tmp_path / "out" / "val" / "gt" / "gt_a.txt").read_text(encoding="utf-8")
    assert text == '1, 3, 12, 12, "a \\"b\\" \\\\"\n1, 1, 9, 9, ""\n'
    assert [line.split(":")[0] for line in told] == ["a.png, word 0001", "unknown texts, written as empty ones"]
    assert told[0].endswith("becomes [[1.0, 3.0], [12.0, 3.0], [12.0, 12.0], [1.0, 12.0]]")

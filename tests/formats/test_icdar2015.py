"""ICDAR 2015 as the competition's site describes it, and what people put there."""

import os
import re
from pathlib import Path

import pytest
from PIL import Image

from ocr.formats.common.base import AnnotationError
from ocr.formats.common.reading import polygon
from ocr.formats.icdar2015 import read_icdar2015, write_icdar2015
from ocr.types import Record, Word
from tests.support.foreign import told

TRAINING = ("ch4_training_images", "ch4_training_localization_transcription_gt")
TEST = ("ch4_test_images", "Challenge4_Test_Task1_GT")
ROWS = (
    "\ufeff377,117,463,117,465,130,378,130,Genaxis Theatre\r\n"
    "493,115,519,115,519,131,493,131,[06]\r\n"
    "374,155,409,155,409,170,374,170,###\r\n"
    '492,151,551,151,551,170,492,170,"62-03,"\r\n'
)


def write(root: Path, layout: tuple[str, str], rows: str = ROWS) -> Path:
    images, labels = root / layout[0], root / layout[1]
    for folder in {images, labels}:
        folder.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (1280, 720)).save(images / "img_1.jpg")
    (labels / "gt_img_1.txt").write_bytes(rows.encode())
    return root


@pytest.mark.parametrize("layout", [TRAINING, TEST, ("images", "gt"), (".", ".")])
def test_the_sample_of_the_specification(tmp_path: Path, layout: tuple[str, str]) -> None:
    data = read_icdar2015(write(tmp_path, layout))
    assert data.left_out == {}
    (record,) = data.records
    assert record.image_path == tmp_path / layout[0] / "img_1.jpg"
    assert list(record.words) == ["0001", "0002", "0003", "0004"]
    first, second, third, fourth = record.words.values()
    assert first.points_N2.tolist() == [[377, 117], [463, 117], [465, 130], [378, 130]]
    assert (first.transcription, first.ignore, first.line) == ("Genaxis Theatre", False, None)
    assert (second.transcription, third.transcription, third.ignore) == ("[06]", None, True)
    assert fourth.transcription == '"62-03,"'


def test_training_and_test_set_side_by_side_are_two(tmp_path: Path) -> None:
    write(write(tmp_path, TRAINING), TEST, "1,1,9,1,9,9,1,9,Test\n")
    with pytest.raises(AnnotationError, match=r"several data sets; give one of them: input=.*ch4_.* or .*Task1_GT"):
        read_icdar2015(tmp_path)
    (record,) = read_icdar2015(tmp_path / TEST[1]).records
    assert record.image_path == tmp_path / TEST[0] / "img_1.jpg"
    assert record.words["0001"].transcription == "Test"


def test_a_row_without_text_is_a_word_of_unknown_text(tmp_path: Path) -> None:
    (record,) = read_icdar2015(write(tmp_path, TRAINING, "1,1,9,1,9,9,1,9\n1,1,9,1,9,9,1,9,\n")).records
    assert [word.transcription for word in record.words.values()] == [None, ""]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,2,3,4,five,6,7,8,a", "'five'"),
        ("1,2,3,4,5,6,inf,8,a", "8 finite numbers"),
        ("1,2,3", "8 finite numbers"),
        ("38 43 920 215 Tiredness", "correct or remove it"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, said: str) -> None:
    told_of = told(read_icdar2015(write(tmp_path, TRAINING, f"1,1,9,1,9,9,1,9,fine\n{row}\n")))
    assert re.search(r"gt_img_1\.txt, row 2", told_of)
    assert said in told_of
    assert row in told_of


def test_other_layouts_are_told(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"neither images/ and gt/ nor ch4_training_images/"):
        read_icdar2015(tmp_path)
    with pytest.raises(AnnotationError, match="no such folder"):
        read_icdar2015(tmp_path / "missing")
    write(tmp_path, TRAINING)
    (tmp_path / TRAINING[1] / "GT_img_1.TXT").write_text("", encoding="utf-8")
    assert not read_icdar2015(tmp_path).records


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    label = write(tmp_path, TRAINING) / TRAINING[1] / "gt_img_1.txt"
    label.unlink()
    os.mkfifo(label)
    assert re.search(r"gt_img_1\.txt: cannot be read: it is a pipe", told(read_icdar2015(tmp_path)))


def test_writes_what_the_competition_s_tools_read(tmp_path: Path) -> None:
    Image.new("RGB", (60, 40)).save(tmp_path / "a.png")
    words = {
        "0001": Word(polygon([[2, 3], [12.5, 5], [11, 12], [1, 9]]), "Total\n9,00"),
        "0002": Word(polygon([[20, 0], [30, 0], [25, 6]]), "x", ignore=True, line=2),
    }
    told = write_icdar2015([Record(tmp_path / "a.png", words, 60, 40)], tmp_path / "out", "val")
    rows = (tmp_path / "out" / "val" / "gt" / "gt_a.txt").read_text(encoding="utf-8")
    assert rows == "2,3,12,5,11,12,1,9,Total 9,00\n20,0,30,0,30,6,20,6,###\n"
    assert (tmp_path / "out" / "val" / "images" / "a.png").read_bytes() == (tmp_path / "a.png").read_bytes()
    assert told == [
        "a.png, word 0002: [[20.0, 0.0], [30.0, 0.0], [25.0, 6.0]] becomes "
        "[[20.0, 0.0], [30.0, 0.0], [30.0, 6.0], [20.0, 6.0]]",
        "corners in whole pixels: 1 words, such as a.png, word 0001: [[2.0, 3.0], [12.5, 5.0], [11.0, 12.0], "
        "[1.0, 9.0]] becomes [[2.0, 3.0], [12.0, 5.0], [11.0, 12.0], [1.0, 9.0]]",
        "texts of ignored words: 1 words, such as a.png, word 0002: 'x'",
        r"a.png, word 0001: line breaks become blanks in 'Total\n9,00'",
        "line numbers: 1 words, such as a.png, word 0002: 2",
    ]


AT = "1,1,9,1,9,9,1,9"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([f"{AT},Latin,Total, 9", f"{AT},Korean,합계", f"{AT},None,###"], [("Total, 9", 0), ("합계", 0), (None, 1)]),
        ([f"{AT},Symbols,", f"{AT},Mixed,a"], [("", 0), ("a", 0)]),
        ([f'{AT},0,"café, ""x"""', f'{AT},1,"ab"', f'{AT},1,"###"'], [('café, ""x""', 0), ("ab", 1), (None, 1)]),
        # Not all rows have the column, so that it is none.
        ([f"{AT},Latin,Total", f"{AT},Total"], [("Latin,Total", 0), ("Total", 0)]),
        ([f"{AT},Latin", f"{AT},Mixed,nuts"], [("Latin", 0), ("Mixed,nuts", 0)]),
        ([f'{AT},0,"a"', f"{AT},0,50"], [('0,"a"', 0), ("0,50", 0)]),
        ([f"{AT},0.50", f"{AT},1.00,a"], [("0.50", 0), ("1.00,a", 0)]),
    ],
)
def test_rows_may_have_a_column_before_their_text(
    tmp_path: Path, rows: list[str], words: list[tuple[str | None, int]]
) -> None:
    """MLT has the script there, RCTW-17 whether the text is difficult."""
    data = read_icdar2015(write(tmp_path, TRAINING, "\ufeff" + "\r\n".join(rows)))
    assert told(data) == ""
    assert [(word.transcription, word.ignore) for word in data.records[0].words.values()] == words


def test_results_are_no_ground_truth(tmp_path: Path) -> None:
    data = read_icdar2015(write(tmp_path, TRAINING, f"{AT},0.93,Total\n{AT},1.0,9.00\n"))
    assert re.search(r"gt_img_1\.txt: each row has a confidence before its text, as results have", told(data))


def test_text_files_may_be_called_as_the_images(tmp_path: Path) -> None:
    """As RCTW-17 and MLT-19 have them; where some are called gt_*, others are not of the data set."""
    write(tmp_path, TRAINING)
    labels = tmp_path / TRAINING[1]
    (labels / "readme.txt").write_text("of the data set", encoding="utf-8")
    assert told(read_icdar2015(tmp_path)) == ""
    (labels / "readme.txt").unlink()
    (labels / "gt_img_1.txt").rename(labels / "img_1.txt")
    data = read_icdar2015(tmp_path)
    assert told(data) == ""
    assert [len(record.words) for record in data.records] == [4]

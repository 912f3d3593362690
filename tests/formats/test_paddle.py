"""PaddleOCR's label files, of its documentation and of PPOCRLabel."""

import json
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import encoded_images
from ocr.formats.common.base import AnnotationError
from ocr.formats.paddle import read_paddle, write_paddle
from ocr.types import Record, Word
from tests.support.foreign import told

ROW = (
    'ch4_test_images/img_61.jpg\t[{"transcription": "MASA", "points": [[310, 104], [416, 141], [418, 216], [312, 179]]}'
    ', {"transcription": "###", "points": [[1, 1], [9, 1], [9, 9], [1, 9]]}, {"transcription": "*", "points": []}]'
)
image = partial(encoded_images.picture, size=(800, 400))


def test_the_sample_of_the_documentation(tmp_path: Path) -> None:
    image(tmp_path / "ch4_test_images" / "img_61.jpg")
    label = tmp_path / "test_icdar2015_label.txt"
    label.write_text(f"{ROW}\n", encoding="utf-8")
    for source in (label, tmp_path):
        data = read_paddle(source)
        assert data.left_out == {}
        (record,) = data.records
        assert record.image_path == tmp_path / "ch4_test_images" / "img_61.jpg"
        first, second, third = record.words.values()
        assert first.points_N2.tolist() == [[310, 104], [416, 141], [418, 216], [312, 179]]
        assert (first.transcription, first.ignore) == ("MASA", False)
        assert (second.transcription, second.ignore, third.ignore) == (None, True, True)
        assert third.points_N2.shape == (0, 2)


def test_ppocrlabel_names_its_own_folder(tmp_path: Path) -> None:
    image(tmp_path / "mine" / "a.jpg")
    image(tmp_path / "mine" / "b.jpg")
    row = 'mine/a.jpg\t[{"transcription": "가", "points": [[1.5, 1], [9, 1], [9, 9]], "difficult": false}]\n'
    (tmp_path / "mine" / "Label.txt").write_text(row, encoding="utf-8")
    (tmp_path / "mine" / "fileState.txt").write_text("a.jpg\t1\n", encoding="utf-8")
    data = read_paddle(tmp_path / "mine")
    assert [record.image_path for record in data.records] == [tmp_path / "mine" / "a.jpg"]
    assert data.records[0].words["0001"].points_N2.tolist() == [[1.5, 1], [9, 1], [9, 9]]
    assert list(data.left_out) == [tmp_path / "mine" / "b.jpg"]
    assert "has no annotation" in data.left_out[tmp_path / "mine" / "b.jpg"]


def test_a_class_of_ppocrlabel_is_a_field(tmp_path: Path) -> None:
    image(tmp_path / "a.jpg")
    classes = ["total", "None", None]
    entries = [{"transcription": "a", "points": SQUARE.tolist(), "key_cls": name} for name in classes]
    (tmp_path / "Label.txt").write_text(f"a.jpg\t{json.dumps(entries)}\n", encoding="utf-8")
    (record,) = read_paddle(tmp_path).records
    assert [word.field for word in record.words.values()] == ["total", None, None]
    assert write_paddle([record], tmp_path / "out", "val") == []
    row = (tmp_path / "out" / "val" / "label.txt").read_text(encoding="utf-8").partition("\t")[2]
    assert [entry.get("key_cls") for entry in json.loads(row)] == ["total", None, None]
    words = {"0001": Word(SQUARE, "a", field="menu.nm", item=2), "0002": Word(SQUARE, "a", field="None")}
    assert write_paddle([Record(tmp_path / "a.jpg", words, 800, 400, {"tax": "1"})], tmp_path / "own", "val") == [
        "fields: 1 words, such as a.jpg, word 0002: 'None'",
        "item numbers: 1 words, such as a.jpg, word 0001: 2",
        "values of fields: 1 images, such as a.jpg: {'tax': '1'}",
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("b.jpg []", "no tab between path and words"),
        ("b.jpg\t[", "truncated"),
        ("b.jpg\t{}", "array"),
        ('b.jpg\t[{"transcription": "a"}]', "word 1: Object missing required field `points`"),
        ('b.jpg\t[{"transcription": 5, "points": []}]', "is {'transcription': 5, 'points': []}; correct or remove it"),
        ('b.jpg\t[{"transcription": "a", "points": [[1, 2, 3]]}]', "word 1: Expected `array` of length 2"),
        ("../b.jpg\t[]", "without '..'"),
        ("/b.jpg\t[]", "inside the image folder"),
        ("a.jpg\t[]", "'a.jpg' is in"),
        ("b.jpg\t" + "[" * 100_000, "correct or remove the row"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, said: str) -> None:
    (tmp_path / "label.txt").write_text(f"a.jpg\t[]\n{row}\n", encoding="utf-8")
    told_of = told(read_paddle(tmp_path))
    assert re.search(r"label\.txt, row 2", told_of)
    assert said in told_of
    assert len(told_of) < 1000


def test_a_folder_without_labels_is_told(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"with \*label\*\.txt, train\.txt, val\.txt or test\.txt; give the file"):
        read_paddle(tmp_path)


def test_writes_a_label_file(tmp_path: Path) -> None:
    image(tmp_path / "a.png")
    words = {"0001": Word(np.float32([[1, 2], [9.25, 2], [9, 9], [5, 8], [1, 9]]), "합"), "0002": Word(SQUARE, "*")}
    told = write_paddle([Record(tmp_path / "a.png", words, 800, 400)], tmp_path / "out", "val")
    assert (tmp_path / "out" / "val" / "label.txt").read_text(encoding="utf-8") == (
        'images/a.png\t[{"transcription":"합","points":[[1,2],[9.25,2],[9,9],[5,8],[1,9]]},'
        '{"transcription":"*","points":[[1,1],[9,1],[9,9],[1,9]]}]\n'
    )
    assert told == ["a.png, word 0002: will be read as an ignored word, its text being '*'"]
    with pytest.raises(AnnotationError, match=r"'a\\tb\.png': the name has a tab or a line break; rename the image"):
        write_paddle([Record(tmp_path / "a\tb.png", {}, 9, 9)], tmp_path / "out", "val")


SQUARE = np.float32([[1, 1], [9, 1], [9, 9], [1, 9]])

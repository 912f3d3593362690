"""WildReceipt's JSON lines."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ocr.formats.common.base import AnnotationError
from ocr.formats.wildreceipt import read_wildreceipt, write_wildreceipt
from ocr.types import Record, Word
from tests.support.foreign import told

NAME = "image_files/Image_16/11/d5de7f2a.jpeg"
BOX = [550.0, 190.0, 937.0, 190.0, 937.0, 104.0, 550.0, 104.0]
ANNOTATIONS = [
    {"box": BOX, "text": "SAFEWAY", "label": 1},
    {"box": [1048.0, 211.0, 1074.0, 211.0, 1074.0, 196.0, 1048.0, 196.0], "text": "TM", "label": 25},
    {"box": [618.0, 247.0, 850.0, 247.0, 850.0, 220.0, 618.0, 220.0], "text": "#@!", "label": 0},
]


def receipt(**other: Any) -> dict[str, Any]:
    return {"file_name": NAME, "height": 1200, "width": 1600, "annotations": ANNOTATIONS, **other}


def write(root: Path, *lines: object) -> Path:
    (root / NAME).parent.mkdir(parents=True)
    Image.new("RGB", (1600, 1200)).save(root / NAME)
    text = "".join(line if isinstance(line, str) else f"{json.dumps(line)}\n" for line in lines)
    (root / "train.txt").write_text(text, encoding="utf-8")
    (root / "class_list.txt").write_text("0 Ignore\n1 Store_name_value\n25 Others\n", encoding="utf-8")
    (root / "dict.txt").write_text("/\n\\\n.\n$\n", encoding="utf-8")
    return root


def test_a_receipt_of_the_data_set(tmp_path: Path) -> None:
    root = write(tmp_path, receipt())
    for source in (root, root / "train.txt"):
        data = read_wildreceipt(source)
        assert data.left_out == {}
        (record,) = data.records
        assert (record.image_path, record.width, record.height) == (tmp_path / NAME, 1600, 1200)
        first, second, third = record.words.values()
        assert first.points_N2.tolist() == [[550, 190], [937, 190], [937, 104], [550, 104]]
        assert [word.transcription for word in (first, second, third)] == ["SAFEWAY", "TM", "#@!"]
        assert [word.ignore for word in (first, second, third)] == [False, False, True]


def test_labels_become_fields_and_back(tmp_path: Path) -> None:
    """All 26 of class_list.txt: a value's label is odd, that of the words that name it is the next."""
    values = [
        "company",
        "address",
        "phone",
        "date",
        "time",
        "menu.nm",
        "menu.cnt",
        "menu.price",
        "subtotal",
        "tax",
        "tips",
        "total",
    ]
    texts = [{"box": [9 * n, 1, 9 * n + 8, 1, 9 * n + 8, 9, 9 * n, 9], "text": "a", "label": n} for n in range(26)]
    (record,) = read_wildreceipt(write(tmp_path, receipt(annotations=texts))).records
    fields = [word.field for word in record.words.values()]
    assert fields == [None, *(field for value in values for field in (value, None)), None]
    assert write_wildreceipt([record], tmp_path / "out", "val") == []
    (line,) = (tmp_path / "out" / "val" / "labels.txt").read_text(encoding="utf-8").splitlines()
    kept = [text["label"] for text in json.loads(line)["annotations"]]
    assert kept == [0, *(label for n in range(1, 24, 2) for label in (n, 25)), 25]


def test_labels_without_a_category_are_listed(tmp_path: Path) -> None:
    Image.new("RGB", (60, 40)).save(tmp_path / "a.png")
    box = np.float32([[1, 1], [9, 1], [9, 9], [1, 9]])
    words = {"0001": Word(box, "a", field="cash"), "0002": Word(box + 20, "b", field="menu.nm", item=3)}
    record = Record(tmp_path / "a.png", words, 60, 40, {"date": "1/1/2020"})
    assert write_wildreceipt([record], tmp_path / "out", "val") == [
        "fields: 1 words, such as a.png, word 0001: 'cash'",
        "item numbers: 1 words, such as a.png, word 0002: 3",
        "values of fields: 1 images, such as a.png: {'date': '1/1/2020'}",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "truncated"),
        ({"file_name": NAME}, "missing required field `height`"),
        (receipt(width=0), "`int` >= 1 - at `$.width`"),
        (receipt(file_name="../a.jpeg"), "without '..'"),
        (receipt(), "is in"),
        (
            receipt(file_name="b", annotations=[{"box": BOX[:6], "text": "a", "label": 1}]),
            "word 1: Expected `array` of",
        ),
        (
            receipt(file_name="b", annotations=[{"box": BOX, "label": 1}]),
            "word 1: Object missing required field `text`",
        ),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: object, said: str) -> None:
    told_of = told(read_wildreceipt(write(tmp_path, receipt(), line)))
    assert re.search(r"train\.txt, row 2", told_of)
    assert said in told_of


def test_a_folder_without_labels_is_told(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"with train\.txt or test\.txt; give the file"):
        read_wildreceipt(tmp_path)


def test_writes_lines_and_tells_what_they_lose(tmp_path: Path) -> None:
    Image.new("RGB", (60, 40)).save(tmp_path / "a.png")
    triangle = np.float32([[2, 3], [12, 3], [12, 9]])
    words = {"w": Word(triangle, "a"), "0002": Word(np.float32([[1, 1], [9.5, 1], [9, 9], [1, 9]]), "b", ignore=True)}
    told = write_wildreceipt([Record(tmp_path / "a.png", words, 60, 40)], tmp_path / "out", "val")
    (line,) = (tmp_path / "out" / "val" / "labels.txt").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "file_name": "image_files/a.png",
        "height": 40,
        "width": 60,
        "annotations": [
            {"box": [2, 3, 12, 3, 12, 9, 2, 9], "text": "a", "label": 25},
            {"box": [1, 1, 9.5, 1, 9, 9, 1, 9], "text": "b", "label": 0},
        ],
    }
    assert told == [
        "a.png, word w: [[2.0, 3.0], [12.0, 3.0], [12.0, 9.0]] becomes "
        "[[2.0, 3.0], [12.0, 3.0], [12.0, 9.0], [2.0, 9.0]]",
        "keys: 1 words, such as a.png, word w is 0001",
    ]

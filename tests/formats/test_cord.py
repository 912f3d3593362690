"""CORD as it is published: image/ and json/ of each split."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ocr.formats.common.base import AnnotationError
from ocr.formats.cord import read_cord, write_cord
from ocr.types import Record, Word
from tests.support.foreign import told


def quad(x: float, y: float, width: float = 8, height: float = 4) -> dict[str, float]:
    right, bottom = x + width, y + height
    return {"x2": right, "y3": bottom, "x3": right, "y4": bottom, "x1": x, "y1": y, "x4": x, "y2": y}


def corners(x: float, y: float) -> list[list[float]]:
    return [[x, y], [x + 8, y], [x + 8, y + 4], [x, y + 4]]


def word(x: float, y: float, text: str, row: int, key: int = 0) -> dict[str, Any]:
    return {"quad": quad(x, y), "is_key": key, "row_id": row, "text": text}


RECEIPT: dict[str, Any] = {
    "meta": {"version": "2.0.0", "split": "train", "image_id": 0, "image_size": {"width": 60, "height": 80}},
    "valid_line": [
        {  # a name that goes on in the next printed row
            "words": [word(2, 2, "Nasi", 1), word(12, 2, "Goreng", 1), word(2, 10, "Pedas", 2)],
            "category": "menu.nm",
            "group_id": 3,
            "sub_group_id": 0,
        },
        {"words": [word(40, 2, "75,000", 1)], "category": "menu.price", "group_id": 3, "sub_group_id": 0},
        {
            "words": [word(2, 30, "TOTAL", 5, key=1), word(20, 30, "75,000", 5)],
            "category": "total.total_price",
            "group_id": 4,
            "sub_group_id": 0,
        },
    ],
    "roi": {},
    "repeating_symbol": [[{"quad": quad(2, 40), "text": "-----"}]],
    "dontcare": [[quad(2, 50), quad(12, 50)]],
    "gt_parse": {"menu": {"nm": "Nasi Goreng Pedas", "price": "75,000"}, "total": {"total_price": "75,000"}},
}


def split(folder: Path, receipt: object = RECEIPT) -> Path:
    (folder / "image").mkdir(parents=True)
    (folder / "json").mkdir()
    cv2.imwrite(str(folder / "image" / "receipt_00000.png"), np.zeros((80, 60, 3), np.uint8))
    (folder / "json" / "receipt_00000.json").write_text(json.dumps(receipt), encoding="utf-8")
    return folder


def test_a_split_as_it_is_published(tmp_path: Path) -> None:
    split(tmp_path / "CORD" / "train")
    for source in (tmp_path / "CORD" / "train", tmp_path / "CORD"):
        data = read_cord(source)
        assert not data.left_out
        (record,) = data.records
        assert record.image_path == tmp_path / "CORD" / "train" / "image" / "receipt_00000.png"
        assert (record.width, record.height) == (60, 80)
        assert [(key, w.transcription, w.line, w.ignore) for key, w in record.words.items()] == [
            ("0001", "Nasi", 1, False),
            ("0002", "Goreng", 1, False),
            ("0003", "Pedas", 2, False),
            ("0004", "75,000", 3, False),
            ("0005", "TOTAL", 4, False),
            ("0006", "75,000", 4, False),
            ("0007", "-----", None, True),
            ("0008", None, None, True),
            ("0009", None, None, True),
        ]
        places = [(2, 2), (12, 2), (2, 10), (40, 2), (2, 30), (20, 30), (2, 40), (2, 50), (12, 50)]
        assert [w.points_N2.tolist() for w in record.words.values()] == [corners(*place) for place in places]


def test_categories_and_groups_become_fields_and_items(tmp_path: Path) -> None:
    (record,) = read_cord(split(tmp_path)).records
    assert [(w.transcription, w.field, w.item) for w in record.words.values() if not w.ignore] == [
        ("Nasi", "menu.nm", 1),
        ("Goreng", "menu.nm", 1),
        ("Pedas", "menu.nm", 1),
        ("75,000", "menu.price", 1),
        ("TOTAL", None, None),  # names the value
        ("75,000", "total", None),
    ]


def test_items_are_numbered_in_the_order_of_the_file_and_other_categories_keep_their_names(tmp_path: Path) -> None:
    lines = [("menu.nm", 9), ("void_menu.nm", 2), ("menu.nm", 4), ("menu.price", 9), ("etc", 5), ("total.etc", 6)]
    known = [
        {"words": [word(2, 12 * n, "a", n)], "category": category, "group_id": group}
        for n, (category, group) in enumerate(lines)
    ]
    bare = {"words": [word(30, 2, "a", 9)]}
    (record,) = read_cord(split(tmp_path, {"valid_line": [*known, bare]})).records
    assert [(w.field, w.item) for w in record.words.values()] == [
        ("menu.nm", 1),
        ("void_menu.nm", None),
        ("menu.nm", 2),
        ("menu.price", 1),
        (None, None),
        ("total.etc", None),
        (None, None),
    ]


def test_what_was_read_is_written_as_it_was(tmp_path: Path) -> None:
    (record,) = read_cord(split(tmp_path / "a")).records
    words = {key: w for key, w in record.words.items() if not w.ignore}
    assert write_cord([replace(record, words=words)], tmp_path, "train") == []
    written = json.loads((tmp_path / "train/json/receipt_00000.json").read_text(encoding="utf-8"))
    assert written["gt_parse"] == RECEIPT["gt_parse"]
    rows = {1: 1, 2: 2, 3: 1, 4: 5}  # a row of the file for each line here: names and prices share one
    expected = [
        {
            **line,
            "group_id": {3: 1, 4: 2}[line["group_id"]],
            "words": [{**w, "quad": {**w["quad"]}} for w in line["words"]],
        }
        for line in RECEIPT["valid_line"]
    ]
    for line in written["valid_line"]:
        for each in line["words"]:
            each["row_id"] = rows[each["row_id"]]
    assert written["valid_line"] == expected


def test_lines_of_several_fields_are_parted_and_values_are_listed(tmp_path: Path) -> None:
    image = split(tmp_path / "a") / "image" / "receipt_00000.png"

    def at(n: int, text: str, line: int, field: str | None = None, item: int | None = None) -> Word:
        return Word(np.array(corners(2 + 9 * n, 12 * line), np.float32), text, line=line, field=field, item=item)

    words = [
        at(0, "2", 1, "menu.cnt", 5),
        at(1, "x", 1),
        at(2, "Kopi", 1, "menu.nm", 5),
        at(3, "9.00", 1, "menu.price", 5),
        at(0, "Susu", 2, "menu.sub_nm", 5),
        at(0, "Teh", 3, "menu.nm", 2),
        at(1, "1.00", 3, "menu.price"),
        at(0, "Cash", 4),
        at(1, "8.00", 4, "cash"),
        at(0, "2.00", 5, "cash"),
        at(0, "A", 6, "company"),
        at(1, "gone", 6, "etc"),
    ]
    record = Record(image, {f"{n:04d}": each for n, each in enumerate(words, start=1)}, 60, 80, {"date": "1/1/2020"})
    lost = write_cord([record], tmp_path, "dev")
    written = json.loads((tmp_path / "dev/json/receipt_00000.json").read_text(encoding="utf-8"))
    assert [
        (line["category"], line["group_id"], [(w["text"], w["row_id"], w["is_key"]) for w in line["words"]])
        for line in written["valid_line"]
    ] == [
        ("menu.cnt", 1, [("2", 1, 0)]),
        ("etc", 2, [("x", 1, 0)]),
        ("menu.nm", 1, [("Kopi", 1, 0)]),
        ("menu.price", 1, [("9.00", 1, 0)]),
        ("menu.sub_nm", 1, [("Susu", 2, 0)]),
        ("menu.nm", 3, [("Teh", 3, 0)]),
        ("menu.price", 4, [("1.00", 3, 0)]),
        ("total.cashprice", 5, [("Cash", 4, 1), ("8.00", 4, 0)]),
        ("total.cashprice", 6, [("2.00", 5, 0)]),
        ("company", 7, [("A", 6, 0)]),
        ("etc", 8, [("gone", 6, 0)]),
    ]
    assert written["gt_parse"] == {
        "menu": [
            {"cnt": "2", "nm": "Kopi", "price": "9.00", "sub": {"nm": "Susu"}},
            {"nm": "Teh"},
            {"price": "1.00"},
        ],
        "total": {"cashprice": ["8.00", "2.00"]},
        "company": "A",
    }
    assert [line.partition(":")[0] for line in lost] == [
        "fields that mean another, or none, in CORD",
        "values of fields",
        "item numbers",
        "line numbers",
    ]
    assert "word 0012: 'etc'" in lost[0]
    assert "word 0001: item 5 is 1" in lost[2]
    (read,) = read_cord(tmp_path / "dev").records
    assert [w.field for w in read.words.values()] == [w.field if w.field != "etc" else None for w in words]
    assert [w.item for w in read.words.values()] == [1, None, 1, 1, 1, 2, 3, None, None, None, None, None]


def test_values_with_an_unknown_text_are_not_listed(tmp_path: Path) -> None:
    image = split(tmp_path / "a") / "image" / "receipt_00000.png"
    words = {"0001": Word(np.array(corners(2, 2), np.float32), field="total", line=1)}
    write_cord([Record(image, words, 60, 80)], tmp_path, "dev")
    assert "gt_parse" not in json.loads((tmp_path / "dev/json/receipt_00000.json").read_text(encoding="utf-8"))


def test_several_splits_must_be_chosen_from(tmp_path: Path) -> None:
    split(tmp_path / "train")
    split(tmp_path / "dev")
    with pytest.raises(AnnotationError, match=r"holds the splits dev, train; give one, input=.*dev"):
        read_cord(tmp_path)
    with pytest.raises(AnnotationError, match="holds no image/ and json/"):
        read_cord(tmp_path / "train" / "json")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"valid_line": [{"words": [{"text": "a"}]}]}, r"valid_line 0, word 0: .*`quad`, is \{'text': 'a'\}"),
        ({"valid_line": [{}]}, "valid_line 0: .*`words`"),
        ({"valid_line": [{"words": [], "category": "m" * 101}]}, r"valid_line 0: .*length <= 100 - at `\$\.category`"),
        (
            {"valid_line": [{"words": [{"quad": {**quad(1, 1), "x3": "nine"}}]}]},
            r"valid_line 0, word 0: .*`str`.*x3.*'nine'",
        ),
        ({"dontcare": [[{}]]}, "dontcare 0: .*`x1`"),
        ({"repeating_symbol": [[quad(1, 1)]]}, "repeating_symbol 0: .*`quad`"),
        ({"meta": {"image_size": {"width": 0, "height": 4}}}, "is not a file of CORD .*width"),
    ],
)
def test_faults_are_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    split(tmp_path, {**RECEIPT, **change})
    assert re.search(rf"receipt_00000\.json: {said}", told(read_cord(tmp_path)))


def test_writes_the_published_layout_and_lists_the_rest(tmp_path: Path) -> None:
    image = split(tmp_path / "a") / "image" / "receipt_00000.png"
    square = np.array(corners(2, 2), np.float32)
    words = {
        "0001": Word(square, "b", line=7),
        "0002": Word(square + 10, "faint", ignore=True),
        "0003": Word(square + 0.25, "a"),
        "0004": Word(np.array([[2, 50], [9, 50], [9, 60], [5, 62], [2, 60]], np.float32), line=7),
    }
    told = write_cord([Record(image, words)], tmp_path / "out", "dev")
    assert (tmp_path / "out/dev/image/receipt_00000.png").read_bytes() == image.read_bytes()
    written = json.loads((tmp_path / "out/dev/json/receipt_00000.json").read_text(encoding="utf-8"))
    assert written["meta"]["image_size"] == {"width": 60, "height": 80}
    assert written["dontcare"] == [[quad(12, 12)]]
    assert [[(w["text"], w["row_id"]) for w in line["words"]] for line in written["valid_line"]] == [
        [("b", 1), ("", 1)],
        [("a", 2)],
    ]
    assert written["valid_line"][1]["words"][0]["quad"] == quad(2.25, 2.25)
    assert written["valid_line"][0]["words"][1]["quad"] == quad(2, 50, 7, 12)
    assert len(told) == 5
    assert (
        "word 0004: [[2.0, 50.0], [9.0, 50.0], [9.0, 60.0], [5.0, 62.0], [2.0, 60.0]] becomes [[2.0, 50.0]" in told[0]
    )
    assert "unknown texts" in told[1]
    assert "word 0002: is ignored, so the file cannot hold {'transcription': 'faint'}" in told[2]
    assert "line numbers: 3 words, such as receipt_00000.png, word 0001: line 7 is 1" in told[3]
    assert "word 0004 is 0002" in told[4]

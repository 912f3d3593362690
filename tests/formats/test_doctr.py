"""docTR's detection labels as its trainings read them."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ocr.formats.common.base import AnnotationError
from ocr.formats.convert import convert
from ocr.formats.doctr import read_doctr, write_doctr
from ocr.types import Record, Word
from tests.support.foreign import told

SQUARE = [[1, 1], [9, 1], [9, 9], [1, 9]]
SLANTED = [[10.5, 2], [20, 4], [19, 9], [10, 7]]


def data_set(folder: Path, **changes: Any) -> Path:
    """``images/sample_img_01.png`` of 30 x 20 pixels and its labels."""
    (folder / "images").mkdir(parents=True)
    image = folder / "images" / "sample_img_01.png"
    cv2.imwrite(str(image), np.zeros((20, 30, 3), np.uint8))
    entry = {
        "img_dimensions": [20, 30],
        "img_hash": hashlib.sha256(image.read_bytes()).hexdigest(),
        "polygons": [SQUARE, SLANTED],
        **changes,
    }
    (folder / "labels.json").write_text(json.dumps({image.name: entry}), encoding="utf-8")
    return folder


def test_a_data_set_as_it_is_documented(tmp_path: Path) -> None:
    data_set(tmp_path)
    for source in (tmp_path, tmp_path / "labels.json"):
        data = read_doctr(source)
        (record,) = data.records
        assert not data.left_out
        assert record.image_path == tmp_path / "images" / "sample_img_01.png"
        assert [word.points_N2.tolist() for word in record.words.values()] == [SQUARE, SLANTED]
        assert list(record.words) == ["0001", "0002"]
        assert {(word.transcription, word.ignore, word.line) for word in record.words.values()} == {(None, False, None)}


def test_classes_are_fields(tmp_path: Path) -> None:
    data_set(tmp_path, polygons={"words": [SQUARE], "date": [], "total": [SLANTED]})
    (record,) = read_doctr(tmp_path).records
    assert [word.points_N2.tolist() for word in record.words.values()] == [SQUARE, SLANTED]
    assert [word.field for word in record.words.values()] == [None, "total"]
    words = dict(zip(("0001", "0002", "0003"), (*reversed(record.words.values()), record.words["0002"]), strict=True))
    assert write_doctr([Record(record.image_path, words)], tmp_path / "out", "val") == [
        "keys: 2 words, such as sample_img_01.png, word 0003 is 0002; sample_img_01.png, word 0002 is 0003"
    ]
    (entry,) = json.loads((tmp_path / "out/val/labels.json").read_text(encoding="utf-8")).values()
    assert entry["polygons"] == {"total": [SLANTED, SLANTED], "words": [SQUARE]}


@pytest.mark.parametrize("dimensions", [[20, 30], [30, 20], None])
def test_width_and_height_may_stand_either_way_round(tmp_path: Path, dimensions: list[int] | None) -> None:
    data = read_doctr(data_set(tmp_path / "theirs", img_dimensions=dimensions))
    report = convert(data, tmp_path / "ours", "val")
    assert (report.images, report.left_out) == (1, [])


@pytest.mark.parametrize("known", [None, ""])
def test_without_a_hash_the_image_is_taken(tmp_path: Path, known: str | None) -> None:
    assert len(read_doctr(data_set(tmp_path, img_hash=known)).records) == 1


def test_another_image_than_the_labels_were_made_for_is_left_out(tmp_path: Path) -> None:
    data_set(tmp_path, img_hash="0" * 64)
    data = read_doctr(tmp_path)
    assert data.records == []
    ((path, why),) = data.left_out.items()
    assert path.name == "sample_img_01.png"
    assert "the labels were made for 0000" in why


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"polygons": [SQUARE, [[1, 2], [3]]]}, r"polygon 2: .*\[\[1, 2\], \[3\]\]"),
        ({"polygons": [SQUARE, [[1, 2], [3, "four"]]]}, r"polygon 2: Expected `float`, got `str`"),
        ({"polygons": None}, r"image 'sample_img_01\.png': .*polygons"),
    ],
)
def test_faults_are_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    data_set(tmp_path, **changes)
    assert re.search(rf"labels\.json: .*{said}.*correct or remove it", told(read_doctr(tmp_path)))


def test_other_faults_are_named(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"neither a JSON file nor a folder with labels\.json"):
        read_doctr(tmp_path)
    (tmp_path / "labels.json").write_text('{"../a.png": {"polygons": []}}', encoding="utf-8")
    assert re.search(r"labels\.json: image '\.\./a\.png'.*without '\.\.'", told(read_doctr(tmp_path)))


def test_writes_what_is_documented_and_lists_the_rest(tmp_path: Path) -> None:
    image = data_set(tmp_path / "a") / "images" / "sample_img_01.png"
    curve = np.array([[2, 10], [10, 10], [20, 10], [20, 18], [10, 18], [2, 18]], np.float32)
    words = {
        "0001": Word(np.array(SLANTED, np.float32)),
        "0002": Word(np.array(SQUARE, np.float32), "faint", ignore=True),
        "0003": Word(curve, "TOTAL", line=4),
    }
    told = write_doctr([Record(image, words)], tmp_path / "out", "val")
    (entry,) = json.loads((tmp_path / "out/val/labels.json").read_text(encoding="utf-8")).values()
    assert entry == {
        "img_dimensions": [20, 30],
        "img_hash": hashlib.sha256(image.read_bytes()).hexdigest(),
        "polygons": [SLANTED, [[2, 10], [20, 10], [20, 18], [2, 18]]],
    }
    assert (tmp_path / "out/val/images/sample_img_01.png").read_bytes() == image.read_bytes()
    assert len(told) == 5
    assert "word 0002: is ignored, so it is left out: [[1.0, 1.0]" in told[0]
    assert "word 0003: [[2.0, 10.0], [10.0, 10.0], [20.0, 10.0], [20.0, 18.0]" in told[1]
    assert "transcriptions: 1 words, such as sample_img_01.png, word 0003: 'TOTAL'" in told[2]
    assert "line numbers: 1 words, such as sample_img_01.png, word 0003: 4" in told[3]
    assert "word 0003 is 0002" in told[4]


def test_polygons_of_an_image_of_another_size_are_left_out(tmp_path: Path) -> None:
    data = read_doctr(data_set(tmp_path, img_dimensions=[40, 60], img_hash=None))
    assert data.records == []
    assert re.search(r"sample_img_01\.png has 30 x 20 pixels, img_dimensions is \[40, 60\]", told(data))

"""Competition files with all they carry, one or several together."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import encoded_images
from ocr.formats.common.base import AnnotationError
from ocr.formats.ufo import read_ufo
from tests.support.foreign import told

SQUARE = [[1, 1], [9, 1], [9, 9], [1, 9]]
image = partial(encoded_images.picture, size=(30, 20))


def annotate(path: Path, words: dict[str, Any], *names: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"images": {name: {"words": words} for name in names}}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("annotation", "images"), [("jsons/train.json", "images/train"), ("jsons/train.json", "images"), ("a.json", ".")]
)
def test_images_are_found_where_people_put_them(tmp_path: Path, annotation: str, images: str) -> None:
    image(tmp_path / images / "a.jpg")
    path = annotate(tmp_path / annotation, {"1": {"points": SQUARE}}, "a.jpg")
    for source in (path, tmp_path):
        (record,) = read_ufo(source).records
        assert record.image_path.resolve() == (tmp_path / images / "a.jpg").resolve()


def test_keeps_all_that_the_native_format_holds(tmp_path: Path) -> None:
    image(tmp_path / "images" / "a.jpg")
    words = {
        "1": {"points": SQUARE, "transcription": "가", "illegibility": False, "orientation": "Horizontal", "tags": []},
        "2": {"points": SQUARE, "illegibility": True},
        "3": {"points": SQUARE, "ignore": True, "line": 4},
        "4": {"points": None, "transcription": None},
        "5": {},
        "6": {"points": SQUARE, "ignore": 1, "illegibility": None},
        "7": {"points": SQUARE, "ignore": None, "illegibility": 0},
    }
    (record,) = read_ufo(annotate(tmp_path / "jsons" / "a.json", words, "a.jpg")).records
    assert [word.ignore for word in record.words.values()] == [False, True, True, False, False, True, False]
    assert record.words["1"].transcription == "가"
    assert record.words["3"].line == 4
    assert [len(word.points_N2) for word in record.words.values()] == [4, 4, 4, 0, 0, 4, 4]


def test_keeps_labels_and_values(tmp_path: Path) -> None:
    image(tmp_path / "a.jpg")
    words = {
        "1": {"points": SQUARE, "field": "menu.nm", "item": 2.0},
        "2": {"points": SQUARE, "field": ""},
        "3": {"points": SQUARE, "item": 0},
    }
    content = {"images": {"a.jpg": {"words": words, "fields": {"total": "9.00"}}}}
    (tmp_path / "a.json").write_text(json.dumps(content), encoding="utf-8")
    data = read_ufo(tmp_path / "a.json")
    (record,) = data.records
    assert {key: (word.field, word.item) for key, word in record.words.items()} == {"1": ("menu.nm", 2)}
    assert record.fields == {"total": "9.00"}
    assert re.search(r"word '2': .*length >= 1.*\n.*word '3': .*>= 1", told(data))
    content["images"]["a.jpg"]["fields"] = {"total": 9}
    (tmp_path / "a.json").write_text(json.dumps(content), encoding="utf-8")
    data = read_ufo(tmp_path / "a.json")
    assert (len(data.records[0].words), data.records[0].fields) == (1, {})
    assert re.search(r"image 'a\.jpg', field 'total': .*is 9; correct or remove it", told(data))


def test_keeps_the_stated_size(tmp_path: Path) -> None:
    image(tmp_path / "a.jpg")
    image(tmp_path / "b.jpg")
    content = {"images": {"a.jpg": {"img_w": 30, "img_h": 20}, "b.jpg": {}}}
    (tmp_path / "a.json").write_text(json.dumps(content), encoding="utf-8")
    records = read_ufo(tmp_path / "a.json").records
    assert [(record.width, record.height) for record in records] == [(30, 20), (None, None)]


def test_several_files_together_name_an_image_once(tmp_path: Path) -> None:
    image(tmp_path / "images" / "a.jpg")
    image(tmp_path / "images" / "b.jpg")
    annotate(tmp_path / "jsons" / "one.json", {}, "a.jpg")
    annotate(tmp_path / "jsons" / "two.json", {}, "b.jpg")
    data = read_ufo(tmp_path / "jsons" / "one.json")
    assert [record.name for record in data.records] == ["a.jpg"]
    assert not data.left_out
    both = read_ufo(tmp_path)
    assert [record.name for record in both.records] == ["a.jpg", "b.jpg"]
    assert not both.left_out
    annotate(tmp_path / "jsons" / "two.json", {}, "a.jpg")
    twice = read_ufo(tmp_path)
    assert [record.name for record in twice.records] == ["a.jpg"]
    assert re.search(r"two\.json: image 'a\.jpg': 'a\.jpg' is in .*one\.json: image 'a\.jpg' too", told(twice))


def test_faults_are_named(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="neither a JSON file nor a folder"):
        read_ufo(tmp_path)
    image(tmp_path / "a.jpg")
    path = annotate(tmp_path / "a.json", {"w": {"points": [[1, "x"]]}}, "a.jpg")
    assert re.search(r"a\.json: image 'a\.jpg', word 'w'", told(read_ufo(path)))
    path = annotate(tmp_path / "a.json", {"w": {"points": SQUARE, "line": 2**31}}, "a.jpg")
    # the native format has no more
    assert re.search(r"word 'w': .*`int` <= 2147483647.*line", told(read_ufo(path)))
    assert re.search(r"'\.\./b\.jpg'.*without '\.\.'", told(read_ufo(annotate(tmp_path / "a.json", {}, "../b.jpg"))))

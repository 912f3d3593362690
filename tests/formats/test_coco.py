"""COCO and COCO-Text files as people have them."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import encoded_images
from ocr.formats.coco import read_coco, write_coco
from ocr.formats.common.base import AnnotationError
from ocr.formats.convert import convert
from ocr.formats.native import read_native
from ocr.types import Record, Word
from tests.support.foreign import told

IMAGE = {"id": 9, "file_name": "a.jpg", "width": 30, "height": 20, "license": 3, "date_captured": "2013-11-14 17:02:52"}
POLYGON = [1.5, 2, 9, 2, 9, 8, 1.5, 8]
CORNERS = [[1.5, 2], [9, 2], [9, 8], [1.5, 8]]
RLE = {"counts": [55, 3, 17], "size": [20, 30]}
picture = partial(encoded_images.picture, size=(30, 20))


def region(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "image_id": 9, "category_id": 1, **more}


def coco(path: Path, *regions: dict[str, Any], images: list[dict[str, Any]] | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "info": {"year": 2024},
        "licenses": [],
        "images": [IMAGE] if images is None else images,
        "annotations": list(regions),
        "categories": [{"id": 1, "name": "text", "supercategory": "text"}],
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("file", "image"),
    [
        ("annotations/instances_train.json", "train/a.jpg"),
        ("annotations/instances_train.json", "images/train/a.jpg"),
        ("annotations/train.json", "images/train/a.jpg"),
        ("annotations/train.json", "images/a.jpg"),
        ("train.json", "a.jpg"),
        ("annotations.json", "images/a.jpg"),
    ],
)
def test_images_are_found_where_people_put_them(tmp_path: Path, file: str, image: str) -> None:
    picture(tmp_path / image)
    path = coco(tmp_path / file)
    for source in (path, tmp_path):
        (record,) = read_coco(source).records
        assert record.image_path == tmp_path / image
        assert (record.width, record.height) == (30, 20)
        assert record.words == {}


def test_a_coco_file(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    path = coco(
        tmp_path / "a.json",
        region(11, segmentation=[POLYGON], bbox=[0, 0, 30, 20], area=45, iscrowd=0, utf8_string="가"),
        region(12, bbox=[10.5, 2, 7, 6], segmentation=[]),
        region(13, bbox=[1, 2, 3, 4], iscrowd=1, segmentation=RLE),
        region(14, bbox=[1, 2, 3, 4], iscrowd=1, segmentation=[POLYGON, POLYGON]),
        region(15, segmentation=[POLYGON], iscrowd=1),
    )
    data = read_coco(path)
    (record,) = data.records
    assert not data.left_out
    box = [[1, 2], [4, 2], [4, 6], [1, 6]]
    assert {key: (w.points_N2.tolist(), w.transcription, w.ignore, w.line) for key, w in record.words.items()} == {
        "11": (CORNERS, "가", False, None),
        "12": ([[10.5, 2], [17.5, 2], [17.5, 8], [10.5, 8]], None, False, None),
        "13": (box, None, True, None),
        "14": (box, None, True, None),
        "15": (CORNERS, None, True, None),
    }


def test_a_coco_text_file(tmp_path: Path) -> None:
    name = "COCO_train2014_000000217925.jpg"
    picture(tmp_path / "train2014" / name)
    imgs = {"217925": {"id": 217925, "set": "train", "width": 30, "height": 20, "file_name": name}}
    about = {"image_id": 217925, "language": "english", "class": "machine printed"}
    anns = {
        "45346": {
            "mask": [1, 2, 9, 2, 9, 8, 1, 8],
            "bbox": [1, 2, 8, 6],
            "utf8_string": "New",
            "legibility": "legible",
            "area": 48,
            "id": 45346,
            **about,
        },
        "45347": {"mask": [2, 3, 4, 5, 2, 5], "bbox": [2, 3, 2, 2], "legibility": "illegible", "id": 45347, **about},
        "45348": {"mask": [], "bbox": [2, 3, 2, 2], "legibility": "legible", "utf8_string": "", "id": 45348, **about},
    }
    path = tmp_path / "cocotext.v2_train2014.json"
    content = {"cats": {}, "anns": anns, "imgs": imgs, "imgToAnns": {"217925": [45346, 45347, 45348]}, "info": {}}
    path.write_text(json.dumps(content), encoding="utf-8")
    (record,) = read_coco(path).records
    assert record.image_path == tmp_path / "train2014" / name
    assert {key: (w.points_N2.tolist(), w.transcription, w.ignore) for key, w in record.words.items()} == {
        "45346": ([[1, 2], [9, 2], [9, 8], [1, 8]], "New", False),
        "45347": ([[2, 3], [4, 5], [2, 5]], None, True),
        "45348": ([[2, 3], [4, 3], [4, 5], [2, 5]], "", False),
    }


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (region(1, segmentation=RLE, bbox=[1, 2, 3, 4]), r"annotation 1: .*mask of pixels \(RLE\); draw one polygon"),
        (region(1, segmentation=[POLYGON, POLYGON], bbox=[1, 2, 3, 4]), r"annotation 1: .*2 polygons, \[\[1\.5"),
        (region(1), "annotation 1: has neither segmentation nor bbox"),
        (region(1, segmentation=[[1, 2, 3]]), r"annotation 1: \[1\.0, 2\.0, 3\.0\] has 3 numbers"),
        (region(1, bbox=[1, 2, 3]), r"annotation 1: its bbox \[1\.0, 2\.0, 3\.0\] must be x, y, width, height"),
        (region(1, bbox=[1, 2, "three", 4]), r"annotation 0: Expected `float`, got `str`"),
        ({**region(1, bbox=[1, 2, 3, 4]), "image_id": 8}, "annotation 1: no image has id 8"),
    ],
)
def test_faults_are_named(tmp_path: Path, bad: dict[str, Any], said: str) -> None:
    picture(tmp_path / "a.jpg")
    assert re.search(rf"a\.json: {said}", told(read_coco(coco(tmp_path / "a.json", bad))))


def test_other_faults_are_named(tmp_path: Path) -> None:
    path = coco(tmp_path / "a.json", region(1, bbox=[1, 2, 3, 4]), region(1, bbox=[1, 2, 3, 4]))
    assert "annotation 1: another annotation of its image has this id" in told(read_coco(path))
    assert "image 'a.jpg' has the same id 9 as another" in told(read_coco(coco(path, images=[IMAGE, IMAGE])))
    outside = told(read_coco(coco(path, images=[{**IMAGE, "file_name": "../a.jpg"}])))
    assert re.search(r"image '\.\./a\.jpg'.*without '\.\.'", outside)
    path.write_text('{"images": []}', encoding="utf-8")
    with pytest.raises(AnnotationError, match=r"a\.json: has neither images and annotations"):
        read_coco(path)


def test_writes_plain_coco_and_lists_the_rest(tmp_path: Path) -> None:
    image = picture(tmp_path / "a.jpg")
    square = np.array(CORNERS, np.float32)
    words = {"1": Word(square, "가", line=2), "w": Word(square[[0, 1, 2]], ignore=True)}
    told = write_coco([Record(image, words, 30, 20)], tmp_path / "out", "val")
    assert json.loads((tmp_path / "out/val/annotations.json").read_text(encoding="utf-8")) == {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 30, "height": 20}],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 1,
                "segmentation": [POLYGON],
                "bbox": [1.5, 2, 7.5, 6],
                "area": 45,
                "iscrowd": 0,
                "utf8_string": "가",
            },
            {
                "id": 2,
                "image_id": 1,
                "category_id": 1,
                "segmentation": [POLYGON[:6]],
                "bbox": [1.5, 2, 7.5, 6],
                "area": 22.5,
                "iscrowd": 1,
            },
        ],
        "categories": [{"id": 1, "name": "text", "supercategory": "text"}],
    }
    assert told == [
        "line numbers: 1 words, such as a.jpg, word 1: 2",
        "keys: 1 words, such as a.jpg, word w is 2",
    ]


def test_of_several_categories_each_is_a_field(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    path = coco(tmp_path / "a.json", *({**region(n, bbox=[n, 2, 3, 4]), "category_id": n} for n in (1, 2, 3, 4)))
    content = json.loads(path.read_text(encoding="utf-8"))
    content["categories"] = [{"id": 1, "name": "Text"}, {"id": "2", "name": "total"}, {"id": 3, "name": "Ignore"}]
    path.write_text(json.dumps(content), encoding="utf-8")
    (record,) = read_coco(path).records
    assert [(w.field, w.ignore) for w in record.words.values()] == [
        (None, False),
        ("total", False),
        (None, True),
        (None, False),
    ]
    write_coco([record], tmp_path / "out", "val")
    written = json.loads((tmp_path / "out/val/annotations.json").read_text(encoding="utf-8"))
    assert [each["category_id"] for each in written["annotations"]] == [1, 2, 1, 1]
    assert [(each["id"], each["name"]) for each in written["categories"]] == [(1, "text"), (2, "total")]
    content["categories"] = [{"id": 2, "name": "word"}, {"id": 3, "name": "Ignore"}]
    path.write_text(json.dumps(content), encoding="utf-8")
    assert [word.field for word in read_coco(path).records[0].words.values()] == [None] * 4


TURNED = [[143.43, 115.15], [284.85, 256.57], [256.57, 284.85], [115.15, 143.43]]
UPRIGHT = [[100, 180], [300, 180], [300, 220], [100, 220]]
SIDES = {"bbox": [100, 180, 200, 40]}


def corners_of(tmp_path: Path, **more: Any) -> list[list[float]] | str:
    """The corners of one annotation as they are read, or what is told of it."""
    picture(tmp_path / "a.jpg")
    data = read_coco(coco(tmp_path / "a.json", region(1, **more)))
    if not data.records:
        return told(data)
    return np.round(data.records[0].words["1"].points_N2.astype(float), 2).tolist()


def test_a_rotation_turns_the_box_about_its_centre(tmp_path: Path) -> None:
    """CVAT writes the upright box, and in attributes.rotation the degrees by which it is turned clockwise."""
    attributes = {"occluded": False, "rotation": 45}
    assert corners_of(tmp_path, **SIDES, segmentation=[], attributes=attributes) == TURNED
    assert corners_of(tmp_path, **SIDES, attributes={"rotation": "45.0"}) == TURNED
    assert corners_of(tmp_path, **SIDES, iscrowd=1, segmentation=RLE, attributes=attributes) == TURNED
    assert corners_of(tmp_path, **SIDES, attributes={"rotation": 360 + 45}) == TURNED
    for listed in ({"name": "rotation", "value": 45}, {"rotation": 45}):
        assert corners_of(tmp_path, **SIDES, attributes=[{"name": "occluded", "value": False}, listed]) == TURNED
    quarter = corners_of(tmp_path, **SIDES, attributes={"rotation": 90})
    assert quarter == [[220, 100], [220, 300], [180, 300], [180, 100]]
    for plain in ({}, {"rotation": 0.0}, {"occluded": True}, {"angle": 0}, [], [1], None):
        assert corners_of(tmp_path, **SIDES, attributes=plain) == UPRIGHT


def test_a_rotation_turns_a_polygon_that_is_the_box_and_no_other(tmp_path: Path) -> None:
    attributes = {"rotation": 45}
    start_elsewhere = [300, 220, 100, 220, 100, 180, 300, 180]
    assert corners_of(tmp_path, **SIDES, segmentation=[start_elsewhere], attributes=attributes) == TURNED
    drawn = [110, 190, 300, 180, 300, 220, 100, 220]
    assert corners_of(tmp_path, **SIDES, segmentation=[drawn], attributes=attributes) == [
        [110, 190],
        [300, 180],
        [300, 220],
        [100, 220],
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"rotation": 45},
        {"angle": -3.5},
        {"theta": 0.5},
        {"bbox_mode": 0},
        {"bbox": [200, 200, 200, 40, -45], "bbox_mode": 4},
        {"attributes": {"angle": 45}},
        {"attributes": {"theta": 45}},
        {"attributes": [{"name": "angle", "value": 45}]},
    ],
)
def test_what_gives_a_box_another_meaning_is_named(tmp_path: Path, more: dict[str, Any]) -> None:
    why = corners_of(tmp_path, **{**SIDES, **more})
    name = "bbox_mode" if "bbox_mode" in more else next(iter(more))
    assert re.search(
        rf"annotation 1: its bbox depends on .*'{name}.*'.* draw a polygon, or give bbox as x, y", str(why)
    )
    drawn = [1.5, 2, 9, 2, 9, 8, 1.5, 8]
    assert corners_of(tmp_path, **{**SIDES, **more}, segmentation=[drawn]) == CORNERS


def test_a_box_that_was_drawn_from_the_other_side(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    boxes = ([9, 2, -7, 6], [2, 8, 7, -6], [9, 8, -7, -6])
    data = read_coco(coco(tmp_path / "a.json", *(region(n, bbox=box) for n, box in enumerate(boxes))))
    convert(data, tmp_path / "out", "val")
    (record,) = read_native(tmp_path / "out/jsons/val.json")
    assert [word.points_N2.tolist() for word in record.words.values()] == [[[2, 2], [9, 2], [9, 8], [2, 8]]] * 3


def test_other_keys_that_draw_or_disable_a_region(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    path = coco(
        tmp_path / "a.json",
        region(1, bbox=[1, 2, 3, 4], polygon=POLYGON),
        region(2, bbox=[1, 2, 3, 4], points=POLYGON),
        region(3, segmentation=[[]], bbox=[1, 2, 3, 4], points=[[1, 2], [3, 4]], ignore=1, iscrowd=None),
        region(4, segmentation=[[*POLYGON, 1.5, 2]]),
        {**region(5, bbox=[1, 2, 3, 4]), "category_id": 2.0},
    )
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, "categories": None}), encoding="utf-8")
    assert not read_coco(path).records[0].words["5"].ignore
    content["categories"].append({"id": 2, "name": "Illegible"})
    path.write_text(json.dumps(content), encoding="utf-8")
    (record,) = read_coco(path).records
    box = [[1, 2], [4, 2], [4, 6], [1, 6]]
    assert {key: (word.points_N2.tolist(), word.ignore) for key, word in record.words.items()} == {
        "1": (CORNERS, False),
        "2": (CORNERS, False),
        "3": (box, True),
        "4": (CORNERS, False),
        "5": (box, True),
    }

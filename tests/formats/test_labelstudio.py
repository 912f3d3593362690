"""Label Studio's export as a person downloads it."""

import json
import math
import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import encoded_images
from ocr.formats.common.base import AnnotationError
from ocr.formats.convert import convert
from ocr.formats.labelstudio import read_labelstudio, write_labelstudio
from ocr.formats.native import read_native
from ocr.types import Record, Word
from tests.support.foreign import told

WIDTH, HEIGHT = 200, 100
SIZE = {"original_width": WIDTH, "original_height": HEIGHT, "image_rotation": 0}
picture = partial(encoded_images.picture, size=(WIDTH, HEIGHT))


def result(kind: str, identity: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    names = {"from_name": "label", "to_name": "image", "origin": "manual"}
    return {**SIZE, "value": value, "id": identity, "type": kind, **names, **more}


BOX = {"x": 10, "y": 20, "width": 30, "height": 10, "rotation": 0}
POLYGON = {"points": [[1, 2], [50.5, 2], [50.5, 40], [1, 40]], "closed": True}
DRAWN = result("polygonlabels", "k3xQ", {**POLYGON, "polygonlabels": ["Text"]})


def task(
    *results: dict[str, Any], image: str = "/data/upload/1/abcdef01-receipt%201.png", **more: Any
) -> dict[str, Any]:
    """A task as the export has it, with one annotation."""
    done = {"id": 5, "completed_by": 1, "result": list(results), "was_cancelled": False, "ground_truth": False}
    prediction = {"id": 1, "result": [result("rectanglelabels", "p", {**BOX, "rectanglelabels": ["Text"]})]}
    about = {"file_upload": "abcdef01-receipt 1.png", "project": 1, "drafts": [], "meta": {}, "total_annotations": 1}
    return {"id": 3, "annotations": [done], "predictions": [prediction], "data": {"ocr": image}, **about, **more}


def export(folder: Path, *tasks: object) -> Path:
    path = folder / "project-1-at-2024-05-01-10-00-abcdef01.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/data/upload/1/abcdef01-receipt%201.png", "receipt 1.png"),
        ("/data/upload/1/abcdef01-receipt%201.png", "images/abcdef01-receipt 1.png"),
        ("/data/local-files/?d=receipts/2024/receipt%201.png", "receipt 1.png"),
        ("https://example.org/a/receipt%201.png?X-Signature=1", "images/receipt 1.png"),
        ("s3://bucket/receipts/receipt 1.png", "receipt 1.png"),
        ("../receipt 1.png", "receipt 1.png"),
    ],
)
def test_images_are_found_by_the_name_that_ends_the_address(tmp_path: Path, address: str, file: str) -> None:
    picture(tmp_path / file)
    for key in ("image", "ocr", "captioning"):
        path = export(tmp_path, task(DRAWN, image=address) | {"data": {key: address, "id": 7}})
        for source in (path, tmp_path):
            data = read_labelstudio(source)
            (record,) = data.records
            assert record.image_path == tmp_path / file
            assert not data.left_out


def test_regions_of_every_kind(tmp_path: Path) -> None:
    picture(tmp_path / "receipt 1.png")
    turned = {**BOX, "rotation": 30}
    export(
        tmp_path,
        task(
            DRAWN,
            result("textarea", "k3xQ", {**POLYGON, "text": ["TOTAL", "9,00"]}, from_name="transcription"),
            # The OCR template: shape, label and text of one region are three results.
            result("rectangle", "b0x1", BOX, from_name="bbox"),
            result("labels", "b0x1", {**BOX, "labels": ["Illegible"]}),
            result("textarea", "b0x1", {**BOX, "text": "?"}, from_name="transcription"),
            result("rectanglelabels", "b0x2", {**turned, "rectanglelabels": ["Handwriting"]}),
            # What is said of the whole image, and of pairs.
            {"id": "c", "type": "choices", "value": {"choices": ["sharp"]}, "from_name": "quality", "to_name": "image"},
            {"from_id": "b0x1", "to_id": "b0x2", "type": "relation", "direction": "right"},
        ),
    )
    (record,) = read_labelstudio(tmp_path).records
    assert (record.width, record.height) == (WIDTH, HEIGHT)
    assert list(record.words) == ["k3xQ", "b0x1", "b0x2"]
    drawn, box, slanted = record.words.values()
    assert drawn.points_N2.tolist() == [[2, 2], [101, 2], [101, 40], [2, 40]]
    assert (drawn.transcription, drawn.ignore) == ("TOTAL\n9,00", False)
    assert box.points_N2.tolist() == [[20, 20], [80, 20], [80, 30], [20, 30]]
    assert (box.transcription, box.ignore) == ("?", True)
    # 60 x 10 pixels, turned clockwise by 30 degrees about (20, 20).
    along, down = 60 * math.sqrt(3) / 2, 60 / 2
    expected = [[20, 20], [20 + along, 20 + down], [20 + along - 5, 20 + down + 5 * math.sqrt(3)]]
    assert slanted.points_N2[:3] == pytest.approx(np.array(expected), abs=1e-4)
    assert slanted.points_N2[3] == pytest.approx(np.array([15, 20 + 5 * math.sqrt(3)]), abs=1e-4)
    assert (slanted.transcription, slanted.ignore, slanted.line) == (None, False, None)


@pytest.mark.parametrize(
    ("labels", "others", "field"),
    [
        (["Text"], [], None),
        (["Handwriting", "total"], [], "total"),
        (["Ignore"], [("choices", "field", {"choices": ["tax"]})], "tax"),
        (["total"], [("choices", "field", {"choices": ["Text"]})], "Text"),
        (["total"], [("choices", "quality", {"choices": ["sharp"]})], "total"),
        (["Text"], [("choices", "class", {"choices": ["date", "time"]})], "date"),
        ([], [("labels", "label", {"labels": ["date"]})], "date"),
    ],
)
def test_the_field_of_a_region(tmp_path: Path, labels: list[str], others: list[Any], field: str | None) -> None:
    picture(tmp_path / "receipt 1.png")
    said = [result(kind, "a", {**BOX, **value}, from_name=name) for kind, name, value in others]
    drawn = result("rectanglelabels", "a", {**BOX, "rectanglelabels": labels})
    number = result("number", "a", {**BOX, "number": 3}, from_name="item")
    export(tmp_path, task(drawn, *said, number))
    (record,) = read_labelstudio(tmp_path).records
    assert (record.words["a"].field, record.words["a"].item) == (field, 3)


def test_a_wrong_label_costs_its_region_only(tmp_path: Path) -> None:
    picture(tmp_path / "receipt 1.png")
    long = result("rectanglelabels", "a", {**BOX, "rectanglelabels": ["f" * 101]})
    half = result("rectanglelabels", "b", {**BOX, "x": 50, "rectanglelabels": ["Text"]})
    export(tmp_path, task(DRAWN, long, half, result("number", "b", {**BOX, "number": 2.5}, from_name="item")))
    data = read_labelstudio(tmp_path)
    assert list(data.records[0].words) == ["k3xQ"]
    assert re.search(r"region 'a', field: .*length <= 100.*\n.*region 'b', item: Expected `int`", told(data))


def test_the_first_annotation_that_is_not_cancelled_counts(tmp_path: Path) -> None:
    image = picture(tmp_path / "receipt 1.png")
    cancelled = {"id": 5, "was_cancelled": True, "result": []}
    first = {"id": 6, "was_cancelled": None, "skipped": None, "ground_truth": None, "result": [DRAWN]}
    second = {"id": "7/b", "result": []}
    export(tmp_path, task(annotations=[cancelled, first, second]))
    data = read_labelstudio(tmp_path)
    (record,) = data.records
    assert list(record.words) == ["k3xQ"]
    ((further, why),) = data.left_out.items()
    assert further == tmp_path / "receipt 1.png, annotation 2"
    assert why == "(id 7/b) is left out: its task has one that comes first"
    for undone in ([cancelled], []):
        export(tmp_path, task(annotations=undone))
        data = read_labelstudio(tmp_path)
        assert data.records == []
        assert "has no annotation" in data.left_out[image]


def test_an_image_without_text_has_no_words(tmp_path: Path) -> None:
    picture(tmp_path / "receipt 1.png")
    export(tmp_path, task())
    (record,) = read_labelstudio(tmp_path).records
    assert (record.words, record.width) == ({}, None)


def test_what_cannot_be_placed_is_left_out(tmp_path: Path) -> None:
    image = picture(tmp_path / "receipt 1.png")
    export(tmp_path, task(DRAWN | {"image_rotation": 90}), task(DRAWN, image="/data/upload/1/b.png"))
    data = read_labelstudio(tmp_path)
    assert data.records == []
    assert "was turned by 90" in data.left_out[image]
    assert "missing" in data.left_out[tmp_path / "b.png"]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (task(DRAWN) | {"data": {"img": "a.png"}}, r"task 3: data \{'img': 'a\.png'\} has no text at image, ocr"),
        (task(DRAWN, image="http://[/a.png"), r"task 3: 'http://\[/a\.png' is not an address"),
        (task(DRAWN, image="/data/upload/%2e%2e"), r"task 3: .*without '\.\.'"),
        (task(DRAWN, image="https://example.org/"), r"task 3: .*the name must be a path inside"),
        (task(result("brushlabels", "r", {"format": "rle", "rle": [1]})), "task 3, region 'r': brushlabels is not a"),
        (task(result("ellipse", "r", {"x": 1, "y": 1})), "task 3, region 'r': ellipse is not a polygon"),
        (
            task(DRAWN, DRAWN | {"value": {**POLYGON, "points": [[1, 2], [3, 2], [3, 4]]}}),
            "task 3, region 'k3xQ': is drawn twice",
        ),
        (task(result("polygon", "r", {})), "task 3, region 'r': has no points"),
        (task(result("rectangle", "r", {"x": 1, "y": 2})), "task 3, region 'r': lacks one of x, y, width, height"),
        (task(result("polygon", "r", {"points": [[1, "two"]]})), r"task 3, result 0: .*points.*'two'"),
        (task(DRAWN | {"original_width": 9}, result("rectangle", "r", BOX)), "task 3: its regions have .*9, 100"),
        (task(result("polygon", "r", POLYGON) | {"original_width": None}), "task 3: its regions have .*None"),
    ],
)
def test_faults_are_named(tmp_path: Path, bad: dict[str, Any], said: str) -> None:
    picture(tmp_path / "receipt 1.png")
    assert re.search(rf"project-.*\.json: {said}", told(read_labelstudio(export(tmp_path, bad))))


def test_writes_tasks_that_can_be_imported(tmp_path: Path) -> None:
    image = picture(tmp_path / "a b.png")
    square = np.array([[2, 1], [101, 1], [101, 40.25], [2, 40.25]], np.float32)
    words = {"0001": Word(square, "가"), "w": Word(square, ignore=True, line=4)}
    told = write_labelstudio([Record(image, words, WIDTH, HEIGHT)], tmp_path / "out", "val")
    assert told == ["line numbers: 1 words, such as a b.png, word w: 4"]
    shape = {"points": [[1, 1], [50.5, 1], [50.5, 40.25], [1, 40.25]], "closed": True}
    place = {**SIZE, "to_name": "image"}
    assert json.loads((tmp_path / "out/val/tasks.json").read_text(encoding="utf-8")) == [
        {
            "data": {"image": "/data/local-files/?d=val/images/a%20b.png"},
            "annotations": [
                {
                    "result": [
                        {"id": "0001", "type": "polygonlabels", "from_name": "label", **place}
                        | {"value": {**shape, "polygonlabels": ["Text"]}},
                        {"id": "0001", "type": "textarea", "from_name": "transcription", **place}
                        | {"value": {**shape, "text": ["가"]}},
                        {"id": "w", "type": "polygonlabels", "from_name": "label", **place}
                        | {"value": {**shape, "polygonlabels": ["Ignore"]}},
                    ]
                }
            ],
        }
    ]
    assert (tmp_path / "out/val/images/a b.png").is_file()


def drawn_at(x: float, identity: str, **more: Any) -> dict[str, Any]:
    """A box of 20 x 10 pixels whose left edge is at ``x`` pixels."""
    box = {**BOX, "x": 100 * x / WIDTH, "width": 10, "rectanglelabels": ["Text"]}
    return result("rectanglelabels", identity, box, **more)


def lefts(folder: Path, *tasks: object, key: str | None = None) -> dict[str, list[float]]:
    """The left edges of the regions on each image."""
    data = read_labelstudio(export(folder, *tasks), key)
    assert told(data) == ""
    return {
        record.image_path.relative_to(folder).as_posix(): [float(w.points_N2[0, 0]) for w in record.words.values()]
        for record in data.records
    }


def of_data(data: dict[str, Any], *results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**task(*results, **more), "data": data}


def test_regions_are_on_the_page_that_item_index_says(tmp_path: Path) -> None:
    for name in "abc":
        picture(tmp_path / f"{name}.png")
    pages = [f"/data/upload/1/{name}.png" for name in "abc"]
    drawn = (drawn_at(4, "r", item_index=2), drawn_at(6, "s", item_index=0), drawn_at(8, "t"))
    expected = {"a.png": [6, 8], "b.png": [], "c.png": [4]}
    assert lefts(tmp_path, of_data({"pages": pages}, *drawn)) == expected
    assert lefts(tmp_path, of_data({"mine": pages}, *drawn), key="mine") == expected


def test_regions_are_on_the_page_that_a_repeater_s_tag_says(tmp_path: Path) -> None:
    for name in "ab":
        picture(tmp_path / f"{name}.png")
    images = [{"url": f"https://example.org/{name}.png"} for name in "ab"]
    drawn = (drawn_at(4, "r", to_name="page_1"), drawn_at(6, "s", to_name="page_0"))
    assert lefts(tmp_path, of_data({"images": images}, *drawn)) == {"a.png": [6], "b.png": [4]}
    assert lefts(tmp_path, of_data({"images": images}, drawn[0])) == {"a.png": [], "b.png": [4]}


def test_regions_are_on_the_image_that_to_name_says(tmp_path: Path) -> None:
    for name in "ab":
        picture(tmp_path / f"{name}.png")
    both = {"image": "a.png", "image2": "b.png", "id": 7}
    first, second = drawn_at(4, "r", to_name="image"), drawn_at(6, "s", to_name="image2")
    assert lefts(tmp_path, of_data(both, first, second)) == {"a.png": [4], "b.png": [6]}
    assert lefts(tmp_path, of_data(both, second)) == {"a.png": [], "b.png": [6]}
    named = {"front": "a.png", "back": "b.png"}
    two = drawn_at(4, "r", to_name="front"), drawn_at(6, "s", to_name="back")
    assert lefts(tmp_path, of_data(named, *two)) == {"a.png": [4], "b.png": [6]}
    old = drawn_at(4, "r", to_name="x", source="$back"), drawn_at(6, "s", to_name="y", source="$front")
    assert lefts(tmp_path, of_data(named, *old)) == {"b.png": [4], "a.png": [6]}
    unknown = read_labelstudio(export(tmp_path, of_data(both, drawn_at(4, "r", to_name="img"))))
    assert "region 'r': its to_name 'img' is one of several images" in told(unknown)
    assert not any(record.words for record in unknown.records)
    same = {"image": "a.png", "thumbnail": "a.png", "note": "c.png", "side": "notes"}
    data = read_labelstudio(export(tmp_path, of_data(same, drawn_at(4, "r", to_name="img"))))
    assert [(record.name, list(record.words)) for record in data.records] == [("a.png", ["r"])]
    one = read_labelstudio(export(tmp_path, of_data(named, drawn_at(4, "r", to_name="img"))), "back")
    assert [record.name for record in one.records] == ["b.png"]


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        ([drawn_at(4, "r", to_name="img2")], "region 'r': its to_name 'img2' is one of several images"),
        ([drawn_at(4, "r", to_name="image", item_index=1)], r"region 'r': is on page 1 .*its task has 1"),
        ([drawn_at(4, "r", to_name="pages", item_index=2)], r"region 'r': is on page 2 .*its task has 2"),
        ([drawn_at(4, "r", to_name="pages", item_index=-1)], r"region 'r': is on page -1 "),
    ],
)
def test_regions_on_no_image_that_is_known_are_left_out(tmp_path: Path, drawn: list[dict[str, Any]], said: str) -> None:
    for name in "abc":
        picture(tmp_path / f"{name}.png")
    both = {"image": "a.png", "pages": ["b.png", "c.png"]}
    other = drawn_at(6, "s", to_name="image")
    data = read_labelstudio(export(tmp_path, of_data(both, *drawn, other)))
    assert re.search(said, told(data))
    assert [(record.name, list(record.words)) for record in data.records] == [("a.png", ["s"])]


def test_images_of_one_name_in_two_folders_are_two(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        picture(tmp_path / "images" / folder / "a.png")
    tasks = [
        of_data({"image": f"/data/local-files/?d=mine/{folder}/a.png"}, drawn_at(4 + place, "r"))
        for place, folder in enumerate("xy")
    ]
    assert lefts(tmp_path, *tasks) == {"images/x/a.png": [4], "images/y/a.png": [5]}
    (tmp_path / "images" / "x" / "a.png").rename(tmp_path / "images" / "a.png")
    (tmp_path / "images" / "y" / "a.png").unlink()
    data = read_labelstudio(export(tmp_path, *tasks))
    assert [record.words["r"].points_N2[0, 0] for record in data.records] == [4]
    assert "task 3: 'a.png' is in" in told(data)


def test_the_ground_truth_counts_before_the_first(tmp_path: Path) -> None:
    picture(tmp_path / "receipt 1.png")
    first = {"id": 6, "result": [drawn_at(4, "r")]}
    truth = {"id": 7, "ground_truth": True, "result": [drawn_at(6, "s")]}
    export(tmp_path, task(annotations=[first, truth]))
    data = read_labelstudio(tmp_path)
    assert [list(record.words) for record in data.records] == [["s"]]
    assert list(data.left_out.values()) == ["(id 6) is left out: its task has one that is the ground truth"]


def test_exports_from_before_version_1_have_completions(tmp_path: Path) -> None:
    picture(tmp_path / "receipt 1.png")
    done = [{"id": 1, "skipped": True, "result": []}, {"id": 2, "result": [drawn_at(4, "r")]}]
    assert lefts(tmp_path, {**task(annotations=[]), "completions": done}) == {"receipt 1.png": [4]}


def test_predictions_alone_are_no_annotation(tmp_path: Path) -> None:
    image = picture(tmp_path / "receipt 1.png")
    export(tmp_path, task(annotations=[]))
    data = read_labelstudio(tmp_path)
    assert data.left_out[image].endswith("that is not cancelled, and 1 predictions")


def test_what_the_editor_knows_of_a_region_changes_nothing(tmp_path: Path) -> None:
    picture(tmp_path / "receipt 1.png")
    plain = drawn_at(4, "r")
    known = {**plain, "hidden": True, "locked": True, "meta": {"text": ["?"]}, "parentID": "s", "score": 0.1}
    assert lefts(tmp_path, task(known)) == lefts(tmp_path, task(plain)) == {"receipt 1.png": [4]}


def test_shapes_that_are_no_polygons_are_named_and_counted(tmp_path: Path) -> None:
    picture(tmp_path / "receipt 1.png")
    kinds = ("brushlabels", "ellipselabels", "keypoint", "bitmasklabels", "vectorlabels", "of another version")
    others = [result(kind, kind, {"x": 1, "y": 2, "radiusX": 3}) for kind in kinds]
    data = read_labelstudio(export(tmp_path, task(drawn_at(4, "r"), *others)))
    assert [list(record.words) for record in data.records] == [["r"]]
    ((_, faults),) = data.faults.items()
    assert [f"{kind} is not a polygon" in fault for kind, fault in zip(kinds, faults, strict=True)] == [True] * 6


def test_a_shape_and_its_labelled_shape_are_one_region(tmp_path: Path) -> None:
    picture(tmp_path / "receipt 1.png")
    both = result("rectangle", "r", BOX), result("rectanglelabels", "r", {**BOX, "rectanglelabels": ["Ignore"]})
    data = read_labelstudio(export(tmp_path, task(*both)))
    assert told(data) == ""
    assert [word.ignore for word in data.records[0].words.values()] == [True]


def test_a_box_that_was_drawn_from_the_other_side(tmp_path: Path) -> None:
    picture(tmp_path / "receipt 1.png")
    other_side = {"x": 40, "y": 30, "width": -30, "height": -10, "rotation": 0}
    convert(read_labelstudio(export(tmp_path, task(result("rectangle", "r", other_side)))), tmp_path / "out", "val")
    (record,) = read_native(tmp_path / "out/jsons/val.json")
    assert record.words["r"].points_N2.tolist() == [[20, 20], [80, 20], [80, 30], [20, 30]]


def test_other_exports_are_told_by_name(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    least = {"image": "a.png", "id": 1, "label": [{**BOX, **SIZE, "rectanglelabels": ["Text"]}], "annotator": 1}
    with pytest.raises(AnnotationError, match=r"no task has 'data', as in the export JSON-MIN; export as JSON"):
        read_labelstudio(export(tmp_path, least, least))
    own = of_data({"receipt": "a.png", "id": 7}, drawn_at(4, "r"))
    assert "set key= to one of receipt" in told(read_labelstudio(export(tmp_path, own)))
    assert "has no text at scan; name the image there, or set key= to one of receipt" in told(
        read_labelstudio(export(tmp_path, own), "scan")
    )


def test_shares_where_per_cent_are_expected_are_told(tmp_path: Path) -> None:
    picture(tmp_path / "receipt 1.png")
    shares = {"points": [[0.1, 0.2], [0.9, 0.2], [0.9, 0.25]], "closed": True, "polygonlabels": ["Text"]}
    export(tmp_path, task(result("polygonlabels", "k3xQ", shares)))
    data = read_labelstudio(tmp_path)
    assert data.records == []
    ((image, why),) = data.left_out.items()
    assert image == tmp_path / "receipt 1.png"
    assert "all coordinates of 1 regions lie between 0 and 1, where per cent are expected" in why
    assert why.endswith("multiply them by 100")

"""What all readers of other formats do with files that are not what they should be."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocr.formats.common.base import AnnotationError, ForeignData
from ocr.formats.common.image_files import add_record, leave_unannotated, locate
from ocr.formats.common.reading import as_element, box_polygon, flat_polygon, only_json, polygon, read_json
from ocr.types import Record


def test_json_as_people_have_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_json(path, dict[str, int], "numbers") == {"a": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "truncated"),
        (b'{"a": ', "truncated"),
        (b"\xff\xfe{\x00", "truncated"),
        (b'{"a": 1e999}', "Expected `float`, got `object`"),
        (b'{"a": NaN}', "Expected `float`, got `object`"),
        (b'{"a": NaN', "invalid character"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"a": "b"}', r"Expected `float`, got `str` - at `\$\[...\]`"),
    ],
)
def test_what_is_no_json_of_the_form_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(AnnotationError, match=rf"a\.json: is not a file of numbers .*({said}).*; correct it"):
        read_json(path, dict[str, float], "numbers")


def test_values_that_json_does_not_have_are_what_no_entry_takes(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    texts = b'"b": "\\ud83d", "c": "\xff\xea\xb0\x80", "d\xff": "\\ud83d\\ude00"'
    path.write_bytes(b'\xef\xbb\xbf{"a": [NaN, -Infinity, 1e999, 2], ' + texts + b"}")
    assert read_json(path, dict[str, Any], "anything") == {
        "a": [{"not JSON": "NaN"}, {"not JSON": "-Infinity"}, {"not JSON": "inf"}, 2],
        "b": {"not JSON": "\ufffd"},
        "c": {"not JSON": "\ufffd\uac00"},
        "d\ufffd": "\U0001f600",
    }


def test_json_that_is_nested_too_deeply_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"[" * 100_000)
    with pytest.raises(AnnotationError, match=r"a\.json: is not a file of numbers .*recursion"):
        read_json(path, list[Any], "numbers")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"a\.json: cannot be read: No such file"):
        read_json(tmp_path / "a.json", list[Any], "numbers")
    with pytest.raises(AnnotationError, match="cannot be read: it is a folder"):
        read_json(tmp_path, list[Any], "numbers")


def test_a_folder_must_hold_one_file(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"neither a JSON file nor a folder with b/\*\.json or \*\.json"):
        only_json(tmp_path, "b/*.json", "*.json")
    (tmp_path / "a.json").touch()
    assert only_json(tmp_path, "b/*.json", "*.json") == tmp_path / "a.json"
    (tmp_path / "c.json").touch()
    with pytest.raises(AnnotationError, match=r"holds a\.json, c\.json; give one of them, input=.*a\.json"):
        only_json(tmp_path, "b/*.json", "*.json")
    assert only_json(tmp_path / "c.json") == tmp_path / "c.json"


def test_an_element_of_another_form_is_named_with_its_value() -> None:
    with pytest.raises(AnnotationError, match=r"here: Expected `int`, got `str`, is 'b+ \.\.\.; correct or remove it"):
        as_element("b" * 1000, int, "here")


def test_polygons() -> None:
    assert polygon([]).shape == (0, 2)
    assert polygon([(1e300, 0)]).tolist() == [[np.inf, 0]]
    assert flat_polygon([1, 2, 3, 4], "here").tolist() == [[1, 2], [3, 4]]
    assert box_polygon(1, 2, 10, 5).tolist() == [[1, 2], [11, 2], [11, 7], [1, 7]]
    with pytest.raises(AnnotationError, match=r"here: \[1, 2, 3\] has 3 numbers; x and y must come in pairs"):
        flat_polygon([1, 2, 3], "here")


@pytest.mark.parametrize("name", ["../a.png", "/etc/a.png", "x/../../a.png", "", "."])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(AnnotationError, match=r"here: .*without '\.\.'"):
        locate(name, [tmp_path / "b"], "here")


def test_an_image_is_found_in_the_first_folder_that_has_it(tmp_path: Path) -> None:
    folders = [tmp_path / "x", tmp_path / "y"]
    for folder in folders:
        folder.mkdir()
    assert locate("a.png", [tmp_path / "z", *folders], "here") == folders[0] / "a.png"
    (folders[1] / "a.png").touch()
    assert locate("a.png", folders, "here") == folders[1] / "a.png"
    long = "a/" * 3000 + "a.png"  # longer than a path may be
    assert locate(long, folders, "here") == folders[0] / long


def test_what_is_missing_or_not_annotated_is_left_out(tmp_path: Path) -> None:
    for name in ("a.png", "b.JPG", "c.txt"):
        (tmp_path / name).touch()
    data = ForeignData([])
    for name in ("a.png", "z.png"):
        add_record(data, Record(tmp_path / name, {}), tmp_path / "x.json")
    leave_unannotated(data, tmp_path / "x.json")
    assert [record.name for record in data.records] == ["a.png"]
    assert sorted(path.name for path in data.left_out) == ["b.JPG", "z.png"]
    assert "missing" in data.left_out[tmp_path / "z.png"]
    assert "has no annotation in" in data.left_out[tmp_path / "b.JPG"]


def test_the_point_that_closes_a_ring_is_no_corner() -> None:
    square = [[1, 1], [9, 1], [9, 9], [1, 9]]
    assert polygon([*square, square[0]]).tolist() == square
    assert flat_polygon([1, 1, 9, 1, 9, 9, 1, 1], "here").tolist() == square[:3]
    assert polygon([*square, [1, 1.5]]).tolist() == [*square, [1, 1.5]]
    assert polygon([[1, 1], [9, 1], [1, 1]]).tolist() == [[1, 1], [9, 1], [1, 1]]  # no ring, for want of corners


def test_a_box_is_turned_about_a_point_of_it() -> None:
    assert box_polygon(1, 2, 10, 5, 90, (0, 0)).tolist() == [[1, 2], [1, 12], [-4, 12], [-4, 2]]
    assert box_polygon(0, 0, 10, 4, 180).tolist() == pytest.approx(np.array([[10, 4], [0, 4], [0, 0], [10, 0]]))
    assert sorted(box_polygon(11, 7, -10, -5).tolist()) == sorted(box_polygon(1, 2, 10, 5).tolist())

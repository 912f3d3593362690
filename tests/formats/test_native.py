import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocr.formats.common.base import AnnotationError
from ocr.formats.common.rounding import as_written, hundredths
from ocr.formats.common.scale import is_relative
from ocr.formats.common.writing import write_whole
from ocr.formats.native import MAX_BYTES, read_native
from ocr.formats.native_writing import write_native, write_predictions
from ocr.geometry import open_ring, order_clockwise
from ocr.types import Detection, Record, Word

SQUARE = [[10, 10], [50, 10], [50, 30], [10, 30]]
RANDOM = np.random.default_rng(0).uniform(0, 1000, (1000, 2)).astype(np.float32)


def write(path: Path, images: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"images": images}), encoding="utf-8")
    return path


def one_word(path: Path, word: Any, **image: Any) -> Path:
    return write(path, {"b.jpg": {"words": {"1": {"points": SQUARE}}}, "a.jpg": {"words": {"0007": word}, **image}})


# --- reading --------------------------------------------------------------------------------------------------------


def test_reads_what_is_written_and_leaves_other_keys_alone(tmp_path: Path) -> None:
    words = {
        "0002": {"points": SQUARE, "transcription": "합계", "ignore": True, "line": 3.0, "orientation": "Horizontal"},
        "0001": {"points": SQUARE[:3]},
    }
    content = {"images": {"a.jpg": {"img_w": 64, "img_h": 48, "words": words, "tags": ["x"]}, "b.jpg": {}}, "v": 1}
    (tmp_path / "a.json").write_text(json.dumps(content), encoding="utf-8")
    first, second = read_native(tmp_path / "a.json", None)

    assert (first.image_path, first.name, first.width, first.height) == (Path("a.jpg"), "a.jpg", 64, 48)
    assert list(first.words) == ["0002", "0001"]
    word = first.words["0002"]
    assert (word.transcription, word.ignore, word.line, word.points_N2.dtype) == ("합계", True, 3, np.float32)
    assert word.points_N2.tolist() == SQUARE
    plain = first.words["0001"]
    assert (plain.transcription, plain.ignore, plain.line) == (None, False, None)
    assert (second.words, second.width, second.height) == ({}, None, None)


def test_labels_and_values_are_read_and_written_as_they_are(tmp_path: Path) -> None:
    labels = [("menu.nm", 1), ("menu.price", 2.0), ("합계", None), (None, 3)]
    words = {str(n): {"points": SQUARE, "field": f, "item": i} for n, (f, i) in enumerate(labels)}
    fields = {"total": "RM 9.00", "Name": "", "tips": None}
    content = {"a.jpg": {"img_w": 64, "img_h": 48, "words": words, "fields": fields}, "b.jpg": {"img_w": 9, "img_h": 9}}
    records = read_native(write(tmp_path / "a.json", content))
    assert [(word.field, word.item) for word in records[0].words.values()] == labels
    assert records[0].fields == {"total": "RM 9.00", "Name": ""}
    assert records[1].fields == {}
    write_native(records, tmp_path / "b.json")
    again = read_native(tmp_path / "b.json")
    assert [(word.field, word.item) for word in again[0].words.values()] == labels
    assert again[0].fields == records[0].fields
    written = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))["images"]
    assert [sorted(word.keys() & {"field", "item"}) for word in written["a.jpg"]["words"].values()] == [
        ["field", "item"],
        ["field", "item"],
        ["field"],
        ["item"],
    ]
    assert "fields" not in written["b.jpg"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"total": 9.0}, r"field 'total': Expected `str`, got `float`, is 9\.0; correct or remove it"),
        ({"": "9.00"}, r"name of a field: .*length >= 1, is ''"),
        ({"t" * 101: "9.00"}, r"name of a field: .*length <= 100, is 'ttt"),
        (["total"], r"Expected `object \| null`, got `array` - at `\$\.fields`"),
    ],
)
def test_wrong_values_of_a_receipt_are_named(tmp_path: Path, fields: Any, problem: str) -> None:
    file = one_word(tmp_path / "wrong.json", {"points": SQUARE}, fields=fields)
    with pytest.raises(AnnotationError, match=rf"wrong\.json: image 'a\.jpg'.*{problem}"):
        read_native(file)


@pytest.mark.parametrize(
    ("word", "fields", "problem"),
    [
        (Word(np.float32(SQUARE), field="t" * 101), {}, r"word '1', field: .*length <= 100"),
        (Word(np.float32(SQUARE), field=""), {}, r"word '1', field: .*length >= 1"),
        (Word(np.float32(SQUARE), item=0), {}, r"word '1', item: .*>= 1, is 0"),
        (Word(np.float32(SQUARE)), {"": "9.00"}, r"name of a field"),
    ],
)
def test_labels_that_could_not_be_read_are_not_written(
    tmp_path: Path, word: Word, fields: dict[str, str], problem: str
) -> None:
    with pytest.raises(AnnotationError, match=rf"a\.json: image 'b\.jpg'.*{problem}"):
        write_native([Record(Path("b.jpg"), {"1": word}, 64, 48, fields)], tmp_path / "a.json")
    assert not (tmp_path / "a.json").exists()


@pytest.mark.parametrize(
    ("illegible", "ignore", "expected"),
    [(True, False, True), (False, True, True), (False, False, False), (None, 1, True), (1, 0, True), (0, None, False)],
)
def test_an_illegible_word_is_ignored(tmp_path: Path, illegible: Any, ignore: Any, expected: bool) -> None:
    word = {"points": SQUARE, "illegibility": illegible, "ignore": ignore}
    records = read_native(one_word(tmp_path / "a.json", word))
    assert records[1].words["0007"].ignore is expected


def test_images_are_looked_for_in_the_folder_given(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", {"sub/a.jpg": {}, "b.jpg": {}})
    (tmp_path / "images" / "sub").mkdir(parents=True)
    (tmp_path / "images" / "sub" / "a.jpg").touch()
    with pytest.raises(AnnotationError, match=r"a\.json: 1 of 2 images are missing in .*images: b\.jpg"):
        read_native(file, tmp_path / "images")
    (tmp_path / "images" / "b.jpg").touch()
    assert [r.image_path for r in read_native(file, tmp_path / "images")] == [
        tmp_path / "images" / "sub" / "a.jpg",
        tmp_path / "images" / "b.jpg",
    ]


WRONG_WORDS = [
    ({"points": [[1, 2], [3, 4]]}, "points has 2 points"),
    ({"points": []}, "points has 0 points"),
    ({}, "points"),
    ({"points": [["1", 2], [3, 4], [5, 6]]}, r"points\[0\]\[0\]"),
    ({"points": [[1, 2, 3], [3, 4], [5, 6]]}, r"points\[0\]"),
    ({"points": None}, "points"),
    ({"points": SQUARE, "transcription": 3}, "transcription"),
    ({"points": SQUARE, "ignore": "no"}, "ignore"),
    ({"points": SQUARE, "line": 1.5}, "line"),
    ({"points": SQUARE, "line": 2**31}, "line"),
    ({"points": SQUARE, "line": 1e300}, "float"),
    ({"points": SQUARE, "field": 3}, "field"),
    ({"points": SQUARE, "field": ""}, "length >= 1 - at `\\$.field`"),
    ({"points": SQUARE, "field": "f" * 101}, "length <= 100 - at `\\$.field`"),
    ({"points": SQUARE, "item": 0}, ">= 1 - at `\\$.item`"),
    ({"points": SQUARE, "item": 1.5}, "item"),
    ({"points": SQUARE, "item": "1"}, "item"),
    (None, "object"),
    ([1, 2], "object"),
    ({"points": [[0, 0], [9, 9], [9, 0], [0, 9]]}, r"\[\[0\.0, 0\.0\], \[9\.0, 9\.0\].*crosses itself"),
    ({"points": [[5, 5], [6, 6], [7, 7]]}, r"\[\[5\.0, 5\.0\], \[6\.0, 6\.0\].*(crosses itself|has no area)"),
    ({"points": [[5, 5], [63, 5], [66.5, 9], [5, 9]]}, r"66\.5.*outside the image of 64 x 48"),
    ({"points": [[5, 5], [20, 5], [20, 51], [5, 51]]}, r"51\.0.*outside the image of 64 x 48"),
    ({"points": [[-3, 5], [20, 5], [20, 9]]}, r"-3\.0.*outside the image"),
    ({"points": [[5, 5], [20, 5], [1e300, 9]]}, r"\(1e\+300, 9\.0\) is not finite"),
    ({"points": RANDOM[:200].tolist()}, r"the polygon crosses itself 4,549 times, at most 500"),
    ({"points": [*SQUARE, *RANDOM.tolist()]}, r"the polygon has 1,004 points, at most 1,000"),
]


@pytest.mark.parametrize(("word", "problem"), WRONG_WORDS)
def test_a_wrong_word_is_named_with_file_image_and_value(tmp_path: Path, word: Any, problem: str) -> None:
    file = one_word(tmp_path / "wrong.json", word, img_w=64, img_h=48)
    with pytest.raises(AnnotationError, match=problem) as caught:
        read_native(file)
    message = str(caught.value)
    assert message.startswith(f"{file}: image 'a.jpg', word '0007': ")
    assert "correct" in message or "complete or remove" in message
    assert "\n" not in message


def test_the_border_and_a_little_beyond_are_allowed(tmp_path: Path) -> None:
    points = [[-2, -2], [66, -2], [66, 50], [-2, 50]]
    record = read_native(one_word(tmp_path / "a.json", {"points": points}, img_w=64, img_h=48))[1]
    assert record.words["0007"].points_N2.tolist() == points


def test_an_image_without_size_has_no_right_border(tmp_path: Path) -> None:
    far = [[9000, 10], [9050, 10], [9050, 30]]
    assert read_native(one_word(tmp_path / "a.json", {"points": far}))[1].words["0007"].points_N2.tolist() == far


@pytest.mark.parametrize(
    "points",
    [
        [[0, 0], [9, 9], [9, 0], [0, 9]],
        [[5, 5], [6, 6], [7, 7]],
        [[5, 5], [5, 5], [5, 5]],
        [[-30, -30], [900, -30], [900, 70], [-30, 70]],
    ],
)
def test_predictions_are_taken_as_they_are(tmp_path: Path, points: Any) -> None:
    file = one_word(tmp_path / "a.json", {"points": points}, img_w=64, img_h=48)
    with pytest.raises(AnnotationError):
        read_native(file)
    assert read_native(file, strict=False)[1].words["0007"].points_N2.tolist() == points


@pytest.mark.parametrize(("word", "problem"), [*WRONG_WORDS[:13], *WRONG_WORDS[-3:]])
def test_predictions_too_need_three_finite_points(tmp_path: Path, word: Any, problem: str) -> None:
    file = one_word(tmp_path / "wrong.json", word)
    with pytest.raises(AnnotationError, match=problem) as caught:
        read_native(file, strict=False)
    assert str(caught.value).startswith(f"{file}: image 'a.jpg', word '0007': ")


@pytest.mark.parametrize("name", ["../a.jpg", "x/../../a.jpg", "/etc/a.jpg", "", ".", "x/.."])
def test_a_name_that_leads_out_of_the_image_folder_is_refused(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / "a.json", {name: {}})
    with pytest.raises(AnnotationError, match=r"a\.json: image .*'\.\.'; rename") as caught:
        read_native(file, tmp_path)
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "native format"),
        (b"{", "native format"),
        (b"[]", "object"),
        (b"{}", "images"),
        (b'{"images": []}', "images"),
        (b'{"images": {"a.jpg": {"words": {"1": {"points": [[NaN, 1], [2, 3], [4, 4]]}}}}}', "native format"),
        (b'\xff\xfe{"images": {}}', "native format"),
    ],
)
def test_a_file_of_another_format_is_named(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "other.json"
    file.write_bytes(content)
    with pytest.raises(AnnotationError, match=problem) as caught:
        read_native(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert "convert.py" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (5, "object"),
        ({"img_w": "five"}, "img_w"),
        ({"img_h": 0}, "img_h"),
        ({"img_w": 2**31}, "img_w"),
        ({"words": []}, "words"),
    ],
)
def test_a_wrong_image_is_named(tmp_path: Path, content: Any, problem: str) -> None:
    file = write(tmp_path / "wrong.json", {"b.jpg": {}, "a.jpg": content})
    with pytest.raises(AnnotationError, match=rf"wrong\.json: image 'a\.jpg': .*{problem}.*; correct or remove"):
        read_native(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(AnnotationError, match="cannot be read") as caught:
            read_native(path)
        assert str(caught.value).startswith(f"{path}: ")


# --- writing --------------------------------------------------------------------------------------------------------

# Close points make polygons that cross themselves or vanish when they are rounded.
close = st.tuples(st.sampled_from([0, 25, 590]), st.integers(0, 40)).map(lambda parts: parts[0] + parts[1] / 1000)
coordinates = close | st.floats(0, 600, width=32)
polygons = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=7).map(np.float32)
texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
words = st.builds(Word, polygons, texts, st.booleans(), st.none() | st.integers(0, 99))
names = st.text("ab한 .-", min_size=1, max_size=8).map(lambda stem: f"x{stem}.jpg")
records = st.lists(
    st.builds(
        Record,
        names.map(Path),
        st.dictionaries(st.text("0123ab", min_size=1, max_size=4), words, max_size=4),
        st.just(640),
        st.just(600),
    ),
    max_size=3,
    unique_by=lambda record: record.name,
)


def whole(points_N2: np.ndarray) -> bool:
    polygon = shapely.Polygon(hundredths(points_N2))
    return polygon.is_valid and polygon.area > 0


@given(records)
@settings(max_examples=200, deadline=None)
def test_what_is_written_is_read_back(written: list[Record]) -> None:
    """Any polygon at all: what has no area in hundredths of a pixel is refused, all others can be read."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "deeper" / "a.json"
        if any(as_written(word.points_N2) is None for record in written for word in record.words.values()):
            with pytest.raises(
                AnnotationError, match=r"a\.json: image '.*', word '.*': the polygon .* has no area in hundredths"
            ):
                write_native(written, file)
            assert not file.exists()
            return
        write_native(written, file)
        read = read_native(file)
        first = file.read_bytes()
        write_native(read, file)
        assert file.read_bytes() == first

    assert [(r.name, r.width, r.height, list(r.words)) for r in read] == [
        (r.name, r.width, r.height, list(r.words)) for r in written
    ]
    for before, after in zip(written, read, strict=True):
        for key, word in before.words.items():
            other = after.words[key]
            assert (other.transcription, other.ignore, other.line) == (word.transcription, word.ignore, word.line)
            if whole(word.points_N2):
                assert np.array_equal(other.points_N2, order_clockwise(open_ring(hundredths(word.points_N2))))


def test_points_are_written_clockwise_from_top_left_in_hundredths(tmp_path: Path) -> None:
    backwards = np.float32([[50, 30], [50, 10.123456], [10, 10], [10, 30]])
    write_native([Record(Path("some/where/a.jpg"), {"1": Word(backwards)}, 64, 48)], tmp_path / "a.json")
    entry = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["images"]["a.jpg"]

    assert (entry["img_w"], entry["img_h"]) == (64, 48)
    assert entry["words"]["1"] == {
        "points": [[10, 10], [50, 10.12], [50, 30], [10, 30]],
        "transcription": None,
        "ignore": False,
    }


SLIVER = np.float32([[5, 5], [5.004, 5], [5.004, 20], [5, 20]])
"""Has an area, but none in hundredths of a pixel."""


@pytest.mark.parametrize(
    ("points", "problem"), [(SLIVER, "has no area in hundredths of a pixel"), (np.float32(SQUARE) + 40, "lies outside")]
)
def test_what_could_not_be_read_is_not_written(tmp_path: Path, points: np.ndarray, problem: str) -> None:
    with pytest.raises(AnnotationError, match=rf"a\.json: image 'b\.jpg', word '1': the polygon .* {problem}"):
        write_native([Record(Path("b.jpg"), {"1": Word(points)}, 64, 48)], tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_two_records_of_one_name_are_not_written(tmp_path: Path) -> None:
    two = [Record(Path("x/b.jpg"), {}, 64, 48), Record(Path("y/b.jpg"), {}, 64, 48)]
    with pytest.raises(AnnotationError, match=r"a\.json: image 'b\.jpg': y/b\.jpg is the second .*; rename"):
        write_native(two, tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("images_dir", ["", "images"])
def test_a_name_in_a_sub_folder_is_kept_where_the_folder_is_given(tmp_path: Path, images_dir: str) -> None:
    sizes = {"img_w": 64, "img_h": 48}
    file = write(tmp_path / "a.json", {"sub/a.jpg": sizes, "other/a.jpg": sizes, "a.jpg": sizes})
    for name in ("sub/a.jpg", "other/a.jpg", "a.jpg"):
        (tmp_path / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "images" / name).touch()
    folder = tmp_path / images_dir if images_dir else None
    records = read_native(file, folder)
    write_native(records, tmp_path / "b.json", folder or Path())
    assert read_native(tmp_path / "b.json", folder) == records
    with pytest.raises(AnnotationError, match=r"b\.json: image .*a\.jpg is not in elsewhere; move it there"):
        write_native(records, tmp_path / "b.json", Path("elsewhere"))


def test_a_record_without_size_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"a\.json: image 'b\.jpg' has no width or height"):
        write_native([Record(Path("b.jpg"), {}, 5, None)], tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.json"
    write_whole(b"old", file)

    def torn(path: Path, content: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(content[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", torn)
    with pytest.raises(OSError, match="No space left"):
        write_whole(b"new content", file)
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


# --- predictions ----------------------------------------------------------------------------------------------------


def test_predictions_are_a_native_file_with_scores(tmp_path: Path) -> None:
    found = [Detection(np.float32(SQUARE), 0.98765), Detection(np.float32(SQUARE) + 1, 1.0)]
    file = tmp_path / "found" / "a.json"
    write_predictions({"a.jpg": ((64, 48), found), "b.jpg": ((9, 8), iter(()))}, file)
    first, second = read_native(file)

    assert (first.width, first.height, second.width, second.height) == (64, 48, 9, 8)
    assert list(first.words) == ["0001", "0002"]
    assert first.words["0002"].points_N2.tolist() == (np.float32(SQUARE) + 1).tolist()
    entries = json.loads(file.read_text(encoding="utf-8"))["images"]["a.jpg"]["words"]
    assert [entry["score"] for entry in entries.values()] == [0.9877, 1.0]


def test_a_detection_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    found = [Detection(np.float32(SQUARE), 1.0), Detection(SLIVER, 1.0), Detection(np.float32(SQUARE), 1.0)]
    (told,) = write_predictions({"a.jpg": ((64, 48), found)}, tmp_path / "a.json")
    assert told.startswith("image 'a.jpg', detection 2: [[5.0, 5.0], [5.00")
    assert told.endswith("has no area in hundredths of a pixel")
    assert list(read_native(tmp_path / "a.json")[0].words) == ["0001", "0003"]


@given(st.lists(st.builds(Detection, polygons, st.floats(0, 1)), max_size=5))
@settings(max_examples=200, deadline=None)
def test_any_predictions_are_read_back_or_told(found: list[Detection]) -> None:
    written = [points_N2 for detection in found if (points_N2 := as_written(detection.points_N2)) is not None]
    assume(not is_relative(written))  # all in the pixel of the top left corner
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.json"
        told = write_predictions({"a.jpg": ((640, 600), found)}, file)
        (read,) = read_native(file)
    assert len(read.words) + len(told) == len(found)
    for number, detection in enumerate(found, start=1):
        if whole(detection.points_N2):
            expected = order_clockwise(open_ring(hundredths(detection.points_N2)))
            assert np.array_equal(read.words[f"{number:04d}"].points_N2, expected)


DEEP = 100_000


@pytest.mark.parametrize(
    "text",
    [
        f'{{"images": {{}}, "other": {"[" * DEEP}{"]" * DEEP}}}',
        f'{{"images": {{"a": {{"words": {{"1": {"[" * DEEP}{"]" * DEEP}}}}}}}}}',
        '{"images": {"a": ' + '{"a": ' * DEEP,
    ],
)
def test_deep_nesting_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "deep.json").write_text(text, encoding="utf-8")
    with pytest.raises(
        AnnotationError, match=r"deep\.json: is not an annotation in the native format \(maximum recursion"
    ):
        read_native(tmp_path / "deep.json")


def test_a_pipe_is_not_waited_for_and_too_large_a_file_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(AnnotationError, match="it is a pipe"):
        read_native(tmp_path / "pipe.json")
    with (tmp_path / "large.json").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)  # a hole, which takes no room
    with pytest.raises(AnnotationError, match=r"large\.json: cannot be read: it has .* split it"):
        read_native(tmp_path / "large.json")


@pytest.mark.parametrize("name", ["a\0b.jpg", f"{'x' * 256}.jpg", f"{'가' * 90}/a.jpg"])
def test_a_name_that_no_file_can_have_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"images": {name: {}}}), encoding="utf-8")
    with pytest.raises(AnnotationError, match="no file can have this name"):
        read_native(tmp_path / "a.json", tmp_path)


def test_what_is_wrong_can_be_left_out(tmp_path: Path) -> None:
    images = {"good.jpg": {}, "gone.jpg": {}, "../out.jpg": {}, "bad.jpg": {"words": {"1": {"points": [[0, 0]]}}}}
    (tmp_path / "a.json").write_text(json.dumps({"images": images}), encoding="utf-8")
    (tmp_path / "good.jpg").touch()
    errors: list[AnnotationError] = []
    records = read_native(tmp_path / "a.json", tmp_path, on_error=errors.append)
    assert [record.name for record in records] == ["good.jpg"]
    assert [str(error).split("image ")[1].split("'")[1] for error in errors] == ["gone.jpg", "../out.jpg", "bad.jpg"]

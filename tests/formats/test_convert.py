"""Conversion: nothing is lost without being listed."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from ocr.formats.base import AnnotationError, ForeignData
from ocr.formats.convert import Report, clean, convert, prepare_split, select
from ocr.formats.native import read_native
from ocr.formats.sroie import read_sroie
from ocr.types import InputError, Record, Word

SROIE = Path(os.environ.get("OCR_SROIE_DIR", Path(__file__).resolve().parents[2].parent / "shared/data/sroie"))
SQUARE = np.array([[2, 3], [12, 3], [12, 9], [2, 9]], np.float32)


def record(path: Path, *polygons: object) -> Record:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((20, 30, 3), 200, np.uint8))
    words = {f"{n}": Word(np.array(points, np.float32).reshape(-1, 2)) for n, points in enumerate(polygons)}
    return Record(path, words)


def run(output: Path, *records: Record, frame: str = "upright") -> Report:
    prepare_split(output, "all", [one.image_path for one in records], overwrite=False)
    return convert(records, {}, output, "all", frame=frame)


def test_every_change_is_listed(tmp_path: Path) -> None:
    bow = [[2, 2], [20, 12], [20, 2], [2, 8]]
    outside = [[40, 3], [50, 3], [50, 9], [40, 9]]
    report = run(tmp_path / "out", record(tmp_path / "a.png", SQUARE, bow, SQUARE - 5, outside, [], [[1, 1], [2, 2]]))
    assert (report.images, report.words) == (1, 3)
    assert [len(report.clipped), len(report.repaired), len(report.dropped)] == [1, 1, 3]
    assert "a.png, word 2" in report.clipped[0]
    assert "[[2.0, 2.0], [20.0, 12.0]" in report.repaired[0]
    assert "in the image of 30 x 20" in report.dropped[0]
    (written,) = read_native(tmp_path / "out" / "jsons" / "all.json", tmp_path / "out" / "images" / "all")
    assert list(written.words) == ["0", "1", "2"]
    assert (written.width, written.height) == (30, 20)
    told = json.loads((tmp_path / "out" / "reports" / "all.json").read_text(encoding="utf-8"))
    assert told["dropped"] == report.dropped


@pytest.mark.parametrize("frame", ["upright", "raw"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_polygons_stay_on_their_text(tmp_path: Path, orientation: int, frame: str) -> None:
    """A dark square is annotated as it is stored (raw) or as it is seen (upright): it is found there afterwards."""
    pixels = np.full((40, 60, 3), 255, np.uint8)
    pixels[8:16, 4:24] = 0
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    if frame == "raw":
        left, top, right, bottom = 4, 8, 24, 16
    else:
        seen = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_GRAYSCALE)
        rows, columns = np.nonzero(seen < 128)
        left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    points = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    run(tmp_path / "out", Record(tmp_path / "a.png", {"1": Word(points)}), frame=frame)

    (written,) = read_native(tmp_path / "out" / "jsons" / "all.json", tmp_path / "out" / "images" / "all")
    image = cv2.imread(str(written.image_path), cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION)
    assert (written.height, written.width) == image.shape
    (x1, y1), (x2, y2) = written.words["1"].points_N2.min(axis=0), written.words["1"].points_N2.max(axis=0)
    dark = image < 128
    assert dark[int(y1) : int(y2), int(x1) : int(x2)].all()
    assert dark.sum() == (y2 - y1) * (x2 - x1)


def test_a_broken_image_is_left_out_and_the_rest_is_done(tmp_path: Path) -> None:
    good, bad = record(tmp_path / "in" / "a.png", SQUARE), record(tmp_path / "in" / "b.png", SQUARE)
    bad.image_path.write_bytes(b"")
    report = run(tmp_path / "out", bad, good)
    assert report.images == 1
    assert len(report.left_out) == 1
    assert "b.png: cannot be converted" in report.left_out[0]
    assert any("left out: 1" in line for line in report.lines())


def test_names_are_not_written_over(tmp_path: Path) -> None:
    one, two = record(tmp_path / "x" / "a.png", SQUARE), record(tmp_path / "y" / "a.png", SQUARE)
    with pytest.raises(AnnotationError, match="the same name"):
        run(tmp_path / "out", one, two)


def test_a_split_is_replaced_only_when_asked(tmp_path: Path) -> None:
    one, two = record(tmp_path / "a.png", SQUARE), record(tmp_path / "b.png", SQUARE)
    run(tmp_path / "out", one)
    with pytest.raises(InputError, match="overwrite=true"):
        prepare_split(tmp_path / "out", "all", [two.image_path], overwrite=False)
    prepare_split(tmp_path / "out", "other", [two.image_path], overwrite=False)
    images = prepare_split(tmp_path / "out", "all", [two.image_path], overwrite=True)
    assert list(images.iterdir()) == []
    convert([two], {}, tmp_path / "out", "all")
    with pytest.raises(InputError, match="the images to convert are in"):
        prepare_split(tmp_path / "out", "all", [images / "b.png"], overwrite=True)
    assert (images / "b.png").exists()


def test_frames_have_names(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="frame='sideways'"):
        convert([], {}, tmp_path, "all", frame="sideways")  # type: ignore[arg-type]


@given(
    st.lists(st.text("ab16", min_size=1, max_size=4), min_size=1, max_size=8, unique=True),
    st.text("a1*?[]", max_size=4),
)
def test_include_and_exclude_share_the_images_out(names: list[str], glob: str) -> None:
    records = [Record(Path(f"{name}.jpg"), {}) for name in names]
    chosen = []
    for options in ({"include": glob}, {"exclude": glob}):
        with contextlib.suppress(InputError):  # one of the two may choose nothing
            chosen += select(ForeignData(records), **options).records
    assert sorted(one.name for one in chosen) == sorted(one.name for one in records)


def test_what_was_left_out_is_chosen_by_the_same_globs() -> None:
    data = ForeignData([Record(Path("a1.jpg"), {}), Record(Path("b1.jpg"), {})], {Path("a2.jpg"): "x", Path("b2"): "y"})
    assert select(data, "a*").left_out == {Path("a2.jpg"): "x"}


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(st.integers(-10, 40), st.integers(-10, 30)), max_size=7))
def test_a_polygon_is_clean_or_listed_as_dropped(points: list[tuple[int, int]]) -> None:
    report = Report()
    cleaned = clean(np.array(points, np.float32).reshape(-1, 2), (30, 20), "a", report)
    assert (cleaned is None) == (len(report.dropped) == 1)
    if cleaned is not None:
        polygon = shapely.Polygon(cleaned)
        assert polygon.is_valid
        assert polygon.area > 0
        assert shapely.box(0, 0, 30, 20).covers(polygon)


@pytest.mark.skipif(not SROIE.is_dir(), reason="the SROIE sample is not here; set OCR_SROIE_DIR")
def test_real_receipts(tmp_path: Path) -> None:
    data = read_sroie(SROIE)
    assert len(data.records) == 500
    assert not data.left_out
    chosen = select(data, "00*")
    prepare_split(tmp_path, "some", [], overwrite=False)
    report = convert(chosen.records, chosen.left_out, tmp_path, "some")
    written = read_native(tmp_path / "jsons" / "some.json", tmp_path / "images" / "some")
    rows = sum(len(record.words) for record in chosen.records)
    assert report.words + len(report.dropped) == rows
    assert sum(len(record.words) for record in written) == report.words
    assert len(select(data, "*[16]").records) + len(select(data, exclude="*[16]").records) == 500

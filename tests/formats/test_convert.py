"""Conversion: nothing is lost without being listed."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from encoded_images import exif
from ocr.formats.common.base import AnnotationError, ForeignData
from ocr.formats.common.cleaning import clean
from ocr.formats.common.conversion_report import Report
from ocr.formats.common.scale import is_relative
from ocr.formats.convert import convert, select
from ocr.formats.native import read_native
from ocr.formats.native_writing import write_native
from ocr.formats.sroie import read_sroie
from ocr.types import InputError, Record, Word

SROIE = Path(os.environ.get("OCR_SROIE_DIR", Path(__file__).resolve().parents[2].parent / "shared/data/sroie"))
SQUARE = np.array([[2, 3], [12, 3], [12, 9], [2, 9]], np.float32)


def record(path: Path, *polygons: object) -> Record:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((20, 30, 3), 200, np.uint8))
    words = {f"{n}": Word(np.array(points, np.float32).reshape(-1, 2)) for n, points in enumerate(polygons)}
    return Record(path, words)


def run(output: Path, *records: Record, **options: object) -> Report:
    return convert(ForeignData(list(records)), output, "all", **options)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_change_is_listed(tmp_path: Path) -> None:
    bow = [[2, 2], [20, 12], [20, 2], [2, 8]]
    outside = [[40, 3], [50, 3], [50, 9], [40, 9]]
    sliver = [[29.996, 3], [40, 3], [40, 9], [29.996, 9]]  # 0.004 pixels of it are in the image
    tangled = np.random.default_rng(0).uniform(0, 20, (200, 2))
    words = (SQUARE, bow, SQUARE - 5, outside, [], [[1, 1], [2, 2]], sliver, tangled)
    report = run(tmp_path / "out", record(tmp_path / "a.png", *words))
    assert (report.images, report.words) == (1, 3)
    assert [len(report.clipped), len(report.repaired), len(report.dropped)] == [1, 1, 5]
    assert "a.png, word 2" in report.clipped[0]
    assert "[[2.0, 2.0], [20.0, 12.0]" in report.repaired[0]
    assert "in the image of 30 x 20" in report.dropped[0]
    assert report.dropped[4].endswith("a.png, word 7 crosses itself 4,549 times, at most 500 are allowed")
    (written,) = read_native(tmp_path / "out" / "jsons" / "all.json", tmp_path / "out" / "images" / "all")
    assert list(written.words) == ["0", "1", "2"]
    assert (written.width, written.height) == (30, 20)
    told = json.loads((tmp_path / "out" / "reports" / "all.json").read_text(encoding="utf-8"))
    assert told["dropped"] == report.dropped


def test_an_image_none_of_whose_words_is_left_is_left_out_by_name(tmp_path: Path) -> None:
    outside = SQUARE + 40
    lost, empty = record(tmp_path / "lost.png", outside, outside, []), record(tmp_path / "empty.png")
    report = run(tmp_path / "out", lost, empty, record(tmp_path / "a.png", SQUARE))
    (why,) = report.left_out
    assert f"{tmp_path / 'lost.png'}: none of its 3 words can be used in the image of 30 x 20; correct them" in why
    assert len(report.dropped) == 3
    written = read_native(tmp_path / "out" / "jsons" / "all.json")
    assert [(each.name, len(each.words)) for each in written] == [("empty.png", 0), ("a.png", 1)]
    assert sorted(path.name for path in (tmp_path / "out/images/all").iterdir()) == ["a.png", "empty.png"]


@pytest.mark.parametrize("frame", ["upright", "raw"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_polygons_stay_on_their_text(tmp_path: Path, orientation: int, frame: str) -> None:
    """A dark square is annotated as it is stored (raw) or as it is seen (upright): it is found there afterwards."""
    pixels = np.full((40, 60, 3), 255, np.uint8)
    pixels[8:16, 4:24] = 0
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif(orientation))
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


def sideways(path: Path, **stated: int) -> Record:
    """An image stored 60 x 40 that is 40 x 60 upright; a word on its stored pixels."""
    Image.fromarray(np.full((40, 60, 3), 255, np.uint8)).save(path, exif=exif(6))
    return Record(path, {"1": Word(SQUARE)}, **stated)


STORED, UPRIGHT = {"width": 60, "height": 40}, {"width": 40, "height": 60}


@pytest.mark.parametrize(
    ("stated", "frame", "remedy"),
    [
        (STORED, "upright", "give frame=raw"),
        (UPRIGHT, "raw", "give frame=upright"),
        ({"width": 30, "height": 20}, "upright", "correct img_w and img_h or put the annotated image there"),
        ({"width": 60, "height": 41}, "raw", "correct img_w and img_h or put the annotated image there"),
        ({"height": 40}, "upright", "give frame=raw"),
    ],
)
def test_polygons_of_another_frame_are_left_out(
    tmp_path: Path, stated: dict[str, int], frame: str, remedy: str
) -> None:
    wrong, right = sideways(tmp_path / "a.png", **stated), record(tmp_path / "b.png", SQUARE)
    report = run(tmp_path / "out", wrong, right, frame=frame)
    (told,) = report.left_out
    says = f"{stated.get('width', '?')} x {stated['height']}"
    assert told.startswith(f"{tmp_path / 'a.png'}: the image is 40 x 60 in frame=upright and 60 x 40 in frame=raw, ")
    assert told.endswith(f"the annotation says {says}, so its polygons are not of frame={frame}; {remedy}")
    assert (report.images, report.turned) == (1, [])
    assert [path.name for path in (tmp_path / "out" / "images" / "all").iterdir()] == ["b.png"]


@pytest.mark.parametrize(
    ("stated", "frame"), [(STORED, "raw"), (UPRIGHT, "upright"), ({}, "raw"), ({}, "upright"), ({"width": 60}, "raw")]
)
def test_polygons_of_the_frame_asked_for_are_converted(tmp_path: Path, stated: dict[str, int], frame: str) -> None:
    report = run(tmp_path / "out", sideways(tmp_path / "a.png", **stated), frame=frame)
    assert (report.images, report.words, report.left_out) == (1, 1, [])


def test_where_no_image_can_be_converted_nothing_is_replaced(tmp_path: Path) -> None:
    run(tmp_path / "out", record(tmp_path / "a.png", SQUARE))
    before = contents(tmp_path / "out")
    with pytest.raises(InputError, match=r"no image can be converted.*'all'[^|]*left out: 1\n.*a\.png.*frame=raw"):
        run(tmp_path / "out", sideways(tmp_path / "a.png", **STORED), overwrite=True)
    assert contents(tmp_path / "out") == before


def test_a_broken_image_is_left_out_and_the_rest_is_done(tmp_path: Path) -> None:
    good, bad = record(tmp_path / "in" / "a.png", SQUARE), record(tmp_path / "in" / "b.png", SQUARE)
    bad.image_path.write_bytes(b"")
    report = run(tmp_path / "out", bad, good)
    assert report.images == 1
    assert len(report.left_out) == 1
    assert "b.png: cannot be converted" in report.left_out[0]
    assert any("left out: 1" in line for line in report.lines())


def test_an_image_whose_name_is_not_utf8_is_left_out_and_named(tmp_path: Path) -> None:
    good = record(tmp_path / "a.png", SQUARE)
    bad = replace(good, image_path=tmp_path / os.fsdecode(b"b\xff.png"))
    bad.image_path.write_bytes(good.image_path.read_bytes())
    unannotated = tmp_path / os.fsdecode(b"c\xff.png")
    report = convert(ForeignData([good, bad], {unannotated: "has no annotation"}), tmp_path / "out", "val")
    told = json.loads((tmp_path / "out" / "reports" / "val.json").read_text(encoding="utf-8"))["left_out"]
    assert report.images == 1
    assert [one.rpartition("/")[2] for one in told] == [
        "c\\udcff.png has no annotation",
        "b\\udcff.png: its name is not UTF-8; rename the image",
    ]
    assert f"  {told[1]}" in report.lines()


def test_names_are_not_written_over(tmp_path: Path) -> None:
    one, two = record(tmp_path / "x" / "a.png", SQUARE), record(tmp_path / "y" / "a.png", SQUARE)
    three = record(tmp_path / "x_a.png", SQUARE)
    with pytest.raises(AnnotationError, match=r"x_a\.png: .*x/a\.png would be called .*_x_a\.png too; rename one"):
        run(tmp_path / "out", one, two, three)
    with pytest.raises(AnnotationError, match=r"caf.*\.png would be called .* too; rename one"):
        run(tmp_path / "out", *(record(tmp_path / "x" / name, SQUARE) for name in ("caf\u00e9.png", "cafe\u0301.png")))
    with pytest.raises(AnnotationError, match=r"x/a\.png: is annotated twice; keep one"):
        run(tmp_path / "out", one, one)
    assert not (tmp_path / "out").exists()


def test_names_have_as_many_folders_as_tell_them_apart(tmp_path: Path) -> None:
    places = ("a/img/x.png", "b/img/x.png", "c/x.png", "c/y.png")
    for place in places:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    report = run(tmp_path / "out", *(record(tmp_path / place, SQUARE) for place in places))
    names = sorted(path.name for path in (tmp_path / "out" / "images" / "all").iterdir())
    assert names == ["a_img_x.png", "b_img_x.png", "c_x.png", "y.png"]
    assert f"{tmp_path / 'a/img/x.png'} is a_img_x.png" in report.renamed


def test_a_split_is_replaced_when_asked(tmp_path: Path) -> None:
    one, two = record(tmp_path / "a.png", SQUARE), record(tmp_path / "b.png", SQUARE)
    run(tmp_path / "out", one)
    with pytest.raises(InputError, match="overwrite=true"):
        run(tmp_path / "out", two)
    run(tmp_path / "out", two, overwrite=True)
    assert list(contents(tmp_path / "out")) == ["images/all/b.png", "jsons/all.json", "reports/all.json"]
    with pytest.raises(InputError, match="the images to convert are in"):
        run(tmp_path / "out", record(tmp_path / "out" / "images" / "all" / "b.png"), overwrite=True)


def test_images_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    records = [record(tmp_path / folder / "a.png", SQUARE + place) for place, folder in enumerate("xy")]
    report = run(tmp_path / "out", *records, record(tmp_path / "x" / "b.png", SQUARE))
    written = read_native(tmp_path / "out" / "jsons" / "all.json", tmp_path / "out" / "images" / "all")
    assert [one.name for one in written] == ["x_a.png", "y_a.png", "b.png"]
    assert [one.words["0"].points_N2[0].tolist() for one in written] == [[2, 3], [3, 4], [2, 3]]
    assert report.renamed == [f"{tmp_path / folder / 'a.png'} is {folder}_a.png" for folder in "xy"]


@pytest.mark.parametrize("fault", ["frame", "name", "interruption"])
def test_an_aborted_conversion_leaves_the_old_split_as_it_was(tmp_path: Path, fault: str) -> None:
    one, two = record(tmp_path / "x" / "a.png", SQUARE), record(tmp_path / "y" / "a.png", SQUARE)
    other = record(tmp_path / "y" / "b.png", SQUARE)
    run(tmp_path / "out", one)
    before = contents(tmp_path / "out")

    def interrupted(records: Iterable[Record]) -> Iterable[Record]:
        yield next(iter(records))
        raise KeyboardInterrupt

    records = [one, one] if fault == "name" else [two, other]
    options = {"frame": {"frame": "sideways"}, "name": {}, "interruption": {"progress": interrupted}}[fault]
    with pytest.raises((InputError, KeyboardInterrupt)):
        run(tmp_path / "out", *records, overwrite=True, **options)
    assert contents(tmp_path / "out") == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["images", "jsons", "reports"]


def test_frames_have_names(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="frame='sideways' is unknown; use 'upright' or 'raw'"):
        run(tmp_path / "out", frame="sideways")


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


# Close points make polygons that cross themselves or vanish when they are clipped and rounded.
close = st.tuples(st.sampled_from([0, 15, 19.98, 29.98]), st.integers(-20, 40)).map(lambda of: of[0] + of[1] / 1000)
coordinates = close | st.integers(-10, 40) | st.floats(-10, 40, width=32)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(coordinates, coordinates), max_size=7))
def test_a_polygon_is_clean_and_can_be_written_or_is_listed_as_dropped(points: list[tuple[float, float]]) -> None:
    report = Report()
    cleaned = clean(np.array(points, np.float32).reshape(-1, 2), (30, 20), "a", report)
    assert (cleaned is None) == (len(report.dropped) == 1)
    if cleaned is not None:
        assume(not is_relative([cleaned]))  # which is taken for shares of the sides
        polygon = shapely.Polygon(cleaned)
        assert polygon.is_valid
        assert polygon.area > 0
        assert shapely.box(0, 0, 30, 20).covers(polygon)
        with tempfile.TemporaryDirectory() as folder:
            write_native([Record(Path("a.png"), {"1": Word(cleaned)}, 30, 20)], Path(folder) / "a.json")
            (read,) = read_native(Path(folder) / "a.json")
        np.testing.assert_array_equal(read.words["1"].points_N2, cleaned)


@pytest.mark.skipif(not SROIE.is_dir(), reason="the SROIE sample is not here; set OCR_SROIE_DIR")
def test_real_receipts(tmp_path: Path) -> None:
    data = read_sroie(SROIE)
    assert len(data.records) == 500
    assert not data.left_out
    chosen = select(data, "00*")
    report = convert(chosen, tmp_path, "some")
    written = read_native(tmp_path / "jsons" / "some.json", tmp_path / "images" / "some")
    rows = sum(len(record.words) for record in chosen.records)
    assert report.words + len(report.dropped) == rows
    assert sum(len(record.words) for record in written) == report.words
    assert len(select(data, "*[16]").records) + len(select(data, exclude="*[16]").records) == 500


SHARES = np.float32([[0.1, 0.2], [0.5, 0.2], [0.5, 0.3], [0.1, 0.3]])


@pytest.mark.parametrize("words", [(SHARES,), (SHARES, SHARES + 0.2), (SHARES, [])])
def test_an_image_in_shares_of_its_sides_is_left_out_with_the_remedy(tmp_path: Path, words: tuple[object, ...]) -> None:
    sound = record(tmp_path / "sound.png", SQUARE)
    odd = record(tmp_path / "odd.png", *words)
    report = run(tmp_path / "out", sound, odd)
    assert report.images == 1
    (told,) = report.left_out
    assert "odd.png: all coordinates of its" in told
    assert "between 0 and 1" in told
    assert "multiply x by its width" in told
    with pytest.raises(InputError, match=r"no image can be converted[^$]*odd\.png: all coordinates"):
        run(tmp_path / "none", odd)


def test_ignored_regions_around_words_are_left_out_and_listed(tmp_path: Path) -> None:
    read = record(
        tmp_path / "a.png", SQUARE, [[0, 0], [25, 0], [25, 18], [0, 18]], [[20, 12], [28, 12], [28, 18], [20, 18]]
    )
    read.words["1"] = replace(read.words["1"], ignore=True)
    read.words["2"] = replace(read.words["2"], ignore=True)
    report = run(tmp_path / "out", read)
    (told,) = report.around_words
    assert "a.png, word 1: [[0.0, 0.0], [25.0, 0.0]" in told
    assert told.endswith("has 0 in it")
    assert "ignored regions around words, left out: 1" in report.lines()
    (written,) = read_native(tmp_path / "out" / "jsons" / "all.json")
    assert list(written.words) == ["0", "2"]


def test_a_split_without_text_is_told(tmp_path: Path) -> None:
    blank = record(tmp_path / "a.png")
    assert "all words are ignored or missing, so training refuses this split" in run(tmp_path / "out", blank).lines()
    assert len(run(tmp_path / "other", record(tmp_path / "b.png", SQUARE)).lines()) == 1

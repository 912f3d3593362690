"""The converter as a user types it."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from encoded_images import exif
from ocr.data.stored import read_split
from ocr.formats.native import read_native
from refusals import assert_refused


@pytest.fixture
def sroie(tmp_path: Path) -> Path:
    folder = tmp_path / "sroie [old]"
    (folder / "images").mkdir(parents=True)
    (folder / "boxes").mkdir()
    for stem in ("001", "002", "003", "006"):
        cv2.imwrite(str(folder / "images" / f"{stem}.jpg"), np.zeros((40, 80, 3), np.uint8))
        (folder / "boxes" / f"{stem}.csv").write_text("1,2,11,2,11,8,1,8,A\n", encoding="utf-8")
    return folder


def test_splits_by_globs_and_tells_what_is_wrong(run_runner, sroie: Path, tmp_path: Path) -> None:
    same = ["convert", "format=sroie", f"input={sroie}", "output=native data"]
    done = run_runner(*same, "split=val", "include=*[16]", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 images with 2 words" in done.stdout
    root = tmp_path / "native data"
    records = read_native(root / "jsons" / "val.json", root / "images" / "val")
    assert [record.name for record in records] == ["001.jpg", "006.jpg"]

    (sroie / "images" / "002.jpg").write_bytes(b"damaged")
    (sroie / "boxes" / "009.csv").write_text("", encoding="utf-8")
    failed = run_runner(*same, "split=train", "exclude=*[16]", cwd=tmp_path)
    assert failed.returncode == 1
    assert "left out: 2" in failed.stdout
    assert "009.csv has no image" in failed.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["native data", "sroie [old]"]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("format=cocoa", "format=cocoa is unknown; use one of coco, cord, doctr, icdar2013, icdar2015, labelstudio, "),
        ("to=ufo", "to=ufo is unknown; use one of coco, cord, doctr, icdar2013, "),
        ("include=x*", "the stems are 001, 002, 003"),
        ("frame=side", "frame='side' is unknown"),
    ],
)
def test_wrong_settings_are_told_plainly(run_runner, sroie: Path, tmp_path: Path, override: str, said: str) -> None:
    done = run_runner("convert", "format=sroie", f"input={sroie}", "output=out", override, cwd=tmp_path)
    assert_refused(done, said)


@pytest.mark.parametrize("name", ["ufo", "native"])
def test_annotations_of_the_stored_pixels_are_told_and_converted(run_runner, tmp_path: Path, name: str) -> None:
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (60, 40)).save(tmp_path / "photos" / "a.png", exif=exif(6))
    Image.new("RGB", (60, 40)).save(tmp_path / "photos" / "b.png")
    entry = {"img_w": 60, "img_h": 40, "words": {"1": {"points": [[4, 8], [24, 8], [24, 16], [4, 16]]}}}
    content = json.dumps({"images": {"a.png": entry, "b.png": entry}})
    (tmp_path / "photos" / "all.json").write_text(content, encoding="utf-8")

    same = ["convert", f"format={name}", "input=photos", "output=out", "overwrite=true"]
    told = run_runner(*same, cwd=tmp_path)
    assert told.returncode == 1
    assert "photos/a.png: the image is 40 x 60 in frame=upright and 60 x 40 in frame=raw" in told.stdout
    assert "the annotation says 60 x 40, so its polygons are not of frame=upright; give frame=raw" in told.stdout

    done = run_runner(*same, "frame=raw", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    turned, plain = read_native(tmp_path / "out" / "jsons" / "all.json", tmp_path / "out" / "images" / "all")
    assert (turned.width, turned.height, plain.width, plain.height) == (40, 60, 60, 40)
    assert turned.words["1"].points_N2.tolist() == [[24, 4], [32, 4], [32, 24], [24, 24]]
    assert plain.words["1"].points_N2.tolist() == entry["words"]["1"]["points"]


def test_to_a_third_format(run_runner, sroie: Path, tmp_path: Path) -> None:
    same = ["convert", "format=sroie", f"input={sroie}", "output=theirs", "split=val", "to=icdar2015"]
    done = run_runner(*same, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "4 images with 4 words" in done.stdout
    assert "line numbers: 4 words, such as 001.jpg, word 0001: 1" in done.stdout
    assert "written to theirs, full report to theirs/val.report.json" in done.stdout
    assert (tmp_path / "theirs" / "val" / "gt" / "gt_006.txt").read_text() == "1,2,11,2,11,8,1,8,A\n"
    again = run_runner(*same, "include=00[12]", cwd=tmp_path)
    assert_refused(again, "give overwrite=true")
    assert len(list((tmp_path / "theirs" / "val" / "images").iterdir())) == 4


def test_to_shards_that_a_training_reads(run_runner, sroie: Path, tmp_path: Path) -> None:
    same = ["convert", "format=sroie", f"input={sroie}", "output=mine/images", "split=val", "to=webdataset"]
    done = run_runner(*same, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "written to mine/images, full report to mine/images/val.report.json" in done.stdout
    receipts = read_split(str(tmp_path / "mine"), "val", "word", is_there=Path.is_file)
    assert [record.name for record in receipts.records] == ["001.jpg", "002.jpg", "003.jpg", "006.jpg"]
    encoded, record = receipts(0, 3)
    assert cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR).shape == (40, 80, 3)
    assert [word.transcription for word in record.words.values()] == ["A"]


def test_a_bad_entry_is_left_out_and_the_exit_status_says_so(run_runner, sroie: Path, tmp_path: Path) -> None:
    (sroie / "boxes" / "002.csv").write_text("1,2,11,2,11,8,1,8,A\n1,2,eleven\n", encoding="utf-8")
    for to, report in (("native", "reports/val.json"), ("icdar2015", "val.report.json")):
        done = run_runner(
            "convert", "format=sroie", f"input={sroie}", "output=out", "split=val", f"to={to}", cwd=tmp_path
        )
        assert done.returncode == 1
        assert "4 images with 4 words\nentries left out: 1\n" in done.stdout
        assert "002.csv, row 2: '1,2,eleven'" in done.stdout
        (fault,) = json.loads((tmp_path / "out" / report).read_text(encoding="utf-8"))["faults"]
        assert "002.csv, row 2" in fault


def test_a_key_of_one_s_own_is_for_label_studio(run_runner, sroie: Path, tmp_path: Path) -> None:
    same = ["convert", "output=out", "key=receipt"]
    refused = run_runner(*same, "format=sroie", f"input={sroie}", cwd=tmp_path)
    assert_refused(refused, "key=receipt is for format=labelstudio")
    box = {"x": 10, "y": 20, "width": 30, "height": 10, "rectanglelabels": ["Text"]}
    size = {"original_width": 80, "original_height": 40}
    result = {"type": "rectanglelabels", "id": "r", "to_name": "img", "value": box, **size}
    task = {"data": {"receipt": "/data/upload/1/001.jpg"}, "annotations": [{"result": [result]}]}
    (sroie / "images" / "export.json").write_text(json.dumps([task]), encoding="utf-8")
    done = run_runner(*same, "format=labelstudio", f"input={sroie / 'images'}", "include=001", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (record,) = read_native(tmp_path / "out" / "jsons" / "all.json", tmp_path / "out" / "images" / "all")
    assert record.words["r"].points_N2.tolist() == [[8, 8], [32, 8], [32, 12], [8, 12]]


def test_splits_that_are_read_together_are_said(run_runner, tiny_data: Path, tmp_path: Path) -> None:
    same = ["convert", "format=native", "output=out", "split=2024", "overwrite=true"]
    whole = run_runner(*same, f"input={tiny_data}", cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    assert (tmp_path / "out" / "jsons" / "2024.json").is_file()
    assert "annotation files read together, into one split: 3" in whole.stdout
    assert f"  {tiny_data}/jsons/train.json" in whole.stdout
    alone = run_runner(*same, f"input={tiny_data}/jsons/val.json", cwd=tmp_path)
    assert alone.returncode == 0
    assert "read together" not in alone.stdout

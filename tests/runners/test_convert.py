"""The converter as a user types it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.formats.native import read_native


@pytest.fixture
def sroie(tmp_path: Path) -> Path:
    folder = tmp_path / "sroie [old]"
    (folder / "images").mkdir(parents=True)
    (folder / "boxes").mkdir()
    for stem in ("001", "002", "006"):
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
        ("format=coco", "format=coco is unknown; use one of sroie, ufo, native"),
        ("include=x*", "stems there: 001, 002, 006"),
        ("frame=side", "frame='side' is unknown"),
    ],
)
def test_wrong_settings_are_told_plainly(run_runner, sroie: Path, tmp_path: Path, override: str, said: str) -> None:
    done = run_runner("convert", "format=sroie", f"input={sroie}", "output=out", override, cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr

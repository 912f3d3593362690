"""Predicting on a folder of images, as a user types it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ocr.formats.native import read_native


@pytest.fixture(scope="module")
def photos(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two receipts, one of them in a sub-folder, and two files that are no images in spite of their names."""
    folder = tmp_path_factory.mktemp("photos")
    one, two = sorted((tiny_data / "images" / "val").iterdir())[:2]
    (folder / "more").mkdir()
    shutil.copy(one, folder / one.name)
    shutil.copy(two, folder / "more" / two.name)
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.png").write_text("no image", encoding="utf-8")
    (folder / "notes.txt").write_text("not looked at", encoding="utf-8")
    return folder


def test_does_the_rest_when_images_are_broken(
    run_runner, tiny_training: SimpleNamespace, photos: Path, tmp_path: Path
) -> None:
    # An untrained network finds something only where nearly everything counts as text.
    process = run_runner(
        "predict",
        f"checkpoint_path={tiny_training.run / 'checkpoints' / 'last.ckpt'}",
        f"input={photos}",
        "output=found",
        "csv=true",
        "visualize=true",
        "postprocess.binary_thresh=0.01",
        "postprocess.box_thresh=0.0",
        cwd=tmp_path,
    )
    assert process.returncode == 1
    assert "2 of 4 images were left out" in process.stderr
    assert "empty.jpg: the file is empty" in process.stderr
    assert "text.png: is not an image" in process.stderr
    assert "Traceback" not in process.stderr

    records = read_native(tmp_path / "found" / "predictions.json", photos)
    names = sorted(path.relative_to(photos).as_posix() for path in photos.rglob("val_*"))
    assert sorted(path.image_path.relative_to(photos).as_posix() for path in records) == names
    assert sum(len(record.words) for record in records) > 0

    with (tmp_path / "found" / "predictions.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["filename"]: row["polygons"] for row in csv.DictReader(stream)}
    assert sorted(rows) == names
    for record in records:
        name = record.image_path.relative_to(photos).as_posix()
        polygons = [np.array(text.split(), np.float32).reshape(-1, 2) for text in rows[name].split("|") if text]
        for polygon, word in zip(polygons, record.words.values(), strict=True):
            np.testing.assert_allclose(polygon, word.points_N2)
        with Image.open(tmp_path / "found" / "overlays" / name) as overlay:
            assert overlay.size == (record.width, record.height)


def test_does_not_write_over_earlier_predictions(
    run_runner, tiny_training: SimpleNamespace, photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "predictions.json").write_text("precious", encoding="utf-8")
    checkpoint = tiny_training.run / "checkpoints" / "last.ckpt"
    process = run_runner("predict", f"checkpoint_path={checkpoint}", f"input={photos}/*.png", f"output={tmp_path}")
    assert process.returncode == 1
    assert "overwrite=true" in process.stderr
    assert (tmp_path / "predictions.json").read_text(encoding="utf-8") == "precious"


def test_an_input_without_images_is_told_plainly(run_runner, tiny_training: SimpleNamespace, tmp_path: Path) -> None:
    checkpoint = tiny_training.run / "checkpoints" / "last.ckpt"
    process = run_runner("predict", f"checkpoint_path={checkpoint}", f"input={tmp_path}", "output=out", cwd=tmp_path)
    assert process.returncode == 1
    assert "no image found" in process.stderr

"""Predicting on a folder of images, as a user types it."""

import csv
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from ocr.data.geometry_transforms import FitLongSide
from ocr.data.skipping import Broken
from ocr.formats.native import read_native
from ocr.pipeline.detector import Detector
from ocr.pipeline.predict import find_regions
from ocr.types import Detection, Record, Sample
from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import PATIENCE_S, wait_until
from refusals import assert_refused


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
        f"checkpoint_path={tiny_training.last}",
        f"input={photos}",
        "output=found",
        "csv=true",
        "visualize=true",
        "postprocess.binary_thresh=0.01",
        "postprocess.box_thresh=0.0",
        cwd=tmp_path,
    )
    assert_refused(process, "2 of 4 images left out", "empty.jpg: the file is empty", "text.png: is not an image")

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
    checkpoint = tiny_training.last
    process = run_runner("predict", f"checkpoint_path={checkpoint}", f"input={photos}/*.png", f"output={tmp_path}")
    assert_refused(process, "overwrite=true")
    assert (tmp_path / "predictions.json").read_text(encoding="utf-8") == "precious"


def test_an_input_without_images_is_told_plainly(run_runner, tiny_training: SimpleNamespace, tmp_path: Path) -> None:
    checkpoint = tiny_training.last
    process = run_runner("predict", f"checkpoint_path={checkpoint}", f"input={tmp_path}", "output=out", cwd=tmp_path)
    assert_refused(process, "no image found")


def test_names_without_ending_are_drawn_and_what_was_written_is_no_input_the_second_time(
    run_runner, tiny_training: SimpleNamespace, tiny_data: Path, tmp_path: Path
) -> None:
    one, two = sorted((tiny_data / "images" / "val").iterdir())[:2]
    (tmp_path / "photos" / "more").mkdir(parents=True)
    shutil.copy(one, tmp_path / "photos" / "scan")
    shutil.copy(two, tmp_path / "photos" / "more" / "scan.001")
    for overwrite in ("false", "true"):
        process = run_runner(
            "predict",
            f"checkpoint_path={tiny_training.last}",
            "input=photos/**",
            "output=photos/found",
            "csv=true",
            "visualize=true",
            f"overwrite={overwrite}",
            "num_workers=0",
            cwd=tmp_path,
        )
        assert process.returncode == 0, process.stderr
        names = [record.image_path.as_posix() for record in read_native(tmp_path / "photos/found/predictions.json")]
        assert names == ["more/scan.001", "scan"]
    overlays = tmp_path / "photos/found/overlays"
    files = sorted(path.relative_to(overlays).as_posix() for path in overlays.rglob("*") if path.is_file())
    assert files == ["more/scan.001.jpg", "scan.jpg"]


def test_maps_that_are_no_numbers_are_reported_image_by_image(
    run_runner, tiny_training: SimpleNamespace, photos: Path, tmp_path: Path
) -> None:
    checkpoint = torch.load(tiny_training.last, weights_only=True)
    for name, value in checkpoint["state_dict"].items():
        if "head.probability" in name and value.is_floating_point():
            value.fill_(float("nan"))
    torch.save(checkpoint, tmp_path / "nan.ckpt")
    process = run_runner(
        "predict", f"checkpoint_path={tmp_path / 'nan.ckpt'}", f"input={photos}", "output=found", cwd=tmp_path
    )
    assert_refused(process, "4 of 4 images left out")
    for path in photos.rglob("val_*"):
        assert re.search(rf"{re.escape(str(path))}: ValueError: .*not numbers", process.stderr)
    assert not (tmp_path / "found" / "predictions.json").exists(), "nothing is in the way of another attempt"


def detector(error: Exception | None = None) -> Detector:
    """Finds one region, or fails as it is told."""

    def postprocess(*_: object) -> list[Detection]:
        if error is not None:
            raise error
        return [Detection(np.array([[5, 5], [50, 5], [50, 20], [5, 20]], np.float32), 0.9)]

    return Detector(lambda images: np.zeros(images.shape[::2], np.float32), FitLongSide(), postprocess)


def one_image(path: Path) -> Sample:
    return Sample(np.zeros((3, 32, 32), np.uint8), np.eye(3), (200, 300), Record(path, {}), ())


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), ValueError("the map holds nan"), OSError(28, "disk full")]
)
def test_one_image_that_fails_is_told_with_its_name(photos: Path, error: Exception) -> None:
    path = next(photos.glob("val_*"))
    assert find_regions(detector(error), one_image(path), path.name, None) == Broken(
        path, f"{path}: {type(error).__name__}: {error}"
    )


def test_a_picture_that_cannot_be_written_is_told_with_its_name(photos: Path, tmp_path: Path) -> None:
    path = next(photos.glob("val_*"))
    (tmp_path / "overlays").write_text("no folder", encoding="utf-8")
    failed = find_regions(detector(), one_image(path), path.name, tmp_path / "overlays")
    assert isinstance(failed, Broken)
    assert failed.message.startswith(f"{path}: ")
    found = find_regions(detector(), one_image(path), path.name, tmp_path / "elsewhere")
    assert not isinstance(found, Broken)
    assert (found.size, len(found.detections)) == ((200, 300), 1)


@contextmanager
def started_on_many(training: SimpleNamespace, photos: Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A prediction on a broken and 399 good images, which has written its first picture and is far from done."""
    (folder / "many").mkdir()
    shutil.copy(photos / "text.png", folder / "many" / "000.png")
    for number in range(1, 400):
        (folder / "many" / f"{number:03d}.png").hardlink_to(next(photos.glob("val_*")))
    command = [sys.executable, str(REPOSITORY_ROOT / "runners" / "predict.py"), "input=many", "output=found"]
    command += [f"checkpoint_path={training.last}", "data.long_side=640"]
    command += ["visualize=true", "num_workers=1"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: list(folder.glob("found/overlays/*")), process)
        yield process


def test_a_signal_writes_what_has_been_found(tiny_training: SimpleNamespace, photos: Path, tmp_path: Path) -> None:
    with started_on_many(tiny_training, photos, tmp_path) as process:
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 128 + signal.SIGTERM, stderr
    count = len(read_native(tmp_path / "found" / "predictions.json"))
    assert 0 < count < 399
    assert count == len(list(tmp_path.glob("found/overlays/*")))
    assert f"stopped by SIGTERM: wrote the predictions of {count} of 400 images to found/predictions.json" in stderr
    assert "000.png: is not an image" in stderr
    assert "Traceback" not in stderr

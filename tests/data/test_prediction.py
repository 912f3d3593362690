"""Finding images; broken ones are handed on with their reason."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest

from ocr.data.geometry_transforms import FitLongSide, Matrix
from ocr.data.prediction import AHEAD, Broken, find_images, read_samples
from ocr.types import InputError, Sample, UInt8Array


def test_images_are_named_by_their_place(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.PNG", "deep/c.jpeg", "notes.txt", "deep/er/b.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list(find_images(str(tmp_path))) == ["a.PNG", "b.jpg", "deep/c.jpeg", "deep/er/b.jpg"]
    assert find_images(str(tmp_path / "notes.txt")) == {"notes.txt": tmp_path / "notes.txt"}
    assert list(find_images(f"{tmp_path}/**/*.jp*g")) == ["b.jpg", "deep/c.jpeg", "deep/er/b.jpg"]
    assert list(find_images(f"{tmp_path}/deep/*/*.jpg")) == ["b.jpg"]
    for nothing in (tmp_path / "none", tmp_path / "none" / "*.jpg"):
        with pytest.raises(InputError, match="no image found"):
            find_images(str(nothing))


@pytest.mark.parametrize("workers", [0, 2])
def test_broken_images_come_with_their_reason(tiny_data: Path, tmp_path: Path, workers: int) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"x")
    good = next((tiny_data / "images" / "val").iterdir())
    paths = [good, tmp_path / "broken.jpg", good]
    first, broken, last = read_samples(paths, FitLongSide(long_side=160), workers)
    for sample in (first, last):
        assert isinstance(sample, Sample)
        assert sample.image_CHW.shape == (3, 160, 128)
        assert (sample.original_size, sample.record.image_path) == ((200, 300), good)
        np.testing.assert_allclose(sample.matrix_33, np.diag([107 / 200, 160 / 300, 1.0]))
    assert isinstance(broken, Broken)
    assert broken.path == tmp_path / "broken.jpg"
    assert "is not an image" in broken.message


@pytest.mark.parametrize("source", ["photos", "photos/**", "photos/found/../**/*.jpg"])
def test_what_an_earlier_call_wrote_is_no_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "found/mine.jpg", "found/overlays/a.jpg", "found/overlays/deep/b.jpg", "found/found.json"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).touch()
    written = (tmp_path / "photos/found/overlays", Path("photos/found/found.json"))
    assert sorted(path.name for path in find_images(source, written).values()) == ["a.jpg", "mine.jpg"]
    with pytest.raises(InputError, match="no image found"):
        find_images("photos/found/overlays", written)


class FailsOnTall(FitLongSide):
    """Runs out of memory on tall images."""

    def __call__(self, image_HWC: UInt8Array) -> tuple[UInt8Array, Matrix]:
        if image_HWC.shape[0] > image_HWC.shape[1]:
            raise MemoryError("no room")
        return super().__call__(image_HWC)


@pytest.mark.parametrize("workers", [0, 1])
def test_an_image_that_cannot_be_resized_costs_no_other(tiny_data: Path, tmp_path: Path, workers: int) -> None:
    tall = next((tiny_data / "images" / "val").iterdir())
    wide = tmp_path / "wide.png"
    cv2.imwrite(str(wide), np.zeros((20, 50, 3), np.uint8))
    failed, sample = read_samples([tall, wide], FailsOnTall(long_side=160), workers)
    assert failed == Broken(tall, f"{tall}: MemoryError: no room")
    assert isinstance(sample, Sample)


class Counts(FitLongSide):
    """Counts the images that were read."""

    seen: ClassVar[list[int]] = []

    def __call__(self, image_HWC: UInt8Array) -> tuple[UInt8Array, Matrix]:
        self.seen.append(1)
        return super().__call__(image_HWC)


def test_threads_keep_the_order_and_read_no_more_than_is_soon_needed(tiny_data: Path) -> None:
    files = sorted((tiny_data / "images").rglob("*.png"))
    paths = [files[number % len(files)] for number in range(40)]
    samples = read_samples(paths, Counts(long_side=64), 2)
    for number, sample in enumerate(samples, start=1):
        assert isinstance(sample, Sample)
        assert sample.record.image_path == paths[number - 1]
        assert len(Counts.seen) <= number + 2 * AHEAD
        if number == 20:
            break
    samples.close()
    assert len(Counts.seen) < 40


def test_a_reason_names_the_file_once() -> None:
    named = InputError("a/b.jpg: cannot be opened; check the path")
    assert Broken.because(Path("a/b.jpg"), named).message == str(named)
    assert Broken.because(Path("a/b.jpg"), ValueError("not a number")).message == "a/b.jpg: ValueError: not a number"

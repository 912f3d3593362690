"""Finding images; broken ones are handed on with their reason."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.data.geometry_transforms import FitLongSide, Matrix
from ocr.data.prediction import Broken, find_images, prediction_loader
from ocr.types import InputError, UInt8Array


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
    results = list(prediction_loader(paths, FitLongSide(long_side=160), workers))
    assert [len(batch) for batch, _ in results] == [1, 0, 1]
    ((broken,),) = [failed for _, failed in results if failed]
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
    results = list(prediction_loader([tall, wide], FailsOnTall(long_side=160), workers))
    assert [len(batch) for batch, _ in results] == [0, 1]
    assert results[0][1] == [Broken(tall, f"{tall}: MemoryError: no room")]


def test_a_reason_names_the_file_once() -> None:
    named = InputError("a/b.jpg: cannot be opened; check the path")
    assert Broken.because(Path("a/b.jpg"), named).message == str(named)
    assert Broken.because(Path("a/b.jpg"), ValueError("not a number")).message == "a/b.jpg: ValueError: not a number"

"""Finding images; broken ones are handed on with their reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr.data.geometry_transforms import FitLongSide
from ocr.data.prediction import find_images, prediction_loader
from ocr.types import InputError


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

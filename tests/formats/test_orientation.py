"""All eight EXIF orientations."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

from ocr.formats.base import AnnotationError
from ocr.formats.orientation import upright_matrix, write_upright
from ocr.geometry import transform_points

WIDTH, HEIGHT = 48, 32
MARK = (8, 4, 16, 12)
"""Left, top, right, bottom of a bright square in the stored image."""


def stored(path: Path, orientation: int | None, **options: object) -> Path:
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    left, top, right, bottom = MARK
    pixels[top:bottom, left:right] = 255
    exif = Image.Exif()
    if orientation is not None:
        exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(pixels).save(path, exif=exif, **options)
    return path


@pytest.mark.parametrize("ending", [".jpg", ".png"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_mark_is_where_the_matrix_says(tmp_path: Path, orientation: int, ending: str) -> None:
    source = stored(tmp_path / f"stored{ending}", orientation)
    target = tmp_path / f"upright{ending}"
    assert write_upright(source, target) == (orientation, (WIDTH, HEIGHT))

    image = cv2.imread(str(target), cv2.IMREAD_GRAYSCALE)
    assert image.shape == ((HEIGHT, WIDTH) if orientation <= 4 else (WIDTH, HEIGHT))
    left, top, right, bottom = MARK
    corners = transform_points([[left, top], [right, bottom]], upright_matrix(orientation, WIDTH, HEIGHT))
    (x1, y1), (x2, y2) = np.sort(corners, axis=0).astype(int)
    assert image[y1:y2, x1:x2].min() > 200
    image[y1:y2, x1:x2] = 0
    assert image.max() < 60
    with Image.open(target) as written:
        assert written.getexif().get(ExifTags.Base.Orientation, 1) == 1
    # A viewer that applies EXIF shows the stored file just so.
    viewer = cv2.imread(str(source), cv2.IMREAD_GRAYSCALE)
    assert viewer.shape == image.shape


@pytest.mark.parametrize("orientation", [None, 1, 0, 9])
def test_what_stands_upright_is_copied_byte_for_byte(tmp_path: Path, orientation: int | None) -> None:
    source = stored(tmp_path / "a.jpg", orientation, quality=30)
    write_upright(source, tmp_path / "b.jpg")
    assert (tmp_path / "b.jpg").read_bytes() == source.read_bytes()


@pytest.mark.parametrize("damage", ["empty", "cut", "text"])
def test_a_damaged_image_leaves_nothing(tmp_path: Path, damage: str) -> None:
    source = stored(tmp_path / "a.jpg", None)
    whole = source.read_bytes()
    source.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "text": b"no image"}[damage])
    with pytest.raises(AnnotationError, match=r"a\.jpg: cannot be converted"):
        write_upright(source, tmp_path / "b.jpg")
    assert not (tmp_path / "b.jpg").exists()

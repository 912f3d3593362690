"""Image files to pixels, and what is said when they are none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

from ocr.data.decode import ImageError, read_image


def test_colours_are_red_green_blue(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 6, 3), (250, 120, 10), np.uint8)).save(tmp_path / "a.png")
    image_HWC = read_image(tmp_path / "a.png")
    assert image_HWC.shape == (4, 6, 3)
    assert image_HWC[0, 0].tolist() == [250, 120, 10]


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA"])
def test_other_modes_become_three_channels(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (6, 4)).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").shape == (4, 6, 3)


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    Image.new("RGB", (6, 4)).save(tmp_path / "a.jpg", exif=exif)
    assert read_image(tmp_path / "a.jpg").shape == (6, 4, 3)


def test_names_with_other_letters_are_read(tmp_path: Path) -> None:
    cv2.imencode(".png", np.zeros((2, 2, 3), np.uint8))[1].tofile(tmp_path / "영수증.png")
    assert read_image(tmp_path / "영수증.png").shape == (2, 2, 3)


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be opened"), (b"", "the file is empty"), (b"no image", "is not an image")]
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(ImageError, match=rf"a\.jpg: {said}"):
        read_image(tmp_path / "a.jpg")

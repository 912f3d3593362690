"""Images that a program has in its hands are what their files are."""

import io
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from encoded_images import encoded
from ocr.images.given import picture_of
from ocr.images.header import ImageError
from picture_kinds import COLOURED, KINDS

AS_PILLOW = ("png", "jpeg", "palette-png", "grey-PNG", "inks-jpeg", "bits-png", "alpha-WEBP", "grey-alpha-png", "gif")
TURNED = tuple(f"{kind}-{turn}" for kind in ("jpeg", "png", "alpha-png", "tiff") for turn in (3, 6, 8))


@pytest.mark.parametrize("name", KINDS)
def test_bytes_are_decoded_as_their_file(name: str) -> None:
    kind = KINDS[name]
    picture = picture_of(kind.content, math.inf)
    assert picture.size == kind.upright_HWC.shape[1::-1]
    assert np.abs(picture.image_HWC.astype(int) - kind.upright_HWC).mean() <= kind.apart


@pytest.mark.parametrize("name", [*AS_PILLOW, *TURNED])
def test_an_image_of_pillows_is_upright_and_on_white(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(KINDS[name].content)
    expected = picture_of(tmp_path / "file", math.inf)
    picture = picture_of(Image.open(io.BytesIO(KINDS[name].content)), math.inf)
    assert picture.size == expected.size
    assert np.abs(picture.image_HWC.astype(int) - expected.image_HWC).mean() <= 1


def test_a_large_jpeg_is_decoded_smaller_and_keeps_its_size() -> None:
    picture = picture_of(KINDS["jpeg"].content, 40)
    assert (picture.size, picture.reduction) == ((64, 96), 2)


def test_a_part_of_an_array_is_taken_whole() -> None:
    picture = picture_of(COLOURED[::2, ::-1], 1)
    np.testing.assert_array_equal(picture.image_HWC, COLOURED[::2, ::-1])
    assert picture.image_HWC.flags.c_contiguous


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 4), np.uint8), "an array of uint8 (4, 4); give uint8 RGB (height, width, 3)"),
        (np.zeros((4, 4, 3), np.float32), "an array of float32 (4, 4, 3)"),
        (np.zeros((4, 4, 4), np.uint8), "an array of uint8 (4, 4, 4)"),
        (np.zeros((0, 4, 3), np.uint8), "an array of uint8 (0, 4, 3)"),
        (Image.new("F", (4, 4)), "has Pillow's mode F, which is not read; give the file itself"),
        (Image.new("I;16", (4, 4)), "has Pillow's mode I;16"),
        (b"", "the image given: the file is empty"),
        (b"%PDF-1.7", "the image given: is a PDF"),
        ("none.png", "none.png: cannot be read"),
        (Image.open(io.BytesIO(encoded(Image.effect_noise((64, 64), 50), "PNG")[:900])), "cannot be decoded: "),
    ],
)
def test_what_is_no_image_is_told(image: Any, message: str) -> None:
    with pytest.raises(ImageError, match=re.escape(message)):
        picture_of(image, math.inf)

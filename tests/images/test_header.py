"""Headers of image files, as Pillow and OpenCV wrote them."""

import warnings
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from encoded_images import encoded, exif, tiff_chain
from ocr.images.header import ImageError, ImageHeader, read_header
from picture_kinds import KINDS

PICTURE = Image.new("RGB", (30, 40), (90, 120, 150))


def saved(ending: str, image: Image.Image = PICTURE, **options: Any) -> bytes:
    return encoded(image, ending, **options)


@pytest.mark.parametrize("ending", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM", "JPEG2000"])
def test_a_plain_picture(ending: str) -> None:
    assert read_header(saved(ending), "here") == ImageHeader(ending, 30, 40, "RGB")


@pytest.mark.parametrize("ending", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(("orientation", "read"), [(3, 3), (6, 6), (8, 8), (0, 1), (9, 1)])
def test_the_orientation_is_told_and_the_size_is_the_stored_one(ending: str, orientation: int, read: int) -> None:
    header = read_header(saved(ending, exif=exif(orientation)), "here")
    assert (header.width, header.height, header.orientation) == (30, 40, read)
    assert header.upright_size == ((40, 30) if read > 4 else (30, 40))


def test_a_png_may_tell_its_orientation_behind_the_pixels() -> None:
    content = saved("PNG", exif=exif(6))
    start = content.index(b"eXIf") - 4
    chunk = content[start : start + 12 + int.from_bytes(content[start : start + 4])]
    moved = content.replace(chunk, b"")
    moved = moved[:-12] + chunk + moved[-12:]
    assert read_header(moved, "here").orientation == 6


@pytest.mark.parametrize(
    ("content", "mode", "bits", "alpha"),
    [
        (saved("PNG", PICTURE.convert("RGBA")), "RGBA", 8, True),
        (saved("PNG", PICTURE.convert("P"), transparency=0), "P", 8, True),
        (saved("PNG", PICTURE.convert("1")), "1", 1, False),
        (saved("JPEG", PICTURE.convert("CMYK")), "CMYK", 8, False),
        (cv2.imencode(".png", np.zeros((4, 5, 3), np.uint16))[1].tobytes(), "RGB", 16, False),
        (cv2.imencode(".png", np.zeros((4, 5), np.uint16))[1].tobytes(), "I;16", 16, False),
        (cv2.imencode(".tiff", np.zeros((4, 5, 3), np.uint16))[1].tobytes(), "RGB", 16, False),
        (KINDS["deep-jpeg2000"].content, "RGB", 16, False),
        (KINDS["twelve-bit-jpeg2000"].content, "RGB", 12, False),
        (KINDS["twelve-of-16-bits-tiff"].content, "I;16", 12, False),
        (KINDS["twelve-of-16-bits-rgb-tiff"].content, "RGB", 12, False),
        (KINDS["peak-tiff"].content, "I;16", 16, False),
    ],
)
def test_how_the_pixels_are_stored(content: bytes, mode: str, bits: int, alpha: bool) -> None:
    header = read_header(content, "here")
    assert (header.mode, header.bits, header.alpha) == (mode, bits, alpha)


@pytest.mark.parametrize("ending", ["GIF", "PNG", "WEBP", "TIFF", "MPO"])
def test_further_pictures_are_counted(ending: str) -> None:
    content = saved(ending, save_all=True, append_images=[Image.new("RGB", (30, 40))])
    assert read_header(content, "here").pages == 2


def test_pages_that_a_file_ends_before_are_told() -> None:
    content = saved("TIFF", save_all=True, append_images=[PICTURE, PICTURE])
    header = read_header(content, "here")
    assert (header.pages, header.cut) == (3, False)
    _, second, third = tiff_chain(content)
    for place, pages in ((second, 2), (second + 20, 2), (third, 3), (third + 20, 3)):
        header = read_header(content[:place], "here")
        assert (header.pages, header.cut) == (pages, True)


def test_a_bomb_is_only_reported() -> None:
    bomb = bytearray(saved("PNG", Image.new("1", (1, 1))))
    bomb[16:24] = (10**5).to_bytes(4) * 2
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        header = read_header(bytes(bomb), "here")
    assert (header.width, header.height) == (10**5, 10**5)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xd8", saved("PNG")[:20], b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_what_is_no_image_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(ImageError, match=r"^receipt\.jpg: "):
        read_header(content, "receipt.jpg")


CONTENTS = [saved(ending) for ending in ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM", "JPEG2000")]


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of TIFF files
@given(st.sampled_from(CONTENTS), st.integers(0, 200), st.integers(0, 255), st.integers(1, 5000))
def test_a_damaged_header_is_read_or_refused(content: bytes, place: int, value: int, end: int) -> None:
    damaged = bytearray(content)
    damaged[min(place, len(damaged) - 1)] = value
    try:
        header = read_header(bytes(damaged[:end]), "here")
    except ImageError:
        return
    assert min(header.width, header.height, header.pages) >= 1
    assert header.orientation in range(1, 9)

"""Image files to pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from ocr.formats.image_header import HeaderError, read_header
from ocr.formats.regular import NotReadableError, read_regular
from ocr.types import InputError, UInt8Array

MAX_BYTES = 1 << 31
"""Of an image file. No format takes more for `MAX_PIXELS` but by what is no picture."""
MAX_PIXELS = 200_000_000
"""Of an image: 600 MB when it is decoded. A photograph of a telephone has up to 200 million."""

# OpenCV's flags for the size alone; those that are called COLOR ask for BGR too.
REDUCED = {
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
START_OF_IMAGE = b"\xff\xd8"
FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that are followed by the image's size; the three left out are tables."""
EXIF_SEGMENT = 0xE1
NO_IMAGE = "is not an image or is damaged; convert it to JPEG or PNG or remove it"


class ImageError(InputError):
    """An image file cannot be read; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded image that may be smaller than the file's.

    Attributes:
        image_HWC: uint8 RGB, upright. Its pixel (0, 0) covers ``[0, reduction) x [0, reduction)`` of the original; the
            last row and column may cover less.
        size: (width, height) of the upright original in pixels.
        reduction: 1, 2, 4 or 8.
    """

    image_HWC: UInt8Array
    size: tuple[int, int]
    reduction: int = 1


def read_picture(path: Path, long_side: float, max_pixels: int = MAX_PIXELS) -> Picture:
    """Decode an image file, upright, no larger than needed.

    A JPEG is stored in blocks of 8 x 8 frequencies: decoding the lowest of them gives a half, a quarter or an eighth
    of the size, averaged and not thinned out, in a fraction of the time. That is done where the image's longer side
    stays at least as long as asked for and the reduction leaves no part of a pixel on a side that the EXIF orientation
    may turn to the left or the top; other formats are decoded whole.

    Args:
        path: the file.
        long_side: pixels that the longer side must keep, or all that it has.
        max_pixels: that an image may have; one with more is not decoded.

    Raises:
        ImageError: as `read_image`.
    """
    return decode_picture(read_bytes(path), path, long_side, max_pixels)


def decode_picture(encoded: UInt8Array, path: Path, long_side: float, max_pixels: int = MAX_PIXELS) -> Picture:
    """As `read_picture`, from a file's bytes; the path is for messages."""
    stored, turned = jpeg_size(encoded.data) if encoded[:2].tobytes() == START_OF_IMAGE else (None, False)
    check_pixels(stored or size_in_header(encoded, path), path, max_pixels)
    factor = largest_reduction(stored, long_side, whole=turned) if stored else 1
    if stored and factor > 1:
        image_HWC = decode(encoded, path, REDUCED[factor] | cv2.IMREAD_COLOR_RGB)
        width, height = (-(-side // factor) for side in stored)
        upright = image_HWC.shape[:2] == (height, width)
        return Picture(image_HWC, stored if upright else stored[::-1], factor)
    image_HWC = decode(encoded, path, cv2.IMREAD_COLOR_RGB)
    return Picture(image_HWC, (image_HWC.shape[1], image_HWC.shape[0]))


def read_image(path: Path) -> UInt8Array:
    """Decode an image file, upright (EXIF orientation applied).

    Returns:
        uint8 RGB (H, W, 3).

    Raises:
        ImageError: the file is missing, empty, no file, not an image that OpenCV can decode, or one of more pixels
            than are allowed.
    """
    encoded = read_bytes(path)
    check_pixels(size_in_header(encoded, path), path, MAX_PIXELS)
    return decode(encoded, path, cv2.IMREAD_COLOR_RGB)


def size_in_header(encoded: UInt8Array, path: Path) -> tuple[int, int]:
    """(width, height) that an image's header states, without decoding it; the path is for messages."""
    try:
        header = read_header(encoded.data, str(path))
    except HeaderError as error:
        raise ImageError(f"{path}: {NO_IMAGE}") from error
    return header.width, header.height


def check_pixels(size: tuple[int, int], path: Path, max_pixels: int) -> None:
    """Stop before the memory is taken that an image asks for: a file of a few bytes can ask for all there is."""
    width, height = size
    if width * height > max_pixels:
        raise ImageError(
            f"{path}: the image has {width} x {height} pixels, more than data.max_pixels={max_pixels}; make it "
            "smaller, remove it or allow more"
        )


def largest_reduction(size: tuple[int, int], long_side: float, *, whole: bool) -> int:
    """The largest factor that leaves the longer side ``long_side``; ``whole``: of those that divide both sides."""
    fitting = [factor for factor in REDUCED if max(size) >= factor * long_side]
    return max((factor for factor in fitting if not whole or not any(side % factor for side in size)), default=1)


def jpeg_size(encoded: memoryview) -> tuple[tuple[int, int] | None, bool]:
    """(width, height) of a JPEG as it is stored, and whether EXIF data come before it, which may turn it.

    The size is ``None`` where the header is damaged.
    """
    place, exif = 2, False
    while place + 9 <= len(encoded) and encoded[place] == 0xFF:
        marker = encoded[place + 1]
        if marker in FRAME_HEADERS:
            height, width = (int.from_bytes(encoded[at : at + 2]) for at in (place + 5, place + 7))
            return (width, height) if width and height else None, exif
        exif = exif or marker == EXIF_SEGMENT
        # 0xFF before a marker is padding.
        place += 1 if marker == 0xFF else 2 + int.from_bytes(encoded[place + 2 : place + 4])
    return None, exif


def read_bytes(path: Path) -> UInt8Array:
    """A file's bytes, at least one."""
    try:
        encoded = np.frombuffer(read_regular(path, MAX_BYTES), np.uint8)
    except NotReadableError as error:
        raise ImageError(f"{path}: cannot be read: {error}") from error
    if encoded.size == 0:
        raise ImageError(f"{path}: the file is empty; copy it again or remove it from the data set")
    return encoded


def decode(encoded: UInt8Array, path: Path, flags: int) -> UInt8Array:
    """Pixels of an encoded image; the path is for messages."""
    try:
        image_HWC = cv2.imdecode(encoded, flags)
    except cv2.error as error:
        raise ImageError(f"{path}: cannot be decoded ({error.err}); convert it to JPEG or PNG or remove it") from error
    if image_HWC is None:
        raise ImageError(f"{path}: {NO_IMAGE}")
    return cast(UInt8Array, image_HWC)

"""Decode image files to upright pixels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ocr.images.files import read_bytes
from ocr.images.header import ImageError, ImageHeader, read_header
from ocr.images.kinds import no_image
from ocr.images.orientation import turned
from ocr.images.pixels import JPEGS, REDUCED, plain, stored_pixels
from ocr.types import UInt8Array

LongSide = float | Callable[[tuple[int, int]], float]
"""Pixels that a picture's longer side must keep if it has them; or a function of its upright (width, height)."""
Read = Callable[[Path, LongSide], "Picture"]
"""`read_picture`, with its limits bound."""

MAX_PIXELS = 200_000_000
"""Limit of an image: 600 MB decoded. Photographs from phones have up to 200 million pixels."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded image, possibly at reduced size.

    Attributes:
        image_HWC: uint8 RGB, upright, transparent pixels blended with white. Its pixel (0, 0) covers
            ``[0, reduction) x [0, reduction)`` of the original; the last row and column may cover less.
        size: (width, height) of the upright original in pixels.
        reduction: 1, 2, 4 or 8.
        pages: number of pages in the file; this is the first.
        transparent: whether it has transparent pixels.
        cut: whether the file ends before further pages, of which ``pages`` counts one.
    """

    image_HWC: UInt8Array
    size: tuple[int, int]
    reduction: int = 1
    pages: int = 1
    transparent: bool = False
    cut: bool = False


def read_picture(
    source: Path | bytes,
    long_side: LongSide = math.inf,
    max_pixels: int = MAX_PIXELS,
    *,
    within: Path | None = None,
    name: object = None,
    header: ImageHeader | None = None,
) -> Picture:
    """Decode an image no larger than needed: the only function that turns a file into pixels.

    A JPEG is stored in blocks of 8 x 8 frequencies: decoding the lowest of them gives a half, a quarter or an eighth
    of the size, averaged rather than subsampled, in a fraction of the time. This is done if the image's longer side
    stays long enough and the reduction leaves no partial pixel on a side that the EXIF orientation may turn to the left
    or the top; other formats are decoded at full size.

        read_picture(Path("receipt.jpg")).image_HWC
        read_picture(upload, 1280, name="upload").size

    Args:
        source: the file, or its bytes.
        long_side: pixels that the longer side must keep.
        max_pixels: limit above which an image is not decoded.
        within: the folder that a file must lie in, as for `read_bytes`.
        name: name of the image in messages; ``None``: its path, or "the image given".
        header: result of `read_header`, if it was read before and its size is accepted.

    Raises:
        ImageError: the file cannot be read or decoded (``__cause__`` is the decoder's error), or has more pixels than
            allowed.
    """
    encoded = source if isinstance(source, bytes) else read_bytes(source, within)
    where = name or ("the image given" if isinstance(source, bytes) else source)
    if header is None:
        header = read_header(encoded, where)
        check_size(header, where, max_pixels)
    factor = largest_reduction(header, long_side(header.upright_size) if callable(long_side) else long_side)
    try:
        image_HWC, transparent = stored_pixels(encoded, header, factor)
    except Exception as error:  # OpenCV's error, MemoryError, and all kinds of errors from Pillow's readers
        reason = getattr(error, "err", None) or str(error) or type(error).__name__
        raise ImageError(f"{where}: {no_image(encoded, reason)}") from error
    if header.format != "TIFF":  # the decoders turn TIFFs themselves
        image_HWC = turned(image_HWC, header.orientation)
    return Picture(image_HWC, header.upright_size, factor, header.pages, transparent, header.cut)


def check_size(header: ImageHeader, where: object, max_pixels: int) -> None:
    """Refuse a too large image before memory is allocated: a file of a few bytes can claim any size."""
    width, height = header.width, header.height
    if width * height > max_pixels:
        raise ImageError(
            f"{where}: the image has {width} x {height} pixels, more than data.max_pixels={max_pixels}; make it "
            "smaller, remove it or allow more"
        )


def largest_reduction(header: ImageHeader, long_side: float) -> int:
    """The largest factor that keeps ``long_side`` on the longer side; it divides both sides if EXIF may turn them."""
    if header.format not in JPEGS or not plain(header):
        return 1
    size, whole = (header.width, header.height), header.application_data
    fitting = [factor for factor in REDUCED if max(size) >= factor * long_side]
    return max((factor for factor in fitting if not whole or not any(side % factor for side in size)), default=1)

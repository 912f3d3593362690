"""Image files to upright pixels."""

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
"""Pixels that a picture's longer side must keep, or all that it has; or what says so of its upright (width, height)."""
Read = Callable[[Path, LongSide], "Picture"]
"""`read_picture` with its limits."""

MAX_PIXELS = 200_000_000
"""Of an image: 600 MB when it is decoded. A photograph of a telephone has up to 200 million."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded image that may be smaller than the file's.

    Attributes:
        image_HWC: uint8 RGB, upright, on white where it is transparent. Its pixel (0, 0) covers
            ``[0, reduction) x [0, reduction)`` of the original; the last row and column may cover less.
        size: (width, height) of the upright original in pixels.
        reduction: 1, 2, 4 or 8.
        pages: in the file; this is the first.
        transparent: pixels of it are.
        cut: the file ends before further pages, of which ``pages`` counts one.
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
    """Decode an image no larger than needed: the one way from a file to pixels.

    A JPEG is stored in blocks of 8 x 8 frequencies: decoding the lowest of them gives a half, a quarter or an eighth
    of the size, averaged and not thinned out, in a fraction of the time. That is done where the image's longer side
    stays at least as long as asked for and the reduction leaves no part of a pixel on a side that the EXIF orientation
    may turn to the left or the top; other formats are decoded whole.

        read_picture(Path("receipt.jpg")).image_HWC
        read_picture(upload, 1280, name="upload").size

    Args:
        source: the file, or its bytes.
        long_side: what the longer side must keep.
        max_pixels: that an image may have; one with more is not decoded.
        within: the folder that a file must lie in, as `read_bytes`.
        name: what messages call the image; ``None``: its path, or "the image given".
        header: what `read_header` said of it, where that was asked before and the size is accepted.

    Raises:
        ImageError: the file cannot be read, is not an image that can be decoded (``__cause__`` says why in the
            decoder's words), or one of more pixels than allowed.
    """
    encoded = source if isinstance(source, bytes) else read_bytes(source, within)
    where = name or ("the image given" if isinstance(source, bytes) else source)
    if header is None:
        header = read_header(encoded, where)
        check_size(header, where, max_pixels)
    factor = largest_reduction(header, long_side(header.upright_size) if callable(long_side) else long_side)
    try:
        image_HWC, transparent = stored_pixels(encoded, header, factor)
    except Exception as error:  # OpenCV's own, MemoryError, and Pillow's readers raise what they like
        reason = getattr(error, "err", None) or str(error) or type(error).__name__
        raise ImageError(f"{where}: {no_image(encoded, reason)}") from error
    if header.format != "TIFF":  # the decoders turn that themselves
        image_HWC = turned(image_HWC, header.orientation)
    return Picture(image_HWC, header.upright_size, factor, header.pages, transparent, header.cut)


def check_size(header: ImageHeader, where: object, max_pixels: int) -> None:
    """Stop before the memory is taken that an image asks for: a file of a few bytes can ask for all there is."""
    width, height = header.width, header.height
    if width * height > max_pixels:
        raise ImageError(
            f"{where}: the image has {width} x {height} pixels, more than data.max_pixels={max_pixels}; make it "
            "smaller, remove it or allow more"
        )


def largest_reduction(header: ImageHeader, long_side: float) -> int:
    """The largest factor that leaves the longer side ``long_side``; where EXIF may turn it, that divides both sides."""
    if header.format not in JPEGS or not plain(header):
        return 1
    size, whole = (header.width, header.height), header.application_data
    fitting = [factor for factor in REDUCED if max(size) >= factor * long_side]
    return max((factor for factor in fitting if not whole or not any(side % factor for side in size)), default=1)

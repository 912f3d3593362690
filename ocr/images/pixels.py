"""Decode the stored pixels of an image to 8-bit RGB on a white background.

Colour profiles and gamma are ignored: they keep the contrast between ink and paper, by which a receipt is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import cv2
import numpy as np
from PIL import Image, ImageFile, ImagePalette

from ocr.images.exif import png_chunks, tags_of
from ocr.images.header import DEEP_MODES, ImageHeader, opened
from ocr.types import UInt8Array

# OpenCV's flags for the size only; those named COLOR also request BGR.
REDUCED = {
    1: 0,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
PLAIN = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
JPEGS = frozenset({"JPEG", "MPO"})
OPENCV_FORMATS = JPEGS | {"PNG", "WEBP", "BMP"}
PHOTOMETRIC, WHITE_IS_ZERO = 262, 0
COLOUR_MAP = 320
EXTRA_SAMPLES, ASSOCIATED = 338, 1
BAND = 1 << 22
"""Pixels that are converted at once: Pillow takes four bytes for each, in any mode."""
Band = Callable[[Image.Image], tuple[UInt8Array, bool]]
"""(rows of an image) -> uint8 RGB on a white background, and whether the background shows anywhere."""


def stored_pixels(encoded: bytes, header: ImageHeader, factor: int = 1) -> tuple[UInt8Array, bool]:
    """Decode an image; its EXIF orientation is not applied, except for a TIFF.

    Args:
        encoded: the file.
        header: its header.
        factor: 1, 2, 4 or 8: a JPEG is decoded this many times smaller.

    Returns:
        uint8 RGB (H, W, 3) of the first picture, and whether any of its pixels is transparent.

    Raises:
        ValueError: it cannot be decoded. cv2.error, and all errors of Pillow: the same.
    """
    if header.format == "PNG" and is_cut(memoryview(encoded)):
        raise ValueError("it ends before the image does")
    if header.format in OPENCV_FORMATS and plain(header):
        return cast(UInt8Array, decoded(encoded, REDUCED[factor] | PLAIN)), False
    if header.format in {"PNG", "TIFF", "JPEG2000"} and header.bits > 8 and header.mode in {"RGB", "RGBA", "LA"}:
        return deep_colours(encoded, header.bits, premultiplied=is_premultiplied(encoded, header))
    return in_bands(opened(encoded), header)


def plain(header: ImageHeader) -> bool:
    """Whether an image is a single 8-bit grey or RGB picture, or a JPEG, of which OpenCV reads the first."""
    if header.format in JPEGS:
        return header.mode != "CMYK"
    return header.mode in {"L", "RGB"} and header.bits == 8 and not header.alpha and header.pages == 1


def decoded(encoded: bytes, flags: int) -> np.ndarray[Any, Any]:
    """OpenCV's pixels of a file.

    Raises:
        ValueError: the file cannot be decoded. cv2.error: the same.
    """
    image = cv2.imdecode(np.frombuffer(encoded, np.uint8), flags)
    if image is None:
        raise ValueError("its pixels cannot be decoded")
    return image


def is_cut(encoded: memoryview) -> bool:
    """Whether a PNG's chunk claims to be longer than the file: OpenCV would allocate the claimed memory."""
    return any(length > len(content) for _, content, length in png_chunks(encoded))


def is_premultiplied(encoded: bytes, header: ImageHeader) -> bool:
    """Whether the colours of a TIFF are premultiplied by alpha."""
    return header.format == "TIFF" and ASSOCIATED in tags_of(opened(encoded)).get(EXTRA_SAMPLES, ())


def deep_colours(encoded: bytes, bits: int, *, premultiplied: bool) -> tuple[UInt8Array, bool]:
    """RGB from 9 to 16 bits: Pillow keeps only the upper eight, and reads white of a JPEG 2000 as black.

    OpenCV applies a TIFF's orientation.
    """
    image_HWC = eight_bits(decoded(encoded, cv2.IMREAD_UNCHANGED), (1 << bits) - 1)
    if image_HWC.shape[2] == 3:
        return np.ascontiguousarray(image_HWC[..., ::-1]), False
    image_HW4, transparent = image_HWC[..., [2, 1, 0, 3]], bool((image_HWC[..., 3] < 255).any())
    return on_ground(image_HW4) if premultiplied else blended(image_HW4), transparent


def eight_bits(values: np.ndarray[Any, Any], largest: int) -> UInt8Array:
    """Scale values from 0..``largest``, at most 65535, to 0..255, rounded."""
    table = (np.arange(65536, dtype=np.uint32) * 255 + largest // 2) // largest
    return cast(UInt8Array, np.minimum(table, 255).astype(np.uint8)[values])


def deep_band(image: ImageFile.ImageFile, header: ImageHeader) -> Band:
    """A converter of rows of 9 to 16-bit grey to RGB; a PNG may declare one value transparent."""
    # The readers scale a JPEG 2000 or a PNM, but not a TIFF.
    largest = (1 << header.bits) - 1 if header.format == "TIFF" else 65535
    inverted = header.format == "TIFF" and tags_of(image).get(PHOTOMETRIC) == WHITE_IS_ZERO
    transparent = image.info.get("transparency", -1)

    def convert(part: Image.Image) -> tuple[UInt8Array, bool]:
        values_HW = np.asarray(part).astype(np.uint16)
        grey_HW = eight_bits(values_HW, largest)
        grey_HW = 255 - grey_HW if inverted else grey_HW
        hidden_HW = values_HW == transparent
        grey_HW[hidden_HW] = 255
        return cast(UInt8Array, cv2.cvtColor(grey_HW, cv2.COLOR_GRAY2RGB)), bool(hidden_HW.any())

    return convert


def repair_palette(image: ImageFile.ImageFile) -> None:
    """Correct a TIFF's palette if its colours have 8 bits instead of 16, which Pillow reads as black."""
    colours = tags_of(image).get(COLOUR_MAP, ())
    if image.palette and colours and max(colours) < 256:
        image.palette = ImagePalette.raw("RGB;L", bytes(colours))


def lab_band(part: Image.Image) -> tuple[UInt8Array, bool]:
    """RGB of CIELAB rows; Pillow keeps a and b signed as in the file, OpenCV expects them from 0 on."""
    lab_HWC = np.asarray(part, np.uint8) ^ np.array([0, 128, 128], np.uint8)
    return cast(UInt8Array, cv2.cvtColor(lab_HWC, cv2.COLOR_LAB2RGB)), False


def opaque_band(part: Image.Image) -> tuple[UInt8Array, bool]:
    """RGB of rows in any of Pillow's modes without alpha."""
    return np.asarray(part.convert("RGB")), False


def alpha_band(part: Image.Image) -> tuple[UInt8Array, bool]:
    """RGB of rows with alpha, or a transparent colour, on a white background, and whether the background shows."""
    part = part.convert("LA") if part.mode == "La" else part
    image_HW4 = np.asarray(part.convert("RGBA"))
    hidden = bool((image_HW4[..., 3] < 255).any())
    return blended(image_HW4) if hidden else image_HW4[..., :3], hidden


def in_bands(image: ImageFile.ImageFile, header: ImageHeader) -> tuple[UInt8Array, bool]:
    """The first picture as decoded by Pillow, on a white background, converted some rows at a time."""
    repair_palette(image)
    left, top, right, bottom = (header.format == "GIF" and image.tile[0].extents) or (0, 0, *image.size)
    image.load()
    if header.mode == "L" and header.bits < 8 and header.alpha:  # Pillow scales the pixels, not the transparent value
        image.info["transparency"] = image.info["transparency"] * 255 // ((1 << header.bits) - 1)
    if header.mode in DEEP_MODES:
        convert = deep_band(image, header)
    else:
        convert = lab_band if header.mode == "LAB" else alpha_band if header.alpha else opaque_band
    image_HWC = np.full((image.height, image.width, 3), 255, np.uint8)
    transparent = (left, top, right, bottom) != (0, 0, *image.size)  # a GIF's picture may be smaller than its canvas
    rows = max(BAND // image.width, 1)
    for start in range(top, bottom, rows):
        end = min(start + rows, bottom)
        image_HWC[start:end, left:right], hidden = convert(image.crop((left, start, right, end)))
        transparent |= hidden
    return image_HWC, transparent


def on_ground(image_HW4: UInt8Array) -> UInt8Array:
    """Premultiplied RGBA of 8 bits on a white background."""
    return np.minimum(image_HW4[..., :3], image_HW4[..., 3:]) + (255 - image_HW4[..., 3:])


def blended(image_HW4: UInt8Array) -> UInt8Array:
    """RGBA of 8 bits on a white background."""
    alpha_HW1 = image_HW4[..., 3:].astype(np.uint16)
    return cast(UInt8Array, ((image_HW4[..., :3] * alpha_HW1 + 255 * (255 - alpha_HW1) + 127) // 255).astype(np.uint8))

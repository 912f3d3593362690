"""Read HEIC, the photographs of iPhones, with the optional package pi-heif."""

from __future__ import annotations

import importlib
import io

import numpy as np

from ocr.images.decode import check_size
from ocr.images.header import ImageError, ImageHeader
from ocr.images.page_images import PageImage
from ocr.images.pixels import blended
from ocr.types import UInt8Array
from ocr.utils.errors import missing_package


def read_heif(encoded: bytes, where: object, max_pixels: int) -> PageImage:
    """Read the main picture of a HEIF file, upright as the file says, on white, in 8 bits.

    Args:
        encoded: the file.
        where: its name in messages.
        max_pixels: limit above which it is not decoded.

    Raises:
        ImageError: pi-heif is not installed, the file is damaged, or it has more pixels than allowed.
    """
    try:
        library = importlib.import_module("pi_heif")
    except ModuleNotFoundError as error:
        remedy = missing_package(error)
        raise ImageError(f"{where}: is a HEIF image (HEIC): {remedy}, or convert it to JPEG") from error
    try:
        image = library.open_heif(io.BytesIO(encoded), convert_hdr_to_8bit=True)  # reads the header alone
        width, height = image.size
    except Exception as error:  # the library raises ValueError, RuntimeError, EOFError, ...
        raise damaged(where, error) from error
    check_size(ImageHeader("HEIF", width, height, image.mode), where, max_pixels)
    try:
        pixels = np.asarray(image)
    except Exception as error:
        raise damaged(where, error) from error
    return PageImage(1, 1, rgb(pixels), unread=len(image) - 1)


def damaged(where: object, error: Exception) -> ImageError:
    """The error for a file that the library cannot read."""
    return ImageError(f"{where}: is a damaged HEIF image ({error}); copy it again or convert it to JPEG")


def rgb(pixels: UInt8Array) -> UInt8Array:
    """RGB (H, W, 3) of grey (H, W), RGB or RGBA."""
    if pixels.ndim == 2:
        return np.repeat(pixels[..., None], 3, axis=2)
    return blended(pixels) if pixels.shape[2] == 4 else np.ascontiguousarray(pixels)

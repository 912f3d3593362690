"""Accept images as paths, encoded bytes, arrays or Pillow images."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from ocr.images.decode import MAX_PIXELS, LongSide, Picture, read_picture
from ocr.images.header import ALPHA_MODES, ImageError
from ocr.images.pixels import alpha_band, opaque_band
from ocr.types import UInt8Array

Given = str | os.PathLike[str] | bytes | npt.NDArray[Any] | Image.Image
"""A path, an encoded image, uint8 RGB (H, W, 3), or a Pillow image."""
OPAQUE_MODES = frozenset({"1", "L", "P", "RGB", "CMYK", "YCbCr"})


def picture_of(image: Given, long_side: LongSide, max_pixels: int = MAX_PIXELS) -> Picture:
    """Decode an encoded image no larger than needed; use pixels as they are.

    Args:
        image: a path, an encoded image, uint8 RGB (H, W, 3), or a Pillow image.
        long_side: as for `read_picture`.
        max_pixels: limit of an encoded image.

    Raises:
        ImageError: as for `read_picture`, or an array has another shape or type.
    """
    if isinstance(image, bytes | str | os.PathLike):
        return read_picture(image if isinstance(image, bytes) else Path(image), long_side, max_pixels)
    image_HWC = pillow_pixels(image) if isinstance(image, Image.Image) else np.asarray(image)
    if image_HWC.dtype != np.uint8 or image_HWC.ndim != 3 or image_HWC.shape[2] != 3 or not image_HWC.size:
        raise ImageError(
            f"the image given is an array of {image_HWC.dtype} {image_HWC.shape}; give uint8 RGB (height, width, 3)"
        )
    return Picture(np.ascontiguousarray(image_HWC), (image_HWC.shape[1], image_HWC.shape[0]))


def pillow_pixels(image: Image.Image) -> UInt8Array:
    """uint8 RGB (H, W, 3) of a Pillow image, upright, transparent pixels blended with white.

    Raises:
        ImageError: it has a mode that Pillow converts to wrong colours, or its file is damaged.
    """
    if image.mode not in OPAQUE_MODES | ALPHA_MODES:
        raise ImageError(f"the image given has Pillow's mode {image.mode}, which is not read; give the file itself")
    try:  # Pillow decodes a file when its pixels are asked for
        upright = ImageOps.exif_transpose(image)
        upright.load()
    except (OSError, ValueError, SyntaxError) as error:
        raise ImageError(f"the image given cannot be decoded: {error}") from error
    transparent = upright.mode in ALPHA_MODES or "transparency" in upright.info
    return (alpha_band if transparent else opaque_band)(upright)[0]

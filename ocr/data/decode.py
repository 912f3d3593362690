"""Image files to pixels."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import cv2
import numpy as np

from ocr.types import InputError, UInt8Array


class ImageError(InputError):
    """An image file cannot be read; the message names it and says what to do."""


def read_image(path: Path) -> UInt8Array:
    """Decode an image file, upright (EXIF orientation applied).

    Returns:
        uint8 RGB (H, W, 3).

    Raises:
        ImageError: the file is missing, empty or not an image that OpenCV can decode.
    """
    try:
        encoded = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        raise ImageError(f"{path}: cannot be opened ({error.strerror}); check the path and its permissions") from error
    if encoded.size == 0:
        raise ImageError(f"{path}: the file is empty; copy it again or remove it from the data set")
    try:
        image_HWC = cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB)
    except cv2.error as error:
        raise ImageError(f"{path}: cannot be decoded ({error.err}); convert it to JPEG or PNG or remove it") from error
    if image_HWC is None:
        raise ImageError(f"{path}: is not an image or is damaged; convert it to JPEG or PNG or remove it")
    return cast(UInt8Array, image_HWC)

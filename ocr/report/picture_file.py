"""Reading an image file for a report."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ocr.types import UInt8Array


def read_picture(path: Path, flags: int) -> UInt8Array | None:
    """The upright image (H, W, 3); ``None`` where it cannot be read.

    ``cv2.imread`` does the same, but in OpenCV 5 it takes the process down at a name that is not UTF-8.

    Args:
        path: the image file.
        flags: ``cv2.IMREAD_COLOR`` or ``cv2.IMREAD_COLOR_RGB``.
    """
    try:
        encoded = np.fromfile(path, np.uint8)
        return cv2.imdecode(encoded, flags) if encoded.size else None  # type: ignore[return-value]
    except (OSError, cv2.error):
        return None

"""EXIF orientation: how the stored pixels must be turned to stand upright."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps

from ocr.formats.base import AnnotationError

# Upright x and y as (factor of stored x, factor of stored y, share of the width, share of the height).
TURNS = {
    1: ((1, 0, 0, 0), (0, 1, 0, 0)),
    2: ((-1, 0, 1, 0), (0, 1, 0, 0)),
    3: ((-1, 0, 1, 0), (0, -1, 0, 1)),
    4: ((1, 0, 0, 0), (0, -1, 0, 1)),
    5: ((0, 1, 0, 0), (1, 0, 0, 0)),
    6: ((0, -1, 0, 1), (1, 0, 0, 0)),
    7: ((0, -1, 0, 1), (-1, 0, 1, 0)),
    8: ((0, 1, 0, 0), (-1, 0, 1, 0)),
}

FIRST_SIDEWAYS = 5
"""From this orientation on, width and height are exchanged."""

SAVING: dict[str | None, tuple[str, dict[str, Any]]] = {
    "JPEG": ("JPEG", {"quality": 95, "subsampling": 0}),
    "MPO": ("JPEG", {"quality": 95, "subsampling": 0}),  # a phone's JPEG with a second picture behind the first
    "TIFF": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "WEBP": ("WEBP", {"lossless": True}),
}
"""Format and settings that a turned image is saved in, by its own format, where Pillow's choice would lose detail."""


def upright_matrix(orientation: int, width: int, height: int) -> npt.NDArray[np.float64]:
    """Homography (3, 3) from the stored pixels of an image to its upright pixels.

    Args:
        orientation: value of the EXIF tag, 1 to 8; any other means 1, as viewers take it.
        width: stored width in pixels.
        height: stored height in pixels.
    """
    rows = [[x, y, w * width + h * height] for x, y, w, h in TURNS.get(orientation, TURNS[1])]
    return np.array([*rows, [0, 0, 1]], np.float64)


def write_upright(source: Path, target: Path) -> tuple[int, tuple[int, int]]:
    """Put an image at its new place, turned as its EXIF tag says and without the tag.

    An image that stands upright already is copied byte for byte. Of any other its first picture is turned and encoded
    anew in its own format: JPEG, and what phones store as several pictures in one JPEG, at quality 95 without chroma
    subsampling, all others without loss.

    Returns:
        The orientation that the image had, and its stored (width, height).

    Raises:
        AnnotationError: the image cannot be read or written; nothing is left at ``target``.
    """
    try:
        with Image.open(source) as image:
            orientation = image.getexif().get(ExifTags.Base.Orientation, 1)  # loading turns a TIFF and drops its tag
            image.load()
            width, height = image.size
            if orientation in TURNS and orientation != 1:
                turned = ImageOps.exif_transpose(image)
                width, height = turned.size if orientation < FIRST_SIDEWAYS else turned.size[::-1]
                image_format, options = SAVING.get(image.format, (image.format, {}))
                turned.save(target, format=image_format, **options)
            else:
                shutil.copyfile(source, target)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        target.unlink(missing_ok=True)
        raise AnnotationError(f"{source}: cannot be converted ({error}); copy it again or remove it") from error
    return orientation, (width, height)

"""Turn stored pixels upright by an image's EXIF orientation, or by quarters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ocr.geometry import transform_points
from ocr.types import FloatArray, UInt8Array

# Upright x and y as (factor of stored x, factor of stored y, fraction of the width, fraction of the height).
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

QUARTERS = {0: 1, 90: 6, 180: 3, 270: 8}
"""EXIF's orientation that asks for the same turn, by degrees clockwise."""
FIRST_SIDEWAYS = 5
"""From this orientation on, width and height are swapped."""


def upright_matrix(orientation: int, width: int, height: int) -> npt.NDArray[np.float64]:
    """Homography (3, 3) from the stored pixels of an image to its upright pixels.

    Args:
        orientation: value of the EXIF tag, 1 to 8; any other means 1, as in viewers.
        width: stored width in pixels.
        height: stored height in pixels.
    """
    rows = [[x, y, w * width + h * height] for x, y, w, h in TURNS.get(orientation, TURNS[1])]
    return np.array([*rows, [0, 0, 1]], np.float64)


def turned(image_HWC: UInt8Array, orientation: int) -> UInt8Array:
    """Stored pixels turned upright; the orientation is one of `TURNS`."""
    if orientation == 1:
        return image_HWC
    (x_by_x, x_by_y, *_), (y_by_x, y_by_y, *_) = TURNS[orientation]
    upright_HWC = image_HWC if x_by_x else image_HWC.transpose(1, 0, 2)
    return np.ascontiguousarray(upright_HWC[:: y_by_x + y_by_y, :: x_by_x + x_by_y])


def turned_by(image_HWC: UInt8Array, degrees: int) -> UInt8Array:
    """An image turned clockwise by a multiple of 90 degrees."""
    return turned(image_HWC, QUARTERS[degrees % 360])


def turned_size(size: tuple[int, int], degrees: int) -> tuple[int, int]:
    """(width, height) of an image that is turned by a multiple of 90 degrees."""
    return size[::-1] if degrees % 180 else size


def turned_points(points_N2: npt.ArrayLike, degrees: int, size: tuple[int, int]) -> FloatArray:
    """Points of an image in that image turned clockwise.

    Args:
        points_N2: in pixels.
        degrees: a multiple of 90.
        size: (width, height) of the image before the turn.
    """
    return transform_points(points_N2, upright_matrix(QUARTERS[degrees % 360], *size))

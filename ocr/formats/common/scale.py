"""Detect coordinates that are not pixels: fractions of the image's sides (0 to 1), per cent, per mille."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr.formats.common.base import AnnotationError
from ocr.types import FloatArray

SLACK = 0.1
"""Tolerance of fractions outside 0..1; no text in pixels is small enough to fit."""
SCALES = {100: "per cent", 1000: "per mille"}
MUCH_LARGER = 3
"""Factor by which an image's sides must exceed the scale before small coordinates are suspicious."""
FEW = 3
"""Number of words from which on it is suspicious that all are in the corner of a large image."""
SPREAD = 0.5
"""Fraction of the scale: fewer words are suspicious there if they are this far apart."""


def is_relative(polygons: Sequence[FloatArray]) -> bool:
    """Whether all coordinates lie in 0..1; in pixels, all words would lie in the top left pixel.

    Args:
        polygons: (N, 2) each, finite; ``False`` if they have no extent.
    """
    if not polygons or polygons[0].max(initial=0) > 1 + SLACK:  # decides for most images at once
        return False
    points_N2 = np.concatenate(polygons)
    inside = (points_N2 >= -SLACK) & (points_N2 <= 1 + SLACK)
    return bool(inside.all() and (np.ptp(points_N2, axis=0) > 0).all())


def check_pixels(polygons: Sequence[FloatArray], where: str) -> None:
    """Refuse polygons that are fractions of the image's sides.

    Args:
        polygons: as for `is_relative`.
        where: the image, for the message.

    Raises:
        AnnotationError: they are fractions.
    """
    if is_relative(polygons):
        raise AnnotationError(
            f"{where}: all coordinates of its {len(polygons)} words lie between 0 and 1, such as "
            f"{np.round(polygons[0][0].astype(np.float64), 4).tolist()}: they are fractions of the image's sides, not "
            "pixels; multiply x by its width and y by its height, or let runners/check.py fix=true do it"
        )


def check_per_cent(polygons: Sequence[FloatArray], size: tuple[int, int], where: str) -> None:
    """Refuse fractions in a format of percentages.

    Args:
        polygons: as for `is_relative`, the percentages converted to pixels.
        size: (width, height) of the image in pixels.
        where: the image, for the message.

    Raises:
        AnnotationError: the coordinates are fractions.
    """
    per_pixel = np.array([100 / side for side in size], np.float32)
    if is_relative([(points_N2 * per_pixel).astype(np.float32) for points_N2 in polygons]):
        raise AnnotationError(
            f"{where}: all coordinates of {len(polygons)} regions lie between 0 and 1, where per cent are expected: "
            "they are fractions of the image's sides; multiply them by 100"
        )


def likely_scale(polygons: Sequence[FloatArray], size: tuple[int, int]) -> int | None:
    """100 or 1000 if the coordinates look like per cent or per mille of a much larger image, else ``None``.

    A heuristic: all are in the scale's range, the image is at least three times as large in both directions, and the
    words are several or far apart. A stamp in the corner of a scan can look the same.

    Args:
        polygons: as for `is_relative`, those of one image.
        size: (width, height) of the image in pixels.
    """
    if not polygons:
        return None
    points_N2 = np.concatenate(polygons)
    for scale in SCALES:
        odd = len(polygons) >= FEW or (np.ptp(points_N2, axis=0) >= SPREAD * scale).any()
        if odd and min(size) >= MUCH_LARGER * scale and points_N2.min() >= 0 and points_N2.max() <= scale:
            return scale
    return None

"""The place of a flaw as a small picture: the whole image, or the surroundings of a polygon with it drawn over them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ocr.images.decode import Read, read_picture
from ocr.images.header import ImageError
from ocr.report.errors import dots, embedded
from ocr.report.html import Html, tag
from ocr.types import FloatArray

LONG_SIDE = 420
"""Pixels of the longer side of the picture; shorter ones stay as they are."""
QUALITY = 70
ROOM = 1.5
"""Around a polygon, in its longer side; and at least `LEAST` pixels."""
LEAST = 60
CORNERS = 400
"""Of a polygon that are drawn, spread evenly over those it has: a tangle of a million must not make the page large."""


def sheet(path: Path, points_N2: FloatArray | None, read: Read = read_picture) -> Html | None:
    """The picture as an element that holds all of itself; ``None`` where the image cannot be read.

    Args:
        path: the image file.
        points_N2: float32 polygon in pixels of the upright image; it may lie outside.
        read: reads the image.
    """

    def enough(size: tuple[int, int]) -> float:
        left, top, right, bottom = window(points_N2, size)
        return LONG_SIDE * max(size) / max(right - left, bottom - top)

    try:
        picture = read(path, enough)
    except ImageError:
        return None
    step, (width, height) = picture.reduction, picture.size
    left, top, right, bottom = window(points_N2, picture.size)
    # Whole pixels of what may be a smaller picture.
    rows, columns = (slice(low // step, -(-high // step)) for low, high in ((top, bottom), (left, right)))
    left, top = columns.start * step, rows.start * step
    right, bottom = min(columns.stop * step, width), min(rows.stop * step, height)
    scale = min(LONG_SIDE / max(right - left, bottom - top), 1.0)
    size = (max(round((right - left) * scale), 1), max(round((bottom - top) * scale), 1))
    source = embedded(cv2.resize(picture.image_HWC[rows, columns], size, interpolation=cv2.INTER_AREA), QUALITY)
    image = tag("img", src=source, alt="", width=size[0], height=size[1])
    if points_N2 is None:
        return tag("div", image, class_="sheet")
    view = f"{left} {top} {right - left} {bottom - top}"
    drawn_N2 = points_N2[:: -(-len(points_N2) // CORNERS)]
    outline = tag("svg", tag("polygon", points=dots(drawn_N2)), **{"viewBox": view, "preserveAspectRatio": "none"})
    return tag("div", image, outline, class_="sheet")


def window(points_N2: FloatArray | None, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the part of an image that is shown: at least a pixel, inside the image.

    Args:
        points_N2: polygon to be shown; ``None`` or nowhere in the image: all of it is.
        size: (width, height) of the image.
    """
    width, height = size
    if points_N2 is None or (points_N2.max(axis=0) < 0).any() or (points_N2.min(axis=0) > size).any():
        return 0, 0, width, height
    points = np.clip(points_N2.astype(np.float64), 0, size)
    low, high = points.min(axis=0), points.max(axis=0)
    room = max(ROOM * float((high - low).max()), LEAST)
    left, top = (int(np.clip(value, 0, side - 1)) for value, side in zip(low - room, size, strict=True))
    right, bottom = (int(np.clip(value, 1, side)) for value, side in zip(high + room, size, strict=True))
    return left, top, max(right, left + 1), max(bottom, top + 1)

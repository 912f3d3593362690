"""Polygons as they are written: in hundredths of a pixel, in whole pixels, as four corners; and what is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import shapely

from ocr.formats.common.writing import summed_up
from ocr.geometry import order_clockwise, repair
from ocr.types import FloatArray, Record

ROUNDS = 8
"""Of 60,000 random polygons none needed more than three rounds to settle."""
CORNERS = 4
HALF = 0.51
"""Pixels that rounding may move a corner, with float32's own error."""
Fit = Callable[[FloatArray, Record], FloatArray]
"""(polygon (N, 2), its record) -> the polygon as it is written."""


def as_written(points_N2: FloatArray) -> FloatArray | None:
    """The polygon in hundredths of a pixel, simple and clockwise from top left; ``None`` if no area is left.

    Rounding can make a polygon cross itself, and the repair can add corners between hundredths: both are repeated until
    nothing changes. A polygon that is valid in hundredths keeps its points.
    """
    rounded_N2 = hundredths(points_N2)
    for _ in range(ROUNDS):
        repaired_N2 = repair(rounded_N2)
        if repaired_N2 is None:
            return None
        rounded_N2 = hundredths(repaired_N2)
        if np.array_equal(rounded_N2, repaired_N2):
            return repaired_N2
    return None


def hundredths(points_N2: FloatArray) -> FloatArray:
    """The points as they are read back after writing."""
    return np.round(points_N2.astype(np.float64), 2).astype(np.float32)


def plain_points(points_N2: FloatArray) -> list[list[float | int]]:
    """Coordinates for a file, rounded to hundredths; whole numbers without a decimal point."""
    rounded = np.round(points_N2.astype(np.float64), 2)
    return [[int(value) if value == int(value) else float(value) for value in point] for point in rounded]


def whole(points_N2: FloatArray) -> FloatArray:
    """The polygon with its corners in whole pixels; its bounding box if that crosses itself or has no area."""
    rounded_N2 = np.rint(points_N2)
    polygon = shapely.Polygon(rounded_N2)
    return rounded_N2 if polygon.is_valid and polygon.area > 0 else box(points_N2)


def box(points_N2: FloatArray) -> FloatArray:
    """The upright box (4, 2) of whole pixels around a polygon, clockwise from top left.

    An upright box is rounded to whole pixels; any other polygon gets the smallest box that covers it.
    """
    (left, top), (right, bottom) = points_N2.min(axis=0), points_N2.max(axis=0)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    rounded = np.rint(corners)
    if np.array_equal(corners, points_N2) and (rounded[2] > rounded[0]).all():
        return rounded
    low, high = np.floor([left, top]), np.ceil([right, bottom])
    high = np.maximum(high, low + 1)
    return np.array([low, [high[0], low[1]], high, [low[0], high[1]]], np.float32)


def quad(points_N2: FloatArray, record: Record) -> FloatArray:
    """A polygon of four points unchanged, else a rectangle (4, 2) around it that lies in the image.

    The rectangle is the smallest one, in hundredths of a pixel, or the upright box in whole pixels if the smallest one
    leaves the image or is too thin to have an area in hundredths.
    """
    if len(points_N2) == CORNERS:
        return points_N2
    rectangle = shapely.oriented_envelope(shapely.Polygon(points_N2))
    rounded_42 = hundredths(order_clockwise(shapely.get_coordinates(rectangle)[:-1]))
    size = (record.width or np.inf, record.height or np.inf)
    inside = (rounded_42 >= 0).all() and (rounded_42 <= size).all()
    polygon = shapely.Polygon(rounded_42)
    return rounded_42 if inside and polygon.is_valid and polygon.area > 0 else box(points_N2)


def whole_quad(points_N2: FloatArray, record: Record) -> FloatArray:
    """The polygon for a row of eight numbers: four corners (4, 2) in whole pixels."""
    return whole(quad(points_N2, record))


def shape_losses(records: Sequence[Record], fit: Fit) -> list[str]:
    """What writing loses of the polygons: a line for each that changes its shape, one for all that are rounded."""
    reshaped, rounded = [], []
    for record in records:
        for key, word in record.words.items():
            points_N2, written_N2 = word.points_N2, fit(word.points_N2, record)
            change = f"{record.name}, word {key}: {points_N2.tolist()} becomes {written_N2.tolist()}"
            if len(points_N2) != len(written_N2) or np.abs(points_N2 - written_N2).max() > HALF:
                reshaped.append(change)
            elif not np.array_equal(points_N2, written_N2):
                rounded.append(change)
    return [*reshaped, *summed_up("corners in whole pixels", rounded)]

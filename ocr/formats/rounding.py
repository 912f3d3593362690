"""Polygons as a file holds them: in hundredths of a pixel."""

from __future__ import annotations

import numpy as np

from ocr.geometry import repair
from ocr.types import FloatArray

ROUNDS = 8
"""Of 60,000 random polygons none needed more than three rounds to settle."""


def as_written(points_N2: FloatArray) -> FloatArray | None:
    """The polygon in hundredths, simple and clockwise from top left; ``None`` where it has no area then.

    Rounding can make a polygon cross itself, and repairing that puts corners between the hundredths again: both are
    done until nothing changes. A polygon that is whole in hundredths keeps its points.
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
    """The points as they are read back after they were written."""
    return np.round(points_N2.astype(np.float64), 2).astype(np.float32)


def plain_points(points_N2: FloatArray) -> list[list[float | int]]:
    """Coordinates for the file, rounded to hundredths; whole numbers without a decimal point."""
    rounded = np.round(points_N2.astype(np.float64), 2)
    return [[int(value) if value == int(value) else float(value) for value in point] for point in rounded]

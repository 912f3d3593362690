"""Pixels inside polygons and away from their outlines, found row by row.

The points within some distance of an edge form a capsule: a rectangle with half a circle at either end. It is convex,
so that a row of pixels crosses it in one interval, whose ends are computed without visiting pixels. The inside of a
polygon follows from the rows' crossings with its edges. Both are counted up and down along the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr.detection.targets.outline import Float64Array, Outlines
from ocr.detection.targets.window import IntArray, Windows, ragged
from ocr.types import BoolArray

Int32Array = npt.NDArray[np.int32]
TINY = 1e-30
# Of the same type as the counts: adding any other type in place is slow in NumPy.
ONE, CAPSULE = np.int32(1), np.int32(1 << 16)


@dataclass(frozen=True, slots=True)
class Filled:
    """A polygon's pixels.

    Attributes:
        place: index of the part (H, W) of the map that the polygon touches.
        counts_HW: int32, for each pixel centre there: 1 if it lies in the polygon, plus `CAPSULE` for every edge that
            is nearer than the margin.
    """

    place: tuple[slice, slice]
    counts_HW: Int32Array

    def inside(self) -> BoolArray:
        """Which pixels lie in the polygon."""
        found_HW: BoolArray = (self.counts_HW & (CAPSULE - ONE)) == 1
        return found_HW

    def deep(self) -> BoolArray:
        """Which pixels lie in the polygon, at least the margin away from its outline."""
        found_HW: BoolArray = self.counts_HW == 1
        return found_HW


def fill(outlines: Outlines, margins_N: Float64Array, height: int, width: int) -> list[Filled]:
    """Find the pixel centres inside polygons, and those at least a margin away from the outline.

    Exact, unlike cv2.fillPoly, which also paints every pixel that the outline touches: a region up to one pixel too
    wide.

    Args:
        outlines: the polygons.
        margins_N: margin of each polygon in pixels, at least 0.
        height: rows of the map.
        width: columns of the map.
    """
    if not len(outlines):
        return []
    windows = Windows.around(outlines.low_N2, outlines.high_N2, height, width)
    # Each row has one entry more than pixels, for intervals that end beyond the last pixel.
    strides_N = windows.width + 1
    sizes_N = windows.height * strides_N
    ends_N = np.cumsum(sizes_N)
    counts_S = np.zeros(ends_N[-1], np.int32)
    _count(outlines, margins_N, windows, ends_N - sizes_N, counts_S)
    np.cumsum(counts_S, out=counts_S)
    parts = zip(windows.slices(), ends_N.tolist(), sizes_N.tolist(), strides_N.tolist(), strict=True)
    return [Filled(place, counts_S[end - size : end].reshape(-1, stride)[:, :-1]) for place, end, size, stride in parts]


def _count(
    outlines: Outlines, margins_N: Float64Array, windows: Windows, first_N: IntArray, counts_S: Int32Array
) -> None:
    """Count up where a row enters an outline or a capsule, down where it leaves, in the concatenated windows."""
    owner_E = outlines.owner_E
    # From here on, rows and columns of the window are integers, counted between pixel centres.
    origin_E2 = windows.first_N2[owner_E] + 0.5
    (x0, y0), (x1, y1) = (outlines.start_E2 - origin_E2).T, (outlines.end_E2 - origin_E2).T
    margin, height_E, width_E = margins_N[owner_E], windows.height[owner_E], windows.width[owner_E]
    low, high = np.minimum(y0, y1), np.maximum(y0, y1)
    top_E = np.clip(np.ceil(low - margin), 0, height_E).astype(np.intp)
    bottom_E = np.clip(np.floor(high + margin) + 1, top_E, height_E).astype(np.intp)
    edge, row = ragged(bottom_E - top_E)
    row += top_E[edge]
    place = first_N[owner_E][edge] + row * (width_E + 1)[edge]
    width = width_E[edge]

    vector_2E = (outlines.end_E2 - outlines.start_E2).T
    length = np.hypot(*vector_2E)
    ux, uy = vector_2E / length
    ux, uy = np.where(np.abs(ux) < TINY, TINY, ux), np.where(np.abs(uy) < TINY, TINY, uy)
    slope = ux / uy
    on_line = (x0 - y0 * slope)[edge] + slope[edge] * row

    crossed = (row >= low[edge]) & (row < high[edge])
    # A clockwise outline runs upwards on the left of the area that it encloses.
    upwards = np.where((y1 < y0) == (outlines.area_N > 0.0)[owner_E], ONE, -ONE)
    np.add.at(counts_S, place[crossed] + _column(on_line[crossed], width[crossed]), upwards[edge[crossed]])

    # The capsule: between lines parallel to the edge and lines across its ends, or in a circle around either end.
    slope = -uy / ux
    to_middle = ((x0 + x1) / 2.0 - (y0 + y1) / 2.0 * slope)[edge] + slope[edge] * row
    beside, ends = np.abs(margin / uy)[edge], np.abs(length / ux / 2.0)[edge]
    left, right = np.maximum(on_line - beside, to_middle - ends), np.minimum(on_line + beside, to_middle + ends)
    empty = left >= right
    left[empty], right[empty] = np.inf, -np.inf
    squared = (margin * margin)[edge]
    for x, y in ((x0, y0), (x1, y1)):
        away = row - y[edge]
        half = squared - away * away
        half = np.sqrt(half, where=half > 0.0, out=np.full(len(half), -np.inf))
        middle = x[edge]
        left, right = np.minimum(left, middle - half), np.maximum(right, middle + half)
    column = _column(np.floor(left) + 1.0, width)
    np.add.at(counts_S, place + column, CAPSULE)
    np.add.at(counts_S, place + np.maximum(_column(right, width), column), -CAPSULE)


def _column(x: Float64Array, width: IntArray) -> IntArray:
    """The first column whose pixel centre is not left of ``x``; the window's width if there is none."""
    column: IntArray = np.minimum(np.maximum(np.ceil(x), 0.0), width).astype(np.intp)
    return column

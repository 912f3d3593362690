"""Areas of polygons and of pairwise intersections, for all polygons of an image at once, float64.

Most pairs are simple quads, for which arithmetic is faster than a polygon library: see `strips_in_common`. The others,
such as self-crossing quads and polygons with many corners, are left to shapely.

Legend: ``G`` ground truth regions, ``D`` detections, ``K`` corners of the polygon with the most of them, ``P`` pairs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from ocr.metrics.shapes import Float64Array
from ocr.types import BoolArray

Shapes = npt.NDArray[np.object_]

SLIVER = 1e-6
"""Square pixels; an intersection smaller than this is rounding and counts as empty."""


MOST_CORNERS = 64
"""Maximum corners of polygons compared edge by edge: memory grows with the product of their corners."""
AT_ONCE = 1 << 18
"""Pairs of edges compared at once; about 30 MB."""


class Strips(NamedTuple):
    """The strips between a polygon's edges and the x axis; with signs, they add up to the polygon.

    Attributes:
        left: x at which each strip begins, (..., K).
        right: x at which it ends.
        height: y of the edge at the left end.
        slope: slope of the edge; 0 if it is vertical and the strip has no width.
        sign: 1 for an edge that runs to the right, -1 for one that runs to the left.
    """

    left: Float64Array
    right: Float64Array
    height: Float64Array
    slope: Float64Array
    sign: Float64Array

    def at(self, index: object) -> Strips:
        """Index the strips like an array."""
        return Strips(*(values[index] for values in self))  # type: ignore[call-overload]


def shoelace_areas(polygons_NK2: Float64Array) -> Float64Array:
    """Areas (N,) by the shoelace formula; parts of a self-crossing polygon that run the other way count against it."""
    x, y = polygons_NK2[..., 0], polygons_NK2[..., 1]
    return np.asarray(np.abs((x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)) / 2)


def shapes_of(polygons_NK2: Float64Array) -> Shapes:
    """The polygons as shapely geometries; of an invalid one, its inside by the even-odd rule."""
    if not len(polygons_NK2):
        return np.zeros(0, dtype=object)
    shapes = np.asarray(shapely.polygons(polygons_NK2), dtype=object)
    for index in np.flatnonzero(~shapely.is_valid(shapes)):
        parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shapes[index])))
        shapes[index] = shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])
    return shapes


def common_areas(truth_GK2: Float64Array, found_DK2: Float64Array) -> Float64Array:
    """Intersection area of each pair, (G, D), square pixels; self-crossing polygons follow the even-odd rule."""
    common_GD = np.zeros((len(truth_GK2), len(found_DK2)))
    if common_GD.size:
        (left_G1, top_G1), (right_G1, bottom_G1) = (bound(truth_GK2, axis=1).T[..., None] for bound in (np.min, np.max))
        (left_D, top_D), (right_D, bottom_D) = (bound(found_DK2, axis=1).T for bound in (np.min, np.max))
        meet_GD = (left_G1 < right_D) & (left_D < right_G1) & (top_G1 < bottom_D) & (top_D < bottom_G1)
        rows_P, columns_P = np.nonzero(meet_GD)
        easy_P = fit_for_strips(truth_GK2)[rows_P] & fit_for_strips(found_DK2)[columns_P]
        truth, found = (strips_of(polygons_NK2[:, :MOST_CORNERS]) for polygons_NK2 in (truth_GK2, found_DK2))
        common_P = np.zeros(len(rows_P))
        edges = truth.left.shape[1] * found.left.shape[1]
        for places in np.array_split(np.flatnonzero(easy_P), 1 + len(rows_P) * edges // AT_ONCE):
            common_P[places] = strips_in_common(truth.at(rows_P[places]), found.at(columns_P[places]))
        hard_P = ~easy_P
        if hard_P.any():
            truth_P, found_P = shapes_of(truth_GK2[rows_P[hard_P]]), shapes_of(found_DK2[columns_P[hard_P]])
            common_P[hard_P] = shapely.area(shapely.intersection(truth_P, found_P))
        common_GD[rows_P, columns_P] = common_P
    return common_GD


def fit_for_strips(polygons_NK2: Float64Array) -> BoolArray:
    """Which `padded` polygons are simple and have at most `MOST_CORNERS` corners, (N,)."""
    few_N = (polygons_NK2[:, MOST_CORNERS:] == polygons_NK2[:, MOST_CORNERS - 1 : MOST_CORNERS]).all(axis=(1, 2))
    return np.asarray(few_N & are_simple(polygons_NK2))


def are_simple(polygons_NK2: Float64Array) -> BoolArray:
    """Which polygons are known not to cross themselves, (N,); of quads, those that turn the same way at all corners."""
    if polygons_NK2.shape[1] > 4:
        return np.asarray(shapely.is_valid(shapely.polygons(polygons_NK2)))
    x, y = (np.roll(polygons_NK2, -1, axis=1) - polygons_NK2).transpose(2, 0, 1)
    turns = x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y
    return np.asarray((turns >= 0).all(axis=1) | (turns <= 0).all(axis=1))


def strips_of(polygons_NK2: Float64Array) -> Strips:
    """The strips of each polygon, (N, K)."""
    x, y = polygons_NK2.transpose(2, 0, 1)
    next_x, next_y = np.roll(x, -1, axis=1), np.roll(y, -1, axis=1)
    forward, width = next_x > x, next_x - x
    slope = np.divide(next_y - y, width, out=np.zeros_like(width), where=width != 0)
    left, height = np.where(forward, x, next_x), np.where(forward, y, next_y)
    return Strips(left, np.maximum(x, next_x), height, slope, np.where(forward, 1.0, -1.0))


def strips_in_common(truth: Strips, found: Strips) -> Float64Array:
    """Intersection area of each pair of simple polygons, (P,).

    A polygon is the signed sum of the strips under its edges. The intersection of two polygons is therefore the signed
    sum of the intersections of their strips, each the integral of the lower of two straight lines. It is continuous in
    the coordinates, even where edges touch or coincide. Upright boxes with integer coordinates give exact areas.
    """
    one, other = truth.at(np.s_[:, :, None]), found.at(np.s_[:, None, :])
    left = np.maximum(one.left, other.left)
    width = np.maximum(np.minimum(one.right, other.right) - left, 0)
    height = other.height + other.slope * (left - other.left)
    above = one.height + one.slope * (left - one.left) - height
    above_at_end = above + (one.slope - other.slope) * width
    # The mean of min(0, line) from one end to the other: a triangle if the line changes sign.
    below, span = np.minimum(above, 0) + np.minimum(above_at_end, 0), np.abs(above) + np.abs(above_at_end)
    lower = np.divide(below * below, span, out=np.zeros_like(span), where=span > 0)
    areas = one.sign * other.sign * width * (2 * height + other.slope * width - lower) / 2
    common_P = np.abs(areas.sum(axis=(1, 2)))
    return np.where(common_P < SLIVER, 0.0, common_P)

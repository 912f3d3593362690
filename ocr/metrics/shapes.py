"""Plane geometry for the metrics: all polygons of an image at once, float64.

Legend: ``N`` polygons, or points of one; ``C`` points, ``K`` corners of the polygon with the most of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from ocr.geometry import order_clockwise

Float64Array = npt.NDArray[np.float64]

FLATNESS = 0.02
"""Points of a polygon within this distance in pixels of the line between their neighbours are not corners.

Rounding coordinates to hundredths of a pixel moves a point of a straight edge up to 0.015 pixels off it.
"""


def corners_of(points_N2: npt.ArrayLike) -> Float64Array:
    """Remove the points of a polygon that lie on a straight edge, float64.

    The flattest point is removed first and at least four are kept: a polygon of four points is returned unchanged,
    whatever its shape, and a quad written with additional points on its edges is returned as that quad.
    """
    points = np.asarray(points_N2, dtype=np.float64)
    while len(points) > 4:
        distances = distances_to_chords(points)
        flattest = int(np.argmin(distances))
        if distances[flattest] > FLATNESS:
            break
        points = np.delete(points, flattest, axis=0)
        if flattest == 0 and points[-1].sum() < points[0].sum():
            points = np.roll(points, 1, axis=0)
    return points


def distances_to_chords(points_N2: Float64Array) -> Float64Array:
    """Distance of each point of a polygon to the segment between its two neighbours."""
    before, after = np.roll(points_N2, 1, axis=0), np.roll(points_N2, -1, axis=0)
    chord, way = after - before, points_N2 - before
    length = (chord**2).sum(axis=1)
    share = np.divide((way * chord).sum(axis=1), length, out=np.zeros(len(length)), where=length > 0)
    return np.asarray(np.sqrt(((way - np.clip(share, 0, 1)[:, None] * chord) ** 2).sum(axis=1)))


def quads_of(polygons: Sequence[Float64Array]) -> Float64Array:
    """One quad per polygon (N, 4, 2): itself if it has four corners, otherwise its smallest rotated rectangle.

    The rectangle runs clockwise from its top left corner; for collinear points it is the upright bounding box.
    """
    quads_N42 = np.zeros((len(polygons), 4, 2))
    for index, points in enumerate(polygons):
        quads_N42[index] = points if len(points) == 4 else smallest_rectangle(points)
    return quads_N42


def smallest_rectangle(points_N2: Float64Array) -> Float64Array:
    """Corners of the smallest rotated rectangle around the points, clockwise from top left."""
    rectangle = shapely.MultiPoint(points_N2).minimum_rotated_rectangle
    if rectangle.geom_type != "Polygon":
        left, top, right, bottom = rectangle.bounds
        return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    return order_clockwise(shapely.get_coordinates(rectangle)[:-1]).astype(np.float64)


def padded(polygons: Sequence[Float64Array]) -> Float64Array:
    """Polygons as one array (N, K, 2), padded with the last point of each, which does not change their shape."""
    lengths = {len(points) for points in polygons}
    if len(lengths) == 1:
        return np.array(polygons)
    most = max(lengths, default=3)
    result = np.zeros((len(polygons), most, 2))
    for index, points in enumerate(polygons):
        result[index, : len(points)] = points
        result[index, len(points) :] = points[-1]
    return result


def inside(polygons_NK2: Float64Array, points_C2: Float64Array) -> npt.NDArray[np.bool_]:
    """Which polygon contains a point, (N, C), by the even-odd rule: a ray to the right crosses an odd number of edges.

    An edge includes its upper end but not its lower one, and a point on an edge is not left of it: an upright box
    includes its left and upper borders but not its right and lower ones, so that adjacent boxes share no point.
    """
    result = np.zeros((len(polygons_NK2), len(points_C2)), dtype=bool)
    if not result.size:
        return result
    (left_N1, top_N1), (right_N1, bottom_N1) = (bound(polygons_NK2, axis=1).T[..., None] for bound in (np.min, np.max))
    x_C, y_C = np.ascontiguousarray(points_C2.T)
    near_NC = (x_C >= left_N1) & (x_C <= right_N1) & (y_C >= top_N1) & (y_C <= bottom_N1)
    rows, columns = np.nonzero(near_NC)
    starts, ends = polygons_NK2[rows], np.roll(polygons_NK2, 1, axis=1)[rows]
    x, y = x_C[columns, None], y_C[columns, None]
    height = ends[..., 1] - starts[..., 1]
    spans = (starts[..., 1] <= y) != (ends[..., 1] <= y)
    slope = (ends[..., 0] - starts[..., 0]) * (y - starts[..., 1])
    meets = np.divide(slope, height, out=np.zeros_like(slope), where=spans) + starts[..., 0]
    result[rows, columns] = (spans & (x < meets)).sum(axis=1) % 2 == 1
    return result

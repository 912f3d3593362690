"""Polygon operations: order, clean, clip, transform, merge.

Every polygon is a float32 array ``points_N2`` of ``(x, y)`` pixels. The y axis points down, so "clockwise" means as
seen on the screen, which gives a positive shoelace area.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import shapely

from ocr.types import FloatArray, Word

Key = TypeVar("Key")
MIN_POINTS = 3
MAX_POINTS = 1000
MAX_CROSSINGS = 500
"""The time to make a polygon valid grows with the square of its crossings: 0.2 s for 390, 71 s for 17,000."""
NEAR = 0.1
"""Pixels up to which points are one: a shorter step has no direction, by which others tell the ends of a line."""
REPAIR_ROUNDS = 8
MANY_POINTS = 64
IGNORED_SHARE = 0.5
"""A region with more than this share of its area in one ignored region is left out of IoU figures."""


def signed_area(points_N2: npt.ArrayLike) -> float:
    """Shoelace area in square pixels: positive when the points run clockwise on the screen."""
    points = np.asarray(points_N2, dtype=np.float64)
    following = np.roll(points, -1, axis=0)
    return float(np.sum(points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1]) / 2.0)


def crossings(points_N2: npt.ArrayLike) -> int:
    """How often the edges of a polygon cross each other; edges that only touch do not count."""
    starts = np.asarray(points_N2, dtype=np.float64)
    edges = np.roll(starts, -1, axis=0) - starts
    ways_NN2 = starts[None] - starts[:, None]
    # The side of edge i that point j lies on; two edges cross where the ends of each lie on both sides of the other.
    sides_NN = np.sign(edges[:, None, 0] * ways_NN2[..., 1] - edges[:, None, 1] * ways_NN2[..., 0])
    parted_NN = sides_NN * np.roll(sides_NN, -1, axis=1) < 0
    return int((parted_NN & parted_NN.T).sum()) // 2


def too_complex(points_N2: FloatArray) -> str | None:
    """Why a polygon is rejected: more points or crossings than any text outline needs; ``None`` if it is accepted.

    Args:
        points_N2: finite pixels.
    """
    count = len(points_N2)
    if count > MAX_POINTS:
        return f"has {count:,} points, at most {MAX_POINTS:,} are allowed"
    # N edges cross at most N (N - 3) / 2 times.
    crossed = crossings(points_N2) if count * (count - 3) > 2 * MAX_CROSSINGS else 0
    return f"crosses itself {crossed:,} times, at most {MAX_CROSSINGS} are allowed" if crossed > MAX_CROSSINGS else None


def open_ring(points_N2: FloatArray) -> FloatArray:
    """Remove last points that repeat the first one, with which many formats close their rings."""
    while len(points_N2) > MIN_POINTS and np.array_equal(points_N2[0], points_N2[-1]):
        points_N2 = points_N2[:-1]  # several, if rounding has moved neighbours of the first point onto it
    return points_N2


def order_clockwise(points_N2: npt.ArrayLike) -> FloatArray:
    """The same polygon, clockwise on the screen and starting at its top left corner.

    The top left corner is the point with the smallest ``x + y``; of several, the highest. Only the direction and the
    starting point change: no point is moved, added or dropped.
    """
    points = np.asarray(points_N2, dtype=np.float32)
    # For so few points, plain Python floats are several times faster than NumPy's calls.
    corners = points.tolist()
    left, top = corners[0]
    doubled = sum((x0 - left) * (y1 - top) - (x1 - left) * (y0 - top) for (x0, y0), (x1, y1) in pairwise(corners))
    step = -1 if doubled < 0 else 1
    sums = points.sum(axis=1).tolist()
    start = min(range(len(corners)), key=lambda index: (sums[index], corners[index][1], index * step))
    return np.concatenate([points[start:], points[:start]] if step > 0 else [points[start::-1], points[:start:-1]])


def transform_points(points_N2: npt.ArrayLike, matrix_33: npt.ArrayLike) -> FloatArray:
    """Points mapped through a 3 x 3 homography."""
    points = np.asarray(points_N2, dtype=np.float64)
    homogeneous = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ np.asarray(matrix_33, np.float64).T
    return (homogeneous[:, :2] / homogeneous[:, 2:3]).astype(np.float32)


def clip_points(points_N2: npt.ArrayLike, width: float, height: float) -> FloatArray:
    """Points moved onto the nearest position of the image rectangle ``[0, width] x [0, height]``.

    ``x == width`` is a valid position (the right edge of the last pixel) and is kept.
    """
    points = np.asarray(points_N2, dtype=np.float32)
    return np.clip(points, 0.0, np.array([width, height], dtype=np.float32))


def repair(points_N2: npt.ArrayLike) -> FloatArray | None:
    """Make a simple polygon with positive area from any points; ``None`` if that is impossible.

    A valid polygon is returned unchanged except for its order and closing points. A self-intersecting one becomes
    the largest part of its ``make_valid`` result; one of more than 64 points that of the "structure" method, since the
    other takes minutes when hundreds of edges cross each other. Fewer than three distinct points, points on one line,
    non-finite points and polygons finer than float32 can hold give ``None``.
    """
    points = np.asarray(points_N2, dtype=np.float32)
    if points.ndim != 2 or len(points) < MIN_POINTS or not np.isfinite(points).all():
        return None
    points = open_ring(points)
    for _ in range(1 + REPAIR_ROUNDS):  # rounding a part's corners to float32 can make it cross itself again
        polygon = shapely.polygons(points)
        if shapely.is_valid(polygon):
            return order_clockwise(points) if shapely.area(polygon) > 0 else None
        crossing = shapely.Polygon(points)
        few = len(points) <= MANY_POINTS
        largest = largest_polygon(
            shapely.make_valid(crossing) if few else shapely.make_valid(crossing, method="structure")
        )
        if largest is None:
            return None
        points = np.asarray(largest.exterior.coords, dtype=np.float32)[:-1]
    return None


def as_polygons(outlines: Sequence[FloatArray]) -> npt.NDArray[np.object_]:
    """Convert M >= 1 outlines, each (N, 2) with N >= 3, to shapely polygons (M,) in one call."""
    owners = np.repeat(np.arange(len(outlines)), [len(points_N2) for points_N2 in outlines])
    rings = shapely.linearrings(np.concatenate(outlines), indices=owners)
    return np.asarray(shapely.polygons(rings), np.object_)


def swallowed(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Find regions that lie in ignored ones, whose detections are left out of IoU figures.

    Args:
        words: regions of one image; polygons of at least three points.

    Returns:
        Pairs of the indices of a region and of an ignored region that it lies in, in order.
    """
    ignored_N = np.array([word.ignore for word in words], bool)
    around, within = np.flatnonzero(ignored_N), np.flatnonzero(~ignored_N)
    if not len(around) or not len(within):
        return []
    shapes = as_polygons([word.points_N2 for word in words])
    shapes = np.where(shapely.is_valid(shapes), shapes, shapely.convex_hull(shapes))
    first, second = shapely.STRtree(shapes[around]).query(shapes[within], predicate="intersects")
    one, other = within[first], around[second]
    common, whole = shapely.area(shapely.intersection(shapes[one], shapes[other])), shapely.area(shapes[one])
    inside = common > IGNORED_SHARE * whole
    return sorted(zip(one[inside].tolist(), other[inside].tolist(), strict=True))


def swallowing(words: Mapping[Key, Word]) -> dict[Key, list[Key]]:
    """The ignored words of an image that others lie in (`swallowed`), each with the keys of the others.

    Words with fewer than three points or with an infinite one are skipped.
    """
    if not any(word.ignore for word in words.values()):
        return {}
    polygons = {key: word.points_N2 for key, word in words.items() if len(word.points_N2) >= MIN_POINTS}
    keys = [key for key, points_N2 in polygons.items() if np.isfinite(points_N2).all()]
    found: dict[Key, list[Key]] = {}
    for region, around in swallowed([words[key] for key in keys]):
        found.setdefault(keys[around], []).append(keys[region])
    return found


def largest_polygon(shape: shapely.Geometry) -> shapely.Polygon | None:
    """The largest polygon of a geometry by area, or ``None`` if it has none."""
    parts = [part for part in shapely.get_parts(shape, return_index=False) if part.geom_type == "Polygon"]
    nested = [p for part in shapely.get_parts(shape) if part.geom_type == "MultiPolygon" for p in part.geoms]
    candidates = [part for part in [*parts, *nested] if not part.is_empty]
    return max(candidates, key=lambda part: part.area, default=None)


def upright_box(points_N2: FloatArray) -> FloatArray:
    """The four corners of the upright box around a polygon, clockwise from top left."""
    (left, top), (right, bottom) = points_N2.min(axis=0), points_N2.max(axis=0)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def mean_x(points_N2: FloatArray) -> float:
    """Mean x of the points, by which the words of a line are ordered."""
    return float(sum(points_N2[:, 0].tolist()) / len(points_N2))


def merge_line(polygons: Sequence[FloatArray]) -> FloatArray:
    """One polygon around the words of one text line.

    Words are ordered from left to right. If each has an even number of points (top edge left to right, then bottom
    edge right to left), the line follows the top edges and returns along the bottom edges, so that a curved line
    stays curved; where neighbours overlap it follows the outer one, so that it never steps back. Otherwise, or if that
    outline crosses itself, the line is the convex hull.

    Args:
        polygons: the word polygons (N, 2), clockwise from top left; at least one.
    """
    if len(polygons) == 1:
        return order_clockwise(polygons[0])
    ordered = sorted(polygons, key=mean_x)
    if all(len(points) % 2 == 0 for points in ordered):
        tops = [points[: len(points) // 2] for points in ordered]
        bottoms = [points[len(points) // 2 :] for points in ordered]
        own = [top[-1] - top[0] + bottom[0] - bottom[-1] for top, bottom in zip(tops, bottoms, strict=True)]
        ways = [before_2 + after_2 for before_2, after_2 in pairwise(own)]
        back = joined(bottoms[::-1], [-way_2 for way_2 in reversed(ways)])
        outline = np.concatenate([joined(tops, ways), back]).astype(np.float32)
        if shapely.is_valid(shapely.polygons(outline)):
            return order_clockwise(outline)
    hull = shapely.MultiPoint(np.concatenate(ordered)).convex_hull
    return order_clockwise(shapely.get_coordinates(hull)[:-1])


def joined(parts: Sequence[FloatArray], ways: Sequence[FloatArray]) -> FloatArray:
    """Join the edges (M, 2) of neighbouring words, of which each two have a way (2,) with the words on its right."""
    edges = [parts[0]]
    for part_M2, way_2 in zip(parts[1:], ways, strict=True):
        if edges[-1][-1] @ way_2 > part_M2[0] @ way_2:
            edges[-1:] = parted(edges[-1], part_M2, way_2)
        else:
            edges.append(part_M2)
    return np.concatenate(edges)


def parted(before_M2: FloatArray, after_M2: FloatArray, way_2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cut off one of two edges where they overlap, so that the one further to the left of the way remains."""
    x, y = way_2 / np.hypot(*way_2)
    (gone_M, left_M), (going_M, off_M) = (np.array([[x, y], [y, -x]]) @ each.T for each in (before_M2, after_M2))
    start, end = going_M[0], gone_M[-1]
    middle = (start + end) / 2
    if not gone_M[0] + NEAR < start < end < going_M[-1] - NEAR:
        return before_M2, after_M2  # one lies within the other: the outline will cross itself
    if np.interp(middle, gone_M, left_M) > np.interp(middle, going_M, off_M):
        return before_M2, beyond(end, going_M, after_M2, before_M2[-1])
    return beyond(-start, -gone_M[::-1], before_M2[::-1], after_M2[0])[::-1], after_M2


def beyond(place: float, places_M: FloatArray, edge_M2: FloatArray, other_2: FloatArray) -> FloatArray:
    """The part of an edge beyond a place, with its point there unless that is (nearly) the other edge's end."""
    corner_2 = np.array([np.interp(place, places_M, axis_M) for axis_M in edge_M2.T])
    corner = [corner_2] * bool(np.hypot(*(corner_2 - other_2)) > NEAR)
    return np.array([*corner, *edge_M2[places_M > place + NEAR]])

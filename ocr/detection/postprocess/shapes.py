"""From regions of a map to shapes, grown to the text's size, in map coordinates."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import shapely

from ocr.detection.postprocess.ragged import Float64Array, IndexArray, Polygons, Ragged
from ocr.detection.postprocess.regions import Int32Array, Regions
from ocr.detection.postprocess.unclip import CORNERS, Unclip, growth_to_area

MIN_RING_POINTS = 3
MIN_POLYGON_POINTS = 4
MAX_OUTLINE_POINTS = 128
# Corners sharper than 60 degrees are cut off when a polygon grows.
MITRE_LIMIT = 2.0


@dataclass(frozen=True, slots=True)
class Rectangles:
    """Rotated rectangles.

    Attributes:
        centres_N2: map coordinates.
        axes_N2: unit vector along the first side.
        sides_N2: side lengths along the axis and across it.
    """

    centres_N2: Float64Array
    axes_N2: Float64Array
    sides_N2: Float64Array

    def pick(self, indices: IndexArray) -> Rectangles:
        """Some of the rectangles, in the order of the indices."""
        return Rectangles(self.centres_N2[indices], self.axes_N2[indices], self.sides_N2[indices])

    def grown(self, unclip: Unclip) -> Rectangles:
        """The rectangles with every side moved outwards by the unclip distance."""
        distances_N = unclip.distances(self.sides_N2.prod(axis=1), 2.0 * self.sides_N2.sum(axis=1))
        return replace(self, sides_N2=self.sides_N2 + 2.0 * distances_N[:, None])

    def corners(self) -> Ragged:
        """The rectangles as polygons of four points."""
        along_N2 = self.axes_N2 * self.sides_N2[:, :1] / 2.0
        across_N2 = self.axes_N2[:, ::-1] * (-1.0, 1.0) * self.sides_N2[:, 1:] / 2.0
        corners_N42 = self.centres_N2[:, None] + np.stack(
            [-along_N2 - across_N2, along_N2 - across_N2, along_N2 + across_N2, across_N2 - along_N2], axis=1
        )
        return Ragged(corners_N42.reshape(-1, 2), np.arange(len(corners_N42)) * 4)


def bounds_corners(lower_N2: Float64Array, upper_N2: Float64Array) -> Ragged:
    """Polygons of the rectangles parallel to the axes with these smallest and largest coordinates."""
    (left, top), (right, bottom) = lower_N2.T, upper_N2.T
    corners_N8 = np.stack([left, top, right, top, right, bottom, left, bottom], axis=1)
    return Ragged(corners_N8.reshape(-1, 2), np.arange(len(lower_N2)) * 4)


def smallest_rectangles(regions: Regions) -> Rectangles:
    """The smallest rotated rectangle of each region, through its outer edge rather than its pixels' centres."""
    found = np.array([(*centre, *sides, angle) for centre, sides, angle in map(cv2.minAreaRect, regions.contours)])
    found = found.astype(np.float64).reshape(-1, 5)
    sides_N2, angles_N = found[:, 2:4], np.deg2rad(found[:, 4])
    growth_N = growth_to_area(sides_N2.prod(axis=1), 2.0 * sides_N2.sum(axis=1), regions.areas_N)
    axes_N2 = np.stack([np.cos(angles_N), np.sin(angles_N)], axis=1)
    return Rectangles(found[:, :2] + 0.5, axes_N2, sides_N2 + 2.0 * growth_N[:, None])


def grown_polygons(regions: Regions, rectangles: Rectangles, unclip: Unclip, tolerance: float) -> Ragged:
    """The simplified outline of each region, moved outwards by the unclip distance.

    Corners stay sharp, as they do when a text polygon is shrunk. If an outline yields no simple polygon (a region one
    pixel wide, an outline that crosses itself), the region's rectangle takes its place.

    Args:
        regions: the regions.
        rectangles: their smallest rectangles.
        unclip: the rule for growing.
        tolerance: maximum deviation of the simplified outline in map pixels.
    """
    outlines = Ragged.of([_simplified(contour, tolerance) for contour in regions.contours])
    areas_N, perimeters_N = np.abs(outlines.signed_areas()), outlines.perimeters()
    edge_N = growth_to_area(areas_N, perimeters_N, regions.areas_N)
    distances_N = edge_N + unclip.distances(regions.areas_N, perimeters_N + 2.0 * CORNERS * edge_N)

    shapes_N = rectangles.grown(unclip).corners().polygons()
    flat = np.flatnonzero((outlines.counts_N >= MIN_RING_POINTS) & (areas_N > 0.0))
    polygons = outlines.pick(flat).shifted(0.5).polygons()
    grown = shapely.buffer(polygons, distances_N[flat], join_style="mitre", mitre_limit=MITRE_LIMIT)
    # GEOS returns an empty polygon for a distance near the smallest float.
    whole = (shapely.get_type_id(grown) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(grown)
    simple = shapely.is_valid(polygons) & whole
    shapes_N[flat[simple]] = grown[simple]
    return at_least_four(exteriors(shapes_N))


def _simplified(contour: Int32Array, tolerance: float) -> Int32Array:
    """Simplify a contour so that no point moves by more than the tolerance.

    No text has an outline with hundreds of corners, but maps of untrained networks do, and growing one takes a second:
    it is replaced by its convex hull.
    """
    outline = cv2.approxPolyDP(contour, tolerance, closed=True)
    if len(outline) > MAX_OUTLINE_POINTS:
        outline = cv2.convexHull(outline)
    return np.asarray(outline, np.int32)


def exteriors(polygons: Polygons) -> Ragged:
    """The outer outlines of shapely polygons, without holes."""
    points_T2, owners_T = shapely.get_coordinates(shapely.get_exterior_ring(polygons), return_index=True)
    # Shapely repeats the first point of a ring at its end.
    last_T = np.append(np.diff(owners_T) > 0, True)
    counts_N = np.bincount(owners_T[~last_T], minlength=len(polygons))
    return Ragged(points_T2[~last_T], np.cumsum(counts_N) - counts_N)


def at_least_four(polygons: Ragged) -> Ragged:
    """The polygons, with the midpoint of its longest side added to each triangle as a fourth point."""
    if (polygons.counts_N >= MIN_POLYGON_POINTS).all():
        return polygons
    return Ragged.of(
        [_with_middle(points) if len(points) < MIN_POLYGON_POINTS else points for points in polygons.split()]
    )


def _with_middle(points_N2: Float64Array) -> Float64Array:
    following_N2 = np.roll(points_N2, -1, axis=0)
    longest = int(np.argmax(np.hypot(*(following_N2 - points_N2).T)))
    middle = (points_N2[longest] + following_N2[longest]) / 2.0
    return np.insert(points_N2, longest + 1, middle, axis=0)

"""A text polygon's outline with what the maps need to know of it.

A page holds a hundred polygons and each of these numbers is needed once: for four points, plain Python floats are
several times faster than NumPy's calls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry import repair

QUAD = 4
# Pixels. Corners this near to a rectangle's are taken as one: float32 coordinates of a large image are no better.
RECTANGLE_TOLERANCE = 1e-3

Point = tuple[float, float]


@dataclass(slots=True)
class Outline:
    """A simple polygon.

    Attributes:
        points: its corners, clockwise on the screen, no two neighbours equal.
        area: square pixels.
        perimeter: pixels.
        lengths: of the edge that starts at each corner, in pixels.
        is_convex: has four corners and no inward bend.
        is_rectangle: has four right angles.
    """

    points: list[Point]
    area: float
    perimeter: float
    lengths: list[float]
    is_convex: bool
    is_rectangle: bool

    @classmethod
    def of(cls, points_N2: npt.ArrayLike) -> Outline | None:
        """From any points, repaired where necessary; ``None`` where `ocr.geometry.repair` finds nothing to repair."""
        points = np.asarray(points_N2, dtype=np.float32)
        if points.shape == (QUAD, 2):
            quad = cls._convex_quad([(x, y) for x, y in points.tolist()])
            if quad is not None:
                return quad
        repaired_N2 = repair(points)
        return None if repaired_N2 is None else cls._simple(repaired_N2)

    @classmethod
    def _convex_quad(cls, points: list[Point]) -> Outline | None:
        """The quadrilateral with these corners in either direction, ``None`` unless each of them is a true corner."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
        turns = (
            (bx - ax) * (cy - by) - (by - ay) * (cx - bx),
            (cx - bx) * (dy - cy) - (cy - by) * (dx - cx),
            (dx - cx) * (ay - dy) - (dy - cy) * (ax - dx),
            (ax - dx) * (by - ay) - (ay - dy) * (bx - ax),
        )
        if max(turns) < 0.0:
            points = points[::-1]
            (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
        elif not min(turns) > 0.0:
            return None
        area = ((cx - ax) * (dy - by) - (cy - ay) * (dx - bx)) / 2.0
        if not math.isfinite(area):
            return None
        lengths = [math.hypot(bx - ax, by - ay), math.hypot(cx - bx, cy - by)]
        lengths += [math.hypot(dx - cx, dy - cy), math.hypot(ax - dx, ay - dy)]
        skew = abs(ax + cx - bx - dx) + abs(ay + cy - by - dy)
        slant = abs(math.hypot(cx - ax, cy - ay) - math.hypot(dx - bx, dy - by))
        return cls(points, area, sum(lengths), lengths, True, skew + slant < RECTANGLE_TOLERANCE)

    @classmethod
    def _simple(cls, points_N2: npt.NDArray[np.float32]) -> Outline | None:
        points = points_N2.astype(np.float64)
        points = points[(points != np.roll(points, 1, axis=0)).any(axis=1)]
        following = np.roll(points, -1, axis=0)
        lengths = np.hypot(*(following - points).T).tolist()
        relative, ahead = points - points[0], following - points[0]
        area = float(np.sum(relative[:, 0] * ahead[:, 1] - relative[:, 1] * ahead[:, 0])) / 2.0
        if area <= 0.0:
            return None
        return cls([(x, y) for x, y in points.tolist()], area, sum(lengths), lengths, False, False)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        xs, ys = zip(*self.points, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def shorter_side(self) -> float:
        """Shorter side of the smallest rotated rectangle around the polygon."""
        if self.is_rectangle:
            return min(self.lengths)
        return float(min(cv2.minAreaRect(np.array(self.points, np.float32))[1]))

"""Many polygons of different lengths in one array, so that a page needs only a few NumPy calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Float64Array = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
Polygons = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Ragged:
    """Closed polygons, concatenated.

    Attributes:
        points_T2: the points of all polygons, float64.
        starts_N: index of each polygon's first point in ``points_T2``; each polygon has at least one point.
    """

    points_T2: Float64Array
    starts_N: IndexArray

    @classmethod
    def of(cls, polygons: Sequence[npt.NDArray[np.generic]]) -> Ragged:
        """Build from polygons (n, 2) or, as in OpenCV, (n, 1, 2)."""
        counts = np.fromiter((len(polygon) for polygon in polygons), np.intp, len(polygons))
        points = np.concatenate(polygons).reshape(-1, 2) if len(polygons) else np.empty((0, 2))
        return cls(points.astype(np.float64), np.cumsum(counts) - counts)

    def __len__(self) -> int:
        """Number of polygons."""
        return len(self.starts_N)

    @property
    def counts_N(self) -> IndexArray:
        """Points of each polygon."""
        return np.append(self.starts_N[1:], len(self.points_T2)) - self.starts_N

    def following_T2(self) -> Float64Array:
        """The successor of each point; the last point of a polygon is followed by its first."""
        successors = np.arange(1, len(self.points_T2) + 1)
        successors[self.starts_N + self.counts_N - 1] = self.starts_N
        return self.points_T2[successors]

    def signed_areas(self) -> Float64Array:
        """Shoelace areas (N,): positive when clockwise on the screen."""
        # Relative to its first point, a polygon far from the origin loses no precision.
        origins = np.repeat(self.points_T2[self.starts_N], self.counts_N, axis=0)
        here, there = self.points_T2 - origins, self.following_T2() - origins
        return self.sums(here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0]) / 2.0

    def perimeters(self) -> Float64Array:
        """Lengths of the outlines (N,)."""
        steps = self.following_T2() - self.points_T2
        return self.sums(np.hypot(steps[:, 0], steps[:, 1]))

    def bounds(self) -> tuple[Float64Array, Float64Array]:
        """Smallest and largest coordinates, (N, 2) each."""
        return (
            np.minimum.reduceat(self.points_T2, self.starts_N, axis=0),
            np.maximum.reduceat(self.points_T2, self.starts_N, axis=0),
        )

    def sums(self, values_T: Float64Array) -> Float64Array:
        """Sums over each polygon's points (N,)."""
        total: Float64Array = np.add.reduceat(values_T, self.starts_N)
        return total

    def pick(self, indices: IndexArray) -> Ragged:
        """Some of the polygons, in the order of the indices."""
        counts = self.counts_N[indices]
        starts = np.cumsum(counts) - counts
        rows = np.repeat(self.starts_N[indices] - starts, counts) + np.arange(counts.sum())
        return Ragged(self.points_T2[rows], starts)

    def shifted(self, distance: float) -> Ragged:
        """The polygons moved by the same distance to the right and down."""
        return Ragged(self.points_T2 + distance, self.starts_N)

    def polygons(self) -> Polygons:
        """The polygons, of at least three points each, as an array of shapely polygons (N,)."""
        owners_T = np.repeat(np.arange(len(self)), self.counts_N)
        return np.array(shapely.polygons(shapely.linearrings(self.points_T2, indices=owners_T)), dtype=object, ndmin=1)

    def split(self) -> list[Float64Array]:
        """The polygons one by one, as views."""
        return np.split(self.points_T2, self.starts_N[1:])

    def ordered(self) -> list[npt.NDArray[np.float32]]:
        """The polygons in float32, each clockwise on the screen from its top left corner.

        The order is that of `ocr.geometry.order_clockwise`.
        """
        points_T2 = self.points_T2.astype(np.float32)
        sums_T = points_T2[:, 0] + points_T2[:, 1]
        owners_T = np.repeat(np.arange(len(self)), self.counts_N)
        clockwise_N = self.signed_areas() >= 0
        # Of equal points, the first in the final direction starts the polygon.
        steps_T = np.arange(len(points_T2)) * np.where(clockwise_N, 1, -1)[owners_T]
        first_N = np.lexsort((steps_T, points_T2[:, 1], sums_T, owners_T))[self.starts_N]
        ordered = []
        rows = zip(self.starts_N.tolist(), self.counts_N.tolist(), first_N.tolist(), clockwise_N.tolist(), strict=True)
        for start, count, first, clockwise in rows:
            before, after = points_T2[start:first], points_T2[first : start + count]
            if clockwise:
                ordered.append(np.concatenate([after, before]))
            else:
                ordered.append(np.concatenate([after[:1], before[::-1], after[:0:-1]]))
        return ordered

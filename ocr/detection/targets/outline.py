"""Outlines of text polygons and their measures for the maps, for a whole page at once.

A page has about a hundred polygons of a few points each. A NumPy call takes a microsecond or more even on tiny arrays,
so that a hundred times fewer calls matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import shapely

from ocr.detection.targets.window import IntArray
from ocr.geometry import MIN_POINTS, repair
from ocr.types import BoolArray, FloatArray

QUAD = 4

Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outlines:
    """Simple polygons: E edges of N outlines.

    Attributes:
        start_E2: float64, where each edge begins.
        end_E2: float64, where it ends; differs from the start.
        owner_E: int, the number of its outline.
        low_N2: float64, smallest x and y of each outline.
        high_N2: float64, largest x and y.
        area_N: float64, square pixels; negative if the points run counter-clockwise on the screen.
        perimeter_N: float64, pixels, above 0.
    """

    start_E2: Float64Array
    end_E2: Float64Array
    owner_E: IntArray
    low_N2: Float64Array
    high_N2: Float64Array
    area_N: Float64Array
    perimeter_N: Float64Array

    @classmethod
    def of(cls, polygons: Sequence[FloatArray]) -> Outlines:
        """Build from simple, finite polygons (N, 2) in either direction."""
        counts = np.array([len(points) for points in polygons], np.intp)
        owner_E, last_N = np.repeat(np.arange(len(counts)), counts), np.cumsum(counts) - 1
        first_N = last_N + 1 - counts
        start_E2 = np.concatenate([np.empty((0, 2)), *polygons])
        end_E2 = np.roll(start_E2, -1, axis=0)
        end_E2[last_N] = start_E2[first_N]
        if not len(counts):
            return cls(start_E2, end_E2, owner_E, start_E2, start_E2, start_E2[:, 0], start_E2[:, 0])
        origin_E2 = start_E2[first_N][owner_E]
        (x0, y0), (x1, y1) = (start_E2 - origin_E2).T, (end_E2 - origin_E2).T
        whole = cls(
            start_E2,
            end_E2,
            owner_E,
            np.minimum.reduceat(start_E2, first_N),
            np.maximum.reduceat(start_E2, first_N),
            np.add.reduceat(x0 * y1 - x1 * y0, first_N) / 2.0,
            np.add.reduceat(np.hypot(x1 - x0, y1 - y0), first_N),
        )
        return whole._with_edges((start_E2 != end_E2).any(axis=1))

    def __len__(self) -> int:
        """Number of outlines."""
        return len(self.area_N)

    def _with_edges(self, kept_E: BoolArray) -> Outlines:
        edges = (self.start_E2[kept_E], self.end_E2[kept_E], self.owner_E[kept_E])
        return Outlines(*edges, self.low_N2, self.high_N2, self.area_N, self.perimeter_N)

    def where(self, kept_N: BoolArray) -> Outlines:
        """Some of the outlines, in the same order."""
        if kept_N.all():
            return self
        kept_E = kept_N[self.owner_E]
        return Outlines(
            self.start_E2[kept_E],
            self.end_E2[kept_E],
            (np.cumsum(kept_N) - 1)[self.owner_E[kept_E]],
            self.low_N2[kept_N],
            self.high_N2[kept_N],
            self.area_N[kept_N],
            self.perimeter_N[kept_N],
        )

    def thinner_than(self, size: float) -> BoolArray:
        """Which outlines have a smallest rotated rectangle whose shorter side is below ``size`` pixels."""
        # No shape is longer than half of its perimeter, so its other side is at least the area divided by that.
        thin_N = 2.0 * np.abs(self.area_N) / self.perimeter_N < size
        for number in np.flatnonzero(thin_N).tolist():
            corners = self.start_E2[self.owner_E == number].astype(np.float32)
            thin_N[number] = min(cv2.minAreaRect(corners)[1]) < size
        return thin_N


def touching(polygons: Sequence[FloatArray], height: int, width: int) -> BoolArray:
    """Which polygons' bounds touch a map, bool (N,); NaN bounds and empty polygons count as touching."""
    counts = np.array([len(points) for points in polygons], np.intp)
    held_N = counts > 0
    touched_N = np.ones(len(counts), np.bool_)
    if held_N.any():
        points, first = np.concatenate(polygons), (np.cumsum(counts) - counts)[held_N]
        beyond = np.maximum.reduceat(points, first) <= 0
        beyond |= np.minimum.reduceat(points, first) >= (width, height)
        touched_N[held_N] = ~beyond.any(axis=1)
    return touched_N


def repaired(polygons: Sequence[FloatArray]) -> list[FloatArray | None]:
    """The polygons, with those that are not simple repaired by `ocr.geometry.repair`."""
    quads = [index for index, points in enumerate(polygons) if len(points) == QUAD]
    found: list[FloatArray | None] = list(polygons)
    others = [index for index, points in enumerate(polygons) if len(points) != QUAD]
    if quads:
        convex = _convex(np.array([polygons[index] for index in quads], np.float64)).tolist()
        others += [index for index, kept in zip(quads, convex, strict=True) if not kept]
    for index, simple in zip(others, _simple([polygons[index] for index in others]), strict=True):
        if not simple:
            found[index] = repair(polygons[index])
    return found


def _convex(quads_N42: Float64Array) -> BoolArray:
    """Which quadrilaterals turn the same way at each of their corners, bool (N,)."""
    with np.errstate(invalid="ignore"):  # infinities give NaN, which counts as no turn
        edges_N42 = quads_N42[:, [1, 2, 3, 0]] - quads_N42
        following_N42 = edges_N42[:, [1, 2, 3, 0]]
        turns_N4 = edges_N42[..., 0] * following_N42[..., 1] - edges_N42[..., 1] * following_N42[..., 0]
    convex_N: BoolArray = (turns_N4.min(axis=1) > 0.0) | (turns_N4.max(axis=1) < 0.0)
    return convex_N & np.isfinite(turns_N4).all(axis=1)


def _simple(polygons: Sequence[FloatArray]) -> list[bool]:
    """Which polygons neither cross nor touch themselves and have an area."""
    if not polygons:
        return []
    counts, points = np.array([len(points) for points in polygons], np.intp), np.concatenate(polygons)
    if counts.min() < MIN_POINTS or not np.isfinite(points).all():
        # An irreparable polygon is rare. `repair` checks each one, and returns simple ones unchanged.
        return [False] * len(counts)
    rings = shapely.linearrings(points, indices=np.repeat(np.arange(len(counts)), counts))
    shapes = shapely.polygons(rings)
    valid, areas = np.asarray(shapely.is_valid(shapes)), np.asarray(shapely.area(shapes))
    simple: list[bool] = (valid & (areas > 0.0)).tolist()
    return simple

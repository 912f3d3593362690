"""The course of text lines, and how a receipt is tilted and bent, from the polygons of its text regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr.geometry import signed_area
from ocr.images.edges import along, edges
from ocr.types import FloatArray

Array = npt.NDArray[np.float64]

TERMS, NOISE, ROUNDS, STIFF = 6, 0.05, 3, 1.0
"""Of the polynomial: number of terms; expected error of an outline in heights; rounds of weighting; and how strongly
it is kept flat, where lines do not say how it is bent."""


@dataclass(frozen=True, slots=True)
class MiddleLine:
    """The course of a region's text.

    Attributes:
        points_M2: from its start to its end, half-way between its edges, M >= 2.
        height: the region's area by its length, at least 1, in pixels.
    """

    points_M2: Array
    height: float


def middle_line(points_N2: FloatArray) -> MiddleLine:
    """The middle line of a region's polygon."""
    top_N2, bottom_N2 = edges(points_N2)
    places_M = np.linspace(0, 1, max(len(top_N2), len(bottom_N2)))
    above_M2, below_M2 = along(top_N2, places_M), along(bottom_N2, places_M)
    points_M2 = (above_M2 + below_M2) / 2
    (way_x, way_y), (x_N, y_N) = points_M2[-1] - points_M2[0], points_N2.T
    reach = float(np.ptp(x_N * way_x + y_N * way_y)) / max(float(np.hypot(way_x, way_y)), 1.0)
    return MiddleLine(points_M2, max(1.0, abs(signed_area(points_N2)) / max(reach, 1.0)))


def direction(lines: Sequence[MiddleLine]) -> float:
    """The dominant direction of text, in radians clockwise from the x axis: the median, weighted by length."""
    ways_N2 = np.array([line.points_M2[-1] - line.points_M2[0] for line in lines])
    angles_N = np.arctan2(ways_N2[:, 1], ways_N2[:, 0])
    order = np.argsort(angles_N)
    shares_N = np.cumsum(np.hypot(*ways_N2[order].T))
    return float(angles_N[order][np.searchsorted(shares_N, shares_N[-1] / 2)])


def turned(points_N2: Array, angle: float) -> Array:
    """Points in the frame whose x axis has this direction."""
    cosine, sine = np.cos(angle), np.sin(angle)
    x_N, y_N = points_N2.T
    return np.stack([cosine * x_N + sine * y_N, cosine * y_N - sine * x_N], axis=1)


@dataclass(frozen=True, slots=True)
class Bend:
    """How far below the level a point of a row lies: a polynomial of its place on the receipt.

    Attributes:
        centre_2: of the receipt.
        reach: pixels from there to its most distant side.
        factors_K: of the polynomial's terms, in pixels.
    """

    centre_2: Array
    reach: float
    factors_K: Array

    @classmethod
    def of(cls, points: Sequence[Array], heights_N: Array) -> Bend:
        """The bend along which the lines run (least squares, with Huber's weights against misleading outlines).

        Args:
            points: of each line, (M, 2), turned so that most are nearly level.
            heights_N: of each line.
        """
        every = np.concatenate(points)
        low_2, high_2 = every.min(axis=0), every.max(axis=0)
        flat = cls((low_2 + high_2) / 2, max(float((high_2 - low_2).max()) / 2, 1.0), np.zeros(TERMS))
        rises_KS = np.concatenate([np.diff(flat.terms(each_M2), axis=1) for each_M2 in points], axis=1)
        drops_S = np.concatenate([np.diff(each_M2[:, 1]) for each_M2 in points])
        scale_S = np.repeat(heights_N, [len(each_M2) - 1 for each_M2 in points]) * NOISE
        factors_K = np.zeros(TERMS)
        for _ in range(ROUNDS):
            misses_S = np.abs(drops_S - factors_K @ rises_KS) / scale_S
            weights_S = 1.0 / (scale_S**2 * np.maximum(misses_S, 1.0))
            normal_KK = (rises_KS * weights_S) @ rises_KS.T + np.eye(TERMS) * STIFF / flat.reach**2
            factors_K = np.linalg.solve(normal_KK, (rises_KS * weights_S) @ drops_S)
        return cls(flat.centre_2, flat.reach, factors_K)

    def terms(self, points_N2: Array) -> Array:
        """The polynomial's terms (K, N) at points; each vanishes in the middle of a row."""
        x_N, y_N = ((points_N2 - self.centre_2) / self.reach).T
        return np.stack([x_N, x_N**2, x_N**3, x_N * y_N, x_N**2 * y_N, x_N * y_N**2])

    def __call__(self, points_N2: Array) -> Array:
        """Pixels below the level, (N,)."""
        return self.factors_K @ self.terms(points_N2)

"""Connected regions of a probability map: outlines, sizes, scores.

OpenCV's outlines run through the centres of a region's outermost pixels. The region itself extends about half a pixel
farther, less along slanted edges. Pick's theorem gives its true area: that inside the outline, plus half the pixels on
it, plus one. Growing every shape until it has that area keeps positions and sizes unbiased.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr.detection.postprocess.ragged import Float64Array, IndexArray, Ragged
from ocr.types import FloatArray

Int32Array = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions of a map, largest first.

    Attributes:
        contours: int32 (n, 1, 2) each, indices (column, row) of the pixels where the outline turns.
        areas_N: pixels inside the outline, including those on it and those in holes.
        lower_N2: (left, top) of the region in map coordinates, where pixel (0, 0) covers [0, 1) x [0, 1).
        upper_N2: (right, bottom) of the region in map coordinates.
    """

    contours: list[Int32Array]
    areas_N: Float64Array
    lower_N2: Float64Array
    upper_N2: Float64Array

    def __len__(self) -> int:
        """Number of regions."""
        return len(self.contours)

    def pick(self, indices: IndexArray) -> Regions:
        """Some of the regions, in the order of the indices."""
        chosen = [self.contours[index] for index in indices.tolist()]
        return Regions(chosen, self.areas_N[indices], self.lower_N2[indices], self.upper_N2[indices])


def find_regions(probability_HW: FloatArray, threshold: float, min_side: float, max_count: int) -> Regions:
    """The 8-connected regions above a threshold, including those inside the holes of others.

    Args:
        probability_HW: the map.
        threshold: pixels above it belong to a region.
        min_side: regions whose upright bounds are narrower than this many pixels are left out.
        max_count: if there are more regions, only the largest are kept.
    """
    binary_HW = (probability_HW > threshold).view(np.uint8)
    contours, hierarchy = cv2.findContours(binary_HW, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    # The fourth entry is the index of the enclosing outline: only outlines of holes have one.
    outer = [contours[index] for index in np.flatnonzero(hierarchy[0, :, 3] < 0).tolist()] if len(contours) else []
    if not outer:
        return Regions([], np.empty(0), np.empty((0, 2)), np.empty((0, 2)))
    outlines = Ragged.of(outer)
    # Outlines step to one of the eight neighbours, so the larger of the two distances counts the pixels passed.
    pixels_N = outlines.sums(np.abs(outlines.following_T2() - outlines.points_T2).max(axis=1))
    lower_N2, upper_N2 = outlines.bounds()
    areas_N = np.abs(outlines.signed_areas()) + pixels_N / 2.0 + 1.0
    regions = Regions([np.asarray(contour, np.int32) for contour in outer], areas_N, lower_N2, upper_N2 + 1.0)
    large_enough = np.flatnonzero((regions.upper_N2 - lower_N2).min(axis=1) >= min_side)
    largest = large_enough[np.argsort(-areas_N[large_enough], kind="stable")][:max_count]
    return regions.pick(largest)


def region_scores(probability_HW: FloatArray, regions: Regions) -> Float64Array:
    """Mean probability over each region's pixels, including holes (N,)."""
    lower, upper = regions.lower_N2.astype(int).tolist(), regions.upper_N2.astype(int).tolist()
    scores = np.empty(len(regions))
    for index, (contour, (left, top), (right, bottom)) in enumerate(zip(regions.contours, lower, upper, strict=True)):
        inside_HW = np.zeros((bottom - top, right - left), np.uint8)
        cv2.fillPoly(inside_HW, [contour], 1, offset=(-left, -top))
        scores[index] = cv2.mean(probability_HW[top:bottom, left:right], inside_HW)[0]
    return scores


def pixel_corners(regions: Regions) -> Ragged:
    """The four corners of each pixel where an outline turns, in map coordinates."""
    outlines = Ragged.of(regions.contours)
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    return Ragged((outlines.points_T2[:, None] + corners).reshape(-1, 2), outlines.starts_N * 4)

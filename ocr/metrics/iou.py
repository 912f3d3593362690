"""ICDAR IoU: one-to-one matches at a threshold, as the ICDAR 2015 evaluation does it (Karatzas et al. 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from ocr.geometry import IGNORED_SHARE
from ocr.metrics.areas import common_areas, shapes_of
from ocr.metrics.shapes import Float64Array, padded
from ocr.types import BoolArray, FloatArray, Word


@dataclass(frozen=True, slots=True)
class IoUCounts:
    """Counts of one image; the counts of several images add up.

    Attributes:
        matched: pairs of region and detection.
        truth: regions that are not ignored.
        detected: detections outside ignored regions.
    """

    matched: int = 0
    truth: int = 0
    detected: int = 0

    @property
    def recall(self) -> float:
        """Share of the regions that were found; 0 if there are none."""
        return self.matched / self.truth if self.truth else 0.0

    @property
    def precision(self) -> float:
        """Share of the detections that are correct; 0 if there are none."""
        return self.matched / self.detected if self.detected else 0.0

    @property
    def hmean(self) -> float:
        """Harmonic mean of recall and precision."""
        return 2 * self.matched / (self.truth + self.detected) if self.truth + self.detected else 0.0


def iou_counts(
    regions: Sequence[Word], detections: Sequence[FloatArray], thresholds: Sequence[float]
) -> tuple[IoUCounts, ...]:
    """Counts of one image at each threshold.

    A detection with more than half its area in one ignored region is left out. Regions are taken in order, each
    matched to the first free detection in order whose IoU exceeds the threshold (equal is not enough). Coordinates are
    not rounded; the area of a self-crossing polygon follows the even-odd rule.

    From IoU 0.5 on, a detection can match two regions only if these overlap, and vice versa: if neither regions nor
    detections overlap among themselves, the order does not matter and swapping regions and detections swaps recall and
    precision. If they overlap, the given order decides, as in the ICDAR script.

    Args:
        regions: ground truth.
        detections: float32 polygons (N, 2), N >= 3, finite pixels of the regions' frame.
        thresholds: IoU that a match must exceed, each at least 0 and below 1.
    """
    ignored_G = np.array([region.ignore for region in regions], dtype=bool)
    truth_GK2 = padded([region.points_N2.astype(np.float64) for region in regions])
    found_DK2 = padded([points.astype(np.float64) for points in detections])
    iou_GD, kept_D = judged(truth_GK2, found_DK2, ignored_G)
    return tuple(IoUCounts(greedy(iou_GD > threshold), len(iou_GD), int(kept_D.sum())) for threshold in thresholds)


def judged(truth_GK2: Float64Array, found_DK2: Float64Array, ignored_G: BoolArray) -> tuple[Float64Array, BoolArray]:
    """IoU of each pair of a region that is not ignored and a detection that is kept, and which detections are kept.

    Left out are those with more than half their area in one ignored region.
    """
    common_GD = common_areas(truth_GK2, found_DK2)
    areas_G1, areas_1D = shapely.area(shapes_of(truth_GK2))[:, None], shapely.area(shapes_of(found_DK2))[None]
    shares_GD = np.divide(common_GD, areas_1D, out=np.zeros_like(common_GD), where=areas_1D > 0)
    kept_D = np.asarray(~(shares_GD[ignored_G] > IGNORED_SHARE).any(axis=0))
    union_GD = areas_G1 + areas_1D - common_GD
    iou_GD = np.divide(common_GD, union_GD, out=np.zeros_like(common_GD), where=union_GD > 0)
    return iou_GD[~ignored_G][:, kept_D], kept_D


def greedy(candidates_GD: BoolArray) -> int:
    """Number of pairs when each row takes its first free column."""
    taken = np.zeros(candidates_GD.shape[1], dtype=bool)
    for row in candidates_GD:
        free = np.flatnonzero(row & ~taken)
        taken[free[:1]] = True
    return int(taken.sum())

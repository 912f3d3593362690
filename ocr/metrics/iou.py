"""ICDAR IoU: one-to-one matches at a threshold, as the ICDAR 2015 evaluation does it (Karatzas et al. 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from ocr.types import FloatArray, Word


@dataclass(frozen=True, slots=True)
class IoUCounts:
    """Counts of one image; those of many add up to the counts of all.

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
        """Share of the regions that were found."""
        return self.matched / self.truth if self.truth else 0.0

    @property
    def precision(self) -> float:
        """Share of the detections that are right."""
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
    matched to the first free detection in order whose IoU is over the threshold.
    """
    ignored = np.array([region.ignore for region in regions], dtype=bool)
    truth = shapely.make_valid(np.array([shapely.Polygon(region.points_N2) for region in regions], dtype=object))
    found = shapely.make_valid(np.array([shapely.Polygon(points) for points in detections], dtype=object))
    common = np.zeros((len(truth), len(found)))
    if len(truth) and len(found):
        rows, columns = np.nonzero(shapely.intersects(truth[:, None], found[None]))
        common[rows, columns] = shapely.area(shapely.intersection(truth[rows], found[columns]))
    truth_G, found_D = shapely.area(truth), shapely.area(found)
    share = np.divide(common, found_D[None], out=np.zeros_like(common), where=found_D[None] > 0)
    kept_D = ~(share[ignored] > 0.5).any(axis=0)
    union = truth_G[:, None] + found_D[None] - common
    iou = np.divide(common, union, out=np.zeros_like(common), where=union > 0)[~ignored][:, kept_D]
    return tuple(IoUCounts(greedy(iou > threshold), len(iou), int(kept_D.sum())) for threshold in thresholds)


def greedy(candidates_GD: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    """Number of pairs when each row takes its first free column."""
    taken = np.zeros(candidates_GD.shape[1], dtype=bool)
    for row in candidates_GD:
        free = np.flatnonzero(row & ~taken)
        taken[free[:1]] = True
    return int(taken.sum())

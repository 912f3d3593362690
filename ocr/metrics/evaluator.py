"""All figures of a detector at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from ocr.metrics.cleval import CLEvalCounts, cleval_counts
from ocr.metrics.iou import IoUCounts, iou_counts
from ocr.types import Detection, Word


@dataclass(frozen=True, slots=True)
class ImageCounts:
    """Counts of one image.

    Attributes:
        cleval: character counts.
        iou: counts at each IoU threshold.
    """

    cleval: CLEvalCounts
    iou: tuple[IoUCounts, ...]


class DetectionEvaluator:
    """CLEval and ICDAR IoU of detections; keeps no state.

    Args:
        iou_thresholds: the thresholds of the one-to-one matches, 0..1.
    """

    def __init__(self, iou_thresholds: Sequence[float] = (0.5, 0.7)) -> None:
        self.iou_thresholds = tuple(iou_thresholds)

    def evaluate_image(self, regions: Sequence[Word], detections: Sequence[Detection]) -> ImageCounts:
        """Counts of one image; regions and detections in the same frame."""
        polygons = [detection.points_N2 for detection in detections]
        return ImageCounts(cleval_counts(regions, polygons), iou_counts(regions, polygons, self.iou_thresholds))

    def summarise(self, counts: Sequence[ImageCounts]) -> dict[str, float]:
        """Figures over all images: ``cleval/*`` and, at IoU 0.5, ``iou50/*``."""
        cleval = CLEvalCounts(*totals(astuple(image.cleval) for image in counts))
        figures: dict[str, float] = {
            f"cleval/{name}": float(getattr(cleval, name))
            for name in ("hmean", "recall", "precision", "split", "merge", "overlap")
        }
        for place, threshold in enumerate(self.iou_thresholds):
            iou = IoUCounts(*totals(astuple(image.iou[place]) for image in counts))
            for name in ("hmean", "recall", "precision"):
                figures[f"iou{round(threshold * 100)}/{name}"] = float(getattr(iou, name))
        return figures


def totals(rows: Iterable[tuple[int, ...]]) -> list[int]:
    """Sums by column; empty where there is no row."""
    return [sum(column) for column in zip(*rows, strict=True)]

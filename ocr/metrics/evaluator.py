"""All figures of a detector at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Protocol

from ocr.metrics.cleval import CLEvalCounts, Pairing, counts_of, pair
from ocr.metrics.iou import IoUCounts, iou_counts
from ocr.types import Detection, InputError, Word


class Evaluator(Protocol):
    """The interface of a metric for training and tuning: counts of one image, and figures from many counts."""

    main: str
    """Name of the main figure, by which networks are compared."""

    def evaluate_image(self, truth: Any, found: Any, /) -> Any:
        """Counts of one image, picklable so that processes can exchange them."""

    def summarise(self, counts: Sequence[Any]) -> dict[str, float]:
        """Figures over all images, by name."""


@dataclass(frozen=True, slots=True)
class ImageCounts:
    """Counts of one image.

    Attributes:
        cleval: character counts.
        iou: counts at each IoU threshold.
    """

    cleval: CLEvalCounts
    iou: tuple[IoUCounts, ...]

    @property
    def nothing_to_judge(self) -> bool:
        """Whether there was nothing to find and nothing was found, so that all figures are 0 without a fault."""
        return not self.cleval.truth and not self.cleval.detected and not any(i.truth or i.detected for i in self.iou)


class DetectionEvaluator:
    """CLEval and ICDAR IoU of detections; stateless.

    Args:
        iou_thresholds: the thresholds of the one-to-one matches, each at least 0 and below 1 and a whole percentage.

    Raises:
        InputError: a threshold is out of range, not a whole percentage, or given twice.
    """

    main = "cleval/hmean"

    def __init__(self, iou_thresholds: Sequence[float] = (0.5, 0.7)) -> None:
        self.iou_thresholds = tuple(float(threshold) for threshold in iou_thresholds)
        for threshold in self.iou_thresholds:
            if not 0 <= threshold < 1 or abs(threshold * 100 - round(threshold * 100)) > 1e-9:
                raise InputError(f"iou_thresholds: {threshold} is not one of 0, 0.01, ..., 0.99; correct it")
        self.iou_names = tuple(f"iou{round(threshold * 100)}" for threshold in self.iou_thresholds)
        if len(set(self.iou_names)) < len(self.iou_names):
            raise InputError(f"iou_thresholds: {list(self.iou_thresholds)} has a duplicate; remove it")

    def evaluate_image(self, regions: Sequence[Word], detections: Sequence[Detection]) -> ImageCounts:
        """Counts of one image; regions and detections in the same frame."""
        return self.explain_image(regions, detections)[0]

    def explain_image(self, regions: Sequence[Word], detections: Sequence[Detection]) -> tuple[ImageCounts, Pairing]:
        """Counts of one image, and the pairing that CLEval's counts come from."""
        polygons = [detection.points_N2 for detection in detections]
        pairing = pair(regions, polygons)
        return ImageCounts(counts_of(pairing), iou_counts(regions, polygons, self.iou_thresholds)), pairing

    def summarise(self, counts: Sequence[ImageCounts]) -> dict[str, float]:
        """Figures over all images, from the sums of their counts: ``cleval/*``, and ``iou50/*`` for threshold 0.5."""
        cleval = CLEvalCounts(*totals(astuple(image.cleval) for image in counts))
        figures: dict[str, float] = {
            f"cleval/{name}": float(getattr(cleval, name))
            for name in ("hmean", "recall", "precision", "split", "merge", "overlap")
        }
        for place, iou_name in enumerate(self.iou_names):
            iou = IoUCounts(*totals(astuple(image.iou[place]) for image in counts))
            for name in ("hmean", "recall", "precision"):
                figures[f"{iou_name}/{name}"] = float(getattr(iou, name))
        return figures


def totals(rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Sums by column; empty if there are no rows."""
    return [sum(column) for column in zip(*rows, strict=True)]

"""Score detections, and what was read in them, against ground truth, with NumPy, shapely and RapidFuzz."""

from ocr.metrics.cleval import CLEvalCounts, cleval_counts
from ocr.metrics.comparison import Comparison, compare
from ocr.metrics.evaluator import DetectionEvaluator, ImageCounts
from ocr.metrics.iou import IoUCounts, iou_counts

__all__ = [
    "CLEvalCounts",
    "Comparison",
    "DetectionEvaluator",
    "ImageCounts",
    "IoUCounts",
    "cleval_counts",
    "compare",
    "iou_counts",
]

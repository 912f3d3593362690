"""The counts of one image for many postprocess settings, its regions traced as seldom as possible."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocr.metrics.evaluator import Evaluator
from ocr.types import Detection, FloatArray, Word

Settings = Mapping[str, Any]
"""Arguments of the postprocess by name: plain, hashable values."""
Postprocess = Callable[[FloatArray, npt.NDArray[np.float64], tuple[int, int]], list[Detection]]

SCORE_LIMIT = "box_thresh"
"""The setting that only filters detections by score: another value does not need new tracing."""


@dataclass(frozen=True, slots=True)
class Case:
    """One image of the split, reduced to what the postprocess and the metric need.

    Attributes:
        probability_HW: float16, 0 to 1, for the network input: two bytes per pixel, exact to 0.0005.
        matrix_33: homography from the original image's pixels to the network input's.
        original_size: (width, height) of the original image in pixels.
        regions: the ground truth in the original image's pixels.
    """

    probability_HW: npt.NDArray[np.float16]
    matrix_33: npt.NDArray[np.float64]
    original_size: tuple[int, int]
    regions: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Counter:
    """Computes the counts of one image for several settings; picklable for worker processes.

    Attributes:
        postprocess: makes a postprocess from its settings.
        evaluator: scores detections.
    """

    postprocess: Callable[..., Postprocess]
    evaluator: Evaluator

    def __call__(self, case: Case, points: Sequence[Settings]) -> list[Any]:
        """The counts for each point.

        Regions are traced once for all values of `SCORE_LIMIT`, and equal sets of detections are counted once.
        """
        probability_HW = case.probability_HW.astype(np.float32)
        found: dict[frozenset[tuple[str, Any]], list[Detection]] = {}
        counts: dict[tuple[frozenset[tuple[str, Any]], int], Any] = {}
        result = []
        for point in points:
            traced = {**point, SCORE_LIMIT: 0.0}
            shape = frozenset(traced.items())
            if shape not in found:
                found[shape] = self.postprocess(**traced)(probability_HW, case.matrix_33, case.original_size)
            kept = [detection for detection in found[shape] if detection.score >= point[SCORE_LIMIT]]
            if (shape, len(kept)) not in counts:  # a score limit that keeps the same number keeps the same detections
                counts[shape, len(kept)] = self.evaluator.evaluate_image(case.regions, kept)
            result.append(counts[shape, len(kept)])
        return result


def grids_in_use(start: Settings, grids: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """The grids without that of the rule for growing which the settings do not use: it would have no effect."""
    unused = "shrink_ratio" if start.get("unclip_ratio") is not None else "unclip_ratio"
    return {name: list(grid) for name, grid in grids.items() if name != unused}

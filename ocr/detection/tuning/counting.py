"""Counts of images for many postprocess settings, each computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


Spread = Callable[[Counter, Iterable[Case], Iterable[Sequence[Settings]]], Iterable[list[Any]]]
"""``map`` over two iterables, in this process or in workers."""


class Counts:
    """Cached counts of every image for every requested point.

    Args:
        cases: the images.
        counter: computes the counts of one image for several points.
        spread: calls the counter for each image, in order.
    """

    def __init__(self, cases: Sequence[Case], counter: Counter, spread: Spread = map) -> None:
        self.cases = cases
        self._counter = counter
        self._spread = spread
        self._known: dict[tuple[int, frozenset[tuple[str, Any]]], Any] = {}

    def at(self, points: Sequence[Settings], images: Sequence[int]) -> Iterator[list[Any]]:
        """For each image in turn, its counts for every point.

        Args:
            points: the settings.
            images: indices of the images.
        """
        missing = {
            image: [point for point in points if (image, frozenset(point.items())) not in self._known]
            for image in images
        }
        asked = [image for image in images if missing[image]]
        made = iter(self._spread(self._counter, [self.cases[i] for i in asked], [missing[i] for i in asked]))
        for image in images:
            if missing[image]:
                for point, count in zip(missing[image], next(made), strict=True):
                    self._known[image, frozenset(point.items())] = count
            yield [self._known[image, frozenset(point.items())] for point in points]

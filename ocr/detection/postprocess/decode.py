"""From the network's output for a batch to the regions of each image."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from ocr.types import Batch, Detection, FloatArray

Postprocess = Callable[[FloatArray, npt.NDArray[Any], tuple[int, int]], list[Detection]]


@dataclass(frozen=True, slots=True)
class DecodeMaps:
    """Decodes the regions from a batch's maps.

    Attributes:
        postprocess: converts a probability map (H, W), its homography and the original size to detections.
    """

    postprocess: Postprocess

    def __call__(self, maps: Mapping[str, Any], batch: Batch) -> list[list[Detection]]:
        """The detections of each image, in its own pixels.

        Args:
            maps: tensors by name, including ``probability_logits`` (B, H, W).
            batch: homographies and sizes of the images.
        """
        probability_BHW = maps["probability_logits"].sigmoid().float().cpu().numpy()
        images = zip(probability_BHW, batch.matrices_B33, batch.original_sizes, strict=True)
        return [self.postprocess(probability_HW, matrix_33, size) for probability_HW, matrix_33, size in images]

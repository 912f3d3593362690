"""The distance by which a detected region is grown back to the text's size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocr.detection.postprocess.ragged import Float64Array

# Growing a polygon with sharp corners by d adds perimeter * d + 4 d^2 if it has four right angles, as a word has.
CORNERS = 4.0


@dataclass(frozen=True, slots=True)
class Unclip:
    """The distance to grow by, by one of two rules.

    Attributes:
        ratio: the rule of Liao et al. 2020 ("Optimization", on inference): area times this over the perimeter. If
            given, the other rule is not used.
        shrink_ratio: the inverse of the shrinking that made the training maps, with the same ratio: the distance
            ``D`` for which the grown shape has ``D = area (1 - r^2) / perimeter``. Exact for rectangles of any shape,
            where the fixed ``ratio`` makes long words too thin.

    Raises:
        ValueError: neither is given, or one is out of range.
    """

    ratio: float | None = None
    shrink_ratio: float | None = None

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.ratio is None and self.shrink_ratio is None:
            raise ValueError("neither unclip_ratio nor shrink_ratio is given; give one of them")
        if self.ratio is not None and self.ratio < 0.0:
            raise ValueError(f"unclip ratio is {self.ratio}; it cannot be negative")
        if self.shrink_ratio is not None and not 0.0 < self.shrink_ratio <= 1.0:
            raise ValueError(f"shrink ratio is {self.shrink_ratio}; it must be above 0 and at most 1")

    def distances(self, areas_N: Float64Array, perimeters_N: Float64Array) -> Float64Array:
        """Pixels to grow by (N,), from the regions' areas and perimeters in the same pixels."""
        if self.ratio is not None:
            return areas_N * self.ratio / perimeters_N
        assert self.shrink_ratio is not None
        kept = 1.0 - self.shrink_ratio**2
        # D (L + 2cD) = k (A + L D + c D^2), solved for its positive root.
        square, linear = CORNERS * (2.0 - kept), (1.0 - kept) * perimeters_N
        root: Float64Array = np.sqrt(linear**2 + 4.0 * square * kept * areas_N)
        return (root - linear) / (2.0 * square)


def growth_to_area(areas_N: Float64Array, perimeters_N: Float64Array, wanted_N: Float64Array) -> Float64Array:
    """Distance (N,) that grows shapes with sharp corners to the wanted areas; at least 0, at most one pixel."""
    missing = np.maximum(wanted_N - areas_N, 0.0)
    root = np.sqrt(perimeters_N**2 + 4.0 * CORNERS * missing)
    return np.clip((root - perimeters_N) / (2.0 * CORNERS), 0.0, 1.0)

"""Training maps of Differentiable Binarization (Liao et al., AAAI 2020, section "Label generation").

For a polygon of area ``A`` and perimeter ``L``, the shrink distance is ``D = A (1 - r^2) / L``. The shrink map marks
the polygon moved inwards by ``D``; the threshold map falls from its maximum on the polygon's outline to its minimum
at the distance ``D`` on either side.

Both depend only on the distance to the outline: moving a polygon inwards by ``D`` keeps the points inside it that are
at least ``D`` from the outline, moving it outwards (with round corners) adds those at most ``D`` away. So no offset
polygon is ever built, and an offset that vanishes or splits into several parts is not a special case. A pixel belongs
to a region if its centre does, ``(j + 0.5, i + 0.5)`` for column ``j`` and row ``i``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr.detection.targets.distance import lower_to_squared_distance
from ocr.detection.targets.fill import fill
from ocr.detection.targets.outline import Outlines, repaired, touching
from ocr.detection.targets.window import Windows
from ocr.types import BoolArray, FloatArray

NAMES = ("shrink_map", "shrink_mask", "threshold_map", "threshold_mask")
# Pixels. The shrunk regions extend this much farther, so that rounding leaves no pixel between them and the band.
SEAM = 1e-4


@dataclass(frozen=True)
class DBTargetBuilder:
    """Makes the shrink and threshold maps of one image from its text polygons.

    Attributes:
        shrink_ratio: ``r`` of the paper, in (0, 1); the smaller, the thinner the shrunk region.
        thresh_min: value of the threshold map away from any outline, in [0, 1].
        thresh_max: value of the threshold map on an outline, in [0, 1].
        min_text_size: polygons whose shorter side (of the smallest rotated rectangle) is below this many pixels are
            treated as ignored.

    Examples:
        >>> box = np.array([[8, 8], [56, 8], [56, 24], [8, 24]], np.float32)
        >>> maps = DBTargetBuilder()([box], [False], height=32, width=64)
        >>> sorted(maps)
        ['shrink_map', 'shrink_mask', 'threshold_map', 'threshold_mask']
    """

    shrink_ratio: float = 0.4
    thresh_min: float = 0.3
    thresh_max: float = 0.7
    min_text_size: float = 3.0

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ValueError: a setting is outside its range.
        """
        if not 0.0 < self.shrink_ratio < 1.0:
            raise ValueError(f"shrink_ratio is {self.shrink_ratio}; it must lie between 0 and 1, both excluded")
        if not 0.0 <= self.thresh_min < self.thresh_max <= 1.0:
            raise ValueError(
                f"thresh_min is {self.thresh_min} and thresh_max {self.thresh_max}; "
                "they must be 0 <= thresh_min < thresh_max <= 1"
            )
        if self.min_text_size < 0.0:
            raise ValueError(f"min_text_size is {self.min_text_size} pixels; it cannot be negative")

    def __call__(
        self, polygons: Sequence[FloatArray], ignore: Sequence[bool], height: int, width: int
    ) -> dict[str, FloatArray]:
        """Draw the maps of one image.

        A polygon may lie partly or completely outside: distances refer to the whole polygon, only the drawing is
        clipped at the border.

        Args:
            polygons: float32 (N, 2) each, pixels of the network input, in any order of their points.
            ignore: for each polygon, whether it is neither text nor background.
            height: rows of the maps.
            width: columns of the maps.

        Returns:
            Four float32 maps (height, width):
            ``shrink_map``: 1 inside a shrunk polygon, otherwise 0.
            ``shrink_mask``: 0 for pixels that the shrink loss excludes: inside ignored polygons, too small ones, and
            those whose shrunk polygon contains no pixel centre of the image; otherwise 1. An invalid polygon is
            repaired first; if that fails (see `ocr.geometry.repair`), its bounding rectangle is masked.
            ``threshold_map``: thresh_min to thresh_max, the maximum over all polygons.
            ``threshold_mask``: 1 inside a polygon or at most ``D`` away from it, otherwise 0.

        Raises:
            ValueError: the numbers of polygons and of ignore flags differ.
        """
        if len(polygons) != len(ignore):
            raise ValueError(f"{len(polygons)} polygons but {len(ignore)} ignore flags; each polygon needs one")
        canvas = _Canvas.empty(height, width)
        touched = np.flatnonzero(touching(polygons, height, width)).tolist()
        shapes, hidden = [], []
        for index, points_N2 in zip(touched, repaired([polygons[index] for index in touched]), strict=True):
            if points_N2 is None:
                canvas.hide_bounds(polygons[index])
            else:
                shapes.append(points_N2)
                hidden.append(ignore[index])
        outlines = Outlines.of(shapes)
        self._draw(outlines, np.array(hidden, np.bool_) | outlines.thinner_than(self.min_text_size), canvas)
        return canvas.maps(self.thresh_min)

    def _draw(self, outlines: Outlines, hidden_N: BoolArray, canvas: _Canvas) -> None:
        """Fill the maps; text without a pixel in its shrunk polygon is masked too."""
        distances_N = np.abs(outlines.area_N) * (1.0 - self.shrink_ratio**2) / outlines.perimeter_N
        drawn_N = ~hidden_N
        for number, filled in enumerate(fill(outlines, np.maximum(distances_N - SEAM, 0.0), *canvas.shape)):
            shrunk_HW = filled.deep()
            if drawn_N[number] and shrunk_HW.any():
                # Not `map[place] |= ...`, which copies the part onto itself again.
                np.logical_or(canvas.shrunk_HW[filled.place], shrunk_HW, out=canvas.shrunk_HW[filled.place])
            else:
                canvas.seen_HW[filled.place][filled.inside()] = False
                drawn_N[number] = False
        # thresh_max on the outline, thresh_min at the shrink distance and beyond.
        low, high = np.float32(self.thresh_min), np.float32(self.thresh_max)
        span = high - low if low + (high - low) <= high else np.nextafter(high - low, low)
        threshold_HW = canvas.threshold_HW
        threshold_HW[:] = span * span
        reaches_N = np.maximum(distances_N[drawn_N], SEAM)
        lower_to_squared_distance(threshold_HW, outlines.where(drawn_N), reaches_N, float(span))
        cv2.sqrt(threshold_HW, dst=threshold_HW)
        np.subtract(span, threshold_HW, out=threshold_HW)
        threshold_HW += low


@dataclass(frozen=True, slots=True)
class _Canvas:
    """The maps while they are drawn.

    They share one block of memory: the system allocates large blocks in large pages, which saves more time than the
    drawing takes.
    """

    maps_4HW: FloatArray
    shrunk_HW: BoolArray
    seen_HW: BoolArray
    threshold_HW: FloatArray

    @classmethod
    def empty(cls, height: int, width: int) -> _Canvas:
        maps_4HW = np.empty((len(NAMES), height, width), np.float32)
        threshold_HW = maps_4HW[NAMES.index("threshold_map")]
        return cls(maps_4HW, np.zeros((height, width), np.bool_), np.ones((height, width), np.bool_), threshold_HW)

    @property
    def shape(self) -> tuple[int, int]:
        height, width = self.shrunk_HW.shape
        return height, width

    def hide_bounds(self, points_N2: npt.ArrayLike) -> None:
        """Mask the rectangle around all finite points for the shrink loss."""
        points = np.asarray(points_N2, dtype=np.float64).reshape(-1, 2)
        points = points[np.isfinite(points).all(axis=1)]
        if len(points):
            bounds = points.min(axis=0, keepdims=True), points.max(axis=0, keepdims=True)
            self.seen_HW[Windows.around(*bounds, *self.shape).slices()[0]] = False

    def maps(self, level: float) -> dict[str, FloatArray]:
        """The finished maps; ``level`` is the value of the threshold map where nothing is drawn."""
        maps = dict(zip(NAMES, self.maps_4HW, strict=True))
        maps["shrink_map"][:] = self.shrunk_HW
        maps["shrink_mask"][:] = self.seen_HW
        # The grown polygon is the band around its outline plus the area that the band encloses.
        maps["threshold_mask"][:] = (self.threshold_HW > np.float32(level)) | self.shrunk_HW
        return maps

"""Training maps of Differentiable Binarization (Liao et al., AAAI 2020, section "Label generation").

For a polygon of area ``A`` and perimeter ``L``, the shrink distance is ``D = A (1 - r^2) / L``. The shrink map marks
the polygon moved inwards by ``D``; the threshold map falls from its maximum on the polygon's outline to its minimum
at the distance ``D`` on either side.

Both are functions of the signed distance to the outline alone: moving a polygon inwards by ``D`` leaves the points
inside it that are at least ``D`` from the outline, moving it outwards (with round corners) adds those at most ``D``
away. So no offset polygon is ever built: one distance field per polygon, in the window where it matters, gives
every map, and an offset that vanishes or falls into several parts needs no case of its own. A pixel belongs to a
region when its centre does, ``(j + 0.5, i + 0.5)`` for column ``j`` and row ``i``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr.targets.distance import covered, signed_distance
from ocr.targets.outline import Outline
from ocr.targets.window import Window
from ocr.types import BoolArray, FloatArray

NAMES = ("shrink_map", "shrink_mask", "threshold_map", "threshold_mask")


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

        A polygon may lie partly or wholly outside: distances are those to the whole polygon, only the drawing is
        cut at the border.

        Args:
            polygons: float32 (N, 2) each, pixels of the network input, in any order of their points.
            ignore: for each polygon, whether it is neither text nor background.
            height: rows of the maps.
            width: columns of the maps.

        Returns:
            Four float32 maps (height, width):
            ``shrink_map``: 1 inside a shrunk polygon, else 0.
            ``shrink_mask``: 0 where the shrink loss must not look: inside ignored polygons, too small ones, and those
            of which no pixel centre of the image lies in the shrunk polygon; else 1. An invalid polygon is repaired
            first; where nothing can be repaired (see `ocr.geometry.repair`), its bounding rectangle is masked.
            ``threshold_map``: thresh_min to thresh_max, the highest of all polygons.
            ``threshold_mask``: 1 inside a polygon or at most ``D`` away from it, else 0.

        Raises:
            ValueError: the numbers of polygons and of ignore flags differ.
        """
        if len(polygons) != len(ignore):
            raise ValueError(f"{len(polygons)} polygons but {len(ignore)} ignore flags; each polygon needs one")
        canvas = _Canvas.empty(height, width, self.thresh_min)
        for points_N2, ignored in zip(polygons, ignore, strict=True):
            outline = Outline.of(points_N2)
            if outline is None:
                canvas.mask_bounds(points_N2)
            elif ignored or outline.shorter_side() < self.min_text_size or not self._draw(outline, canvas):
                canvas.mask(outline)
        return canvas.maps(self.thresh_min)

    def _draw(self, outline: Outline, canvas: _Canvas) -> bool:
        """Add one polygon to the maps; ``False``, and nothing drawn, where no pixel is in the shrunk polygon."""
        distance = outline.area * (1.0 - self.shrink_ratio**2) / outline.perimeter
        window = Window.around(outline.bounds, distance, *canvas.shape)
        if window is None:
            return True
        distance_HW = signed_distance(outline, window, distance)
        shrunk_HW = distance_HW <= -distance
        if not shrunk_HW.any():
            return False
        canvas.shrunk_HW[window.slices] |= shrunk_HW
        # thresh_max on the outline, thresh_min at the shrink distance, below it (and of no effect) farther away.
        np.abs(distance_HW, out=distance_HW)
        distance_HW *= (self.thresh_min - self.thresh_max) / distance
        distance_HW += self.thresh_max
        threshold_HW = canvas.threshold_HW[window.slices]
        np.maximum(threshold_HW, distance_HW, out=threshold_HW)
        return True


@dataclass(frozen=True, slots=True)
class _Canvas:
    """The maps while they are drawn.

    They share one block of memory: the system gives large blocks in large pages, which is faster than anything
    that is drawn on them.
    """

    maps_4HW: FloatArray
    shrunk_HW: BoolArray
    ignored_HW: BoolArray
    threshold_HW: FloatArray

    @classmethod
    def empty(cls, height: int, width: int, level: float) -> _Canvas:
        maps_4HW = np.empty((len(NAMES), height, width), np.float32)
        threshold_HW = maps_4HW[NAMES.index("threshold_map")]
        threshold_HW[:] = level
        return cls(maps_4HW, np.zeros((height, width), np.bool_), np.zeros((height, width), np.bool_), threshold_HW)

    @property
    def shape(self) -> tuple[int, int]:
        height, width = self.shrunk_HW.shape
        return height, width

    def mask(self, outline: Outline) -> None:
        """Let the shrink loss look away from a polygon."""
        window = Window.around(outline.bounds, 0.0, *self.shape)
        if window is not None:
            self.ignored_HW[window.slices] |= covered(outline, window)

    def mask_bounds(self, points_N2: npt.ArrayLike) -> None:
        """Let the shrink loss look away from the rectangle around all finite points."""
        points = np.asarray(points_N2, dtype=np.float64).reshape(-1, 2)
        points = points[np.isfinite(points).all(axis=1)]
        if len(points):
            (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
            window = Window.around((left, top, right, bottom), 0.0, *self.shape)
            if window is not None:
                self.ignored_HW[window.slices] = True

    def maps(self, level: float) -> dict[str, FloatArray]:
        """The finished maps; ``level`` is what the threshold map holds where nothing is drawn."""
        maps = dict(zip(NAMES, self.maps_4HW, strict=True))
        maps["shrink_map"][:] = self.shrunk_HW
        np.subtract(np.float32(1.0), self.ignored_HW, out=maps["shrink_mask"])
        # The polygon grown by its distance is the band around its outline and what that encloses.
        maps["threshold_mask"][:] = (self.threshold_HW > np.float32(level)) | self.shrunk_HW
        return maps

"""Probability maps to text regions, after Differentiable Binarization (Liao et al., AAAI 2020, "Optimization")."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ocr.detection.postprocess.frame import Frame
from ocr.detection.postprocess.ragged import Float64Array, IndexArray, Ragged
from ocr.detection.postprocess.regions import Regions, find_regions, pixel_corners, region_scores
from ocr.detection.postprocess.shapes import Rectangles, bounds_corners, grown_polygons, smallest_rectangles
from ocr.detection.postprocess.unclip import Unclip
from ocr.types import Detection, FloatArray

Mode = Literal["polygon", "box", "upright"]

# Square pixels of the original image: a region that shows less than one pixel cannot be read.
MIN_AREA = 1.0


class DBPostprocessor:
    """Binarise the map, take its connected regions, grow each back to the text's size, map it to the original image.

    Args:
        mode: ``polygon`` follows the region's outline, ``box`` is the smallest rotated rectangle around it,
            ``upright`` the smallest rectangle parallel to the original image's sides.
        binary_thresh: a pixel is text where its probability is above this, 0 to 1.
        box_thresh: regions whose score is below this are left out, 0 to 1. The score is the mean probability over the
            region's pixels before it is grown.
        unclip_ratio: a region grows by its area times this over its perimeter, as in the paper, which uses 1.5;
            ``None`` for the other rule.
        shrink_ratio: a region grows by the distance that undoes the shrinking of the training maps with this ratio
            (see `ocr.detection.postprocess.unclip.Unclip`); not used if ``unclip_ratio`` is given.
        min_size: regions whose shorter side, before growing, is below this many pixels of the network input are left
            out. Both the upright and the smallest rotated rectangle must be this wide.
        max_candidates: if there are more regions, only the largest are kept.
        tolerance: in mode ``polygon``, maximum deviation of the simplified outline in map pixels.

    Raises:
        ValueError: a setting is outside its range.

    Examples:
        >>> probability = np.zeros((64, 96), np.float32)
        >>> probability[20:28, 10:60] = 1.0
        >>> detections = DBPostprocessor(mode="box", unclip_ratio=0.0)(probability, np.eye(3), (96, 64))
        >>> detections[0].points_N2.tolist()
        [[10.0, 20.0], [60.0, 20.0], [60.0, 28.0], [10.0, 28.0]]
    """

    def __init__(
        self,
        mode: Mode = "polygon",
        binary_thresh: float = 0.3,
        box_thresh: float = 0.6,
        unclip_ratio: float | None = None,
        shrink_ratio: float | None = 0.4,
        min_size: float = 3.0,
        max_candidates: int = 1000,
        tolerance: float = 1.0,
    ) -> None:
        if mode not in get_args(Mode):
            raise ValueError(f"mode is {mode!r}; it must be one of {', '.join(get_args(Mode))}")
        for name, value in (("binary_thresh", binary_thresh), ("box_thresh", box_thresh)):
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"{name} is {value}; it is a probability and must lie between 0 and 1")
        for name, value in (("min_size", min_size), ("tolerance", tolerance)):
            if value < 0.0:
                raise ValueError(f"{name} is {value} pixels; it cannot be negative")
        if max_candidates < 1:
            raise ValueError(f"max_candidates is {max_candidates}; it must be at least 1")
        self.mode = mode
        self.binary_thresh = binary_thresh
        self.box_thresh = box_thresh
        self.unclip = Unclip(unclip_ratio, shrink_ratio)
        self.min_size = min_size
        self.max_candidates = max_candidates
        self.tolerance = tolerance

    def __call__(
        self,
        probability_HW: FloatArray,
        matrix_33: npt.NDArray[np.float64],
        original_size: tuple[int, int],
        stride: float = 1.0,
    ) -> list[Detection]:
        """Find the text regions of one image.

        Args:
            probability_HW: float32, 0 to 1, for each pixel or each ``stride``-th pixel of the network input.
            matrix_33: homography from the original image's pixels to the network input's.
            original_size: (width, height) of the original image in pixels.
            stride: pixels of the network input per map pixel along each axis.

        Returns:
            The regions in the original image's pixels, clipped to it, clockwise from top left, with four points in
            modes ``box`` and ``upright`` and at least four in mode ``polygon``; sorted by their top, then their left
            side. Regions completely outside the image (in the padding) are left out.

        Raises:
            ValueError: the map is not two-dimensional or contains NaN, the matrix is not invertible, or ``stride`` is
                not above 0.
        """
        probability_HW = _checked_map(probability_HW)
        frame, min_side = Frame.of(matrix_33, original_size, stride), self.min_size / stride
        regions = find_regions(probability_HW, self.binary_thresh, min_side, self.max_candidates)
        scores_N = region_scores(probability_HW, regions)
        likely = np.flatnonzero(scores_N >= self.box_thresh)
        if not len(likely):
            return []
        shapes, indices = self._shapes(regions.pick(likely), frame, min_side)
        return _detections(shapes, scores_N[likely][indices])

    def _shapes(self, regions: Regions, frame: Frame, min_side: float) -> tuple[Ragged, IndexArray]:
        """The regions' shapes inside the original image, and for each the index of its region."""
        rectangles = smallest_rectangles(regions)
        wide = np.flatnonzero(rectangles.sides_N2.min(axis=1) >= min_side)
        regions, rectangles = regions.pick(wide), rectangles.pick(wide)
        if not len(wide):
            return rectangles.corners(), wide
        if self.mode == "upright":
            return frame.clamped(self._upright(regions, rectangles, frame)), wide
        if self.mode == "box":
            return frame.cut_boxes(frame.locate(rectangles.grown(self.unclip).corners())), wide
        polygons = grown_polygons(regions, rectangles, self.unclip, self.tolerance)
        return frame.cut_polygons(frame.locate(polygons)), wide

    def _upright(self, regions: Regions, rectangles: Rectangles, frame: Frame) -> Ragged:
        """The regions' bounds in the original image, moved as far as growing moves the rectangle's bounds."""
        lower_N2, upper_N2 = frame.locate(pixel_corners(regions)).bounds()
        before_lower_N2, before_upper_N2 = frame.locate(rectangles.corners()).bounds()
        after_lower_N2, after_upper_N2 = frame.locate(rectangles.grown(self.unclip).corners()).bounds()
        return bounds_corners(lower_N2 + after_lower_N2 - before_lower_N2, upper_N2 + after_upper_N2 - before_upper_N2)


def _checked_map(probability_HW: FloatArray) -> FloatArray:
    """The map as contiguous float32, for OpenCV.

    Raises:
        ValueError: it is not two-dimensional or contains NaN.
    """
    if probability_HW.ndim != 2:
        raise ValueError(f"the probability map has the shape {probability_HW.shape}; it must be (height, width)")
    if np.isnan(probability_HW.max(initial=0.0)):
        raise ValueError("the probability map has values that are not numbers; did the network's weights overflow?")
    return np.ascontiguousarray(probability_HW, np.float32)


def _detections(shapes: Ragged, scores_N: Float64Array) -> list[Detection]:
    """Detections of the shapes that have an area, sorted by top, left and score."""
    if not len(shapes):
        return []
    lower_N2, _ = shapes.bounds()
    visible = np.abs(shapes.signed_areas()) >= MIN_AREA
    order = np.lexsort((-scores_N, lower_N2[:, 0], lower_N2[:, 1]))
    polygons = shapes.ordered()
    return [Detection(polygons[index], float(scores_N[index])) for index in order if visible[index]]

"""From map coordinates to the original image, clipped to its border."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import shapely

from ocr.detection.postprocess.ragged import Float64Array, IndexArray, Ragged
from ocr.detection.postprocess.shapes import at_least_four, exteriors
from ocr.geometry import largest_polygon


@dataclass(frozen=True, slots=True)
class Frame:
    """The position of a map in the original image.

    Attributes:
        to_original_33: homography from map coordinates to the original image's pixels.
        width: width of the original image in pixels.
        height: height of the original image in pixels.
    """

    to_original_33: Float64Array
    width: int
    height: int

    @classmethod
    def of(cls, matrix_33: npt.ArrayLike, original_size: tuple[int, int], stride: float) -> Frame:
        """Build from the homography original image -> network input and the input's pixels per map pixel.

        Raises:
            ValueError: the matrix cannot be inverted, or ``stride`` or a side of the image is not above 0.
        """
        matrix = np.asarray(matrix_33, dtype=np.float64)
        if (
            matrix.shape != (3, 3)
            or not np.isfinite(matrix).all()
            or abs(np.linalg.det(matrix)) < np.finfo(np.float64).tiny
        ):
            raise ValueError(f"matrix_33 is {matrix.tolist()}; it must be an invertible 3 x 3 homography")
        if stride <= 0.0 or min(original_size) <= 0:
            raise ValueError(f"stride is {stride} and original_size {original_size}; all of them must be above 0")
        to_original_33 = (np.linalg.inv(matrix) @ np.diag([stride, stride, 1.0])).astype(np.float64)
        return cls(to_original_33, *original_size)

    def locate(self, polygons: Ragged) -> Ragged:
        """Map coordinates to the original image's pixels."""
        mapped_T3 = polygons.points_T2 @ self.to_original_33[:, :2].T + self.to_original_33[:, 2]
        return Ragged(mapped_T3[:, :2] / mapped_T3[:, 2:], polygons.starts_N)

    def clamped(self, polygons: Ragged) -> Ragged:
        """The polygons with outside points moved onto the image's border."""
        return Ragged(np.clip(polygons.points_T2, 0.0, (self.width, self.height)), polygons.starts_N)

    def cut_polygons(self, polygons: Ragged) -> Ragged:
        """The part of each polygon inside the image, the largest of several; one of area 0 if there is none."""
        crossing = self._crossing(polygons)
        if not len(crossing):
            return polygons
        parts = polygons.split()
        for index in crossing:
            parts[index] = self._cut(parts[index])
        return at_least_four(Ragged.of(parts))

    def cut_boxes(self, boxes: Ragged) -> Ragged:
        """The smallest rotated rectangle of each box's part inside the image, with its corners moved onto the image.

        Only moving the corners would bend a rotated box that reaches far outside.
        """
        crossing = self._crossing(boxes)
        if not len(crossing):
            return boxes
        parts = boxes.split()
        for index in crossing:
            visible_N2 = self._cut(parts[index])
            parts[index] = cv2.boxPoints(cv2.minAreaRect(visible_N2.astype(np.float32))).astype(np.float64)
        return self.clamped(Ragged.of(parts))

    def _crossing(self, polygons: Ragged) -> IndexArray:
        lower_N2, upper_N2 = polygons.bounds()
        outside = (lower_N2 < 0.0).any(axis=1) | (upper_N2 > (self.width, self.height)).any(axis=1)
        return np.flatnonzero(outside)

    def _cut(self, points_N2: Float64Array) -> Float64Array:
        """One polygon's part inside the image; three times the origin if there is none."""
        # A homography with a strong perspective may have made the outline cross itself.
        polygon = shapely.make_valid(shapely.Polygon(points_N2))
        part = largest_polygon(polygon.intersection(shapely.box(0.0, 0.0, self.width, self.height)))
        return np.zeros((3, 2)) if part is None else exteriors(np.array([part], dtype=object)).points_T2

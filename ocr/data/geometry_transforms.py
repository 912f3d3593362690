"""Map the original image to the network's input: one homography per sample, applied in one resampling.

Homographies act on continuous coordinates (the top left pixel covers ``[0, 1) x [0, 1)``), so that a resize by ``s``
is simply ``diag(s, s, 1)``. OpenCV counts from pixel centres; ``warp`` corrects for the half pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from ocr.types import UInt8Array

Matrix = npt.NDArray[np.float64]


def scaling(x: float, y: float) -> Matrix:
    """Homography of a scaling."""
    return np.diag([x, y, 1.0])


def from_original(matrix_33: Matrix, reduction: int) -> Matrix:
    """The homography original -> network input, from that of an image decoded at ``1 / reduction`` of the size."""
    return matrix_33 @ scaling(1 / reduction, 1 / reduction)


def translation(x: float, y: float) -> Matrix:
    """Homography of a translation."""
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def rotation(degrees: float) -> Matrix:
    """Homography of a rotation about the origin, clockwise on the screen."""
    angle = np.deg2rad(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def round_up(length: int, multiple: int) -> int:
    """The smallest multiple that is at least ``length``."""
    return -(-length // multiple) * multiple


def warp(image_HWC: UInt8Array, matrix_33: Matrix, width: int, height: int, border: float = 0.0) -> UInt8Array:
    """Resample an RGB image through a homography, bilinear, with ``border`` (0..255) outside the original.

    Only the part of the result that the image covers is resampled, with a fourth channel: OpenCV takes less than half
    as long for four channels as for three, with the same result.
    """
    warped_HWC = np.full((height, width, 3), round(border), np.uint8)
    left, top, right, bottom = landing(image_HWC.shape[1], image_HWC.shape[0], matrix_33, width, height)
    if left < right and top < bottom:
        part_HW4 = cv2.warpPerspective(
            cv2.cvtColor(image_HWC, cv2.COLOR_RGB2RGBA),
            translation(-left - 0.5, -top - 0.5) @ matrix_33 @ translation(0.5, 0.5),
            (right - left, bottom - top),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(border, border, border),
        )
        cv2.cvtColor(part_HW4, cv2.COLOR_RGBA2RGB, dst=warped_HWC[top:bottom, left:right])
    return warped_HWC


def channels_first(image_HWC: UInt8Array) -> UInt8Array:
    """The image as contiguous uint8 (3, H, W); OpenCV copies plane by plane, faster than NumPy transposes."""
    image_CHW = np.empty((3, *image_HWC.shape[:2]), np.uint8)
    for channel, plane_HW in enumerate(image_CHW):
        cv2.extractChannel(image_HWC, channel, plane_HW)
    return image_CHW


def landing(
    image_width: int, image_height: int, matrix_33: Matrix, width: int, height: int
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the pixels that an image covers through a homography, with a margin of one pixel.

    If it covers none, ``right`` or ``bottom`` is not above ``left`` or ``top``. If the image crosses the homography's
    horizon, all pixels are returned.
    """
    corners_43 = np.array([[0, 0, 1], [image_width, 0, 1], [image_width, image_height, 1], [0, image_height, 1]])
    x, y, depth = matrix_33 @ corners_43.T
    if depth.min() <= 0:
        return 0, 0, width, height
    x, y = x / depth, y / depth
    left, top = max(math.floor(x.min()) - 1, 0), max(math.floor(y.min()) - 1, 0)
    return left, top, min(math.ceil(x.max()) + 1, width), min(math.ceil(y.max()) + 1, height)


@dataclass(frozen=True, kw_only=True)
class FitLongSide:
    """Evaluation transform: resize so that the longer side has ``long_side`` pixels, pad to a multiple.

    Attributes:
        long_side: pixels of the longer side after the resize.
        multiple: height and width are padded (black, right and bottom) to a multiple of this: the network's stride.
    """

    long_side: int = 1280
    multiple: int = 32

    def __call__(self, image_HWC: UInt8Array) -> tuple[UInt8Array, Matrix]:
        """uint8 RGB of any size to (padded network input (H, W, 3), homography original -> input)."""
        height, width = image_HWC.shape[:2]
        factor = self.long_side / max(height, width)
        new_width, new_height = max(round(width * factor), 1), max(round(height * factor), 1)
        interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        resized = cv2.resize(image_HWC, (new_width, new_height), interpolation=interpolation)
        padded = np.zeros((round_up(new_height, self.multiple), round_up(new_width, self.multiple), 3), dtype=np.uint8)
        padded[:new_height, :new_width] = resized
        return padded, scaling(new_width / width, new_height / height)


@dataclass(frozen=True, kw_only=True)
class RandomCrop:
    """Training transform: random scale, stretch, rotation and perspective, then a square crop around some text.

    Attributes:
        size: side of the square network input in pixels.
        long_side_range: the page's longer side after scaling, drawn log-uniformly, in pixels.
        stretch: the aspect ratio changes by a factor drawn from ``[1 / (1 + stretch), 1 + stretch]``.
        rotation_degrees: the angle is drawn from ``[-rotation_degrees, rotation_degrees]``.
        perspective: the homography's bottom row, in relative units, is drawn from ``[-perspective, perspective]``.
        background_probability: probability that the crop's centre is anywhere on the page instead of near a region.
    """

    size: int = 640
    long_side_range: tuple[float, float] = (900.0, 1700.0)
    stretch: float = 0.12
    rotation_degrees: float = 4.0
    perspective: float = 0.04
    background_probability: float = 0.15

    def __call__(
        self, image_HWC: UInt8Array, centres_N2: npt.NDArray[np.float32], rng: np.random.Generator
    ) -> tuple[UInt8Array, Matrix]:
        """uint8 RGB of any size to (network input (size, size, 3), homography original -> input).

        Args:
            image_HWC: the upright original.
            centres_N2: centres of the text regions in the original's pixels; may be empty.
            rng: source of every random choice; the number of draws is always the same.
        """
        height, width = image_HWC.shape[:2]
        low, high = np.log(self.long_side_range[0]), np.log(self.long_side_range[1])
        factor = float(np.exp(rng.uniform(low, high))) / max(height, width)
        aspect = float(np.exp(rng.uniform(-1, 1) * np.log1p(self.stretch) / 2))
        angle = rng.uniform(-1, 1) * self.rotation_degrees
        tilt = rng.uniform(-1, 1, size=2) * self.perspective / self.size
        centre = self._centre(centres_N2, width, height, rng)
        jitter = rng.uniform(-0.5, 0.5, size=2) * self.size * 0.8
        perspective = np.eye(3)
        perspective[2, :2] = tilt
        matrix = (
            translation(self.size / 2 + jitter[0], self.size / 2 + jitter[1])
            @ perspective
            @ rotation(angle)
            @ scaling(factor * aspect, factor / aspect)
            @ translation(-centre[0], -centre[1])
        )
        shrunk, prescale = self._prescaled(image_HWC, factor)
        warped = warp(shrunk, matrix @ np.linalg.inv(prescale), self.size, self.size, border=rng.uniform(0, 255))
        return warped, matrix

    def _centre(
        self, centres_N2: npt.NDArray[np.float32], width: int, height: int, rng: np.random.Generator
    ) -> npt.NDArray[np.float64]:
        anywhere = rng.uniform(0, 1, size=2) * (width, height)
        pick, background = rng.uniform(size=2)
        if len(centres_N2) == 0 or background < self.background_probability:
            return anywhere
        return np.asarray(centres_N2[int(pick * len(centres_N2))], dtype=np.float64)

    @staticmethod
    def _prescaled(image_HWC: UInt8Array, factor: float) -> tuple[UInt8Array, Matrix]:
        """Shrink by ``factor`` with averaging, as bilinear resampling aliases below a factor of about one half.

        Returns:
            The shrunk image and the homography original -> shrunk; above a factor of 0.6 the original and the identity.
        """
        if factor > 0.6:
            return image_HWC, np.eye(3)
        height, width = image_HWC.shape[:2]
        new_width, new_height = max(round(width * factor), 1), max(round(height * factor), 1)
        shrunk = cv2.resize(image_HWC, (new_width, new_height), interpolation=cv2.INTER_AREA)
        return cast(UInt8Array, shrunk), scaling(new_width / width, new_height / height)

"""Cut text lines out of an image: straightened, at one height.

A line is given as a polygon. Its top and bottom edges are followed point by point, so a tilted or curved line becomes a
straight one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from ocr.images.edges import along, between, edges, measure
from ocr.types import FloatArray, UInt8Array

FINEST = 1_000_000
"""Maximum positions that are sampled for a crop; of a line that needs more, pixels are skipped."""
REMAP_LIMIT = 32_766
"""Maximum rows and columns of OpenCV's remap."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What a crop covers beyond its polygon, as shares of the line's height; negative values cut into it.

    Attributes:
        left: before the first character.
        top: above.
        right: behind the last character.
        bottom: below.
        stretch: factor of the width.
    """

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    stretch: float = 1.0


@dataclass(frozen=True, kw_only=True)
class LineCrop:
    """Cuts lines for a recogniser.

    Attributes:
        height: rows of a crop.
        squeeze: factor of the width: below 1, letters become narrower than they are printed.
        margin: share of the line's height added on each side.
        longest: maximum columns of a crop; a longer line is squeezed to them.
    """

    height: int = 32
    squeeze: float = 0.8
    margin: float = 0.04
    longest: int = 1024

    def __call__(self, image_HWC: UInt8Array, points_N2: FloatArray, shift: Shift | None = None) -> UInt8Array:
        """Cut one line.

        Args:
            image_HWC: uint8 RGB.
            points_N2: its polygon in the image's pixels, N >= 3.
            shift: what to cover instead of `margin` on each side.

        Returns:
            uint8 RGB (``height``, W, 3), 8 <= W <= ``longest``.
        """
        shift = shift or Shift(self.margin, self.margin, self.margin, self.margin)
        top_N2, bottom_N2 = edges(points_N2)
        tall, long = (max(1.0, size) for size in measure(top_N2, bottom_N2))
        before, behind = shift.left * tall / long, shift.right * tall / long
        columns = round(long * (1 + before + behind) / tall * self.height * self.squeeze * shift.stretch)
        columns = min(max(columns, 8), self.longest)
        # Shrunk by more than half, bilinear sampling would skip pixels: sample finely, then average.
        fine = round(tall * (1 + shift.top + shift.bottom) / self.height)
        most = min(math.isqrt(FINEST // (columns * self.height)), REMAP_LIMIT // max(columns, self.height))
        fine = max(1, min(fine, most))
        places = (np.arange(columns * fine) + 0.5) / (columns * fine) * (1 + before + behind) - before
        above_W2, below_W2 = along(top_N2, places), along(bottom_N2, places)
        rows = (np.arange(self.height * fine) + 0.5) / (self.height * fine)
        rows = rows * (1 + shift.top + shift.bottom) - shift.top
        map_HW2 = above_W2[None] + rows[:, None, None] * (below_W2 - above_W2)[None] - 0.5  # cv2 counts from centres
        crop_HWC = _sampled(image_HWC, map_HW2.astype(np.float32))
        if fine > 1:
            crop_HWC = cast(UInt8Array, cv2.resize(crop_HWC, (columns, self.height), interpolation=cv2.INTER_AREA))
        return without_zero_columns(crop_HWC)

    def part(self, points_N2: FloatArray, start: float, end: float) -> FloatArray:
        """The part of a line's polygon that a part of its crop shows; a curved line's is curved.

        Args:
            points_N2: the line's polygon in the image's pixels, N >= 3.
            start: left end, as a share of the crop's columns, 0 to 1.
            end: right end, above ``start``.

        Returns:
            float32 (M, 2), M >= 4, clockwise from top left, within the line's polygon.
        """
        top_N2, bottom_N2 = edges(points_N2)
        tall, long = (max(1.0, size) for size in measure(top_N2, bottom_N2))
        beside = self.margin * tall / long
        first, last = (min(max(place * (1 + 2 * beside) - beside, 0.0), 1.0) for place in (start, end))
        outline = [between(top_N2, first, last), between(bottom_N2, first, last)[::-1]]
        return np.concatenate(outline).astype(np.float32)


def without_zero_columns(crop_HWC: UInt8Array) -> UInt8Array:
    """A crop whose columns all differ from padding, which is zeros: a black column gets one pixel that is not quite.

    Args:
        crop_HWC: uint8; unchanged.
    """
    black_W = ~crop_HWC.any(axis=(0, 2))
    if black_W.any():
        crop_HWC = crop_HWC.copy()
        crop_HWC[0, black_W] = 1
    return crop_HWC


def _sampled(image_HWC: UInt8Array, map_HW2: FloatArray) -> UInt8Array:
    """Sample an image at positions, bilinear; positions outside of it get its nearest pixel.

    Only the part of the image that is needed is passed on, thinned out if it exceeds OpenCV's limit.
    """
    height, width = image_HWC.shape[:2]
    # A pixel outside of the image is that at its edge; clipped, positions far out do not overflow OpenCV's integers.
    # Plane by plane: a minimum over two of three axes takes numpy 20 times as long.
    x_HW, y_HW = cv2.split(map_HW2)
    x_HW, y_HW = np.clip(x_HW, -1, np.float32(width)), np.clip(y_HW, -1, np.float32(height))
    (left, right), (top, bottom) = _span(x_HW, width), _span(y_HW, height)
    part_HWC, x_HW, y_HW = image_HWC[top:bottom, left:right], x_HW - left, y_HW - top
    if (step := -(-max(part_HWC.shape) // REMAP_LIMIT)) > 1:
        part_HWC = part_HWC[::step, ::step]
        x_HW, y_HW = ((plane_HW + np.float32(0.5)) / np.float32(step) - np.float32(0.5) for plane_HW in (x_HW, y_HW))
    crop_HWC = cv2.remap(part_HWC, x_HW, y_HW, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cast(UInt8Array, crop_HWC)


def _span(places_HW: npt.NDArray[Any], size: int) -> tuple[int, int]:
    """First pixel, and the one behind the last, that sampling at these places needs."""
    first = min(max(math.floor(places_HW.min()) - 1, 0), size - 1)
    return first, max(math.ceil(places_HW.max()) + 2, first + 1)

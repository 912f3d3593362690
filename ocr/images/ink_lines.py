"""Find some lines of level text by their ink: enough to try out how a page is read, far from all of them.

On a page of text this takes about a hundredth of the time of a detector.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocr.types import FloatArray, UInt8Array

SIDE = 600
"""Long side of the picture in which lines are looked for: small print is about 6 pixels high."""
PAPER, FAINT = 19, 15
"""Side of the square whose mean counts as paper, and grey levels below it at which ink begins."""
GAP = 7
"""Columns between letters that are bridged."""
HEIGHTS, SLIMNESS = (5, 40), (3.0, 20.0)
"""Range of a line's height in pixels, and of its width as a multiple of the height."""
MEDIUM = 6.0
"""Such a multiple that is best for a trial: some eight characters, which are read in half the time of a long line."""


def small_grey(image_HWC: UInt8Array) -> UInt8Array:
    """The image in grey, uint8 (H, W), with at most `SIDE` pixels on its long side.

    Args:
        image_HWC: uint8 RGB.
    """
    grey_HW = np.asarray(cv2.cvtColor(image_HWC, cv2.COLOR_RGB2GRAY), np.uint8)
    scale = SIDE / max(grey_HW.shape)
    if scale >= 1:
        return grey_HW
    size = [max(1, round(length * scale)) for length in grey_HW.shape[::-1]]
    return np.asarray(cv2.resize(grey_HW, size, interpolation=cv2.INTER_AREA), np.uint8)


def line_boxes(grey_HW: UInt8Array) -> FloatArray:
    """The boxes of what looks like a line of level text, those of medium length first.

    Ink that is connected once narrow gaps are bridged counts as a line if it is as high and as slim as one.

    Args:
        grey_HW: as `small_grey` makes it.

    Returns:
        float32 (N, 4, 2), clockwise from top left, in pixels of that picture.
    """
    ink_HW = (cv2.subtract(cv2.blur(grey_HW, (PAPER, PAPER)), grey_HW) > FAINT).astype(np.uint8)
    joined_HW = cv2.morphologyEx(ink_HW, cv2.MORPH_CLOSE, np.ones((1, GAP), np.uint8))
    _, _, parts_N5, _ = cv2.connectedComponentsWithStats(joined_HW, connectivity=4)
    left, top, width, height = parts_N5[1:, :4].T.astype(np.float32)  # the first is what is not ink
    slimness = width / height
    fits = (height >= HEIGHTS[0]) & (height <= HEIGHTS[1]) & (slimness >= SLIMNESS[0]) & (slimness <= SLIMNESS[1])
    right, bottom = left + width, top + height
    corners_N42 = np.stack([left, top, right, top, right, bottom, left, bottom], axis=1).reshape(-1, 4, 2)[fits]
    order_N = np.argsort(abs(np.log(slimness[fits] / MEDIUM)), kind="stable")
    return np.asarray(corners_N42[order_N], np.float32)

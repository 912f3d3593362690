"""How far the text of a page runs off the level, found by its ink."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from ocr.images.sideways import SIDE, page_ink
from ocr.types import UInt8Array

Matrix = npt.NDArray[np.float64]

NARROWEST, LEAST = 40, 200
"""Short side of the page, and pixels with ink, below which text cannot be told from specks."""
LIMIT = 3.0
"""Degrees up to which text counts as level: on so slight a slant the detector parts lines as well as on none."""
CLEAR = 1.2
"""How much steeper the profile of a tilted page has to be at its tilt than where it lies, or it counts as level."""
MOST, STEP, FINE = 24.0, 2.0, 0.5
"""Degrees to either side that are tried, in which steps, and in which steps around the best of them."""


def skew(grey_HW: UInt8Array) -> float:
    """Degrees by which the text runs clockwise off the level, at most a step more than `MOST`; 0 without text.

    The page is turned to where its rows of pixels differ most in ink from their neighbours: in the profile of level
    text every line is a peak with steep sides (W. Postl, "Detection of linear oblique structures and skew scan in
    digitized documents", ICPR 1986).

    Args:
        grey_HW: uint8, of any size; `ocr.images.ink_lines.small_grey` makes it.
    """
    ink_HW = page_ink(grey_HW, min(1.0, SIDE / max(grey_HW.shape)))
    rows_N, columns_N = np.nonzero(ink_HW)
    if min(ink_HW.shape) < NARROWEST or len(rows_N) < LEAST:
        return 0.0
    weights_N = ink_HW[rows_N, columns_N]
    # Whole numbers: halves would be rounded to every second row where the page is level, which looks like steep lines.
    height, width = ink_HW.shape
    x_N, y_N = columns_N - width // 2, rows_N - height // 2

    def steepness(degrees: float) -> float:
        way = np.deg2rad(degrees)
        drops_N = y_N * np.cos(way) - x_N * np.sin(way)
        profile_H = np.bincount(np.round(drops_N + width + height).astype(np.int64), weights_N)
        return float(np.square(np.diff(profile_H, append=0.0)).sum())

    def better(degrees: float) -> tuple[float, float]:
        return steepness(degrees), -abs(degrees)

    coarse = max(np.arange(-MOST, MOST + STEP, STEP), key=better)
    best = float(max(np.arange(coarse - STEP, coarse + STEP + FINE, FINE), key=better))
    return best if steepness(best) > CLEAR * steepness(0.0) else 0.0


def levelled(image: UInt8Array, degrees: float, most: int | None = None) -> tuple[UInt8Array, Matrix]:
    """An image turned so that text that runs this far off the level is level; it grows so that nothing is cut off.

    Args:
        image: uint8 (H, W) or (H, W, C).
        degrees: clockwise; up to `LIMIT` the image stays as it is.
        most: long side to which a larger image is first made smaller; ``None``: it keeps its size.

    Returns:
        The image, new corners in its median colour, and the homography (3, 3) from the pixels of the one given to it.
    """
    if abs(degrees) <= LIMIT:
        return image, np.eye(3)
    before = image.shape[1::-1]
    if most is not None and max(before) > most:
        smaller = [max(1, round(side * most / max(before))) for side in before]
        image = np.asarray(cv2.resize(image, smaller, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = image.shape[:2]
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    new_width = math.ceil(width * cosine + height * abs(sine))
    new_height = math.ceil(height * cosine + width * abs(sine))
    matrix_23 = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0]])
    matrix_23[:, 2] = np.array([new_width, new_height]) / 2 - matrix_23[:, :2] @ [width / 2, height / 2]
    paper = np.median(image[::8, ::8].reshape(-1, *image.shape[2:]), axis=0)
    centres_23 = matrix_23.copy()
    centres_23[:, 2] += matrix_23[:, :2].sum(axis=1) / 2 - 0.5  # OpenCV counts from the middle of the first pixel
    level = cv2.warpAffine(image, centres_23, (new_width, new_height), borderValue=np.atleast_1d(paper).tolist())
    scale = np.diag([width / before[0], height / before[1], 1.0])
    return np.asarray(level, np.uint8), np.vstack([matrix_23, [0.0, 0.0, 1.0]]) @ scale

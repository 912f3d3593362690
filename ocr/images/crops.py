"""Cut text lines out of an image: straightened, at one height.

A line is given as a polygon. Its top and bottom edges are followed point by point, so a tilted or curved line becomes a
straight one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from ocr.types import FloatArray, UInt8Array

Edge = npt.NDArray[np.float64]

FINEST = 1_000_000
"""Maximum positions that are sampled for a crop; of a line that needs more, pixels are skipped."""
REMAP_LIMIT = 32_766
"""Maximum rows and columns of OpenCV's remap."""
TURNED_BACK = math.radians(145)
"""By how much an outline turns at the end of a line: 180 degrees but for slanting ends and inaccurate points."""
CANDIDATES = 64
"""Maximum places that are tried as ends."""


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
        above_W2, below_W2 = _along(top_N2, places), _along(bottom_N2, places)
        rows = (np.arange(self.height * fine) + 0.5) / (self.height * fine)
        rows = rows * (1 + shift.top + shift.bottom) - shift.top
        map_HW2 = above_W2[None] + rows[:, None, None] * (below_W2 - above_W2)[None] - 0.5  # cv2 counts from centres
        crop_HWC = _sampled(image_HWC, map_HW2.astype(np.float32))
        if fine > 1:
            crop_HWC = cast(UInt8Array, cv2.resize(crop_HWC, (columns, self.height), interpolation=cv2.INTER_AREA))
        return without_zero_columns(crop_HWC)


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


def edges(points_N2: FloatArray) -> tuple[Edge, Edge]:
    """The top edge of a line's polygon from left to right, and the bottom edge from left to right.

    The polygon may start anywhere and run either way. Of a quad, the line runs along the side that is closer to
    horizontal. Of another polygon, the ends are found by `_ends`; one without two ends, as a triangle, is replaced by
    the smallest rectangle around it.

    Args:
        points_N2: N >= 3 points.

    Returns:
        Two float64 arrays (M, 2), each of at least two points.
    """
    points = np.asarray(points_N2, np.float64)
    if len(points) == 4:
        corners = _upright(points)
        return corners[[0, 1]], corners[[3, 2]]
    outline = points if _doubled_area(points) > 0 else points[::-1]
    outline = outline[(outline != np.roll(outline, 1, axis=0)).any(axis=1)]
    if (found := _ends(outline)) is None:
        corners = _upright(cv2.boxPoints(cv2.minAreaRect(points.astype(np.float32))).astype(np.float64))
        return corners[[0, 1]], corners[[3, 2]]
    (first, after_first), (second, after_second) = found
    top, bottom = _chain(outline, after_first, second), _chain(outline, after_second, first)
    if top[0, 0] > top[-1, 0]:
        top, bottom = bottom, top
    return top, bottom[::-1]


def _ends(outline_N2: Edge) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The two ends of a line, each a start and a stop on its outline, which runs clockwise; ``None`` if there are none.

    At an end the outline turns back. Where that takes the shortest way is the line's end, however much the line is
    curved: its long edges turn less, or over a longer way.
    """
    steps_N2 = np.roll(outline_N2, -1, axis=0) - outline_N2
    before_N2 = np.roll(steps_N2, 1, axis=0)
    crosses_N = before_N2[:, 0] * steps_N2[:, 1] - before_N2[:, 1] * steps_N2[:, 0]
    turns_N, lengths_N = np.arctan2(crosses_N, (before_N2 * steps_N2).sum(axis=1)), np.hypot(*steps_N2.T)
    count = len(outline_N2)
    turned_N, way_N, stops_N = turns_N.copy(), np.zeros(count), np.zeros(count, int)
    for number in range(1, count - 2):  # the other end and both edges need a step each
        open_N = stops_N == 0
        turned_N += np.roll(turns_N, -number)
        way_N[open_N] += np.roll(lengths_N, 1 - number)[open_N]
        stops_N[open_N & (turned_N >= TURNED_BACK)] = number
    starts = [int(start) for start in np.argsort(way_N, kind="stable") if stops_N[start]][:CANDIDATES]
    ways = way_N.tolist()
    pairs = sorted(combinations(sorted(starts), 2), key=lambda pair: ways[pair[0]] + ways[pair[1]])
    for first, second in pairs:
        after_first, after_second = (int(start + stops_N[start]) for start in (first, second))
        if after_first >= second or after_second >= first + count:
            continue
        sides = [outline_N2[second] - outline_N2[after_first], outline_N2[first] - outline_N2[after_second % count]]
        level = all(abs(across) >= abs(down) for across, down in sides)
        if level and sides[0][0] * sides[1][0] < 0:
            return (first, after_first % count), (second, after_second % count)
    return None


def measure(top_N2: Edge, bottom_N2: Edge) -> tuple[float, float]:
    """Height of a line, the mean at both ends, and its length, the mean of both edges; in pixels."""
    height = float(np.mean([np.hypot(*(top_N2[end] - bottom_N2[end])) for end in (0, -1)]))
    return height, (_length(top_N2) + _length(bottom_N2)) / 2


def upright_box(points_N2: FloatArray) -> FloatArray:
    """The four corners of the upright box around a polygon, clockwise from top left."""
    (left, top), (right, bottom) = points_N2.min(axis=0), points_N2.max(axis=0)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _upright(corners_42: Edge) -> Edge:
    """Four corners, clockwise from the top left one of the edge that is the line's top."""
    if _doubled_area(corners_42) < 0:
        corners_42 = corners_42[::-1]
    ways_42 = np.roll(corners_42, -1, axis=0) - corners_42
    # Of the four directions in which the outline runs, the top edge goes most clearly from left to right.
    lengths = np.maximum(np.hypot(ways_42[:, 0], ways_42[:, 1]), 1e-9)
    return np.roll(corners_42, -int(np.argmax(ways_42[:, 0] / lengths)), axis=0)


def _doubled_area(points_N2: Edge) -> float:
    following = np.roll(points_N2, -1, axis=0)
    return float((points_N2[:, 0] * following[:, 1] - following[:, 0] * points_N2[:, 1]).sum())


def _chain(outline_N2: Edge, start: int, end: int) -> Edge:
    """The outline from one point to another, both included."""
    count = (end - start) % len(outline_N2) + 1
    return outline_N2[(start + np.arange(count)) % len(outline_N2)]


def _length(edge_N2: Edge) -> float:
    return float(np.hypot(*np.diff(edge_N2, axis=0).T).sum())


def _along(edge_N2: Edge, places_W: npt.NDArray[np.float64]) -> Edge:
    """Points at shares of an edge's length; below 0 and above 1, it is extended straight."""
    steps_N = np.hypot(*np.diff(edge_N2, axis=0).T)
    steps_N = np.maximum(steps_N, 1e-9)
    ends_N = np.concatenate([[0.0], np.cumsum(steps_N)])
    at_W = places_W * ends_N[-1]
    piece_W = np.clip(np.searchsorted(ends_N, at_W, side="right") - 1, 0, len(steps_N) - 1)
    share_W = (at_W - ends_N[piece_W]) / steps_N[piece_W]
    points_W2: Edge = edge_N2[piece_W] + share_W[:, None] * (edge_N2[piece_W + 1] - edge_N2[piece_W])
    return points_W2

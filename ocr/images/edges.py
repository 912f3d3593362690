"""The edges of a text line: from its polygon to the top and the bottom that run along its text."""

from __future__ import annotations

import math
from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt

from ocr.types import FloatArray

Edge = npt.NDArray[np.float64]
"""Points (M, 2), M >= 2, from left to right, in pixels."""

TURNED_BACK = math.radians(145)
"""By how much an outline turns at the end of a line: 180 degrees but for slanting ends and inaccurate points."""
CANDIDATES = 64
"""Maximum places that are tried as ends."""


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


def along(edge_N2: Edge, places_W: npt.NDArray[np.float64]) -> Edge:
    """Points at shares of an edge's length; below 0 and above 1, it is extended straight."""
    steps_N = np.hypot(*np.diff(edge_N2, axis=0).T)
    steps_N = np.maximum(steps_N, 1e-9)
    ends_N = np.concatenate([[0.0], np.cumsum(steps_N)])
    at_W = places_W * ends_N[-1]
    piece_W = np.clip(np.searchsorted(ends_N, at_W, side="right") - 1, 0, len(steps_N) - 1)
    share_W = (at_W - ends_N[piece_W]) / steps_N[piece_W]
    points_W2: Edge = edge_N2[piece_W] + share_W[:, None] * (edge_N2[piece_W + 1] - edge_N2[piece_W])
    return points_W2


def between(edge_N2: Edge, first: float, last: float) -> Edge:
    """The part of an edge between two shares of its length, with the corners in between."""
    ends_N = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(edge_N2, axis=0).T))])
    inner_N = (ends_N > first * ends_N[-1]) & (ends_N < last * ends_N[-1])
    start_12, end_12 = np.split(along(edge_N2, np.array([first, last])), 2)
    return np.concatenate([start_12, edge_N2[inner_N], end_12])

"""Distance of pixel centres to a polygon's outline, inside a window of the image.

Every distance is made of linear functions of the pixel's row and column. Where a whole window is wanted, one matrix
product ``[row, 1] x [1, column]`` evaluates them faster than NumPy's broadcast sum; OpenCV's ``threshold`` cuts at zero
several times faster than ``np.maximum`` does.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ocr.targets.outline import Outline
from ocr.targets.window import Window
from ocr.types import BoolArray, FloatArray

# Slope along x, slope along y, constant.
Linear = tuple[float, float, float]


def signed_distance(outline: Outline, window: Window, limit: float) -> FloatArray:
    """Distance of each pixel centre to the outline, negative inside, in pixels.

    Args:
        outline: the polygon.
        window: the pixels asked for.
        limit: distances up to this are exact; farther pixels get any distance above it, with the right sign.

    Returns:
        float32 (window.height, window.width).
    """
    if outline.is_rectangle:
        return _from_rectangle(outline, window)
    if outline.is_convex:
        return _from_convex(outline, window)
    return _from_any(outline, window, limit)


def covered(outline: Outline, window: Window) -> BoolArray:
    """Which pixel centres lie inside a polygon, by the even-odd rule: exact, unlike cv2.fillPoly.

    cv2.fillPoly also paints every pixel that the outline touches, which makes a region up to one pixel too wide.

    Returns:
        bool (window.height, window.width).
    """
    x0, y0 = (np.array(outline.points) - (window.left + 0.5, window.top + 0.5)).T
    x1, y1 = np.append(x0[1:], x0[0]), np.append(y0[1:], y0[0])
    rows = np.arange(window.height)
    edge, row = np.nonzero((y0[:, None] <= rows) != (y1[:, None] <= rows))
    crossing = x0[edge] + (row - y0[edge]) * ((x1 - x0)[edge] / (y1 - y0)[edge])
    column = np.clip(np.ceil(crossing), 0, window.width).astype(np.intp)
    stride = window.width + 1
    toggles = np.bincount(row * stride + column, minlength=window.height * stride).astype(np.uint8)
    # A pixel is inside when an odd number of edges crosses its row on its left.
    parity = np.bitwise_xor.accumulate(toggles.reshape(window.height, stride)[:, :-1] & 1, axis=1)
    return parity.view(np.bool_)


def _edge_functions(outline: Outline) -> tuple[list[Linear], list[Linear]]:
    """For each edge, the distance outwards of its line, and the distance along the line from the edge's middle."""
    across: list[Linear] = []
    along: list[Linear] = []
    for index, ((x0, y0), length) in enumerate(zip(outline.points, outline.lengths, strict=True)):
        x1, y1 = outline.points[index + 1 - len(outline.points)]
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        across.append((uy, -ux, ux * y0 - uy * x0))
        along.append((ux, uy, -(ux * (x0 + x1) + uy * (y0 + y1)) / 2.0))
    return across, along


def _coefficients(functions: Sequence[Linear], window: Window) -> FloatArray:
    """The functions relative to the centre of the window's first pixel, (K, 3): small enough for float32."""
    x, y = window.left + 0.5, window.top + 0.5
    return np.array([(a, b, c + a * x + b * y) for a, b, c in functions], np.float32)


def _on_grid(functions: Sequence[Linear], window: Window) -> FloatArray:
    """Linear functions at the window's pixel centres, (K, height, width)."""
    coefficients_K3 = _coefficients(functions, window)
    rows_KH2 = np.empty((len(functions), window.height, 2), np.float32)
    np.multiply(coefficients_K3[:, 1:2], np.arange(window.height, dtype=np.float32), out=rows_KH2[:, :, 0])
    rows_KH2[:, :, 0] += coefficients_K3[:, 2:]
    rows_KH2[:, :, 1] = coefficients_K3[:, :1]
    columns_2W = np.ones((2, window.width), np.float32)
    columns_2W[1] = np.arange(window.width)
    values_KHW: FloatArray = (rows_KH2.reshape(-1, 2) @ columns_2W).reshape(-1, window.height, window.width)
    return values_KHW


def _above_zero(values: FloatArray) -> FloatArray:
    """``max(values, 0)``, in place, of any shape."""
    flat = values.reshape(-1, values.shape[-1])
    cv2.threshold(flat, 0.0, 0.0, cv2.THRESH_TOZERO, dst=flat)
    return values


def _from_rectangle(outline: Outline, window: Window) -> FloatArray:
    """The excess over half a side, along each of the rectangle's axes, is one part of the distance."""
    (x0, y0), _, (x2, y2), _ = outline.points
    axes = [(ux, uy, -(ux * (x0 + x2) + uy * (y0 + y2)) / 2.0) for ux, uy, _ in _edge_functions(outline)[1][:2]]
    excess_2HW = _on_grid(axes, window)
    np.abs(excess_2HW, out=excess_2HW)
    excess_2HW[0] -= outline.lengths[0] / 2.0
    excess_2HW[1] -= outline.lengths[1] / 2.0
    larger_HW = np.maximum(excess_2HW[0], excess_2HW[1])
    # Not cv2.magnitude: its last bit depends on where in memory its arguments lie.
    _above_zero(excess_2HW)
    excess_2HW *= excess_2HW
    distance_HW: FloatArray = np.add(excess_2HW[0], excess_2HW[1])
    np.sqrt(distance_HW, out=distance_HW)
    cv2.threshold(larger_HW, 0.0, 0.0, cv2.THRESH_TRUNC, dst=larger_HW)
    distance_HW += larger_HW
    return distance_HW


def _from_convex(outline: Outline, window: Window) -> FloatArray:
    """Every edge looked at from every pixel."""
    across, along = _edge_functions(outline)
    values_KHW = _on_grid(across + along, window)
    across_EHW, along_EHW = values_KHW[: len(across)], values_KHW[len(across) :]
    outside_HW = across_EHW.max(axis=0)
    squared_EHW = _squared(across_EHW, along_EHW, np.array(outline.lengths, np.float32)[:, None, None])
    nearest_HW = squared_EHW.min(axis=0)
    np.sqrt(nearest_HW, out=nearest_HW)
    distance_HW: FloatArray = np.copysign(nearest_HW, outside_HW, out=nearest_HW)
    return distance_HW


def _from_any(outline: Outline, window: Window, limit: float) -> FloatArray:
    """Each edge looked at only from the pixels within the limit; those near to none are a pixel beyond it."""
    functions = [_coefficients(part, window) for part in _edge_functions(outline)]
    rows, columns = np.arange(window.height, dtype=np.float32), np.arange(window.width, dtype=np.float32)
    (across_EH, along_EH) = (part[:, 1:2] * rows + part[:, 2:] for part in functions)
    (across_EW, along_EW) = (part[:, :1] * columns for part in functions)
    nearest_HW = np.full((window.height, window.width), (limit + 1.0) ** 2, np.float32)
    corners = [(x - window.left, y - window.top) for x, y in outline.points]
    for edge, (x0, y0) in enumerate(corners):
        x1, y1 = corners[edge + 1 - len(corners)]
        near = Window.around((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), limit, *nearest_HW.shape)
        if near is not None:
            ys, xs = near.slices
            across_HW = across_EH[edge, ys, None] + across_EW[edge, xs]
            along_HW = along_EH[edge, ys, None] + along_EW[edge, xs]
            view_HW = nearest_HW[ys, xs]
            np.minimum(view_HW, _squared(across_HW, along_HW, np.float32(outline.lengths[edge])), out=view_HW)
    np.sqrt(nearest_HW, out=nearest_HW)
    distance_HW: FloatArray = np.negative(nearest_HW, out=nearest_HW, where=covered(outline, window))
    return distance_HW


def _squared(across: FloatArray, along: FloatArray, lengths: FloatArray | np.float32) -> FloatArray:
    """Squared distance to edges, from the distances across and along them; both are overwritten."""
    np.abs(along, out=along)
    along -= lengths / np.float32(2.0)
    _above_zero(along)
    along *= along
    across *= across
    along += across
    return along

"""Distances of pixel centres to polygons' outlines."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.detection.targets.outline import Float64Array, Outlines
from ocr.detection.targets.window import IntArray, Windows, ragged
from ocr.types import FloatArray

# Edges processed together. With fewer, the overhead of NumPy's calls dominates; with more, memory traffic does.
TOGETHER = 8


def lower_to_squared_distance(map_HW: FloatArray, outlines: Outlines, reaches_N: Float64Array, level: float) -> None:
    """Lower a map, in place, to the squared distance to the nearest outline.

    Each outline has its own unit of length: at ``reach`` pixels from it the distance is ``level``. Pixels farther away
    may be left unchanged.

    Args:
        map_HW: float32 (H, W), at most ``level ** 2``.
        outlines: the polygons.
        reaches_N: reach of each polygon in pixels, above 0.
        level: distance at the reach, above 0.
    """
    if not len(outlines):
        return
    height, width = map_HW.shape
    reach_E, (start_E2, end_E2) = reaches_N[outlines.owner_E], (outlines.start_E2, outlines.end_E2)
    low_E2, high_E2 = np.minimum(start_E2, end_E2), np.maximum(start_E2, end_E2)
    windows = Windows.around(low_E2 - reach_E[:, None], high_E2 + reach_E[:, None], height, width)
    group_KT = _groups(windows)
    rows_K, columns_K = windows.height[group_KT].max(axis=1), windows.width[group_KT].max(axis=1)
    lines_R2 = _lines(outlines, level / reach_E, windows, group_KT, rows_K)
    halves_E = (np.hypot(*(end_E2 - start_E2).T) * level / reach_E / 2.0).astype(np.float32)
    halves_KT = halves_E[group_KT][:, :, None, None]
    parts = list(zip(windows.slices(), windows.height.tolist(), windows.width.tolist(), strict=True))
    # One matrix product [value in column 0, slope] x [1, column] is faster than NumPy's broadcast sum.
    columns_2W = np.ones((2, width), np.float32)
    columns_2W[1] = np.arange(width)
    first = 0
    for group, half_T11, rows, columns in zip(
        group_KT.tolist(), halves_KT, rows_K.tolist(), columns_K.tolist(), strict=True
    ):
        last = first + 2 * TOGETHER * rows
        values = (lines_R2[first:last] @ columns_2W[:, :columns]).reshape(2, TOGETHER, rows, columns)
        first = last
        along, across = values
        np.abs(along, out=along)
        along -= half_T11
        flat = along.reshape(-1, columns)
        cv2.threshold(flat, 0.0, 0.0, cv2.THRESH_TOZERO, dst=flat)
        # Not cv2.magnitude: its last bit depends on the memory alignment of its arguments.
        values *= values
        along += across
        for edge, squared_HW in zip(group, along, strict=True):
            place, height, width = parts[edge]
            view_HW = map_HW[place]
            cv2.min(view_HW, squared_HW[:height, :width], dst=view_HW)


def _groups(windows: Windows) -> IntArray:
    """Group edges with non-empty windows by similar width; the last edge is repeated to fill the last group.

    Returns:
        int (K, TOGETHER).
    """
    order = np.argsort(windows.width, kind="stable")
    order = order[(windows.width * windows.height)[order] > 0]
    number = -(-len(order) // TOGETHER) * TOGETHER
    return order[np.minimum(np.arange(number), len(order) - 1)].reshape(-1, TOGETHER)


def _lines(
    outlines: Outlines, scale_E: Float64Array, windows: Windows, group_KT: IntArray, rows_K: IntArray
) -> FloatArray:
    """Distances along each edge from its midpoint, and across it, as linear functions of its window's column.

    Returns:
        float32 (R, 2): the value at the centre of column 0, and the slope. Group by group: for the distances along its
        edges and then for those across, edge by edge, all rows of the group.
    """
    vector_E2 = outlines.end_E2 - outlines.start_E2
    unit_E2 = vector_E2 * (scale_E / np.hypot(*vector_E2.T))[:, None]
    offset_E2 = windows.first_N2 + 0.5 - (outlines.start_E2 + outlines.end_E2) / 2.0
    (ux, uy), (x, y) = unit_E2[group_KT].transpose(2, 0, 1), offset_E2[group_KT].transpose(2, 0, 1)
    slope_x, slope_y = np.stack([ux, uy], axis=1).reshape(-1), np.stack([uy, -ux], axis=1).reshape(-1)
    value = np.stack([ux * x + uy * y, uy * x - ux * y], axis=1).reshape(-1)
    function, row = ragged(np.repeat(rows_K, 2 * TOGETHER))
    lines_R2 = np.empty((len(function), 2), np.float32)
    lines_R2[:, 0] = value[function] + slope_y[function] * row
    lines_R2[:, 1] = slope_x[function]
    return lines_R2

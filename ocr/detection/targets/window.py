"""Pixel rectangles of a map, one for each of many shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of a map, each from its first column and row to just before its last ones.

    Pixel ``(row, column)`` of the map covers ``[column, column + 1) x [row, row + 1)``.

    Attributes:
        first_N2: int, column and row.
        last_N2: int, column and row, at least the first.
    """

    first_N2: IntArray
    last_N2: IntArray

    @classmethod
    def around(cls, low_N2: npt.ArrayLike, high_N2: npt.ArrayLike, height: int, width: int) -> Windows:
        """The windows of the pixels that rectangles touch; an empty window if a rectangle touches none.

        Args:
            low_N2: left and top of each rectangle, finite.
            high_N2: right and bottom.
            height: rows of the map.
            width: columns of the map.
        """
        size = (width, height)
        first_N2 = np.clip(np.floor(low_N2), 0, size).astype(np.intp)
        return cls(first_N2, np.clip(np.ceil(high_N2), first_N2, size).astype(np.intp))

    @property
    def width(self) -> IntArray:
        """Columns of each window."""
        columns: IntArray = self.last_N2[:, 0] - self.first_N2[:, 0]
        return columns

    @property
    def height(self) -> IntArray:
        """Rows of each window."""
        rows: IntArray = self.last_N2[:, 1] - self.first_N2[:, 1]
        return rows

    def slices(self) -> list[tuple[slice, slice]]:
        """Index of each window's part of a whole map."""
        corners = zip(self.first_N2.tolist(), self.last_N2.tolist(), strict=True)
        return [(slice(top, bottom), slice(left, right)) for (left, top), (right, bottom) in corners]


def ragged(counts: IntArray) -> tuple[IntArray, IntArray]:
    """For concatenated lists of these lengths: each element's list, and its index in that list."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)

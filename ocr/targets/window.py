"""A rectangle of a map's pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(slots=True)
class Window:
    """Rows ``top`` to ``bottom - 1`` and columns ``left`` to ``right - 1`` of a map.

    Pixel ``(row, column)`` of the map covers ``[column, column + 1) x [row, row + 1)``.
    """

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @classmethod
    def around(cls, bounds: tuple[float, float, float, float], margin: float, height: int, width: int) -> Window | None:
        """The pixels of a map that a rectangle and a margin around it touch.

        Args:
            bounds: left, top, right, bottom.
            margin: pixels on each side.
            height: rows of the map.
            width: columns of the map.

        Returns:
            ``None`` where no pixel of the map is touched.
        """
        left, top = max(0, math.floor(bounds[0] - margin)), max(0, math.floor(bounds[1] - margin))
        right, bottom = min(width, math.ceil(bounds[2] + margin)), min(height, math.ceil(bounds[3] + margin))
        return cls(left, top, right, bottom) if left < right and top < bottom else None

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of this window's part of a whole map."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

"""Warp the paper into the picture: perspective, rotation and bend, for pixels and for polygons.

The mapping from the picture to the paper is a homography that undoes the perspective, followed by polynomials in the
position on the paper that shift each point by the bend. Pixels need that direction; polygons need the inverse, which is
found by fixed-point iteration.

Exactness: the picture is divided into squares of 32 pixels, whose corners are mapped to the paper and rounded to 1/64
pixel. Pillow interpolates inside a square in double precision; with these dyadic numbers every product and sum is
exact, so the result is the same on every processor. A flat sheet without perspective is one affine transform.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from ocr.types import FloatArray

Points = npt.NDArray[np.float64]
Matrix = tuple[float, float, float, float, float, float, float, float, float]

TILE = 32
EDGE_SAMPLES = 9
STRAIGHT_ENOUGH = 0.5
"""Pixels by which a word's edge may deviate from its polygon before the polygon gets more points."""


@dataclass(frozen=True, slots=True)
class Bend:
    """Shifts in paper pixels; all zero for a flat sheet.

    Attributes:
        arch_top: vertical shift of the middle of a line, at the top of the paper.
        arch_bottom: the same at the bottom.
        wave_y: vertical S-shaped shift along a line.
        sway: horizontal shift of the middle of the paper's length.
        wave_x: horizontal S-shaped shift along the paper's length.
        squeeze: horizontal compression towards the sides, as on a cylinder.
    """

    arch_top: float = 0.0
    arch_bottom: float = 0.0
    wave_y: float = 0.0
    sway: float = 0.0
    wave_x: float = 0.0
    squeeze: float = 0.0


@dataclass(frozen=True, slots=True)
class Warp:
    """The geometry of one picture.

    Attributes:
        paper_size: (width, height) of the paper image in pixels.
        size: (width, height) of the picture in pixels.
        corners: positions of the flat paper's corners in the picture, clockwise from top left.
        bend: the bend.
    """

    paper_size: tuple[int, int]
    size: tuple[int, int]
    corners: tuple[tuple[float, float], ...]
    bend: Bend

    def to_paper(self, points_N2: Points) -> Points:
        """Picture pixels to paper pixels."""
        flat = _project(_inverse(self._matrix()), points_N2)
        return flat + self._shift(flat)

    def to_picture(self, points_N2: Points) -> Points:
        """Paper pixels to picture pixels."""
        flat = points_N2
        for _ in range(12):
            flat = points_N2 - self._shift(flat)
        return _project(self._matrix(), flat)

    def render(self, paper: Image.Image) -> Image.Image:
        """Render the paper in the picture; 0 where there is no paper.

        Args:
            paper: image of ``paper_size``.
        """
        if self._is_affine():
            a, b, c, d, e, f, _, _, scale = _inverse(self._matrix())
            # Multiples of 2**-20 make Pillow's products with pixel centres exact, as for the squares below.
            shares = tuple(round(value / scale * 1048576.0) / 1048576.0 for value in (a, b, c, d, e, f))
            return paper.transform(self.size, Image.Transform.AFFINE, shares, resample=Image.Resampling.BILINEAR)
        columns, rows = -(-self.size[0] // TILE), -(-self.size[1] // TILE)
        grid_x, grid_y = np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0))
        grid = np.stack([grid_x.ravel(), grid_y.ravel()], axis=1) * TILE
        source = (np.rint(self.to_paper(grid) * 64.0) / 64.0).reshape(rows + 1, columns + 1, 2)
        # Pillow's order of a quadrilateral: top left, bottom left, bottom right, top right.
        quads = np.concatenate([source[:-1, :-1], source[1:, :-1], source[1:, 1:], source[:-1, 1:]], axis=2)
        mesh = [
            ((column * TILE, row * TILE, (column + 1) * TILE, (row + 1) * TILE), tuple(quads[row, column].tolist()))
            for row, column in self._touched(quads)
        ]
        whole = (columns * TILE, rows * TILE)
        picture = paper.transform(whole, Image.Transform.MESH, mesh, resample=Image.Resampling.BILINEAR)
        return picture.crop((0, 0, *self.size))

    def polygons(self, boxes_N4: Points) -> list[FloatArray]:
        """Word boxes on the paper as polygons in the picture.

        A quadrilateral if both edges are straight, otherwise three or five points along each edge: top edge from left
        to right, then bottom edge from right to left. Coordinates are rounded to 1/100 pixel.

        Args:
            boxes_N4: left, top, right, bottom in paper pixels.
        """
        fractions = np.arange(EDGE_SAMPLES) / (EDGE_SAMPLES - 1)
        x = boxes_N4[:, None, 0] + (boxes_N4[:, 2] - boxes_N4[:, 0])[:, None] * fractions
        edges = [np.stack([x, np.repeat(boxes_N4[:, None, side], EDGE_SAMPLES, axis=1)], axis=2) for side in (1, 3)]
        dense = self.to_picture(np.concatenate(edges, axis=1).reshape(-1, 2)).reshape(-1, 2, EDGE_SAMPLES, 2)
        outlines = np.rint(dense * 100.0) / 100.0
        if self._is_affine():
            ends = outlines[:, :, :: EDGE_SAMPLES - 1]
            return list(np.concatenate([ends[:, 0], ends[:, 1, ::-1]], axis=1).astype(np.float32))
        return [_outline(edge[0], edge[1]) for edge in outlines]

    def _is_affine(self) -> bool:
        """Whether the paper is flat and without perspective."""
        return self.bend == Bend() and self._matrix()[6:8] == (0.0, 0.0)

    def _touched(self, quads: Points) -> list[tuple[int, int]]:
        """The tiles that show some paper."""
        x, y = quads[..., 0::2], quads[..., 1::2]
        width, height = self.paper_size
        inside = (x.max(2) >= 0) & (x.min(2) <= width) & (y.max(2) >= 0) & (y.min(2) <= height)
        return [(int(row), int(column)) for row, column in np.argwhere(inside)]

    def _shift(self, flat: Points) -> Points:
        """Shift of a position on the flat paper by the bend."""
        width, height = self.paper_size
        s, t = flat[:, 0] / width, flat[:, 1] / height
        bend = self.bend
        arch = 4.0 * s * (1.0 - s) * (bend.arch_top + (bend.arch_bottom - bend.arch_top) * t)
        snake_s = 10.0 * s * (1.0 - s) * (1.0 - 2.0 * s)
        snake_t = 10.0 * t * (1.0 - t) * (1.0 - 2.0 * t)
        x = 4.0 * t * (1.0 - t) * bend.sway + snake_t * bend.wave_x + snake_s * bend.squeeze
        return np.stack([x, arch + snake_s * bend.wave_y], axis=1)

    def _matrix(self) -> Matrix:
        """Homography from paper pixels to picture pixels."""
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = self.corners
        width, height = self.paper_size
        # Heckbert 1989, Fundamentals of texture mapping: unit square to quadrilateral.
        dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
        dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
        determinant = dx1 * dy2 - dx2 * dy1
        g = (dx3 * dy2 - dx2 * dy3) / determinant
        h = (dx1 * dy3 - dx3 * dy1) / determinant
        return (
            (x1 - x0 + g * x1) / width, (x3 - x0 + h * x3) / height, x0,
            (y1 - y0 + g * y1) / width, (y3 - y0 + h * y3) / height, y0,
            g / width, h / height, 1.0,
        )  # fmt: skip


def _project(matrix: Matrix, points_N2: Points) -> Points:
    """Map points by a homography, written out because a matrix product would use a vendor's library."""
    a, b, c, d, e, f, g, h, i = matrix
    x, y = points_N2[:, 0], points_N2[:, 1]
    w = g * x + h * y + i
    return np.stack([(a * x + b * y + c) / w, (d * x + e * y + f) / w], axis=1)


def _inverse(matrix: Matrix) -> Matrix:
    """The adjugate, which is the inverse up to a factor that does not affect a homography."""
    a, b, c, d, e, f, g, h, i = matrix
    return (
        e * i - f * h, c * h - b * i, b * f - c * e,
        f * g - d * i, a * i - c * g, c * d - a * f,
        d * h - e * g, b * g - a * h, a * e - b * d,
    )  # fmt: skip


def _outline(top: Points, bottom: Points) -> FloatArray:
    """The polygon with the fewest points that follows both edges, which have nine samples each."""
    step = 8
    while step > 2 and max(_deviation(top, step), _deviation(bottom, step)) >= STRAIGHT_ENOUGH:
        step //= 2
    return np.concatenate([top[::step], bottom[::-1][::step]]).astype(np.float32)


def _deviation(edge: Points, step: int) -> float:
    """Maximal distance in pixels of the samples from the polyline through every ``step``-th one."""
    starts = np.minimum(np.arange(len(edge)) // step * step, len(edge) - 1 - step)
    pieces = edge[starts + step] - edge[starts]
    offsets = edge - edge[starts]
    areas = np.abs(pieces[:, 0] * offsets[:, 1] - pieces[:, 1] * offsets[:, 0])
    lengths = np.sqrt(pieces[:, 0] * pieces[:, 0] + pieces[:, 1] * pieces[:, 1])
    return float((areas / lengths).max())

"""Reading order: from text regions to printed rows, as a person would type them.

A receipt is tilted and bent as a whole, so its rows are found in a frame in which they are level:

1. Regions of receipts that lie beside each other are parted (`parted`), since each lies in its own way.
2. `Levelled` turns the dominant direction of a receipt's regions to level, then takes out its bend: the function
   ``v = y - f(x, y)``, f a polynomial, along which the regions' middle lines are as constant as possible (least
   squares; the idea of text line based dewarping, e.g. Kim, Koo and Cho 2015, "Document dewarping via text-line based
   optimization", with the lines' own course in place of a camera model).
3. Two regions can share a row if their heights overlap by at least half of the smaller one, in that frame, and neither
   stands above a part of the other (as `resolve_lines` of docTR, whose rule is that centres differ by less than half of
   a height). Rows grow from the pairs that fit best, so that a bend that is left over cannot chain rows together.

Pure NumPy; nothing but the polygons is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr.pipeline.levelling import Array, Bend, MiddleLine, direction, middle_line, turned
from ocr.types import FloatArray

OVERLAP = 0.5
"""Share of the smaller height by which regions of a row overlap."""
BESIDE = 0.5
"""Share of the smaller width by which regions of a row may overlap."""
NARROWEST = 1.5
"""Gap between receipts, in heights of a line."""
ALIGNED = 0.8
"""Above this share of regions with a partner at their height, two columns belong to one receipt."""
FEWEST, SLIMMEST = 4, 9.0
"""Least regions of a receipt, and its least width in heights of a line: less than that is a column of one. Of drawn
receipts, columns that nothing crosses are up to 7 heights wide, and receipts at least 13."""
LEVEL = 0.2
"""Regions of a row differ by less than this share of their height."""
FAR = 0.02
"""What a gap of one height costs, beside levels that differ by one height: the nearer of two is the neighbour."""
SLANTS = np.radians([0.0, -4.0, 4.0, -8.0, 8.0, -12.0, 12.0])
"""Directions of the gap between receipts, against the dominant one's normal."""


def rows_of(polygons: Sequence[FloatArray]) -> list[list[int]]:
    """The printed rows of a page, from the first to the last, each from its start to its end.

    Of receipts side by side, the left one comes first.

    Args:
        polygons: of the regions, (N, 2) with N >= 3, in the upright image's pixels.

    Returns:
        The regions' numbers by row; each number once.
    """
    if not polygons:
        return []
    middles = [middle_line(points_N2) for points_N2 in polygons]
    rows = []
    for part in parted(middles, np.arange(len(middles))):
        levelled = Levelled.of([middles[number] for number in part])
        rows += [[int(part[at]) for at in row] for row in levelled.rows()]
    return rows


@dataclass(frozen=True, slots=True)
class Levelled:
    """Regions of one receipt in a frame in which its rows are level.

    Attributes:
        spans_N2: where each region starts and ends along its row.
        levels_N: position of its middle across the rows, growing downwards.
        heights_N: its height.
    """

    spans_N2: Array
    levels_N: Array
    heights_N: Array

    @classmethod
    def of(cls, lines: Sequence[MiddleLine]) -> Levelled:
        """Turn and straighten a receipt's regions."""
        angle = direction(lines)
        points = [turned(line.points_M2, angle) for line in lines]
        bend = Bend.of(points, np.array([line.height for line in lines]))
        return cls(
            np.array([(each_M2[:, 0].min(), each_M2[:, 0].max()) for each_M2 in points]),
            np.array([float(np.mean(each_M2[:, 1] - bend(each_M2))) for each_M2 in points]),
            np.array([line.height for line in lines]),
        )

    def aligned(self) -> tuple[Array, Array]:
        """For each pair, by how much their levels differ in heights of the smaller, and their gap in the same unit.

        The gap is negative where they overlap along the row.
        """
        smaller_NN = np.minimum(self.heights_N[:, None], self.heights_N)
        # Overlap of two heights by a share of the smaller means that the middles differ by less than this.
        slack_NN = np.abs(self.heights_N[:, None] - self.heights_N) / 2
        apart_NN = np.maximum(np.abs(self.levels_N[:, None] - self.levels_N) - slack_NN, 0.0) / smaller_NN
        starts_N, ends_N = self.spans_N2.T
        gaps_NN = np.maximum(starts_N[:, None], starts_N) - np.minimum(ends_N[:, None], ends_N)
        return apart_NN, gaps_NN / smaller_NN

    def rows(self) -> list[list[int]]:
        """The regions of each row, from top to bottom, each row from its start to its end."""
        apart_NN, gaps_NN = self.aligned()
        widths_N = (self.spans_N2[:, 1] - self.spans_N2[:, 0]) / self.heights_N
        above_NN = gaps_NN < -BESIDE * np.minimum(widths_N[:, None], widths_N)
        first, second = np.nonzero(np.triu((apart_NN <= 1 - OVERLAP) & ~above_NN, 1))
        cost = apart_NN[first, second] + FAR * np.maximum(gaps_NN[first, second], 0.0)
        row_of = list(range(len(self.levels_N)))
        rows = {number: [number] for number in row_of}
        for pair in np.argsort(cost, kind="stable"):
            one, other = row_of[first[pair]], row_of[second[pair]]
            if one == other or above_NN[np.ix_(rows[one], rows[other])].any():
                continue
            rows[one] += rows.pop(other)
            for number in rows[one]:
                row_of[number] = one
        starts_N = self.spans_N2.mean(axis=1)
        found = [sorted(row, key=lambda number: float(starts_N[number])) for row in rows.values()]
        return sorted(found, key=lambda row: float(self.levels_N[row].mean()))


def parted(lines: Sequence[MiddleLine], numbers: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """The regions of each receipt, receipts from left to right.

    Receipts are parted along a straight gap that no region crosses, if the rows on both sides have nothing to do with
    each other: names and prices of one receipt, between which there may be such a gap too, are level with each other.
    Of several gaps it is the one across which the fewest regions are level.

    Args:
        lines: all regions of the page.
        numbers: those to part.
    """
    chosen = [lines[number] for number in numbers]
    angle, height = direction(chosen), float(np.median([line.height for line in chosen]))
    level_NN = Levelled.of(chosen).aligned()[0] < LEVEL
    cuts = []
    for slant in SLANTS:
        across = [turned(line.points_M2, angle + slant)[:, 0] for line in chosen]
        starts_N, ends_N = (np.array([side(each_M) for each_M in across]) for side in (np.min, np.max))
        order = np.argsort(starts_N)
        starts_N, ends_N = starts_N[order], np.maximum.accumulate(ends_N[order])
        for place in range(FEWEST, len(order) - FEWEST + 1):
            gap = starts_N[place] - ends_N[place - 1]
            slimmer = min(ends_N[place - 1] - starts_N[0], ends_N[-1] - starts_N[place])
            if gap < NARROWEST * height or slimmer < SLIMMEST * height:
                continue
            left, right = np.sort(order[:place]), np.sort(order[place:])
            fewer, more = sorted((left, right), key=len)
            cuts.append((float(level_NN[np.ix_(fewer, more)].any(axis=1).mean()), -float(gap), left, right))
    share, _, left, right = min(cuts, key=lambda cut: cut[:2], default=(1.0, 0.0, numbers, numbers))
    if share > ALIGNED:
        return [numbers]
    return [*parted(lines, numbers[left]), *parted(lines, numbers[right])]

"""Lines that were read against those of the truth: one to one by place, and as the text of the page.

Places are the upright boxes around the polygons, because an annotation and a detector seldom agree on whether boxes are
turned. Regions that are ignored or have no known text are "don't care", as ignored regions are in detection
(`ocr.metrics.iou`): they are not missed, and what was found in them is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr.geometry import upright_box
from ocr.metrics.iou import judged
from ocr.metrics.shapes import Float64Array
from ocr.types import Word

MATCH_IOU = 0.5
"""Smallest IoU of the upright boxes of two lines that are compared."""


@dataclass(frozen=True, slots=True)
class LineMatch:
    """The lines of one image, by their places in the sequences that were matched.

    Attributes:
        pairs: (line of the truth, line read) of each match.
        missed: lines of the truth without a match.
        added: lines read without a match.
    """

    pairs: tuple[tuple[int, int], ...]
    missed: tuple[int, ...]
    added: tuple[int, ...]

    @property
    def truth(self) -> list[int]:
        """The lines of the truth that are judged."""
        return sorted([*(line for line, _ in self.pairs), *self.missed])

    @property
    def read(self) -> list[int]:
        """The lines read that are judged."""
        return sorted([*(line for _, line in self.pairs), *self.added])


def match_lines(regions: Sequence[Word], found: Sequence[Word]) -> LineMatch:
    """Match the lines of one image one to one: the pair with the greatest IoU first, down to `MATCH_IOU`.

    Where several pairs have the same IoU, places and texts decide, so that the order of the lines changes nothing.

    Args:
        regions: ground truth; those that are not `Word.readable` are in no part of the result.
        found: what was read, polygons of any shape; those in such regions are in no part of the result either.
    """
    boxes_G42, boxes_D42 = upright(regions), upright(found)
    dont_care_G = np.array([not region.readable for region in regions], dtype=bool)
    iou_GD, kept_D = judged(boxes_G42, boxes_D42, dont_care_G)
    truth, read = np.flatnonzero(~dont_care_G).tolist(), np.flatnonzero(kept_D).tolist()
    rows, columns = np.nonzero(iou_GD >= MATCH_IOU)
    candidates = [
        (-iou, place_and_text(regions[truth[row]]), place_and_text(found[read[column]]), truth[row], read[column])
        for iou, row, column in zip(iou_GD[rows, columns].tolist(), rows.tolist(), columns.tolist(), strict=True)
    ]
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, _, line, reading in sorted(candidates):
        if line not in pairs and reading not in taken:
            pairs[line] = reading
            taken.add(reading)
    missed = tuple(line for line in truth if line not in pairs)
    added = tuple(reading for reading in read if reading not in taken)
    return LineMatch(tuple(sorted(pairs.items())), missed, added)


def upright(words: Sequence[Word]) -> Float64Array:
    """The upright box around each polygon, (N, 4, 2), clockwise from top left."""
    return np.array([upright_box(word.points_N2) for word in words], np.float64).reshape(-1, 4, 2)


def place_and_text(word: Word) -> tuple[list[float], str]:
    """By which lines are ordered that are equally good."""
    return [*word.points_N2.min(axis=0).tolist(), *word.points_N2.max(axis=0).tolist()], word.text or ""


def page_text(words: Sequence[Word]) -> str:
    """The texts of a page in reading order, separated by spaces: row by row, each from left to right.

    A line is on the row whose first line it overlaps vertically by half the height of the lower of the two or more;
    rows and lines are taken by the height of their middles. Where rows are split into lines makes no difference.
    """
    boxes = [(*word.points_N2.min(axis=0).tolist(), *word.points_N2.max(axis=0).tolist()) for word in words]
    lines = [(box, text) for box, word in zip(boxes, words, strict=True) if (text := word.text) is not None]
    rows: list[list[tuple[tuple[float, ...], str]]] = []
    for box, text in sorted(lines, key=lambda line: (line[0][1] + line[0][3], line)):
        _, top, _, bottom = box
        for row in reversed(rows):
            _, first_top, _, first_bottom = row[0][0]
            common = min(bottom, first_bottom) - max(top, first_top)
            if common > 0 and common >= min(bottom - top, first_bottom - first_top) / 2:
                row.append((box, text))
                break
        else:
            rows.append([(box, text)])
    return " ".join(text for row in rows for _, text in sorted(row))

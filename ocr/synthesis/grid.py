"""Lay out rows on a grid of letters, without fonts or pictures, as regions such as a detector finds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ocr.fields import ITEM, Span
from ocr.synthesis.chance import Chance
from ocr.synthesis.content import Cell, CodeRow, FrameRow, LogoRow, Row, RuleRow, TextRow
from ocr.synthesis.fonts import is_wide
from ocr.synthesis.marked import Marked
from ocr.types import FloatArray

NAME = ITEM + "nm"


@dataclass(frozen=True, slots=True)
class Region:
    """A line segment of text.

    Attributes:
        text: its characters and facts.
        box: left, top, right, bottom in widths of a letter.
    """

    text: Marked
    box: tuple[float, float, float, float]


@dataclass(slots=True)
class Grid:
    """How rows are laid out.

    Attributes:
        letters: letters to a row.
        pitch: distance of two rows in widths of a letter.
        height: of a region of normal text in widths of a letter.
        gap: cells further apart than this many letters are different regions.
    """

    letters: int
    pitch: float
    height: float
    gap: float

    def regions(self, rows: list[Row]) -> list[Region]:
        """The regions of the rows in reading order; no text is lost."""
        found: list[Region] = []
        top = 0.0
        for row in _flat(rows):
            if isinstance(row, TextRow):
                top = self._set(found, row, top)
            else:
                lines = {CodeRow: 3.0, LogoRow: 4.0, RuleRow: 0.8}.get(type(row), getattr(row, "lines", 1.0))
                top += lines * self.pitch
        return found

    def _set(self, found: list[Region], row: TextRow, top: float) -> float:
        """Set one row, and return where the next begins."""
        scale = row.style.wide if len(row.cells) == 1 or _fits(row, self.letters) else 1.0
        tall = row.style.tall if scale == row.style.wide else 1.0
        room = self.letters / scale
        alone = len(row.cells) == 1
        parts = [(cell, _lines(cell, int((cell.end - cell.start) * room), alone)) for cell in row.cells if cell.text]
        for number in range(max((len(lines) for _, lines in parts), default=0)):
            middle = top + self.pitch * tall / 2
            edges = middle - self.height * tall / 2, middle + self.height * tall / 2
            line = [(cell, lines[number]) for cell, lines in parts if number < len(lines)]
            found += [
                Region(text, (left * scale, edges[0], right * scale, edges[1]))
                for text, left, right in self._join(line, room)
            ]
            top += self.pitch * tall
        return top

    def _join(self, cells: list[tuple[Cell, Marked]], room: float) -> list[tuple[Marked, float, float]]:
        """Texts with their left and right ends, in letters; cells that nearly touch are one text."""
        joined: list[tuple[Marked, float, float]] = []
        for cell, text in cells:
            free = (cell.end - cell.start) * room - width(text.text)
            left = cell.start * room + {"left": 0.0, "center": 0.5, "right": 1.0}[cell.align] * free
            if joined:
                left = max(left, joined[-1][2] + 1.0)
            right = left + width(text.text)
            if joined and left - joined[-1][2] < self.gap:
                before, start, _ = joined.pop()
                joined.append((before + " " + text, start, right))
            else:
                joined.append((text, left, right))
        return joined


def width(text: str) -> int:
    """Columns of a text: two for a Korean letter, one for any other."""
    return len(text) if text.isascii() else len(text) + sum(map(is_wide, text))


def _flat(rows: list[Row]) -> list[Row]:
    return [inner for row in rows for inner in (row.rows if isinstance(row, FrameRow) else (row,))]


def _fits(row: TextRow, letters: int) -> bool:
    return all(width(cell.text) * row.style.wide <= (cell.end - cell.start) * letters for cell in row.cells)


def _lines(cell: Cell, room: int, alone: bool) -> list[Marked]:
    """The text in the lines that it takes: names of items and texts with a row of their own continue below."""
    named = bool(cell.spans) and all(span.field == NAME for span in cell.spans)
    return list(cell.marked.lines(room, width)) if (alone or named) and width(cell.text) > room else [cell.marked]


@dataclass(frozen=True, slots=True)
class Placed:
    """Regions in an image: polygons (4, 2) in pixels, clockwise from top left; texts; spans; the image's size."""

    polygons: list[FloatArray]
    texts: list[str]
    spans: list[tuple[Span, ...]]
    size: tuple[int, int]


def placed(chance: Chance, regions: list[Region], letters: int) -> Placed:
    """The regions as in a scan or photo: scaled, a little turned and displaced, perhaps on a larger page."""
    letter = chance.uniform(7.0, 18.0)
    angle = chance.weighted(((0.0, 3), (chance.uniform(-0.01, 0.01), 4), (chance.uniform(-0.05, 0.05), 2)))
    cosine, sine = round(math.cos(angle), 9), round(math.sin(angle), 9)
    right = max((region.box[2] for region in regions), default=float(letters))
    bottom = max((region.box[3] for region in regions), default=1.0)
    margin = chance.uniform(1.0, 5.0) + abs(sine) * max(right, bottom)
    page = chance.coin(0.15)
    beside = (chance.uniform(2.0, 60.0), chance.uniform(2.0, 60.0)) if page else (margin, margin)
    before = (chance.uniform(2.0, beside[0] + 3.0), chance.uniform(2.0, beside[1] + 3.0)) if page else (margin, margin)
    boxes = np.array([region.box for region in regions], dtype=np.float64).reshape(-1, 4)
    loose = chance.uniform(0.05, 0.35)
    boxes += loose * (chance.generator.random(boxes.shape) - np.array([0.9, 0.7, 0.1, 0.3]))
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)
    x, y = corners[..., 0], corners[..., 1]
    turned = np.stack((x * cosine - y * sine, x * sine + y * cosine), axis=-1)
    low = margin if page else 0.0
    turned += np.array(before) + low
    size = (letter * (right + before[0] + beside[0] + 2 * low), letter * (bottom + before[1] + beside[1] + 2 * low))
    polygons = np.clip(turned * letter, 0.0, np.array(size)).astype(np.float32)
    return Placed(
        list(polygons), [region.text.text for region in regions], [region.text.spans for region in regions],
        (math.ceil(size[0]), math.ceil(size[1])),
    )  # fmt: skip

"""What was read on a page: lines of text, in reading order, and their words."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.types import FloatArray


@dataclass(frozen=True, slots=True)
class TextWord:
    """One word that was read.

    Attributes:
        points_N2: float32 polygon in the upright image's pixels, N >= 4 points, clockwise from top left.
        text: without white space.
        confidence: probability that it is right, 0 to 1: that of its least certain character.
    """

    points_N2: FloatArray
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """One text region that was found and read.

    Attributes:
        points_N2: float32 polygon in the upright image's pixels, N >= 4 points, clockwise from top left.
        text: the words, separated by single spaces.
        confidence: probability that it is right, 0 to 1: that of its least certain character; 0 if nothing was read.
        score: of the detection, mean text probability inside the region, 0 to 1.
        words: from the first to the last.
        row: number of the printed row, from 0; what stands on one row (a name and its price) shares it.
        unsure: marked, because its confidence is lower than wanted.
    """

    points_N2: FloatArray
    text: str
    confidence: float
    score: float
    words: tuple[TextWord, ...] = ()
    row: int = 0
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What was read on one page.

    Attributes:
        size: (width, height) of the upright image in pixels.
        lines: in reading order: from row to row, and within a row from its start to its end.
        orientation: degrees by which the image was turned clockwise to be upright: 0, 90, 180 or 270. A page as
            `ocr.pipeline.orientation.in_file` makes it has its positions in the image before that turn.
    """

    size: tuple[int, int]
    lines: tuple[TextLine, ...]
    orientation: int = 0

"""Pictures of text lines with what they say and what was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr.report.overlay import FOUND, TRUTH
from ocr.text import plain_text
from ocr.types import Batch, FloatArray, Reading, UInt8Array

MOST = 24
"""Maximum lines in a picture."""
GAP, SIZE = 6, 15
"""Pixels between two lines, and the size of letters."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line with what was read in it.

    Attributes:
        image: name of its image.
        points_N2: float32 polygon that was read, in the image's pixels.
        truth: its text.
        text: what was read.
        confidence: of the reading, 0 to 1; ``None`` if unknown.
    """

    image: str
    points_N2: FloatArray
    truth: str
    text: str
    confidence: float | None = None


def draw_readings(batch: Batch, found: Sequence[Reading]) -> Iterator[tuple[str, UInt8Array]]:
    """The name of a receipt, and a picture of its lines: those read wrongly first, the least certain of them first.

    Under each line stands the truth in green; if the reading differs, it stands below in red. The number is the
    reading's confidence.

    Args:
        batch: the lines of one receipt.
        found: what was read in each of them.
    """
    if not len(batch):
        return
    lines = list(zip(batch.images_BCHW.cpu().numpy(), (word for (word,) in batch.regions), found, strict=True))
    shown = []
    for image_CHW, word, reading in lines:
        truth, read = plain_text(word.text or ""), plain_text(reading.text)
        shown.append((truth == read, reading.confidence, image_CHW, truth, read))
    shown.sort(key=lambda line: line[:2])
    rows = [_row(image_CHW, truth, read, sure) for _, sure, image_CHW, truth, read in shown[:MOST]]
    picture = Image.new("RGB", (max(row.width for row in rows), sum(row.height + GAP for row in rows)), "white")
    top = 0
    for row in rows:
        picture.paste(row, (0, top))
        top += row.height + GAP
    yield batch.paths[0].stem, np.asarray(picture)


def _row(image_CHW: UInt8Array, truth: str, read: str, confidence: float) -> Image.Image:
    """One line's picture over its truth and, if that differs, its reading."""
    inked = np.flatnonzero(image_CHW.any(axis=(0, 1)))
    line = Image.fromarray(np.ascontiguousarray(image_CHW[:, :, : inked[-1] + 1].transpose(1, 2, 0)))
    texts = [(truth, TRUTH)] if truth == read else [(truth, TRUTH), (read, FOUND)]
    texts[-1] = (f"{texts[-1][0]}   {confidence:.2f}", texts[-1][1])
    font = ImageFont.load_default(SIZE)
    width = max(line.width, *(round(font.getlength(text)) + 2 for text, _ in texts))
    row = Image.new("RGB", (width, line.height + len(texts) * (SIZE + 4)), "white")
    row.paste(line, (0, 0))
    canvas = ImageDraw.Draw(row)
    for number, (text, colour) in enumerate(texts):
        canvas.text((0, line.height + number * (SIZE + 4)), text, fill=colour, font=font)
    return row

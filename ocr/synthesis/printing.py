"""Print words with positions as ink on paper."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PIL import Image, ImageChops

from ocr.synthesis.fonts import Face
from ocr.synthesis.layout import SetWord, Sheet


@dataclass(frozen=True, slots=True)
class InkedWord:
    """A printed word.

    Attributes:
        text: its letters.
        line: number of its line segment.
        box: (left, top, right, bottom) in paper pixels.
        baseline: in paper pixels.
        field: what it states, a name of `ocr.fields.FIELDS`, or ``None``.
        item: number of the purchase that it belongs to, from 1, or ``None``.
    """

    text: str
    line: int
    box: tuple[float, float, float, float]
    baseline: int
    field: str | None = None
    item: int | None = None


def print_sheet(
    sheet: Sheet, face: Face, size: tuple[int, int], origin: tuple[int, int]
) -> tuple[Image.Image, list[InkedWord]]:
    """Print a sheet on paper of a given size, and return the ink and the printed words.

    A word's box is its ink, extended to the baseline and to the height of capitals, so that ``-`` and ``a`` are as
    tall as ``A``, and to the height of its line, plus a small margin.

    Args:
        sheet: what to print.
        face: the font that the sheet was set with.
        size: (width, height) of the paper in pixels.
        origin: position of the text area's top left corner on the paper.

    Returns:
        An ``L`` image, 255 where there is ink, and the printed words.
    """
    canvas = Image.new("L", size)
    left, top = origin
    for mark in sheet.marks:
        canvas.paste(mark.ink, (left + mark.x, top + mark.y))
    for start, end in sheet.bars:
        canvas.paste(255, (left, top + start, left + sheet.width, top + end))
    words = []
    for word in sheet.words:
        printed = _print_word(canvas, word, face, left, top)
        if printed is not None:
            words.append(printed)
    return canvas, _level(words)


def _level(words: list[InkedWord]) -> list[InkedWord]:
    """Give all boxes of a line the height of its tallest, as annotators draw straight edges."""
    tops: dict[int, float] = {}
    bottoms: dict[int, float] = {}
    for word in words:
        tops[word.line] = min(word.box[1], tops.get(word.line, word.box[1]))
        bottoms[word.line] = max(word.box[3], bottoms.get(word.line, word.box[3]))
    return [replace(word, box=(word.box[0], tops[word.line], word.box[2], bottoms[word.line])) for word in words]


def _print_word(canvas: Image.Image, word: SetWord, face: Face, left: int, top: int) -> InkedWord | None:
    face = face.display if word.style.display else face
    glyphs = face.print_word(word.text, word.style.wide, word.style.tall, word.style.bold)
    if glyphs is None:
        return None
    baseline = top + word.baseline
    x = left + round(word.x)
    y = baseline - glyphs.rise
    box = (x, y, x + glyphs.ink.width, y + glyphs.ink.height)
    region = canvas.crop(box)
    combine = ImageChops.subtract if word.style.inverse else ImageChops.lighter
    canvas.paste(combine(region, glyphs.ink), box[:2])
    side, margin = 0.5 + 0.08 * face.size, 1.0 + 0.04 * face.size
    cap_top = baseline - face.cap_height * word.style.tall
    return InkedWord(
        word.text,
        word.line,
        (box[0] - side, min(box[1], cap_top) - margin, box[2] + side, max(box[3], baseline) + margin),
        baseline,
        word.field,
        word.item,
    )

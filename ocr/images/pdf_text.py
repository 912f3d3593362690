"""Take the words of a PDF's page that was made by a program, not by a scanner."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import pypdfium2.raw as native

from ocr.geometry import upright_box
from ocr.page import Page, TextLine, TextWord
from ocr.types import is_blank

SCANNED = 0.3
"""Share of a page from which on its pictures are taken for a scan, whose text was recognised by some program."""
UNKNOWN = 0.05
"""Share of characters of unknown meaning from which on the text is not used."""
INVISIBLE = 3
FINE = 16
"""Parts of a pixel in which PDFium, which rounds to whole numbers, computes positions."""
COLUMN_GAP = 1.0
"""Distance of words from which on they are different regions, in heights of the line."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


@dataclass(slots=True)
class Span:
    """Characters that stand together, and the box around them."""

    text: str = ""
    boxes: list[Box] = field(default_factory=list)

    @property
    def box(self) -> Box:
        """The box around the characters."""
        lefts, tops, rights, bottoms = zip(*self.boxes, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)


def text_of(page: Any, size: tuple[int, int]) -> Page | None:
    """The words of a page, in reading order; ``None`` if it was scanned, has no text, or text of unknown meaning.

    Args:
        page: PDFium's.
        size: (width, height) of the rendered page in pixels.

    Returns:
        Each word with the confidence 1.
    """
    if picture_share(page) > SCANNED:
        return None
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        unknown = sum(native.FPDFText_HasUnicodeMapError(text_page, index) == 1 for index in range(count))
        if unknown > UNKNOWN * count:
            return None
        lines = [line for words in lines_of(page, text_page, count, size) for line in split(words)]
    finally:
        text_page.close()
    return Page(size, tuple(in_rows(lines))) if lines else None


def picture_share(page: Any) -> float:
    """Area of the pictures on a page, as a share of the page's."""
    width, height = page.get_size()
    covered = 0.0
    for picture in page.get_objects(filter=(native.FPDF_PAGEOBJ_IMAGE,)):
        left, bottom, right, top = picture.get_bounds()
        covered += max(0.0, min(right - left, width)) * max(0.0, min(top - bottom, height))
    return float(covered / max(width * height, 1.0))


def lines_of(page: Any, text_page: Any, count: int, size: tuple[int, int]) -> Iterator[list[Span]]:
    """The words of each line, as PDFium divides the text, which puts blanks and line ends where there are gaps."""
    words = [Span()]
    for index in range(count):
        sign = character(native.FPDFText_GetUnicode(text_page, index))
        if sign in "\r\n":
            yield finished(words)
            words = [Span()]
        elif is_blank(sign):
            words += [Span()] if words[-1].text else []
        elif not is_invisible(text_page, index) and is_on(box := box_at(page, text_page, index, size), size):
            words[-1].text += sign
            words[-1].boxes.append(box)
    yield finished(words)


def finished(words: Iterable[Span]) -> list[Span]:
    """The words that have any character."""
    return [Span(joined(word.text), word.boxes) for word in words if word.text]


def character(code: int) -> str:
    """A character, or half of a pair of UTF-16, by its code; a blank for what is none."""
    return chr(code) if 0 < code < 0x110000 else " "


def joined(units: str) -> str:
    """A text whose characters may be halves of pairs; those without the other half become replacement characters."""
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_invisible(text_page: Any, index: int) -> bool:
    """Whether a character draws nothing: the text that was recognised on a scan."""
    drawn = native.FPDFText_GetTextObject(text_page, index)
    return bool(drawn) and native.FPDFTextObj_GetTextRenderMode(drawn) == INVISIBLE


def is_on(box: Box, size: tuple[int, int]) -> bool:
    """Whether the middle of a character is on the page."""
    left, top, right, bottom = box
    return 0 <= left + right <= 2 * size[0] and 0 <= top + bottom <= 2 * size[1]


def box_at(page: Any, text_page: Any, index: int, size: tuple[int, int]) -> Box:
    """The box of a character in pixels, as high as its font."""
    place = native.FS_RECTF()
    native.FPDFText_GetLooseCharBox(text_page, index, ctypes.byref(place))
    corners = [on_image(page, x, y, size) for x, y in ((place.left, place.top), (place.right, place.bottom))]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def on_image(page: Any, x: float, y: float, size: tuple[int, int]) -> tuple[float, float]:
    """A place on the page in pixels; PDFium knows the page's box and rotation."""
    across, down = ctypes.c_int(), ctypes.c_int()
    width, height = (side * FINE for side in size)
    native.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, ctypes.byref(across), ctypes.byref(down))
    return across.value / FINE, down.value / FINE


def split(words: Iterable[Span]) -> Iterator[list[Span]]:
    """Parts of a line with wide gaps between them: a name and its price are two regions."""
    part: list[Span] = []
    for word in words:
        left, top, _, bottom = word.box
        if part and left - part[-1].box[2] > COLUMN_GAP * (bottom - top):
            yield part
            part = []
        part.append(word)
    if part:
        yield part


def in_rows(lines: Iterable[list[Span]]) -> Iterator[TextLine]:
    """The lines from top to bottom, those on one row from left to right."""
    spans = [(Span(" ".join(word.text for word in words), [word.box for word in words]), words) for words in lines]
    row, lowest, numbered = -1, -np.inf, []
    for span, words in sorted(spans, key=lambda pair: pair[0].box[1] + pair[0].box[3]):
        _, top, _, bottom = span.box
        if (top + bottom) / 2 > lowest:  # its middle is below the row's first line
            row, lowest = row + 1, bottom
        numbered.append((row, span, words))
    for number, parts in groupby(numbered, key=lambda part: part[0]):
        for _, span, words in sorted(parts, key=lambda part: part[1].box[0]):
            told = tuple(TextWord(corners(word.box), word.text, 1.0) for word in words)
            yield TextLine(corners(span.box), span.text, 1.0, 1.0, told, number)


def corners(box: Box) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A box as a polygon (4, 2)."""
    left, top, right, bottom = box
    return upright_box(np.array([[left, top], [right, bottom]], np.float32))

"""What the writers of documents share: their input, positions in whole pixels, and XML.

A writer is ``write_<format>(pages, path)``. It writes the pages of one image file, in order, and returns the paths that
it wrote. The same pages give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element, indent, tostring

import numpy as np

from ocr.geometry import clip_points, upright_box
from ocr.images.edges import edges
from ocr.images.orientation import turned_points, turned_size
from ocr.page import Page, TextLine, TextWord
from ocr.types import FloatArray, InputError, UInt8Array

NO_CHARACTER = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, or changes (carriage return)."""
REPLACEMENT = "\ufffd"
SOFTWARE = "receipt-ocr"


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """One page to write.

    Attributes:
        image: name of the image file, by which the document refers to it.
        page: what was read on it: of a searchable PDF upright, otherwise as it lies in the file.
        number: of the page in the image file, from 1.
        picture: what a searchable PDF shows: an image file, its bytes, or uint8 RGB (H, W, 3) pixels; turned by the
            page's ``orientation``, its size is the page's. The other formats do not use it.
        dpi: resolution of the picture in pixels per inch, for the size of a PDF's page; ``None``: 72, a point a pixel.
    """

    image: str
    page: Page
    number: int = 1
    picture: Path | bytes | UInt8Array | None = None
    dpi: float | None = None


Writer = Callable[[Iterable[DocumentPage], Path], list[Path]]
Content = Callable[[Iterable[DocumentPage]], bytes]
Files = Callable[[Iterable[DocumentPage], Path], Iterator[tuple[Path, bytes]]]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels."""


def in_order(pages: Iterable[DocumentPage], path: Path) -> list[DocumentPage]:
    """The pages as a list.

    Raises:
        InputError: there is none.
    """
    listed = list(pages)
    if not listed:
        raise no_page(path)
    return listed


def no_page(path: Path) -> InputError:
    """The error for a document without pages, which no format allows."""
    return InputError(f"{path}: there is no page to write; give at least one, which may be without text")


def rows_of(page: Page) -> list[list[TextLine]]:
    """The lines of each printed row, in reading order: the blocks of a document."""
    return [list(lines) for _, lines in groupby(page.lines, key=lambda line: line.row)]


def words_of(line: TextLine) -> tuple[TextWord, ...]:
    """The words of a line; a line without any is one word, with an empty text if nothing was read."""
    return line.words or (TextWord(line.points_N2, line.text, line.confidence),)


def within(points_N2: FloatArray, size: tuple[int, int]) -> FloatArray:
    """A polygon inside the image: no format allows negative positions."""
    return clip_points(points_N2, *size)


def box_of(points_N2: FloatArray, size: tuple[int, int]) -> Box:
    """The smallest box of whole pixels around a polygon, inside the image."""
    points = within(points_N2, size)
    (left, top), (right, bottom) = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
    return int(left), int(top), int(right), int(bottom)


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around boxes, at least one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def outline(points_N2: FloatArray, size: tuple[int, int], between: str = ",") -> str:
    """A polygon in whole pixels inside the image, as ``x,y x,y ...``."""
    return " ".join(f"{x:.0f}{between}{y:.0f}" for x, y in within(points_N2, size).tolist())


def is_upright(points_N2: FloatArray) -> bool:
    """Whether a polygon is an upright box, so that its corners say no more."""
    return len(points_N2) == 4 and np.array_equal(np.asarray(points_N2, np.float32), upright_box(points_N2))


def bottom_edge(points_N2: FloatArray, page: Page) -> FloatArray:
    """The bottom edge of a line's polygon from its text's start to its end (M, 2), which stands for the baseline.

    Args:
        points_N2: the line, as it lies in the file.
        page: likewise.
    """
    upright_N2 = turned_points(points_N2, page.orientation, page.size)
    upright = turned_size(page.size, page.orientation)
    return turned_points(edges(upright_N2)[1], -page.orientation, upright)


def clean(text: str) -> str:
    """A text with the replacement character for each character that XML cannot hold."""
    return NO_CHARACTER.sub(REPLACEMENT, text)


def xml_bytes(root: Element) -> bytes:
    """The bytes of an XML document.

    Args:
        root: the document, whose blanks between elements have no meaning; changed.
    """
    indent(root, " ")
    return bytes(tostring(root, "UTF-8", xml_declaration=True)) + b"\n"

"""What reading a file's pages gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ocr.images.header import ImageError
from ocr.page import Page
from ocr.types import UInt8Array

PdfText = Literal["auto", "never"]


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page of a file.

    Attributes:
        number: from 1.
        count: pages of the file that are read.
        image_HWC: uint8 RGB, upright, on white.
        text: the page's own text, if it is that of a PDF which was not scanned; positions are ``image_HWC``'s pixels.
        dpi: pixels per inch, ``None`` if unknown.
        unread: further pictures of the file, which are not read: those of an animation, or a phone's.
        original: the JPEG that is the file or, if asked for, fills a PDF's page: a PDF can store it as it is.
    """

    number: int
    count: int
    image_HWC: UInt8Array
    text: Page | None = None
    dpi: float | None = None
    unread: int = 0
    original: bytes | None = None


@dataclass(frozen=True, slots=True)
class BrokenPage:
    """A page that cannot be read.

    Attributes:
        number: from 1.
        count: pages of the file, this one included.
        message: names file and page, says why and what to do.
    """

    number: int
    count: int
    message: str


def check_count(count: int, where: object, max_pages: int | None) -> None:
    """Refuse a file with too many pages before the first is decoded.

    Raises:
        ImageError: it has more than ``max_pages``.
    """
    if max_pages is not None and count > max_pages:
        raise ImageError(f"{where}: has {count} pages, more than max_pages={max_pages}; split it or allow more")


def named(where: object, number: int, count: int) -> str:
    """The name of a page in messages."""
    return f"{where}, page {number} of {count}" if count > 1 else str(where)

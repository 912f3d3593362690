"""Render the pages of a PDF with PDFium, and take the text of those that have their own."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, get_args

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as native

from ocr.images.header import ImageError
from ocr.images.page_images import BrokenPage, PageImage, PdfText, check_count, named
from ocr.images.pdf_picture import jpeg_of
from ocr.images.pdf_text import text_of
from ocr.types import InputError, UInt8Array

PDF_DPI = 200.0
"""At which a receipt's small print is about 20 pixels high."""
POINTS = 72.0
PDFIUM = threading.RLock()
"""Held during every call of PDFium, which is not safe to use from several threads; not while a page is processed."""
REASONS = {
    native.FPDF_ERR_PASSWORD: "is encrypted and needs a password; save it without one (qpdf --decrypt)",
    native.FPDF_ERR_SECURITY: "is encrypted in a way that PDFium does not know; save it without encryption",
}
DAMAGED = "is a damaged PDF, or one without pages; open it in a viewer and save it again, or remove it"


@dataclass(frozen=True, slots=True)
class Rendering:
    """How pages are read.

    Attributes:
        where: name of the file in messages.
        max_pixels: limit above which a page is not rendered.
        dpi: pixels per inch.
        text: whether the text of pages that have their own is taken.
        originals: whether the JPEG that fills a page is looked for, which costs about a tenth of rendering it.
        max_pages: limit above which no page is rendered; ``None``: none.
    """

    where: object
    max_pixels: int
    dpi: float
    text: PdfText
    originals: bool
    max_pages: int | None = None


def read_pdf(source: BinaryIO | bytes, rendering: Rendering) -> Iterator[PageImage | BrokenPage]:
    """Read the pages of a PDF one by one; only one is in memory.

    Args:
        source: the file, opened, or its bytes.
        rendering: how to read them.

    Yields:
        Each page in order, or the reason why it cannot be read.

    Raises:
        ImageError: the file is encrypted or damaged, or has too many pages.
    """
    with PDFIUM:
        document = opened(source, rendering.where)
    try:
        with PDFIUM:
            document.init_forms()
            count = len(document)
        check_count(count, rendering.where, rendering.max_pages)
        for index in range(count):
            with PDFIUM:
                page = read_page(document, index, count, rendering)
            yield page
    finally:
        with PDFIUM:
            document.close()


def check_settings(dpi: float, text: str) -> None:
    """Check the settings of reading pages.

    Raises:
        InputError: one is not allowed.
    """
    if not (math.isfinite(dpi) and dpi > 0):
        raise InputError(f"dpi={dpi} must be above 0; 200 suits receipts")
    if text not in get_args(PdfText):
        raise InputError(f"pdf_text={text!r} is unknown; use 'auto' or 'never'")


def opened(source: BinaryIO | bytes, where: object) -> Any:
    """PDFium's document.

    Raises:
        ImageError: the file is encrypted or damaged.
    """
    try:
        return pdfium.PdfDocument(source)
    except (pdfium.PdfiumError, OSError) as error:
        reason = REASONS.get(getattr(error, "err_code", None), DAMAGED)
        raise ImageError(f"{where}: {reason}") from error


def read_page(document: Any, index: int, count: int, rendering: Rendering) -> PageImage | BrokenPage:
    """Read a page, or say why that fails."""
    where = named(rendering.where, index + 1, count)
    try:
        page = document[index]
    except pdfium.PdfiumError:
        message = f"{where}: is damaged; open the file in a viewer and save it again, or remove the page"
        return BrokenPage(index + 1, count, message)
    try:
        check(page, where, rendering)
        image_HWC = rendered(page, rendering.dpi)
        text = text_of(page, image_HWC.shape[1::-1]) if rendering.text == "auto" else None
        original = jpeg_of(page, image_HWC) if rendering.originals else None
    except ImageError as error:
        return BrokenPage(index + 1, count, str(error))
    except Exception as error:  # MemoryError, ValueError of a page without an area, PDFium's own
        message = (
            f"{where}: cannot be rendered ({error or type(error).__name__}); save the file again, or remove the page"
        )
        return BrokenPage(index + 1, count, message)
    finally:
        page.close()
    return PageImage(index + 1, count, image_HWC, text, rendering.dpi, original=original)


def check(page: Any, where: str, rendering: Rendering) -> None:
    """Refuse a page that draws nothing, and one that is too large to be rendered.

    Raises:
        ImageError: it is one of these.
    """
    if not native.FPDFPage_CountObjects(page) and not native.FPDFPage_GetAnnotCount(page):
        raise ImageError(f"{where}: is empty, or its content is damaged; remove the page, or save the file again")
    width, height = (math.ceil(side * rendering.dpi / POINTS) for side in page.get_size())
    if width * height > rendering.max_pixels:
        raise ImageError(
            f"{where}: has {width} x {height} pixels at {rendering.dpi:g} dpi, more than "
            f"data.max_pixels={rendering.max_pixels}; give a lower dpi, make the page smaller or allow more"
        )


def rendered(page: Any, dpi: float) -> UInt8Array:
    """The pixels of a page, uint8 RGB (H, W, 3), turned as the file says."""
    bitmap = page.render(scale=dpi / POINTS, rev_byteorder=True)
    try:
        return np.ascontiguousarray(bitmap.to_numpy())  # its memory is Python's, and stays when the bitmap is closed
    finally:
        bitmap.close()

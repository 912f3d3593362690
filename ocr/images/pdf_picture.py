"""Take the JPEG of a PDF's scanned page, which a document can show as it is."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pypdfium2.raw as native

from ocr.images.decode import read_picture
from ocr.images.header import ImageError
from ocr.images.pdf_text import INVISIBLE
from ocr.types import FloatArray, UInt8Array

EDGE = 0.005
"""Share of a side that the picture may differ from the page in."""
LOOK = 16
"""Columns and rows of cells whose mean colours are compared: they are not changed by how a program resizes."""
ALIKE = 10.0
"""Largest difference of a cell's mean colours, of 255: decoders and colour profiles make some."""


def jpeg_of(page: Any, image_HWC: UInt8Array) -> bytes | None:
    """The file of the one JPEG that a page consists of, upright and whole, below invisible text if any.

    ``None`` of any other page, and where the picture by itself looks different: masked, inverted, mirrored.

    Args:
        page: PDFium's.
        image_HWC: the rendered page.
    """
    if native.FPDFPage_GetAnnotCount(page) or page.get_rotation():
        return None
    drawn = [each for each in page.get_objects(max_depth=1) if not draws_nothing(each)]
    if [each.type for each in drawn] != [native.FPDF_PAGEOBJ_IMAGE] or drawn[0].get_filters(skip_simple=True) != [
        "DCTDecode"
    ]:
        return None
    left, bottom, right, top = page.get_bbox()
    sides = np.array([right - left, top - bottom] * 2)
    if (abs(np.subtract(drawn[0].get_bounds(), (left, bottom, right, top))) > EDGE * sides).any():
        return None
    encoded = bytes(drawn[0].get_data(decode_simple=True))
    try:
        small_HWC = read_picture(encoded, 16 * LOOK).image_HWC  # decoded at an eighth of the size, if it is large
    except ImageError:
        return None
    return encoded if (abs(look(small_HWC) - look(image_HWC)) <= ALIKE).all() else None


def draws_nothing(part: Any) -> bool:
    """Whether an object of a page is invisible text, as a recognised scan has."""
    return bool(part.type == native.FPDF_PAGEOBJ_TEXT and native.FPDFTextObj_GetTextRenderMode(part) == INVISIBLE)


def look(image_HWC: UInt8Array) -> FloatArray:
    """The mean colours of an image's cells (16, 16, 3)."""
    return np.asarray(cv2.resize(image_HWC.astype(np.float32), (LOOK, LOOK), interpolation=cv2.INTER_AREA), np.float32)

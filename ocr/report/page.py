"""Draw what was read on a page beside it."""

from __future__ import annotations

import logging
import re
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr.page import Page, TextLine
from ocr.report.overlay import FOUND, TRUTH, outline
from ocr.types import UInt8Array
from ocr.utils.font_files import NOTO_SANS_KR, FontMissingError, locate

UNSURE = 0.5
"""Lines whose confidence is below are drawn in red: with a calibration, those that are more likely wrong than right."""
LARGEST, SMALLEST = 60, 6
"""Sizes of letters in pixels."""
REFERENCE = 20
KOREAN = re.compile("[\u1100-\u11ff\u20a9\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]")
"""Hangul, the sign of the Won, and the ideographs, marks and wide letters that stand beside them."""
log = logging.getLogger(__name__)


def draw_page(image_HWC: UInt8Array, page: Page) -> UInt8Array:
    """The image with the lines' outlines, and on its right the texts at the same places; unsure ones in red.

    Letters are as tall as the font lets a text be that fills its line's length. Pillow's font lacks Korean: a line with
    it is written in Noto Sans KR or, if that is not installed, with boxes and one warning.

    Args:
        image_HWC: uint8 RGB, the upright image.
        page: what was read in it.

    Returns:
        uint8 RGB (H, 2 W, 3).
    """
    image = Image.new("RGB", (2 * image_HWC.shape[1], image_HWC.shape[0]), "white")
    image.paste(Image.fromarray(image_HWC))
    canvas = ImageDraw.Draw(image)
    width = max(1, round(max(image_HWC.shape[:2]) / 700))
    for line in page.lines:
        colour = FOUND if line.unsure or line.confidence < UNSURE else TRUTH
        outline(canvas, line.points_N2, colour, width)
        if line.text:
            _write(canvas, line, image_HWC.shape[1], colour)
    return np.asarray(image)


def _write(canvas: ImageDraw.ImageDraw, line: TextLine, across: int, colour: tuple[int, int, int]) -> None:
    """Write a line's text at its place, moved to the right."""
    (left, top), (right, bottom) = line.points_N2.min(axis=0).tolist(), line.points_N2.max(axis=0).tolist()
    file = _korean_file() if KOREAN.search(line.text) else None
    fitting = REFERENCE * (right - left) / max(_font(REFERENCE, file).getlength(line.text), 1.0)
    size = round(min(max(min(fitting, bottom - top), SMALLEST), LARGEST))
    canvas.text((across + left, (top + bottom) / 2), line.text, fill=colour, font=_font(size, file), anchor="lm")


@cache
def _korean_file() -> Path | None:
    try:
        return locate(NOTO_SANS_KR)
    except FontMissingError as error:
        log.warning("Korean text is drawn as boxes: %s", error)
        return None


@cache
def _font(size: int, file: Path | None) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.truetype(str(file), size) if file else ImageFont.load_default(size)

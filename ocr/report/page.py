"""Draw what was read on a page beside it, and the facts that were found."""

from __future__ import annotations

import colorsys
import logging
import re
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr.fields import FIELDS
from ocr.page import Page, PageFacts, TextLine
from ocr.report.overlay import FOUND, TRUTH, outline
from ocr.types import UInt8Array
from ocr.utils.font_files import NOTO_SANS_KR, FontMissingError, locate

UNSURE = 0.5
"""Lines whose confidence is below are drawn in red: with a calibration, those that are more likely wrong than right."""
LARGEST, SMALLEST = 60, 6
"""Sizes of letters in pixels."""
REFERENCE = 20
OPACITY = 80
"""Of the colour of a fact over its words, of 255."""
BLACK = (0, 0, 0)
ROW = 24
"""Height of a legend's row in pixels; less on a page that is too low for all rows."""
Colour = tuple[int, int, int]
KOREAN = re.compile("[\u1100-\u11ff\u20a9\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]")
"""Hangul, the sign of the Won, and the ideographs, marks and wide letters that stand beside them."""
log = logging.getLogger(__name__)


def draw_page(image_HWC: UInt8Array, page: Page) -> UInt8Array:
    """The image with the lines' outlines, and on its right the texts at the same places; unsure ones in red.

    Letters are as tall as the font lets a text be that fills its line's length. Pillow's font lacks Korean: a line with
    it is written in Noto Sans KR or, if that is not installed, with boxes and one warning.

    If facts were looked for, their words are coloured, and a legend on the right names them.

    Args:
        image_HWC: uint8 RGB, the upright image.
        page: what was read in it.

    Returns:
        uint8 RGB (H, 2 W, 3); with facts, (H, W', 3), W' > 2 W.
    """
    height, across = image_HWC.shape[:2]
    legend = legend_of(page.facts, height) if page.facts else None
    image = Image.new("RGB", (2 * across + (legend.width if legend else 0), height), "white")
    image.paste(Image.fromarray(image_HWC))
    if page.facts:
        _colour(ImageDraw.Draw(image, "RGBA"), page.facts)
    canvas = ImageDraw.Draw(image)
    width = max(1, round(max(height, across) / 700))
    for line in page.lines:
        colour = FOUND if line.unsure or line.confidence < UNSURE else TRUTH
        outline(canvas, line.points_N2, colour, width)
        if line.text:
            _write(canvas, line, across, colour)
    if legend:
        image.paste(legend, (2 * across, 0))
    return np.asarray(image)


def legend_of(facts: PageFacts, height: int) -> Image.Image:
    """The values beside their colours, an item on a line, and what the sums say; RGB, ``height`` pixels high."""
    rows: list[list[tuple[Colour | None, str]]] = []
    for name, fact in facts.fields.items():
        rows.append([(colour_of(name), f"{name}: {fact.text}")])
    for number, item in enumerate(facts.items, start=1):
        rows.append([(None, str(number)), *((colour_of(name), fact.text) for name, fact in item.items())])
    rows.append([(None, f"sums: {facts.sums.verdict}")])
    rows += [[(None, each.text)] for each in facts.sums.sums]
    rows += [[(None, f"{place}: {read} read, {chosen} taken")] for place, (read, chosen) in facts.sums.changed.items()]
    step = max(SMALLEST, min(ROW, height // len(rows)))
    size = max(SMALLEST, round(0.7 * step))
    places = [[step // 2] for _ in rows]  # of each row where its entries begin, and where it ends
    for row, begins in zip(rows, places, strict=True):
        for colour, text in row:
            begins.append(
                begins[-1] + (step if colour else 0) + round(_font(size, _file(text)).getlength(text)) + step // 2
            )
    legend = Image.new("RGB", (max(begins[-1] for begins in places), height), "white")
    canvas = ImageDraw.Draw(legend)
    for number, (row, begins) in enumerate(zip(rows, places, strict=True)):
        top = number * step
        for (colour, text), left in zip(row, begins[:-1], strict=True):
            if colour:
                canvas.rectangle((left, top + step // 4, left + 3 * step // 4, top + step - 2), colour)
            where = left + (step if colour else 0), top + step / 2
            canvas.text(where, text, fill=BLACK, font=_font(size, _file(text)), anchor="lm")
    return legend


def colour_of(name: str) -> Colour:
    """The colour of a field: neighbours in `FIELDS` are far apart."""
    place = list(FIELDS).index(name) if name in FIELDS else len(FIELDS)
    red, green, blue = colorsys.hsv_to_rgb(place * 0.618 % 1.0, 0.9, 0.8)
    return round(255 * red), round(255 * green), round(255 * blue)


def _colour(canvas: ImageDraw.ImageDraw, facts: PageFacts) -> None:
    """Cover the words of facts with their fields' colours."""
    for name, _, fact in facts.each():
        for part in fact.parts:
            canvas.polygon([(float(x), float(y)) for x, y in part.points_N2], fill=(*colour_of(name), OPACITY))


def _write(canvas: ImageDraw.ImageDraw, line: TextLine, across: int, colour: Colour) -> None:
    """Write a line's text at its place, moved to the right."""
    (left, top), (right, bottom) = line.points_N2.min(axis=0).tolist(), line.points_N2.max(axis=0).tolist()
    file = _file(line.text)
    fitting = REFERENCE * (right - left) / max(_font(REFERENCE, file).getlength(line.text), 1.0)
    size = round(min(max(min(fitting, bottom - top), SMALLEST), LARGEST))
    canvas.text((across + left, (top + bottom) / 2), line.text, fill=colour, font=_font(size, file), anchor="lm")


def _file(text: str) -> Path | None:
    """The font of a text; ``None``: Pillow's."""
    return _korean_file() if KOREAN.search(text) else None


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

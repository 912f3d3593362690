"""Synthesise one receipt, from the seed to the picture and its annotation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ocr.geometry import clip_points
from ocr.synthesis import fonts, layout, pen, picture, printing, scene
from ocr.synthesis.chance import Chance
from ocr.synthesis.content import Row
from ocr.synthesis.english import EnglishReceipt
from ocr.synthesis.korean import KoreanReceipt
from ocr.synthesis.warp import Warp
from ocr.types import Record, Word
from ocr.utils.font_files import FontSource

SMALLEST_FONT = 12
NARROWEST = 280


@dataclass(frozen=True, slots=True)
class Print:
    """A printed receipt, before it is bent.

    Attributes:
        layers: the print and the handwriting.
        words: the printed words with their boxes in paper pixels.
    """

    layers: picture.Layers
    words: list[printing.InkedWord]


@dataclass(frozen=True, slots=True)
class Typeface:
    """The fonts of one receipt and their setting; headings may have their own font."""

    latin: FontSource
    korean: FontSource | None
    setting: fonts.Setting
    display: FontSource | None = None

    def face(self, size: int) -> fonts.Face:
        """The typeface at a size in pixels."""
        plain = fonts.Setting(dots=self.setting.dots)
        display = fonts.Face(self.display, self.korean, size, plain) if self.display else None
        return fonts.Face(self.latin, self.korean, size, self.setting, display)


def file_name(split: str, index: int) -> str:
    """Name of a receipt's image."""
    return f"receipt_{split}_{index:05d}.jpg"


def render_receipt(seed: int, split: str, index: int) -> tuple[Image.Image, Record]:
    """One synthetic receipt; a pure function of its arguments.

    Args:
        seed: the corpus seed, not negative.
        split: name of the split.
        index: number of the receipt in its split, from 0.

    Returns:
        The RGB picture, longest side at most 1600 pixels, and its record, whose path is the bare file name.
    """
    chance, kind, printed = printed_receipt(seed, split, index)
    image, warp = photographed(chance, kind, printed)
    return image, annotate(printed.words, warp, Path(file_name(split, index)))


def photographed(chance: Chance, kind: scene.SceneKind, printed: Print) -> tuple[Image.Image, Warp]:
    """The picture of a printed receipt, and how the paper lies in it."""
    warp = scene.keep_inside(scene.place(chance, kind, printed.layers.ink.size), printed.words)
    return picture.photograph(chance, kind, printed.layers, warp), warp


def printed_receipt(seed: int, split: str, index: int) -> tuple[Chance, scene.SceneKind, Print]:
    """What `render_receipt` prints, before it is photographed: further choices, kind of picture, and print."""
    chance = Chance(seed, split, index)
    kind: scene.SceneKind = chance.weighted((("scan", 55), ("page", 17), ("photo", 28)))
    return chance, kind, print_receipt(chance, kind)


def encode_quality(seed: int, split: str, index: int) -> tuple[int, int]:
    """JPEG quality and chroma subsampling (Pillow's code) of a receipt's file."""
    chance = Chance(seed, f"{split}/jpeg", index)
    return chance.pick((60, 70, 75, 80, 85, 85, 90, 92)), chance.pick((0, 2, 2))


def annotate(words: list[printing.InkedWord], warp: Warp, path: Path) -> Record:
    """The record of every word's polygon, in reading order, with its text, line segment, field and item."""
    width, height = warp.size
    polygons = warp.polygons(np.array([word.box for word in words], dtype=np.float64))
    return Record(
        image_path=path,
        words={
            f"{number:04d}": Word(
                clip_points(points_N2, width, height), word.text, line=word.line, field=word.field, item=word.item
            )
            for number, (word, points_N2) in enumerate(zip(words, polygons, strict=True), start=1)
        },
        width=width,
        height=height,
    )


def print_receipt(chance: Chance, kind: scene.SceneKind) -> Print:
    """Choose content, fonts and layout, and print the receipt at the picture's scale."""
    korean = chance.coin(0.8 if kind == "photo" else 0.05)
    rows = compose(chance, korean)
    return print_rows(chance, kind, rows, choose_typeface(chance, korean))


def print_rows(chance: Chance, kind: scene.SceneKind, rows: list[Row], typeface: Typeface) -> Print:
    """Choose the layout of a receipt's rows, and print them at the picture's scale."""
    korean = typeface.korean is not None
    pitch = chance.uniform(1.02, 1.55)
    width = chance.integer(*{"scan": (400, 720), "page": (290, 400), "photo": (420, 680)}[kind])
    letters = chance.integer(32, 46) if korean else chance.integer(29, 54)
    top, bottom, side = (chance.uniform(low, 0.14) for low in (0.03, 0.04, 0.02))
    if kind != "photo" and chance.coin(0.35):
        top = chance.uniform(0.1, 0.35)
    tallest = scene.LONGEST_SIDE - 16 if kind == "scan" else round(scene.LONGEST_SIDE * 0.86)

    face, sheet = set_to_height(rows, typeface, (width, letters, pitch), tallest - round(width * (top + bottom)))
    left = round(sheet.width * side)
    above, below = round(sheet.width * top), round(sheet.width * bottom)
    size = (sheet.width + 2 * left, sheet.height + above + below)
    ink, words = printing.print_sheet(sheet, face, size, (left, above))
    blank = Image.new("L", size)
    hand = blank
    if chance.coin(0.25 if kind == "photo" else 0.45):
        hand = pen.write_on(chance, size, (left, above, left + sheet.width, above + sheet.height), face)
    if chance.coin(0.07):
        hand = pen.combine(hand, pen.stamp(chance, size, face))
    marker = pen.highlight(chance, size, [word.box for word in words]) if chance.coin(0.04) else blank
    return Print(picture.Layers(ink, hand, marker, face.size, (above, below)), words)


def choose_typeface(chance: Chance, korean: bool) -> Typeface:
    """Fonts and setting of a receipt."""
    hangul = chance.pick(fonts.KOREAN) if korean else None
    display = chance.pick(fonts.DISPLAY) if not korean and chance.coin(0.45) else None
    if not chance.coin(0.7):
        latin = hangul or chance.pick(fonts.PROPORTIONAL)
        return Typeface(
            latin, hangul, fonts.Setting(dots=chance.coin(0.2), stretch=chance.pick((1.0, 1.0, 1.15))), display
        )
    dots = chance.coin(0.45)
    setting = fonts.Setting(
        grid=True,
        dots=dots,
        zoom=2 if dots and not korean and chance.coin(0.4) else 1,
        stretch=chance.pick((1.0, 1.0, 1.15, 1.3)),
    )
    return Typeface(chance.pick(fonts.MONOSPACED), hangul, setting, display)


def set_to_height(
    rows: list[Row], typeface: Typeface, measure: tuple[int, int, float], tallest: int
) -> tuple[fonts.Face, layout.Sheet]:
    """Set rows at the desired width, or at the largest width at which they are not too tall.

    If the smallest font or the minimal width is reached first, the last rows are dropped.

    Args:
        rows: what to print.
        typeface: fonts and setting.
        measure: desired width in pixels, letters per row, line pitch in font sizes.
        tallest: maximal height of the text area in pixels.
    """
    width, letters, pitch = measure
    share = 0.6 if typeface.setting.grid else 0.52
    while True:
        size = max(SMALLEST_FONT, round(width / letters / share))
        face = typeface.face(size)
        sheet = layout.set_rows(rows, face, width, pitch)
        if sheet.height <= tallest:
            return face, sheet
        if size == SMALLEST_FONT or width == NARROWEST:
            rows = rows[:-1]
        else:
            width = max(NARROWEST, min(width - 8, math.floor(width * tallest / sheet.height)))


def compose(chance: Chance, korean: bool) -> list[Row]:
    """Compose the receipt's rows."""
    items = chance.weighted(((chance.integer(1, 3), 4), (chance.integer(3, 7), 4), (chance.integer(8, 16), 1)))
    if korean:
        return KoreanReceipt(chance, mixed=chance.coin(0.3)).rows(items)
    return EnglishReceipt(chance).rows(items)

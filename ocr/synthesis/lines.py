"""Pictures of single text lines, without a whole receipt around them.

A receipt is printed as for a corpus, but each of its lines becomes a small picture of its own, with its own wear, light
and tilt, and with what stands beside it: parts of the neighbouring lines, rules, pen and stamps. That costs a few
milliseconds a line and repeats no picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ocr.synthesis import picture, scene, wear
from ocr.synthesis.chance import Chance
from ocr.synthesis.fonts import KOREAN, is_wide
from ocr.synthesis.line_fonts import choose_line_face, korean_file
from ocr.synthesis.printing import InkedWord
from ocr.synthesis.receipt import Print, Typeface, compose, photographed, print_rows
from ocr.synthesis.varied import vary
from ocr.synthesis.warp import Bend, Warp
from ocr.types import FloatArray, UInt8Array

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""
SMALLEST = 6
"""Lines whose boxes are lower than this many pixels are left out: they are illegible."""


WEAR = (
    ((), 66),
    ((wear.broken_strokes,), 11),
    ((wear.weak_columns,), 9),
    ((wear.thin,), 7),
    ((wear.weak_columns, wear.broken_strokes), 4),
    ((wear.thin, wear.broken_strokes), 3),
)
"""What happens to the ink of a line, with the weights of the choice."""


@dataclass(frozen=True, slots=True)
class LinePicture:
    """One text line and what is around it.

    Attributes:
        image_HWC: uint8 RGB.
        points_N2: float32 outline of the line in the picture, clockwise from top left; four points unless it is bent.
        text: what it says, words separated by single spaces.
    """

    image_HWC: UInt8Array
    points_N2: FloatArray
    text: str


def render_lines(
    index: int,
    *,
    seed: int,
    split: str,
    korean: float = 0.0,
    held_out: bool = False,
    korean_fonts: Sequence[str] = (),
    latin_kept: float = 1.0,
    varied: bool = True,
    whole: bool = False,
) -> list[LinePicture]:
    """The text lines of one synthetic receipt; a pure function of the arguments.

    Args:
        index: number of the receipt in its split, from 0.
        seed: not negative.
        split: name of the split.
        korean: share of Korean receipts, 0 to 1.
        held_out: print in the fonts that training never sees; Korean in ``korean_fonts`` alone, if there are any.
        korean_fonts: further font files to print Korean in, each as often as one of the generator's own.
        latin_kept: share of the lines without Korean that are kept of Korean receipts: two lines of five are amounts,
            dates and numbers, which take fewer to learn than syllables.
        varied: replace words and numbers by others, and some cells by anything (`vary`); otherwise the text is as on
            the receipts of a corpus.
        whole: photograph the receipt as for a corpus; all its lines are in this one picture.

    Raises:
        InputError: a file of ``korean_fonts`` is no font, or lacks a syllable.
        FontMissingError: a package with fonts is not installed.
    """
    chance = Chance(seed, f"{split}/lines", index)
    kind: scene.SceneKind = chance.weighted((("scan", 55), ("page", 20), ("photo", 25)))
    latin, setting = choose_line_face(chance, held_out=held_out)
    own = () if held_out and korean_fonts else KOREAN
    hangul = chance.pick((*own, *map(korean_file, korean_fonts))) if korean and chance.coin(korean) else None
    if hangul is not None:
        setting = replace(setting, zoom=1)  # Korean letters are unreadable in dots of two pixels
    rows = compose(chance, korean=hangul is not None)
    rows = vary(chance, rows) if varied else rows
    printed = print_rows(chance, kind, rows, Typeface(latin, hangul, setting))
    lines = [
        (box, text)
        for box, text in _boxed_lines(printed)
        if hangul is None or latin_kept == 1.0 or any(map(is_wide, text)) or chance.coin(latin_kept)
    ]
    if whole:
        image, warp = photographed(chance, kind, printed)
        image_HWC = np.asarray(image)
        return [LinePicture(image_HWC, warp.polygons(np.array([box]))[0], text) for box, text in lines]
    return [_picture(chance, kind, printed.layers, box, text) for box, text in lines]


def _boxed_lines(printed: Print) -> Iterator[tuple[Box, str]]:
    """Box on the paper and text of each line that is high enough to be read."""
    lines: dict[int, list[InkedWord]] = {}
    for word in printed.words:
        lines.setdefault(word.line, []).append(word)
    for words in lines.values():
        left, right = min(word.box[0] for word in words), max(word.box[2] for word in words)
        top, bottom = min(word.box[1] for word in words), max(word.box[3] for word in words)
        if bottom - top >= SMALLEST:
            yield (left, top, right, bottom), " ".join(word.text for word in words)


def _picture(chance: Chance, kind: scene.SceneKind, layers: picture.Layers, box: Box, text: str) -> LinePicture:
    """Cut a line with its surroundings out of the printed paper, and photograph it."""
    height = box[3] - box[1]
    side, above = round(1.2 * height) + 4, round(0.9 * height) + 4
    left, top = math.floor(box[0]) - side, math.floor(box[1]) - above
    right, bottom = math.ceil(box[2]) + side, math.ceil(box[3]) + above
    window = (left, top, right, bottom)
    ink = layers.ink.crop(window)
    for worn in chance.weighted(WEAR):
        ink = worn(chance, ink)
    cut = picture.Layers(ink, layers.pen.crop(window), layers.marker.crop(window), layers.font_size, (0, 0))
    warp = _tilted(chance, kind, (right - left, bottom - top))
    image = picture.photograph(chance, kind, cut, warp, whole=False)
    inside_N4 = np.array([[box[0] - left, box[1] - top, box[2] - left, box[3] - top]])
    return LinePicture(
        np.asarray(image.convert("RGB") if image.mode != "RGB" else image), _corners(warp, inside_N4), text
    )


def _tilted(chance: Chance, kind: scene.SceneKind, size: tuple[int, int]) -> Warp:
    """A slight tilt and shear about the middle, without perspective, in a picture of the same size."""
    width, height = size
    most = {"scan": 0.8, "page": 1.0, "photo": 2.0}[kind]
    # What a tilt may lift the ends of a long line by is bounded: no annotator's box would follow it.
    limit = math.degrees(0.35 * height / width)
    tilt = chance.weighted(((0.0, 3), (chance.uniform(-most, most), 4), (chance.uniform(-4.0, 4.0), 3)))
    tilt = max(-limit, min(limit, tilt))
    slant = chance.weighted(((0.0, 6), (chance.uniform(-0.12, 0.12), 2)))
    cosine, sine = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    corners = []
    for dx, dy in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        u, v = dx * width + slant * dy * height, dy * height
        x, y = width / 2 + u * cosine - v * sine, height / 2 + u * sine + v * cosine
        corners.append((round(x * 16.0) / 16.0, round(y * 16.0) / 16.0))
    corners[2] = (corners[1][0] + corners[3][0] - corners[0][0], corners[1][1] + corners[3][1] - corners[0][1])
    return Warp(size, size, tuple(corners), Bend())


def _corners(warp: Warp, box_14: np.ndarray) -> FloatArray:
    """The box's four corners in the picture."""
    (points_N2,) = warp.polygons(box_14)
    return points_N2

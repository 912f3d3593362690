"""Draw what people add to a receipt by hand: figures, ticks, rings, underlines, signatures, stamps and highlighter.

None of it is text of the receipt, so none of it gets a polygon. Strokes are quadratic curves with control points on
whole pixels, drawn with a round nib: sums and products of short numbers, the same on every processor.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from ocr.synthesis.chance import Chance
from ocr.synthesis.fonts import Face

Stroke = tuple[tuple[int, int], ...]
"""Control points in a box of 10 x 10, x to the right, y down."""

SIGNS: dict[str, tuple[Stroke, ...]] = {
    "0": (((5, 0), (0, 3), (1, 10), (7, 10), (9, 3), (5, 0)),),
    "1": (((3, 2), (6, 0), (5, 5), (5, 10)),),
    "2": (((1, 2), (5, -2), (9, 3), (4, 7), (1, 10), (5, 9), (9, 10)),),
    "3": (((1, 1), (8, -1), (8, 4), (3, 5), (9, 5), (8, 11), (1, 9)),),
    "4": (((5, 0), (2, 4), (0, 7), (5, 6), (9, 6)), ((6, 3), (6, 7), (5, 11))),
    "5": (((8, 0), (4, 0), (2, 1), (2, 4), (8, 4), (9, 10), (1, 10)),),
    "6": (((7, 0), (1, 4), (0, 11), (8, 11), (8, 5), (2, 6)),),
    "7": (((1, 0), (5, 1), (9, 0), (5, 5), (3, 11)),),
    "8": (((8, 1), (1, -1), (1, 4), (9, 6), (8, 11), (0, 10), (2, 5), (9, 3), (8, 1)),),
    "9": (((8, 2), (2, -1), (0, 6), (7, 5), (8, 1), (8, 6), (6, 11)),),
    "A": (((0, 10), (3, 4), (5, 0), (7, 5), (9, 10)), ((2, 6), (5, 6), (8, 6))),
    "P": (((2, 0), (2, 6), (1, 11)), ((1, 1), (9, -1), (8, 6), (2, 5))),
    "K": (((1, 0), (2, 5), (1, 10)), ((8, 0), (5, 4), (2, 5), (6, 7), (9, 10))),
    "O": (((5, 0), (0, 3), (1, 10), (7, 10), (9, 3), (5, 0)),),
    "e": (((1, 7), (6, 7), (9, 4), (3, 2), (1, 8), (5, 11), (9, 9)),),
    "l": (((1, 9), (7, 4), (6, -1), (3, 3), (4, 10), (8, 9)),),
    "n": (((0, 9), (2, 4), (3, 8), (6, 3), (7, 8), (9, 9)),),
    "/": (((8, -1), (5, 5), (1, 12)),),
    ".": (((4, 9), (5, 10), (5, 10)),),
    "-": (((1, 6), (5, 5), (9, 6)),),
    "(": (((7, -1), (2, 4), (7, 12)),),
    ")": (((3, -1), (8, 4), (3, 12)),),
    "tick": (((0, 6), (2, 8), (3, 10), (6, 4), (11, -2)),),
}
SCRIBBLE = "elnlenle"


def write_on(chance: Chance, size: tuple[int, int], text_box: tuple[int, int, int, int], face: Face) -> Image.Image:
    """A layer of pen and stamp ink as an ``L`` image of the paper's size, 255 where there is ink.

    Args:
        chance: random numbers.
        size: (width, height) of the paper in pixels.
        text_box: left, top, right, bottom of the printed area.
        face: the receipt's font, for the size of the writing and the letters of stamps.
    """
    layer = np.zeros((size[1], size[0]), dtype=np.uint8)
    unit = face.size
    for _ in range(chance.weighted(((1, 5), (2, 3), (3, 1)))):
        kind = chance.weighted((("note", 5), ("tick", 3), ("ring", 3), ("sign", 2), ("line", 2)))
        x = chance.integer(text_box[0], max(text_box[0], text_box[2] - round(3 * unit)))
        y = chance.integer(text_box[1], max(text_box[1], text_box[3] - round(2 * unit)))
        nib = chance.integer(1, max(1, round(unit / 9)))
        if kind == "note":
            # Notes are mostly written in free space above or below the print.
            y = chance.weighted(((max(0, text_box[1] - round(3 * unit)), 3), (text_box[3], 2), (y, 2)))
            _write(chance, layer, _note(chance), (x, y), unit * chance.uniform(0.9, 2.4), nib)
        elif kind == "tick":
            _draw(chance, layer, SIGNS["tick"], (x, y), unit * chance.uniform(0.8, 2.5), nib)
        elif kind == "ring":
            _ring(chance, layer, (x, y), (unit * chance.uniform(2.0, 5.0), unit * chance.uniform(0.8, 1.8)), nib)
        elif kind == "sign":
            text = SCRIBBLE[: chance.integer(3, len(SCRIBBLE))]
            _write(chance, layer, text, (x, y), unit * chance.uniform(0.8, 2.2), nib)
        else:
            length = round(unit * chance.uniform(2.0, 9.0))
            points = [(x, y), (x + length // 2, y + chance.integer(-4, 4)), (x + length, y + chance.integer(-6, 6))]
            _curve(layer, points, nib)
    return Image.fromarray(layer)


def stamp(chance: Chance, size: tuple[int, int], face: Face) -> Image.Image:
    """A rubber stamp as an ``L`` layer: a word in a frame, tilted, unevenly inked."""
    text = chance.pick(("PAID", "POSTED", "RECEIVED", "COPY", "CHECKED", "ENTERED"))
    glyphs = face.print_word(text, chance.pick((2.0, 2.5, 3.0)), chance.pick((2.0, 2.5, 3.0)), bold=True)
    layer = Image.new("L", size)
    if glyphs is None:
        return layer
    margin, line = max(4, glyphs.ink.height // 4), max(2, glyphs.ink.height // 12)
    width, height = glyphs.ink.width + 2 * margin, glyphs.ink.height + 2 * margin
    mould = Image.new("L", (width, height))
    if chance.coin(0.7):
        mould.paste(255, (0, 0, width, height))
        mould.paste(0, (line, line, width - line, height - line))
    mould.paste(glyphs.ink, (margin, margin))
    # The tilt is a shear by whole pixels.
    slope = chance.integer(-25, 25)
    pixels = np.asarray(mould)
    shift = np.arange(width) * slope // 100
    tilted = np.zeros((height + int(np.ptp(shift)), width), dtype=np.uint8)
    rows = np.arange(height)[:, None] + (shift - shift.min())[None, :]
    tilted[rows, np.arange(width)[None, :]] = pixels
    wear = chance.generator.integers(110, 256, size=tilted.shape, dtype=np.uint8)
    worn = Image.fromarray(np.minimum(tilted, wear))
    x = chance.integer(min(0, size[0] - width), max(0, size[0] - width))
    layer.paste(worn, (x, chance.integer(0, max(0, size[1] - tilted.shape[0]))))
    return layer


def highlight(chance: Chance, size: tuple[int, int], boxes: Sequence[tuple[float, float, float, float]]) -> Image.Image:
    """A layer of marker ink over one of the boxes (left, top, right, bottom), ``L``."""
    layer = Image.new("L", size)
    left, top, right, bottom = (round(value) for value in chance.pick(boxes))
    reach = chance.integer(2, max(3, bottom - top))
    layer.paste(255, (max(0, left - reach), max(0, top - 2), min(size[0], right + reach), min(size[1], bottom + 2)))
    return layer


def combine(first: Image.Image, second: Image.Image) -> Image.Image:
    """Two layers of ink, the darker of each pixel."""
    return ImageChops.lighter(first, second)


def _note(chance: Chance) -> str:
    return chance.pick(
        (
            chance.digits(chance.integer(3, 8)),
            f"{chance.digits(2)}.{chance.digits(2)}",
            f"A{chance.digits(6)}",
            f"({chance.pick('PAK')})",
            f"{chance.digits(3)}/-",
            "OK",
            f"{chance.digits(2)}/{chance.integer(1, 9)}",
        )
    )


def _write(
    chance: Chance, layer: npt.NDArray[np.uint8], text: str, place: tuple[int, int], size: float, nib: int
) -> None:
    x, y = place
    joined = text == SCRIBBLE[: len(text)]
    for sign in text:
        _draw(chance, layer, SIGNS[sign], (x, y), size, nib)
        x += round(size * (0.62 if joined else chance.uniform(0.7, 1.05)))
        y += chance.integer(-1, 1) * round(size / 16)


def _draw(
    chance: Chance,
    layer: npt.NDArray[np.uint8],
    strokes: tuple[Stroke, ...],
    place: tuple[int, int],
    size: float,
    nib: int,
) -> None:
    """Draw a sign with a slant and a tremor."""
    slant, reach = chance.uniform(-0.1, 0.4), round(size / 16)
    for stroke in strokes:
        points = []
        for u, v in stroke:
            x = place[0] + round((u + slant * (10 - v)) * size / 10.0) + chance.integer(-reach, reach)
            points.append((x, place[1] + round(v * size / 10.0) + chance.integer(-reach, reach)))
        _curve(layer, points, nib)


def _ring(
    chance: Chance,
    layer: npt.NDArray[np.uint8],
    centre: tuple[int, int],
    radii: tuple[float, float],
    nib: int,
) -> None:
    """Draw a ring that does not quite close, as around a total."""
    octagon = ((4, 0), (4, 4), (0, 4), (-4, 4), (-4, 0), (-4, -4), (0, -4), (4, -4), (4, 1))
    a, b = round(radii[0] * 16), round(radii[1] * 16)
    points = [
        (centre[0] + u * a // 64 + chance.integer(-3, 3), centre[1] + v * b // 64 + chance.integer(-2, 2))
        for u, v in octagon
    ]
    _curve(layer, points, nib)


def _curve(layer: npt.NDArray[np.uint8], points: Sequence[tuple[int, int]], nib: int) -> None:
    """Draw quadratic pieces between the midpoints of the control polygon's edges with a round nib."""
    control = np.array(points, dtype=np.int64)
    middles = np.concatenate([2 * control[:1], control[:-1] + control[1:], 2 * control[-1:]])  # doubled
    steps = 8 + int(np.abs(np.diff(control, axis=0)).max())
    t = np.arange(steps + 1)[:, None]
    left, middle, right = (steps - t) * (steps - t), 4 * t * (steps - t), t * t
    pieces = [
        (left * middles[number] + middle * corner + right * middles[number + 1]) // (2 * steps * steps)
        for number, corner in enumerate(control)
    ]
    path = np.concatenate(pieces)
    offsets = np.arange(-nib, nib + 1)
    dx, dy = (grid.ravel() for grid in np.meshgrid(offsets, offsets))
    round_nib = dx * dx + dy * dy <= nib * nib
    x = (path[:, :1] + dx[round_nib]).ravel()
    y = (path[:, 1:] + dy[round_nib]).ravel()
    inside = (x >= 0) & (y >= 0) & (x < layer.shape[1]) & (y < layer.shape[0])
    layer[y[inside], x[inside]] = 255

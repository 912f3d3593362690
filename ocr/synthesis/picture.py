"""Render the picture of a receipt: ageing and pen, then the look of a camera or a flat-bed scanner.

A scanner produces white paper, hard contrast, specks and dark edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from ocr.synthesis import paper, wear
from ocr.synthesis.chance import Chance
from ocr.synthesis.scene import SceneKind
from ocr.synthesis.warp import Warp

PENS = ((20, 20, 24), (20, 20, 24), (25, 40, 130), (40, 60, 150), (170, 40, 50), (70, 70, 80))
MARKERS = ((250, 245, 90), (250, 250, 120), (170, 240, 150), (255, 190, 210))


@dataclass(frozen=True, slots=True)
class Layers:
    """Layers on the paper, as ``L`` images of the paper's size.

    Attributes:
        ink: the print.
        pen: writing and stamps.
        marker: highlighter.
        font_size: height of the print in pixels.
        margins: empty paper above and below the text, in pixels.
    """

    ink: Image.Image
    pen: Image.Image
    marker: Image.Image
    font_size: float
    margins: tuple[int, int]


def photograph(chance: Chance, kind: SceneKind, layers: Layers, warp: Warp, *, whole: bool = True) -> Image.Image:
    """Render faded ink on worn, bent paper on its background, with light, blur and noise.

    Args:
        chance: random numbers.
        kind: scan, page or photo.
        layers: what is on the paper.
        warp: from the paper to the picture.
        whole: the paper is a whole receipt, which has torn ends, and whose scan has marks and dark edges; else it is a
            piece of one.
    """
    size = layers.ink.size
    paper_level = chance.integer(225, 252)
    ink_level = chance.weighted(((chance.integer(5, 60), 5), (chance.integer(60, 120), 0 if kind == "page" else 1)))
    blank = paper.sheet(chance, size, paper_level)
    ink = layers.ink
    if chance.coin(0.18):
        ink = wear.dot_grid(chance, ink)
    # Pale and small print does not fade further: the ground truth must not contain illegible words.
    ink = wear.fade(chance, ink, least=110 if ink_level < 70 and kind != "page" else 180)
    if chance.coin(0.15):
        ink = wear.gaps(chance, ink, layers.font_size)
    printed = Image.composite(Image.new("L", size, ink_level), blank, ink)
    if chance.coin(0.1 if kind == "page" else 0.4):
        printed = wear.crumple(chance, printed, chance.weighted(((14, 3), (28, 2), (55, 1))))
    coverage = wear.tear(chance, size, layers.margins) if whole and chance.coin(0.3) else Image.new("L", size, 255)
    # CMYK is used for four independent bands.
    bands = warp.render(Image.merge("CMYK", (printed, coverage, layers.pen, layers.marker))).split()
    grey, mask, pen, marker = bands
    grey = paper.blur(grey, chance.uniform(0.0, 1.0) if kind == "photo" else chance.uniform(-0.4, 0.7))
    mask = mask.filter(ImageFilter.BoxBlur(0.8))
    strokes = pen.point([value * 220 // 255 for value in range(256)])
    if kind == "photo":
        colour = _write(chance, _tint(chance, grey, paper_level, ink_level), strokes, marker)
        return _light(chance, Image.composite(colour, paper.surface(chance, grey.size), mask))
    lid = 255 if kind == "page" else chance.weighted(((255, 8), (250, 3), (235, 1), (60, 1), (15, 1)))
    grey = Image.composite(grey, Image.new("L", grey.size, lid), mask)
    if kind == "scan" and chance.coin(0.2):
        return _write(chance, _tint(chance, grey, paper_level, ink_level), strokes, marker)
    grey = Image.composite(Image.new("L", grey.size, chance.integer(20, 140)), grey, strokes)
    grey = ImageChops.multiply(grey, marker.point([255 - value * 30 // 255 for value in range(256)]))
    grey = scan(chance, grey, paper_level, ink_level, page=kind == "page", whole=whole)
    return Image.merge("RGB", (grey, grey, grey))


def _write(chance: Chance, picture: Image.Image, strokes: Image.Image, marker: Image.Image) -> Image.Image:
    """Draw coloured pen and marker on a coloured picture."""
    yellow = chance.pick(MARKERS)
    shade = Image.merge(
        "RGB", [marker.point([255 - value * (255 - channel) // 255 for value in range(256)]) for channel in yellow]
    )
    return Image.composite(
        Image.new("RGB", picture.size, chance.pick(PENS)), ImageChops.multiply(picture, shade), strokes
    )


def _light(chance: Chance, picture: Image.Image) -> Image.Image:
    """Add uneven light and noise to a phone picture."""
    shade = paper.light(chance, picture.size, chance.integer(130, 235))
    picture = ImageChops.multiply(picture, Image.merge("RGB", (shade, shade, shade)))
    return paper.add_noise(chance, picture, chance.uniform(1.0, 7.0)) if chance.coin(0.85) else picture


def _tint(chance: Chance, grey: Image.Image, paper_level: int, ink_level: int) -> Image.Image:
    """Convert grey to colour: the ink's colour at the ink's level, the paper's at the paper's."""
    ink = chance.pick(((0, 0, 0), (0, 0, 0), (0, 0, 0), (25, 10, 70), (60, 20, 70), (50, 30, 20), (10, 30, 90)))
    warmth = chance.pick(((0, 0, 0), (0, -2, -10), (0, -6, -22), (-10, -4, 0), (0, -14, -12), (-4, 0, -6)))
    bands = []
    for ink_shift, paper_shift in zip(ink, warmth, strict=True):
        low, high = ink_level, paper_level
        table = [
            value + (ink_shift * (high - value) + paper_shift * (value - low)) // (high - low) for value in range(256)
        ]
        bands.append(grey.point([min(255, max(0, value)) for value in table]))
    return Image.merge("RGB", bands)


def stretch(grey: Image.Image, black: int, white: int) -> Image.Image:
    """Stretch the contrast: ``black`` and below become 0, ``white`` and above 255."""
    span = max(1, white - black)
    return grey.point([min(255, max(0, (value - black) * 255 // span)) for value in range(256)])


def tones(chance: Chance, grey: Image.Image, paper_level: int, ink_level: int) -> Image.Image:
    """Apply one of the scanner's tone curves: unchanged, whitened paper, full contrast, or hard black on white.

    Args:
        chance: random numbers.
        grey: the flat scan, ``L``.
        paper_level: grey of the blank paper in it.
        ink_level: grey of full ink in it.
    """
    span = paper_level - ink_level
    curve = chance.weighted((("plain", 2), ("white", 4), ("contrast", 5), ("hard", 4)))
    if curve == "plain":
        return grey
    if curve == "white":
        return stretch(grey, 0, paper_level - chance.integer(2, 10))
    if curve == "contrast":
        return stretch(grey, ink_level, paper_level - chance.integer(4, max(5, span // 4)))
    # Hard: sharpened, then a steep ramp around the threshold, as in copies and fax scans.
    middle = ink_level + span * chance.integer(55, 78) // 100
    ramp = chance.integer(4, 40)
    return stretch(grey.filter(ImageFilter.SHARPEN), middle - ramp, middle + ramp)


def mark_glass(chance: Chance, grey: Image.Image, *, clean: bool) -> Image.Image:
    """Add dust specks, punch and staple holes, and scratches on the glass.

    Args:
        chance: random numbers.
        grey: the scan, ``L``.
        clean: add specks only, as on a page scan.
    """
    picture = np.array(grey)
    height, width = picture.shape
    for _ in range(chance.integer(3, 40) if chance.coin(0.45) else 0):
        x, y, size = chance.integer(0, width - 5), chance.integer(0, height - 5), chance.integer(1, 4)
        blot = chance.generator.integers(0, 3, size=(size, size)) > 0
        patch = picture[y : y + size, x : x + size]
        patch[blot] = np.minimum(patch[blot], chance.integer(0, 140))
    if not clean and chance.coin(0.18):
        # A punched or stapled corner shows the dark lid or the scanner's white.
        radius, tone = chance.integer(2, 16), chance.pick((0, 20, 20, 255, 90))
        x, y = chance.integer(radius, width - 1 - radius), chance.integer(radius, max(radius, height // 8))
        rows, columns = np.ogrid[-radius : radius + 1, -radius : radius + 1]
        place = picture[y - radius : y + radius + 1, x - radius : x + radius + 1]
        place[(rows * rows + columns * columns <= radius * radius)[: place.shape[0], : place.shape[1]]] = tone
    if chance.coin(0.08):
        column = chance.integer(0, width - 3)
        picture[:, column : column + chance.integer(1, 2)] = chance.integer(120, 235)
    return Image.fromarray(picture)


def edge_shadow(chance: Chance, grey: Image.Image) -> Image.Image:
    """Add dark strips at the borders, from the lid's shadow or the paper's end; narrower than any margin."""
    width, height = grey.size
    shade = np.full((height, width), 255, dtype=np.uint8)
    for side in range(4):
        if not chance.coin(0.35):
            continue
        reach, dark = chance.integer(3, max(4, width // 40)), chance.integer(40, 215)
        ramp = (dark + (255 - dark) * np.arange(reach) // reach).astype(np.uint8)
        if side == 0:
            shade[:reach] = np.minimum(shade[:reach], ramp[:, None])
        elif side == 1:
            shade[-reach:] = np.minimum(shade[-reach:], ramp[::-1, None])
        elif side == 2:
            shade[:, :reach] = np.minimum(shade[:, :reach], ramp)
        else:
            shade[:, -reach:] = np.minimum(shade[:, -reach:], ramp[::-1])
    return ImageChops.multiply(grey, Image.fromarray(shade))


def scan(
    chance: Chance, grey: Image.Image, paper_level: int, ink_level: int, *, page: bool, whole: bool = True
) -> Image.Image:
    """Finish a grey scan.

    Args:
        chance: random numbers.
        grey: the flat picture of paper on the lid, ``L``.
        paper_level: grey of the blank paper.
        ink_level: grey of full ink.
        page: whether the picture is a whole page with one receipt; such scans are whiter and have clean edges.
        whole: as in `photograph`.
    """
    if not page and chance.coin(0.25):
        grey = ImageChops.multiply(grey, paper.light(chance, grey.size, chance.integer(205, 245)))
    if chance.coin(0.75):
        grey = paper.add_noise(chance, grey, chance.uniform(0.5, 6.0))
    grey = tones(chance, grey, paper_level, ink_level)
    if page:
        grey = stretch(grey, 0, chance.integer(225, 250))
    elif whole and chance.coin(0.4):
        grey = edge_shadow(chance, grey)
    if whole or chance.coin(0.06):
        grey = mark_glass(chance, grey, clean=page or not whole)
    return paper.blur(grey, chance.weighted(((0.0, 4), (0.45, 2), (0.6, 1))))

"""What a flat-bed scanner makes of a receipt: white paper, hard contrast, specks, dark edges."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from ocr.synthesis import degrade, paper
from ocr.synthesis.chance import Chance


def stretch(grey: Image.Image, black: int, white: int) -> Image.Image:
    """The picture with ``black`` and all below turned to 0, ``white`` and all above to 255."""
    span = max(1, white - black)
    return grey.point([min(255, max(0, (value - black) * 255 // span)) for value in range(256)])


def tones(chance: Chance, grey: Image.Image, paper_level: int, ink_level: int) -> Image.Image:
    """One of the scanner's tone curves: as it came, whitened paper, full contrast, or hard black on white.

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
    # Hard: sharpened, then a steep ramp around the threshold, as copiers and fax scans have it.
    middle = ink_level + span * chance.integer(55, 78) // 100
    ramp = chance.integer(4, 40)
    return stretch(grey.filter(ImageFilter.SHARPEN), middle - ramp, middle + ramp)


def mark_glass(chance: Chance, grey: Image.Image, *, clean: bool) -> Image.Image:
    """Dust specks, punch and staple holes, scratches on the glass.

    Args:
        chance: random numbers.
        grey: the scan, ``L``.
        clean: specks alone, as on a page scan.
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
    """Dark strips at the borders, where the lid casts a shadow or the paper ends; narrower than any margin."""
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


def scan(chance: Chance, grey: Image.Image, paper_level: int, ink_level: int, *, page: bool) -> Image.Image:
    """A finished grey scan.

    Args:
        chance: random numbers.
        grey: the flat picture of paper on the lid, ``L``.
        paper_level: grey of the blank paper.
        ink_level: grey of full ink.
        page: whether the picture is a whole page with one receipt on it: those are whiter and have clean edges.
    """
    if not page and chance.coin(0.25):
        grey = ImageChops.multiply(grey, paper.light(chance, grey.size, chance.integer(205, 245)))
    if chance.coin(0.75):
        grey = degrade.add_noise(chance, grey, chance.uniform(0.5, 6.0))
    grey = tones(chance, grey, paper_level, ink_level)
    if page:
        grey = stretch(grey, 0, chance.integer(225, 250))
    elif chance.coin(0.4):
        grey = edge_shadow(chance, grey)
    return degrade.blur(mark_glass(chance, grey, clean=page), chance.weighted(((0.0, 4), (0.45, 2), (0.6, 1))))

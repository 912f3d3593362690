"""Wear of paper and print: uneven ink, gaps, folds, stains, tears."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from ocr.synthesis import paper
from ocr.synthesis.chance import Chance


def dot_grid(chance: Chance, ink: Image.Image) -> Image.Image:
    """Ink of a dot-matrix printer: pale lanes between the dots, in both directions or in one."""
    period, pale = chance.integer(2, 4), chance.integer(70, 190)
    width, height = ink.size
    rows = np.where(np.arange(height) % period == 0, pale, 255)
    columns = np.where(np.arange(width) % period == 0, pale, 255) if chance.coin(0.6) else np.full(width, 255)
    return ImageChops.multiply(ink, Image.fromarray(np.minimum(rows[:, None], columns[None, :]).astype(np.uint8)))


def fade(chance: Chance, ink: Image.Image, least: int) -> Image.Image:
    """Fade thermal print: uneven strength, pale streaks of weak heating elements, and pinholes.

    Args:
        chance: random numbers.
        ink: ``L`` image, 255 where there is ink.
        least: the minimal strength of ink, of 255; it keeps every word legible.
    """
    weakest = max(least, chance.weighted(((235, 4), (190, 3), (140, 2), (105, 1))))
    strength = paper.cloud(chance, ink.size, chance.integer(60, 300), weakest, 255)
    ink = ImageChops.multiply(ink, strength)
    if chance.coin(0.2):
        width, height = ink.size
        streaks = np.full(width, 255, dtype=np.uint8)
        for _ in range(chance.integer(1, 4)):
            start = chance.integer(0, width - 1)
            streaks[start : start + chance.integer(1, 2)] = chance.integer(90, 180)
        ink = ImageChops.multiply(
            ink, Image.fromarray(streaks[None, :]).resize((width, height), Image.Resampling.NEAREST)
        )
    if chance.coin(0.35):
        holes = np.where(np.arange(256) < chance.integer(8, 50), chance.integer(90, 190), 255).astype(np.uint8)
        ink = ImageChops.multiply(ink, paper.noise(chance, ink.size, holes))
    return ink


def gaps(chance: Chance, ink: Image.Image, size: float) -> Image.Image:
    """Add gaps where the print head left little or no ink: blotches of up to a few letters, and bands of paper.

    Args:
        chance: random numbers.
        ink: ``L`` image, 255 where there is ink.
        size: height of the font in pixels.
    """
    strength = np.full((ink.height // 4 + 1, ink.width // 4 + 1), 255, dtype=np.uint8)
    for _ in range(chance.integer(1, 5)):
        height, width = round(size * chance.uniform(0.05, 0.22)), round(size * chance.uniform(0.08, 0.45))
        x, y = chance.integer(0, strength.shape[1] - 1), chance.integer(0, strength.shape[0] - 1)
        strength[y : y + height, x : x + width] = chance.integer(40, 110)
    soft = Image.fromarray(strength).resize(ink.size, Image.Resampling.BILINEAR)
    if chance.coin(0.4):
        # Pale bands across the paper, from a fast motor or a damp roll.
        levels = chance.generator.integers(120, 256, size=(max(4, ink.height // chance.integer(20, 120)), 1))
        bands = Image.fromarray(levels.astype(np.uint8)).resize(ink.size, Image.Resampling.BILINEAR)
        soft = ImageChops.multiply(soft, bands)
    return ImageChops.multiply(ink, soft)


def crumple(chance: Chance, sheet: Image.Image, strength: int) -> Image.Image:
    """Add folds, creases and stains to the printed paper.

    Args:
        chance: random numbers.
        sheet: the printed paper, ``L``.
        strength: maximal grey levels by which a fold darkens.
    """
    width, height = sheet.size
    shade = np.full((height, width), 255, dtype=np.uint8)
    for _ in range(chance.integer(1, 4)):
        across = chance.coin(0.7)
        length, other = (height, width) if across else (width, height)
        at, lean = chance.integer(length // 10, length - length // 10), chance.integer(-12, 12)
        dark, reach = chance.integer(2, max(3, strength)), chance.integer(6, max(7, length // 6))
        # Light falls on one side of a fold and leaves the other in shade; the ridge itself is a fine line.
        steps = np.arange(reach)
        slope = (reach - steps) * dark // reach
        slope[: chance.integer(1, 3)] += chance.integer(0, strength)
        fold = np.zeros(length + 40, dtype=np.uint8)
        fold[at + 20 : at + 20 + reach] = np.minimum(slope, 200)[: length + 20 - at]
        # A fold leans by whole pixels: every column takes the profile shifted slightly up or down.
        shift = np.arange(other, dtype=np.int32) * lean // max(1, other)
        profile = fold[np.arange(20, length + 20)[:, None] - shift[None, :]]
        shade -= np.minimum(shade, profile if across else profile.T)
    worn = ImageChops.multiply(sheet, Image.fromarray(shade))
    if chance.coin(0.3):
        stain = paper.cloud(chance, sheet.size, chance.integer(width // 4 + 8, width), 255 - strength, 255)
        worn = ImageChops.multiply(worn, stain)
    return worn


def tear(chance: Chance, size: tuple[int, int], margins: tuple[int, int]) -> Image.Image:
    """Tear the roll's ends: 255 where there is paper, 0 elsewhere.

    Args:
        chance: random numbers.
        size: (width, height) of the paper in pixels.
        margins: empty paper above and below the text, in pixels; at most 70 % of it is torn off.
    """
    width, height = size
    coverage = np.full((height, width), 255, dtype=np.uint8)
    for margin, end in zip(margins, (coverage, coverage[::-1]), strict=True):
        reach = 7 * margin // 10
        if reach < 4 or chance.coin(0.3):
            continue
        kind = chance.pick(("teeth", "slope", "rough"))
        if kind == "teeth":
            tooth = chance.integer(3, 12)
            depth = np.abs(np.arange(width) % (2 * tooth) - tooth) * min(reach, tooth) // tooth
        elif kind == "slope":
            depth = np.arange(width) * chance.integer(0, reach) // width
            depth = depth[::-1] if chance.coin(0.5) else depth
        else:
            knots = chance.generator.integers(
                0, min(reach, 250), size=(1, max(4, width // chance.integer(8, 60))), dtype=np.uint8
            )
            depth = np.asarray(Image.fromarray(knots).resize((width, 1), Image.Resampling.BILINEAR))[0]
        end[np.arange(height)[:, None] < depth[None, :]] = 0
    return Image.fromarray(coverage)


def broken_strokes(chance: Chance, ink: Image.Image) -> Image.Image:
    """Strokes with pieces missing, as from a worn head or a hard threshold: blots of 1 to 3 pixels, in places."""
    width, height = ink.size
    grain = chance.integer(1, 3)
    share = chance.integer(10, 90)  # of 256
    shape = (height // grain + 1, width // grain + 1)
    spots = chance.generator.integers(0, 256, size=shape, dtype=np.uint8) < share
    holes = Image.fromarray(np.where(spots, np.uint8(chance.integer(0, 140)), np.uint8(255)))
    holes = holes.resize((shape[1] * grain, shape[0] * grain), Image.Resampling.NEAREST).crop((0, 0, width, height))
    where = paper.cloud(chance, ink.size, chance.integer(30, 200), 0, 255)
    return ImageChops.multiply(ink, ImageChops.lighter(holes, where.point([min(255, v * 2) for v in range(256)])))


def weak_columns(chance: Chance, ink: Image.Image) -> Image.Image:
    """Columns or rows with little ink, one to three pixels wide, close together in patches: a worn thermal head."""
    across = chance.coin(0.7)
    length = ink.width if across else ink.height
    strength = np.full(length, 255, dtype=np.uint8)
    at = chance.integer(0, max(1, length // 4))
    while at < length:
        strength[at : at + chance.integer(1, 3)] = chance.integer(0, 150)
        at += chance.integer(3, 14) if chance.coin(0.8) else chance.integer(20, max(21, length // 2))
    line = strength[None, :] if across else strength[:, None]
    return ImageChops.multiply(ink, Image.fromarray(np.ascontiguousarray(np.broadcast_to(line, ink.size[::-1]))))


def thin(chance: Chance, ink: Image.Image) -> Image.Image:
    """Strokes eroded by up to a pixel on each side."""
    return Image.blend(ink, ink.filter(ImageFilter.MinFilter(3)), chance.uniform(0.3, 0.85))

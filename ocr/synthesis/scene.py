"""The scene: where the paper lies in the picture, and how the picture of it looks."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np
from PIL import Image, ImageChops

from ocr.synthesis import degrade, paper
from ocr.synthesis.chance import Chance
from ocr.synthesis.layout import InkedWord
from ocr.synthesis.warp import Bend, Warp

LONGEST_SIDE = 1600
EDGE = 1.0
"""Pixels between the outermost word and the picture's border."""

SceneKind = Literal["scan", "page", "photo"]
"""A scanned receipt, a receipt on a scanned page, a photographed receipt."""


def place(chance: Chance, kind: SceneKind, paper_size: tuple[int, int]) -> Warp:
    """Where the paper lies in the picture, and how it is bent."""
    width, height = paper_size
    if kind == "page":
        size = (1131, LONGEST_SIDE)
        x = chance.uniform(0.05, 0.95) * (size[0] - width)
        y = chance.uniform(0.02, 0.5) * (size[1] - height)
        tilt, keystone = chance.uniform(-1.0, 1.0), 0.0
    elif kind == "scan":
        extra = chance.weighted(((0.0, 3), (chance.uniform(0.01, 0.08), 3), (chance.uniform(0.05, 0.2), 2)))
        size = (width + round(width * extra), min(LONGEST_SIDE, height + round(height * extra * 0.5)))
        x, y = (chance.uniform(0.2, 0.8) * (size[axis] - paper_size[axis]) for axis in (0, 1))
        tilt = chance.weighted(((0.0, 1), (chance.uniform(-0.8, 0.8), 3)))
        keystone = 0.0
    else:
        size = (
            min(LONGEST_SIDE, round(width * chance.uniform(1.06, 1.4))),
            min(LONGEST_SIDE, round(height * chance.uniform(1.05, 1.22))),
        )
        x, y = (chance.uniform(0.3, 0.7) * (size[axis] - paper_size[axis]) for axis in (0, 1))
        tilt = chance.weighted(((chance.uniform(-2.0, 2.0), 3), (chance.uniform(-6.0, 6.0), 1)))
        keystone = chance.uniform(0.0, 0.05) * min(width, height)
    corners = _corners(chance, (x, y), paper_size, tilt, keystone)
    return Warp(paper_size, size, corners, _bend(chance, kind, width))


def keep_inside(warp: Warp, words: list[InkedWord]) -> Warp:
    """The warp, moved so that every word lies in the picture; where that is impossible, a flat and straight one."""
    boxes = np.array([word.box for word in words], dtype=np.float64)
    points = np.concatenate(warp.polygons(boxes))
    low, high = points.min(axis=0), points.max(axis=0)
    shift = [0.0, 0.0]
    for axis in (0, 1):
        room = warp.size[axis] - 2 * EDGE
        if float(high[axis] - low[axis]) > room:
            return _flat(warp)
        shift[axis] = max(0.0, EDGE - float(low[axis])) + min(0.0, warp.size[axis] - EDGE - float(high[axis]))
    moves = [math.ceil(value) if value > 0 else math.floor(value) for value in shift]
    return replace(warp, corners=tuple((x + moves[0], y + moves[1]) for x, y in warp.corners))


def _flat(warp: Warp) -> Warp:
    """The same paper, flat, upright, in the middle of the picture."""
    width, height = warp.paper_size
    x, y = (warp.size[0] - width) // 2, (warp.size[1] - height) // 2
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    return Warp(warp.paper_size, warp.size, tuple((float(u), float(v)) for u, v in corners), Bend())


def _corners(
    chance: Chance, offset: tuple[float, float], paper_size: tuple[int, int], tilt: float, keystone: float
) -> tuple[tuple[float, float], ...]:
    """The paper's corners in the picture, on a grid of 1/16 pixel."""
    width, height = paper_size
    cosine, sine = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    corners = []
    for dx, dy in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        u, v = dx * width, dy * height
        u -= math.copysign(chance.uniform(0.0, keystone), dx)
        v -= math.copysign(chance.uniform(0.0, keystone), dy)
        x = offset[0] + width / 2 + u * cosine - v * sine
        y = offset[1] + height / 2 + u * sine + v * cosine
        corners.append((round(x * 16.0) / 16.0, round(y * 16.0) / 16.0))
    return tuple(corners)


def _bend(chance: Chance, kind: SceneKind, width: int) -> Bend:
    """How the paper is bent; scans are pressed flat, most of them entirely."""
    if chance.coin(0.15 if kind == "photo" else 0.75):
        return Bend()
    reach = width * (chance.uniform(0.004, 0.03) if kind == "photo" else 0.004)

    def amount(share: float) -> float:
        return round(chance.uniform(-reach, reach) * share * 16.0) / 16.0

    return Bend(amount(1.0), amount(1.0), amount(0.4), amount(1.0), amount(0.6), amount(0.5))


def photograph(chance: Chance, kind: SceneKind, ink: Image.Image, warp: Warp) -> Image.Image:
    """The picture: faded ink on paper, bent, on its background, with light, blur and noise."""
    paper_level = chance.integer(225, 252)
    ink_level = chance.weighted(((chance.integer(10, 70), 4), (chance.integer(70, 125), 2)))
    blank = paper.sheet(chance, ink.size, paper_level)
    # Pale ink does not fade further: what nobody can read must not be in the ground truth.
    faded = degrade.fade(chance, ink, least=110 if ink_level < 70 else 180)
    printed = Image.composite(Image.new("L", ink.size, ink_level), blank, faded)
    coverage = Image.new("L", ink.size, 255)
    grey, mask, _ = warp.render(Image.merge("RGB", (printed, coverage, coverage))).split()
    grey = degrade.blur(grey, chance.uniform(0.0, 0.9 if kind == "scan" else 1.0))
    mask = degrade.blur(mask, 0.6)
    if kind == "photo":
        return _photo(chance, grey, mask, paper_level, ink_level)
    return _scan(chance, kind, grey, mask, paper_level, ink_level)


def _scan(
    chance: Chance, kind: SceneKind, grey: Image.Image, mask: Image.Image, paper_level: int, ink_level: int
) -> Image.Image:
    """A flat-bed scan: even light, a plain lid behind, mostly grey."""
    lid = 255 if kind == "page" else chance.pick((255, 255, 250, 235, 60, 15))
    grey = Image.composite(grey, Image.new("L", grey.size, lid), mask)
    if kind == "page" or chance.coin(0.3):
        # Scanners stretch contrast: the paper turns white.
        white = paper_level - 8
        grey = grey.point([min(255, value * 255 // white) for value in range(256)])
    if chance.coin(0.8):
        grey = degrade.add_noise(chance, grey, chance.uniform(0.5, 7.0))
    if chance.coin(0.7):
        return Image.merge("RGB", (grey, grey, grey))
    return _tint(chance, grey, paper_level, ink_level)


def _photo(chance: Chance, grey: Image.Image, mask: Image.Image, paper_level: int, ink_level: int) -> Image.Image:
    """A phone picture: coloured light, a surface below, uneven illumination."""
    colour = _tint(chance, grey, paper_level, ink_level)
    picture = Image.composite(colour, paper.surface(chance, grey.size), mask)
    shade = paper.light(chance, grey.size, chance.integer(130, 235))
    picture = ImageChops.multiply(picture, Image.merge("RGB", (shade, shade, shade)))
    return degrade.add_noise(chance, picture, chance.uniform(1.0, 7.0)) if chance.coin(0.85) else picture


def _tint(chance: Chance, grey: Image.Image, paper_level: int, ink_level: int) -> Image.Image:
    """Grey to colour: the ink's colour at the ink's level, the paper's at the paper's."""
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

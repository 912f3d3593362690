"""Place and bend the paper in the picture."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np

from ocr.synthesis.chance import Chance
from ocr.synthesis.printing import InkedWord
from ocr.synthesis.warp import Bend, Warp

LONGEST_SIDE = 1600
EDGE = 1.0
"""Minimal pixels between a word and the picture's border."""

SceneKind = Literal["scan", "page", "photo"]
"""A scanned receipt, a receipt on a scanned page, a photographed receipt."""


def place(chance: Chance, kind: SceneKind, paper_size: tuple[int, int]) -> Warp:
    """Choose the paper's position in the picture, and its bend."""
    width, height = paper_size
    if kind == "page":
        size = (1131, LONGEST_SIDE)
        x = chance.uniform(0.02, 0.9) * (size[0] - width)
        y = chance.uniform(0.0, 0.35) * (size[1] - height)
        tilt, keystone = chance.weighted(((chance.uniform(-1.0, 1.0), 3), (chance.uniform(-4.0, 4.0), 1))), 0.0
    elif kind == "scan":
        extra = chance.weighted(((0.0, 3), (chance.uniform(0.01, 0.08), 3), (chance.uniform(0.05, 0.2), 2)))
        size = (width + round(width * extra), min(LONGEST_SIDE, height + round(height * extra * 0.5)))
        x, y = (chance.uniform(0.2, 0.8) * (size[axis] - paper_size[axis]) for axis in (0, 1))
        tilt = chance.weighted(((0.0, 2), (chance.uniform(-0.8, 0.8), 5), (chance.uniform(-3.0, 3.0), 1)))
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
    """Move the warp so that every word lies in the picture; if that is impossible, return a flat and straight one."""
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
    """The same paper, flat, upright, in the centre of the picture."""
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
    if keystone == 0.0:
        # An exact parallelogram, so that the warp is affine.
        corners[2] = (corners[1][0] + corners[3][0] - corners[0][0], corners[1][1] + corners[3][1] - corners[0][1])
    return tuple(corners)


def _bend(chance: Chance, kind: SceneKind, width: int) -> Bend:
    """Choose the bend; scans are pressed flat, most of them completely."""
    if chance.coin(0.15 if kind == "photo" else 0.75):
        return Bend()
    reach = width * (chance.uniform(0.004, 0.03) if kind == "photo" else 0.004)

    def amount(share: float) -> float:
        return round(chance.uniform(-reach, reach) * share * 16.0) / 16.0

    return Bend(amount(1.0), amount(1.0), amount(0.4), amount(1.0), amount(0.6), amount(0.5))

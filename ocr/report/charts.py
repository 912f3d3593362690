"""Pictures of how figures are spread: bars over a scale, and points on two scales; SVG, with words for each bar."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ocr.report.html import Html, joined, tag

BARS = 20
WIDTH, HEIGHT, MARGIN = 400, 120, 24
"""Of the bars' picture, and of the room below them for the scale and above them for the highest one's number."""
TICKS = 5
SHARE = 99.0
"""Percentile at which the scale ends, if the largest value is more than twice that; what lies above is told."""
LEAST = 5
"""The scale goes to this at least: it shows nothing to draw parts of one."""
POINTS = 2000
"""Points of a scatter picture, spread evenly over those there are."""
SIDE, LEFT = 200, 44
"""Of the scatter picture, and of the room on its left for the scale."""


def bars(title: str, values: Sequence[float], things: str) -> Html:
    """Bars from 0 to the largest value, or to where most of them end.

    Args:
        title: what is shown, with its unit.
        values: 0 or more each, at least one.
        things: what is counted.
    """
    known = np.asarray(values, np.float64)
    most, largest = float(np.percentile(known, SHARE)), float(known.max())
    high = max(round_up(largest if largest <= 2 * most else most), LEAST)
    above = int((known > high).sum())
    numbers, edges = np.histogram(known, bins=BARS, range=(0, high))
    step, room = WIDTH / BARS, HEIGHT - 2 * MARGIN
    shapes = []
    for place, number in enumerate(numbers.tolist()):
        tall = room * number / max(numbers.max(), 1)
        box = {"x": place * step + 1, "y": HEIGHT - MARGIN - tall, "width": step - 2, "height": tall}
        label = f"{edges[place]:g} to {edges[place + 1]:g}: {number} {things}"
        shapes.append(
            tag("rect", tag("title", label), class_="bar", **{key: f"{value:.1f}" for key, value in box.items()})
        )
    scale = [
        tag("text", f"{share * high:g}", x=f"{share * WIDTH:.0f}", y=HEIGHT - 6, text_anchor=anchor_of(share))
        for share in (tick / TICKS for tick in range(TICKS + 1))
    ]
    peak = int(np.argmax(numbers))
    top = tag("text", str(numbers[peak]), x=f"{(peak + 0.5) * step:.1f}", y=MARGIN - 6, text_anchor="middle")
    line = tag("path", d=f"M0 {HEIGHT - MARGIN}H{WIDTH}", class_="axis")
    said = f"{title}: {things} by value (median {np.median(known):.4g}, largest {largest:.4g}"
    said += f"; {above} above {high:g} are not drawn)" if above else ")"
    return figure(said, joined([line, *shapes, *scale, top]), (WIDTH, HEIGHT))


def scatter(title: str, points: Sequence[tuple[float, float]]) -> Html:
    """A point for each pair on two scales that begin at 0.

    Args:
        title: what is shown, with its units.
        points: (to the right, upwards), at least one.
    """
    shown = list(points)[:: math.ceil(len(points) / POINTS)]
    wide, tall = (round_up(max(values)) for values in zip(*points, strict=True))
    floor = SIDE - MARGIN
    dots = [
        tag(
            "circle",
            class_="dot",
            cx=f"{LEFT + x / wide * (WIDTH - LEFT - MARGIN):.1f}",
            cy=f"{floor - y / tall * (floor - MARGIN / 2):.1f}",
            r=3,
        )
        for x, y in shown
    ]
    scale = []
    for share in (tick / TICKS for tick in range(TICKS + 1)):
        across, up = LEFT + share * (WIDTH - LEFT - MARGIN), floor - share * (floor - MARGIN / 2)
        scale.append(tag("text", f"{share * wide:g}", x=f"{across:.0f}", y=SIDE - 6, text_anchor="middle"))
        scale.append(tag("text", f"{share * tall:g}", x=LEFT - 6, y=f"{up + 4:.0f}", text_anchor="end"))
    lines = tag("path", d=f"M{LEFT} {MARGIN / 2}V{floor}H{WIDTH - MARGIN}", class_="axis")
    said = f"{title}: {number_of(len(points), 'image')}" + (
        f", {len(shown)} of them drawn" if len(shown) < len(points) else ""
    )
    return figure(said, joined([lines, *scale, *dots]), (WIDTH, SIDE))


def figure(said: str, drawing: Html, size: tuple[int, int]) -> Html:
    """A picture under its caption."""
    about = {"viewBox": f"0 0 {size[0]} {size[1]}", "role": "img", "aria-label": said}
    return tag("figure", tag("figcaption", said), tag("svg", drawing, **about), class_="chart")


def number_of(count: int, thing: str) -> str:
    """How many there are, in words."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def anchor_of(share: float) -> str:
    """Where a label of the scale hangs, so that the outer ones stay in the picture."""
    return {0.0: "start", 1.0: "end"}.get(share, "middle")


def round_up(value: float) -> float:
    """The next number whose fifths are short to write: 1, 2, 2.5 or 5 times a power of ten, times 1 or 5."""
    if value <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(value))
    return float(next(step * power for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 10) if step * power >= value))

"""Charts of distributions, drawn by ``chart.html.j2``: histograms and scatter plots."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BARS = 20
WIDTH, HEIGHT, MARGIN = 400, 120, 24
"""Size of a histogram in pixels, and the margin below the bars for the scale and above them for the highest count."""
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Positions of a scale's labels, 0 to 1."""
SHARE = 99.0
"""Percentile at which the scale ends if the largest value is more than twice that; the caption counts those above."""
LEAST = 5
"""Minimal end of the scale: counts need no fractions of one."""
POINTS = 2000
"""Maximal number of points in a scatter plot, sampled evenly."""
SIDE, LEFT = 200, 44
"""Height of a scatter plot in pixels, and its left margin for the scale."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart under its caption; lengths in its own pixels.

    Attributes:
        caption: what is shown.
        label: the same for screen readers.
        size: (width, height).
        axis: the path of the axes, as SVG has it.
        texts: text, x, y and ``text-anchor`` of each label.
        bars: for each bar its description, and its ``x``, ``y``, ``width`` and ``height``.
        dots: (x, y) of each dot.
    """

    caption: str
    label: str
    size: tuple[int, int]
    axis: str
    texts: Sequence[tuple[str, str, str, str]]
    bars: Sequence[tuple[str, Mapping[str, float]]] = ()
    dots: Sequence[tuple[float, float]] = ()


def share_bars(title: str, shares: Sequence[float]) -> Chart:
    """Histogram of images from the smallest share, rounded down to a multiple of 5 %, to 100 %.

    Args:
        title: what is shown.
        shares: 0 to 1, at least one.
    """
    percents = 100 * np.asarray(shares, np.float64)
    low = min(5 * math.floor(percents.min() / 5), 95)
    caption = f"{title}, %: images by value (median {np.median(percents):.1f})"
    return bar_chart(caption, f"{title}, images by value", percents, (low, 100), " %", "images")


def bars(title: str, values: Sequence[float], things: str) -> Chart:
    """Histogram from 0 to the largest value, or to the `SHARE` percentile if a few values are much larger.

    Args:
        title: what is shown, with its unit.
        values: 0 or more each, at least one.
        things: what is counted.
    """
    known = np.asarray(values, np.float64)
    most, largest = float(np.percentile(known, SHARE)), float(known.max())
    high = max(round_up(largest if largest <= 2 * most else most), LEAST)
    above = int((known > high).sum())
    caption = f"{title}: {things} by value (median {np.median(known):.4g}, largest {largest:.4g}"
    caption += f"; {above} above {high:g} are not drawn)" if above else ")"
    return bar_chart(caption, caption, known, (0, high), "", things)


def bar_chart(
    caption: str, label: str, values: npt.NDArray[np.float64], scale: tuple[float, float], unit: str, things: str
) -> Chart:
    """Histogram of `BARS` bars over a scale, with the count on the highest one."""
    low, high = scale
    numbers, edges = np.histogram(values, bins=BARS, range=scale)
    step, room, floor = WIDTH / BARS, HEIGHT - 2 * MARGIN, HEIGHT - MARGIN
    boxes = []
    for place, number in enumerate(numbers.tolist()):
        tall = room * number / max(numbers.max(), 1)
        hint = f"{edges[place]:g} to {edges[place + 1]:g}{unit}: {number} {things}"
        boxes.append((hint, {"x": place * step + 1, "y": floor - tall, "width": step - 2, "height": tall}))
    # The outer labels are aligned inwards, so that they stay in the picture.
    anchors = {0.0: "start", 1.0: "end"}
    texts = [
        (f"{low + tick * (high - low):g}", f"{tick * WIDTH:.0f}", f"{HEIGHT - 6}", anchors.get(tick, "middle"))
        for tick in TICKS
    ]
    peak = int(np.argmax(numbers))
    texts.append((f"{numbers[peak]}", f"{(peak + 0.5) * step:.1f}", f"{MARGIN - 6}", "middle"))
    return Chart(caption, label, (WIDTH, HEIGHT), f"M0 {floor}H{WIDTH}", texts, bars=boxes)


def scatter(title: str, points: Sequence[tuple[float, float]]) -> Chart:
    """Scatter plot on two scales that begin at 0.

    Args:
        title: what is shown, with its units.
        points: (to the right, upwards), at least one.
    """
    drawn = list(points)[:: math.ceil(len(points) / POINTS)]
    wide, tall = (round_up(max(values)) for values in zip(*points, strict=True))
    floor, right, up = SIDE - MARGIN, WIDTH - LEFT - MARGIN, SIDE - MARGIN - MARGIN / 2
    texts = []
    for tick in TICKS:
        texts.append((f"{tick * wide:g}", f"{LEFT + tick * right:.0f}", f"{SIDE - 6}", "middle"))
        texts.append((f"{tick * tall:g}", f"{LEFT - 6}", f"{floor - tick * up + 4:.0f}", "end"))
    dots = [(LEFT + x / wide * right, floor - y / tall * up) for x, y in drawn]
    caption = f"{title}: {number_of(len(points), 'image')}"
    caption += f", {len(drawn)} of them drawn" if len(drawn) < len(points) else ""
    axis = f"M{LEFT} {MARGIN / 2}V{floor}H{WIDTH - MARGIN}"
    return Chart(caption, caption, (WIDTH, SIDE), axis, texts, dots=dots)


def number_of(count: int, thing: str) -> str:
    """A count with its noun, in singular or plural."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def round_up(value: float) -> float:
    """The next larger number whose fifths are short to write: 1, 2, 2.5 or 5 times a power of ten, times 1 or 5."""
    if value <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(value))
    return float(next(step * power for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 10) if step * power >= value))

"""How a figure is spread over the images, as an SVG picture of bars."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ocr.report.html import Html, joined, tag

BARS = 20
WIDTH, HEIGHT, MARGIN = 400, 120, 24
"""Of the picture and of the room below the bars for their scale and above them for the highest one's number."""


def histogram(title: str, shares: Sequence[float]) -> Html:
    """Bars from the smallest value, rounded down to a multiple of 5 %, to 100 %.

    Args:
        title: what is shown.
        shares: 0 to 1, at least one.
    """
    percents = 100 * np.asarray(shares, np.float64)
    low = min(5 * math.floor(percents.min() / 5), 95)
    numbers, edges = np.histogram(percents, bins=BARS, range=(low, 100))
    step, high = WIDTH / BARS, HEIGHT - 2 * MARGIN
    bars = []
    for place, number in enumerate(numbers.tolist()):
        height = high * number / numbers.max()
        label = f"{edges[place]:g} to {edges[place + 1]:g} %: {number} images"
        box = {"x": place * step + 1, "y": HEIGHT - MARGIN - height, "width": step - 2, "height": height}
        bars.append(
            tag("rect", tag("title", label), class_="bar", **{key: f"{value:.1f}" for key, value in box.items()})
        )
    scale = [
        tag("text", f"{low + share * (100 - low):g}", x=f"{share * WIDTH:.0f}", y=HEIGHT - 6, text_anchor=anchor)
        for share, anchor in (
            (0, "start"),
            (0.2, "middle"),
            (0.4, "middle"),
            (0.6, "middle"),
            (0.8, "middle"),
            (1, "end"),
        )
    ]
    most = int(np.argmax(numbers))
    top = tag("text", str(numbers[most]), x=f"{(most + 0.5) * step:.1f}", y=MARGIN - 6, text_anchor="middle")
    line = tag("path", d=f"M0 {HEIGHT - MARGIN}H{WIDTH}", class_="axis")
    drawing = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": f"{title}, images by value"}
    caption = tag("figcaption", f"{title}, %: images by value (median {np.median(percents):.1f})")
    return tag("figure", caption, tag("svg", joined([line, *bars, *scale, top]), **drawing), class_="chart")

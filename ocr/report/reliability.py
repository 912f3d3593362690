"""Reliability diagrams: how often readings of each confidence are right, as an SVG picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Environment, FunctionLoader, StrictUndefined

from ocr.metrics.calibration import Bin, calibration_error
from ocr.report.document import source_of

SIDE, COUNTS = 200, 36
"""Width and height of a diagram, and height of the histogram below it, in pixels."""
LEFT, TOP, GAP = 44, 40, 10
"""Room for the scale and for the title, and between a diagram and its histogram, in pixels."""
WIDTH, HEIGHT = LEFT + SIDE + 36, TOP + SIDE + GAP + COUNTS + 36
"""Size of a diagram with its scales, title and histogram, in pixels."""
LEGEND = 24
"""Height of the line at the bottom that explains the colours."""
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Diagram:
    """One reliability diagram.

    Attributes:
        title: what the readings are of.
        bins: as from `ocr.metrics.calibration.reliability_bins`.
    """

    title: str
    bins: Sequence[Bin]


def reliability_svg(diagrams: Sequence[Diagram], columns: int = 2) -> str:
    """Draw diagrams in rows, each with a histogram of its readings below.

    A bar is as high as the accuracy of its readings; a tick marks their mean confidence. Bars that end at their ticks
    are on the diagonal: the confidences are probabilities. The background is opaque, so that the picture is the same
    on light and dark pages.

    Args:
        diagrams: from left to right, row by row; at least one.
        columns: diagrams in a row.
    """
    pages = Environment(autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(source_of))
    shown = [
        {
            "x": LEFT + number % columns * WIDTH,
            "y": TOP + number // columns * HEIGHT,
            "title": each.title,
            "said": f"ECE {calibration_error(each.bins):.1%}, {sum(part.count for part in each.bins):,} lines",
            "bars": list(bars(each.bins)),
        }
        for number, each in enumerate(diagrams)
    ]
    rows = -(-len(diagrams) // columns)
    size = {"width": min(columns, len(diagrams)) * WIDTH, "height": rows * HEIGHT + LEGEND}
    ticks = [(f"{tick:.0%}", tick * SIDE) for tick in TICKS]
    template = pages.get_template("reliability.svg.j2")
    return template.render(diagrams=shown, ticks=ticks, side=SIDE, gap=GAP, counts=COUNTS, **size)


def bars(bins: Sequence[Bin]) -> Iterator[dict[str, float | str]]:
    """Place and size of the bars of each bin that has readings, in pixels from the diagram's top left corner."""
    wide, most = SIDE / len(bins), max(each.count for each in bins)
    for number, each in enumerate(bins):
        if each.count:
            yield {
                "x": number * wide + 1,
                "width": wide - 2,
                "right": SIDE * each.accuracy,
                "sure": SIDE * each.confidence,
                "count": COUNTS * each.count / most,
                "hint": f"confidence {each.confidence:.1%}: {each.accuracy:.1%} of {each.count:,} right",
            }

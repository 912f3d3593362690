"""What a prediction found, image by image, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ocr.types import Detection
from ocr.utils.printable import printable


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one image.

    Attributes:
        size: (width, height) of the original image in pixels.
        detections: the regions.
        seconds: that network and postprocess took, without reading and drawing.
    """

    size: tuple[int, int]
    detections: list[Detection]
    seconds: float


def print_found(found: Mapping[str, Found]) -> None:
    """Print a line for each image: regions, lowest and mean score, seconds; and one for all of them."""
    table = Table("image", "pixels", "regions", "lowest score", "mean score", "seconds", show_footer=len(found) > 1)
    for name, image in found.items():
        width, height = image.size
        table.add_row(Text(printable(name)), f"{width} x {height}", *numbers(image.detections, image.seconds))
    every = [detection for image in found.values() for detection in image.detections]
    cells = numbers(every, sum(image.seconds for image in found.values()))
    for column, cell in zip(table.columns, (f"{len(found)} images", "", *cells), strict=True):
        column.footer = cell
    table.columns[0].overflow = "fold"
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    Console().print(table)


def numbers(detections: list[Detection], seconds: float) -> tuple[str, str, str, str]:
    """Regions, lowest and mean score, seconds, as texts."""
    scores = [detection.score for detection in detections]
    lowest, mean = (f"{min(scores):.3f}", f"{sum(scores) / len(scores):.3f}") if scores else ("", "")
    return str(len(scores)), lowest, mean, f"{seconds:.2f}"

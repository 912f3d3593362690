"""Print the results of a prediction, image by image, as a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ocr.images.files import counted
from ocr.images.pages import CUT
from ocr.types import Detection
from ocr.utils.printable import printable, say


@dataclass(frozen=True, slots=True)
class Found:
    """The result for one image.

    Attributes:
        size: (width, height) of the original image in pixels.
        detections: the detected regions.
        seconds: time of network and postprocess, without reading and drawing.
        pages: number of pages in the image's file, of which the first was read.
        cut: whether the file ends before further pages, of which ``pages`` counts one.
    """

    size: tuple[int, int]
    detections: list[Detection]
    seconds: float
    pages: int = 1
    cut: bool = False


def unread_pages(found: Mapping[str, Found]) -> dict[str, int]:
    """Number of unread pages, by the names of the images with more than one page."""
    return {name: image.pages - 1 for name, image in found.items() if image.pages > 1}


def print_unread(unread: Mapping[str, int], cut: Collection[str] = ()) -> None:
    """Warn of `unread_pages` by image: no other output shows that they are missing."""
    if unread:
        pages = sum(unread.values())
        say(f"warning: only the first page of {len(unread)} images was read, {pages} were not:", error=True)
    for name, count in unread.items():
        ends = f", or more: {CUT}; copy it again" if name in cut else ""
        say(f"  {name}: {count} of {count + 1} pages not read{ends}", error=True)


def print_passed_over(others: Sequence[Path]) -> None:
    """Report how many files were skipped as not being images."""
    if others:
        say(f"skipped, as not images: {counted(others)}", error=True)


def print_found(found: Mapping[str, Found], unit: str = "region", score: str = "score") -> None:
    """Print a line for each image with regions, lowest and mean score and seconds, and one for all of them.

    If an image has several pages, a column shows how many were read.

    Args:
        found: by image name.
        unit: what a detection is.
        score: what its score is.
    """
    heads = ("image", "pixels", f"{unit}s", f"lowest\n{score}", f"mean\n{score}", "seconds")
    table = Table(*heads, show_footer=len(found) > 1)
    unread = unread_pages(found)
    if unread:
        table.add_column("pages read")
    for name, image in found.items():
        width, height = image.size
        pages = [f"1 of {image.pages}"] if unread else []
        table.add_row(Text(printable(name)), f"{width} x {height}", *numbers(image.detections, image.seconds), *pages)
    every = [detection for image in found.values() for detection in image.detections]
    cells = numbers(every, sum(image.seconds for image in found.values()))
    pages = [f"{len(found)} of {len(found) + sum(unread.values())}"] if unread else []
    for column, cell in zip(table.columns, (f"{len(found)} images", "", *cells, *pages), strict=True):
        column.footer = cell
    table.columns[0].overflow = "fold"
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    Console().print(table)


def numbers(detections: list[Detection], seconds: float) -> tuple[str, str, str, str]:
    """Number of regions, lowest and mean score, and seconds, as text."""
    scores = [detection.score for detection in detections]
    lowest, mean = (f"{min(scores):.3f}", f"{sum(scores) / len(scores):.3f}") if scores else ("", "")
    return str(len(scores)), lowest, mean, f"{seconds:.2f}"

"""The report of a data check: one self-contained HTML page with counts, statistics and examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocr.images.decode import Read, read_picture
from ocr.images.header import ImageError
from ocr.report.charts import Chart, bars, number_of, scatter
from ocr.report.document import document, style_of
from ocr.report.errors import dots, embedded
from ocr.report.flaws import Flaw
from ocr.types import FloatArray

TITLES = {
    "error": "Errors: training would fail or learn something wrong",
    "warning": "Warnings: suspicious",
    "note": "Notes: for information",
}
SPLITS_DRAWN = 4
"""Number of splits with charts; all are in the table."""
FIGURES = {"p0": "least", "p5": "5 %", "p50": "median", "p95": "95 %", "p100": "most"}
SPREADS = {
    "words_an_image": "words per image",
    "text_height": "text height, pixels",
    "width": "image width, pixels",
    "height": "image height, pixels",
}
LONG_SIDE = 420
"""Pixels of the longer side of an example's picture; smaller ones are not enlarged."""
QUALITY = 70
ROOM = 1.5
"""Margin around a polygon, as a multiple of its longer side; at least `LEAST` pixels."""
LEAST = 60
CORNERS = 400
"""Maximal number of drawn corners of a polygon, sampled evenly: one of a million must not make the page large."""


@dataclass(frozen=True, slots=True)
class SplitFigures:
    """The figures of a split that are drawn as charts.

    Attributes:
        sizes: (width, height) in pixels of each decoded image.
        text_heights: heights in pixels of the words that are counted.
        words: number of words of each annotated image.
        overlaps: number of pairs of overlapping words of each annotated image.
    """

    sizes: Sequence[tuple[float, float]]
    text_heights: Sequence[float]
    words: Sequence[float]
    overlaps: Sequence[float]


def flaw_page(
    title: str,
    about: Mapping[str, str],
    flaws: Sequence[Flaw],
    tallies: Mapping[str, Mapping[str, int]],
    statistics: Mapping[str, Mapping[str, object]],
    figures: Mapping[str, SplitFigures],
) -> str:
    """Render the report. Its size depends on the number of kinds and examples, not of images.

    Args:
        title: title of the page.
        about: what was checked, in a few words each.
        flaws: worst first.
        tallies: numbers by what was counted, and by state.
        statistics: for each split numbers, names with numbers, and percentiles.
        figures: the chart data of each split.
    """
    by_severity = {severity: [flaw for flaw in flaws if flaw.severity == severity] for severity in TITLES}
    columns = list(next(iter(tallies.values()), {}))
    return document(
        "flaw_page.html.j2",
        style_of("flaw_page.css"),
        title=title,
        about=about,
        titles=TITLES,
        flaws=[[flaw.code, flaw.severity, flaw.count, flaw.images, flaw.meaning] for flaw in flaws],
        by_severity=by_severity,
        tally_table=(["", *columns], [[name, *(tally[key] for key in columns)] for name, tally in tallies.items()]),
        statistics_tables=statistics_tables(statistics),
        splits=len(figures),
        splits_drawn=SPLITS_DRAWN,
        split_charts=[charts(split, each) for split, each in list(figures.items())[:SPLITS_DRAWN]],
        number_of=number_of,
        view=view,
    )


def statistics_tables(statistics: Mapping[str, Mapping[str, object]]) -> list[tuple[list[str], list[list[str]]]]:
    """Headings and rows of two tables: one with a column per split, one with a row per distribution and split."""
    numbers = {"images": "images", "words": "words", "ignored": "ignored", "overlapping words": "overlaps"}
    rows = [[name, *(str(each.get(key, "")) for each in statistics.values())] for name, key in numbers.items()]
    rows += [[key, *(listed(each.get(key)) for each in statistics.values())] for key in ("formats", "modes")]
    spreads = [
        [f"{name}: {split}", *(percentile(each.get(key), share) for share in FIGURES)]
        for key, name in SPREADS.items()
        for split, each in statistics.items()
    ]
    return [(["", *statistics], rows), (["", *FIGURES.values()], spreads)]


def listed(counts: object) -> str:
    """Names with their counts."""
    return ", ".join(f"{name} {number}" for name, number in counts.items()) if isinstance(counts, Mapping) else ""


def percentile(spread: object, share: str) -> str:
    """One of the percentiles; empty if there are no values."""
    return f"{spread[share]:.4g}" if isinstance(spread, Mapping) and share in spread else ""


def charts(split: str, each: SplitFigures) -> list[Chart]:
    """The charts of a split for which there are values."""
    drawn = [scatter(f"{split}: image height over width, pixels", each.sizes)] if each.sizes else []
    for title, values, things in (
        ("text height, pixels", each.text_heights, "words"),
        ("words per image", each.words, "images"),
        ("overlapping words per image", each.overlaps, "images"),
    ):
        drawn += [bars(f"{split}: {title}", values, things)] if len(values) else []
    return drawn


def view(path: Path | None, points_N2: FloatArray | None, read: Read = read_picture) -> dict[str, object] | None:
    """A small picture of the whole image, or of a polygon's surroundings with the polygon to draw over it.

    Args:
        path: the image file, if there is one.
        points_N2: float32 polygon in pixels of the upright image; it may lie outside.
        read: reads the image.

    Returns:
        The picture's ``data:`` URL, its (width, height) in pixels, the part of the image that it shows as SVG's
        ``viewBox``, and the polygon's points, empty without one; ``None`` if no image can be read.
    """

    def enough(size: tuple[int, int]) -> float:
        left, top, right, bottom = window(points_N2, size)
        return LONG_SIDE * max(size) / max(right - left, bottom - top)

    if path is None:
        return None
    try:
        picture = read(path, enough)
    except ImageError:
        return None
    step, (width, height) = picture.reduction, picture.size
    left, top, right, bottom = window(points_N2, picture.size)
    # Whole pixels of the picture, which may be decoded at reduced size.
    rows, columns = (slice(low // step, -(-high // step)) for low, high in ((top, bottom), (left, right)))
    left, top = columns.start * step, rows.start * step
    right, bottom = min(columns.stop * step, width), min(rows.stop * step, height)
    scale = min(LONG_SIDE / max(right - left, bottom - top), 1.0)
    size = (max(round((right - left) * scale), 1), max(round((bottom - top) * scale), 1))
    small = cv2.resize(picture.image_HWC[rows, columns], size, interpolation=cv2.INTER_AREA)
    return {
        "address": embedded(small, QUALITY),
        "size": size,
        "box": f"{left} {top} {right - left} {bottom - top}",
        "points": "" if points_N2 is None else dots(points_N2[:: -(-len(points_N2) // CORNERS)]),
    }


def window(points_N2: FloatArray | None, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the part of an image to show: at least one pixel, inside the image.

    Args:
        points_N2: polygon to show; the whole image is shown for ``None`` or a polygon outside it.
        size: (width, height) of the image.
    """
    width, height = size
    if points_N2 is None or (points_N2.max(axis=0) < 0).any() or (points_N2.min(axis=0) > size).any():
        return 0, 0, width, height
    points = np.clip(points_N2.astype(np.float64), 0, size)
    low, high = points.min(axis=0), points.max(axis=0)
    room = max(ROOM * float((high - low).max()), LEAST)
    left, top = (int(np.clip(value, 0, side - 1)) for value, side in zip(low - room, size, strict=True))
    right, bottom = (int(np.clip(value, 1, side)) for value, side in zip(high + room, size, strict=True))
    return left, top, max(right, left + 1), max(bottom, top + 1)

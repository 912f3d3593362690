"""One image of the error report: its figures, and over its picture each region and detection by what became of it."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocr.images.decode import Read
from ocr.images.header import ImageError
from ocr.metrics.errors import Outcome, Outcomes
from ocr.report.html import Html, joined, tag
from ocr.types import Detection, FloatArray, Word

LONG_SIDE = 1100
"""Pixels of the longer side of an embedded picture; shorter ones stay as they are."""
QUALITY = 60

COLOURS = {
    Outcome.MISSED: "#d55e00",
    Outcome.FALSE: "#aa3377",
    Outcome.SPLIT: "#0072b2",
    Outcome.MERGED: "#e69f00",
    Outcome.PARTIAL: "#009e73",
    Outcome.FOUND: "#777777",
    Outcome.IGNORED: "#aaaaaa",
}
"""Told apart by the colour-blind too: Okabe and Ito's, but for a darker purple, which shows on paper."""


@dataclass(frozen=True, slots=True)
class ImageErrors:
    """One image as the report shows it.

    Attributes:
        name: of the image, as the annotation has it.
        path: where the picture lies.
        size: (width, height) in pixels, each ``None`` where the annotation does not say it.
        regions: ground truth, in the image's pixels.
        detections: what was found, in the same frame.
        outcomes: what became of both.
        figures: by name, shares of 0 to 1.
    """

    name: str
    path: Path
    size: tuple[int | None, int | None]
    regions: tuple[Word, ...]
    detections: tuple[Detection, ...]
    outcomes: Outcomes
    figures: Mapping[str, float]


def picture(path: Path, read: Read) -> tuple[str, tuple[int, int]]:
    """A JPEG of the upright image as a ``data:`` address, and the size (width, height) that the image had before.

    Raises:
        ImageError: the image cannot be read.
    """
    seen = read(path, LONG_SIDE)
    height, width = seen.image_HWC.shape[:2]
    scale = min(LONG_SIDE / max(height, width), 1.0)
    small = (max(round(width * scale), 1), max(round(height * scale), 1))
    return embedded(cv2.resize(seen.image_HWC, small, interpolation=cv2.INTER_AREA), QUALITY), seen.size


def embedded(image_HWC: np.ndarray, quality: int) -> str:
    """A uint8 RGB picture as the ``data:`` address of a JPEG."""
    _, jpeg = cv2.imencode(".jpg", image_HWC[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg.tobytes()).decode()}"


def drawn(image: ImageErrors, number: int, read: Read) -> Html:
    """The section of one image: its name, its faults, and its outlines over the picture.

    Args:
        image: what is drawn.
        number: its place in the report, to which the table's link leads.
        read: reads its picture.
    """
    note = Html()
    try:
        address, (width, height) = picture(image.path, read)
        behind = tag("img", src=address, alt="", loading="lazy", decoding="async")
    except ImageError as error:
        behind, (width, height) = Html(), extent(image)
        note = tag("p", f"The image cannot be read; only the outlines are shown. {error}", class_="note")
    over = tag("svg", joined(outlines(image)), width=width, height=height, **{"viewBox": f"0 0 {width} {height}"})
    counts = ", ".join(f"{count} {outcome}" for outcome, count in image.outcomes.faults.items() if count)
    said = [tag("h3", tag("bdi", image.name)), tag("p", counts or "no fault"), note]
    return tag("section", *said, tag("div", behind, over, class_="sheet"), id=f"image-{number}")


def outlines(image: ImageErrors) -> list[Html]:
    """The polygons of regions and detections, those at fault above the others, each with a hint to point at."""
    shapes = [
        (outcome, "region", region.points_N2, region.transcription or "")
        for region, outcome in zip(image.regions, image.outcomes.regions, strict=True)
    ]
    shapes += [
        (outcome, "detection", found.points_N2, "")
        for found, outcome in zip(image.detections, image.outcomes.detections, strict=True)
    ]
    shapes.sort(key=lambda shape: shape[0] not in (Outcome.FOUND, Outcome.IGNORED))
    return [
        tag(
            "polygon",
            tag("title", f"{kind} {outcome} {text}".strip()),
            class_=f"{kind} {outcome}",
            points=dots(points_N2),
        )
        for outcome, kind, points_N2, text in shapes
    ]


def dots(points_N2: FloatArray) -> str:
    """A polygon's corners as SVG has them, to a tenth of a pixel."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points_N2.tolist())


def extent(image: ImageErrors) -> tuple[int, int]:
    """The size (width, height) that the annotation says; where it says none, one that holds every region."""
    regions = [region.points_N2 for region in image.regions]
    right, bottom = np.concatenate(regions).max(axis=0) if regions else (1, 1)
    return image.size[0] or max(math.ceil(right), 1), image.size[1] or max(math.ceil(bottom), 1)

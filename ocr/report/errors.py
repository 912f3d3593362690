"""The error report: one HTML page that needs nothing beside it, for a browser without a network.

Over the picture of each image lie its regions and detections, coloured by what became of them.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocr.images.decode import Read, read_picture
from ocr.images.header import ImageError
from ocr.metrics.errors import Outcome, Outcomes
from ocr.report.charts import share_bars
from ocr.report.document import HERE, document
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
MEANINGS = {
    Outcome.MISSED: "region that nothing matches",
    Outcome.FALSE: "detection that matches nothing",
    Outcome.SPLIT: "region shared by several detections",
    Outcome.MERGED: "detection that spans several regions",
    Outcome.PARTIAL: "region matched, some of its characters not covered",
    Outcome.FOUND: "found as it should be",
    Outcome.IGNORED: "not judged",
}
COUNTS = frozenset({"cleval/split", "cleval/merge", "cleval/overlap"})
"""Figures that are numbers of something; all others are shares."""
SPREAD = {"cleval/hmean": "CLEval H", "iou50/hmean": "IoU50 H"}
"""Figures whose spread over the images is drawn, where they are known."""


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


def error_page(
    title: str,
    about: Mapping[str, str],
    figures: Mapping[str, float],
    images: Sequence[ImageErrors],
    pictures: int,
    read: Read = read_picture,
) -> str:
    """The whole page.

    Args:
        title: of the page.
        about: what was compared, in a few words each.
        figures: over all images, by name; shares of 0 to 1 but for CLEval's counts.
        images: worst first.
        pictures: how many of them are shown with their pictures; all are in the table.
        read: reads a picture.
    """
    colours = "".join(f"--{outcome}: {colour}; " for outcome, colour in COLOURS.items())
    style = f":root {{ {colours}}}\n{(HERE / 'errors.css').read_text(encoding='utf-8')}"
    names, faults = (images[0].figures, images[0].outcomes.faults) if images else ({}, {})
    values = {
        label: [image.figures[name] for image in images if name in image.figures] for name, label in SPREAD.items()
    }
    return document(
        "errors.html.j2",
        style,
        (HERE / "errors.js").read_text(encoding="utf-8"),
        title=title,
        about=about,
        figures=figures,
        in_words=in_words,
        charts=[share_bars(label, shares) for label, shares in values.items() if shares],
        meanings=MEANINGS,
        faults={fault: sum(image.outcomes.faults[fault] for image in images) for fault in faults},
        columns=[
            name for name in names if name not in COUNTS and (name.startswith("cleval/") or name.endswith("/hmean"))
        ],
        images=images,
        pictures=pictures,
        drawings=(drawing(image, read) for image in images[:pictures]),
    )


def in_words(name: str, value: float) -> str:
    """A count as it is, a share as a percentage."""
    return f"{value:.0f}" if name in COUNTS else f"{100 * value:.2f}"


def drawing(image: ImageErrors, read: Read) -> dict[str, object]:
    """The section of one image: its name, its faults, its picture where it can be read, and its outlines over it."""
    note = address = ""
    try:
        address, size = picture(image.path, read)
    except ImageError as error:
        size = extent(image)
        note = f"The image cannot be read; only the outlines are shown. {error}"
    faults = ", ".join(f"{count} {outcome}" for outcome, count in image.outcomes.faults.items() if count) or "no fault"
    return {
        "name": image.name,
        "faults": faults,
        "note": note,
        "address": address,
        "size": size,
        "outlines": outlines(image),
    }


def outlines(image: ImageErrors) -> list[dict[str, str]]:
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
        {"kind": kind, "outcome": outcome, "points": dots(points_N2), "hint": f"{kind} {outcome} {text}".strip()}
        for outcome, kind, points_N2, text in shapes
    ]


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


def dots(points_N2: FloatArray) -> str:
    """A polygon's corners as SVG has them, to a tenth of a pixel."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points_N2.tolist())


def extent(image: ImageErrors) -> tuple[int, int]:
    """The size (width, height) that the annotation says; where it says none, one that holds every region."""
    regions = [region.points_N2 for region in image.regions]
    right, bottom = np.concatenate(regions).max(axis=0) if regions else (1, 1)
    return image.size[0] or max(math.ceil(right), 1), image.size[1] or max(math.ceil(bottom), 1)

"""The error report: one self-contained HTML page that needs no network.

It shows each image with its regions and detections, coloured by their outcome.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from ocr.fields import FIELDS
from ocr.images.decode import Read, read_picture
from ocr.images.header import ImageError
from ocr.metrics.errors import Outcome, Outcomes
from ocr.metrics.facts import ComparedField
from ocr.metrics.text import compare_texts
from ocr.report.charts import share_bars
from ocr.report.document import HERE, document
from ocr.report.readings import ReadLine
from ocr.types import Detection, FloatArray, UInt8Array, Word

LONG_SIDE = 1100
"""Pixels of the longer side of an embedded picture; smaller ones are not enlarged."""
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
"""Distinguishable for the colour-blind: Okabe and Ito's, except for a darker purple, which is visible on paper."""
MEANINGS = {
    Outcome.MISSED: "region without a matching detection",
    Outcome.FALSE: "detection without a matching region",
    Outcome.SPLIT: "region shared by several detections",
    Outcome.MERGED: "detection that spans several regions",
    Outcome.PARTIAL: "region matched, some of its characters not covered",
    Outcome.FOUND: "matched correctly",
    Outcome.IGNORED: "not judged",
}
WRONG_TEXT, WRONG_FIELD = "wrong text", "wrong field"
"""Further kinds of faults, of what was read and of the facts that were found."""
COUNTS = frozenset({"cleval/split", "cleval/merge", "cleval/overlap"})
"""Figures that are counts; all others are shares."""
SPREAD = {"cleval/hmean": "CLEval H", "iou50/hmean": "IoU50 H"}
"""Figures whose distribution over the images is drawn, if known."""


@dataclass(frozen=True)  # without slots, for what is computed once
class ImageErrors:
    """One image of the report.

    Attributes:
        name: the image's name in the annotation.
        path: the image file.
        size: (width, height) in pixels, each ``None`` if the annotation does not state it.
        regions: ground truth, in the image's pixels.
        detections: the detections, in the same frame.
        outcomes: the outcomes of both.
        figures: by name, 0 to 1 except for CLEval's counts; of texts and facts as far as they are known.
        lines: regions with a known text on which a detection with a text lies; empty if nothing was read.
        fields: its fields and what was found of them; empty if facts were not compared.
        items: what was bought, and what was found of it, each by field.
    """

    name: str
    path: Path
    size: tuple[int | None, int | None]
    regions: tuple[Word, ...]
    detections: tuple[Detection, ...]
    outcomes: Outcomes
    figures: Mapping[str, float]
    lines: tuple[ReadLine, ...] = ()
    fields: tuple[ComparedField, ...] = ()
    items: tuple[tuple[Mapping[str, str], ...], tuple[Mapping[str, str], ...]] = ((), ())

    @cached_property
    def misread(self) -> list[ReadLine]:
        """The lines that were read wrong, letter case and spaces aside."""
        return [line for line in self.lines if not compare_texts(line.truth, line.text).bare_exact]

    @property
    def wrong_fields(self) -> list[str]:
        """Names of the fields whose values do not mean the same."""
        return [field.name for field in self.fields if not field.right]

    @cached_property
    def faults(self) -> dict[str, int]:
        """Number of each kind of fault: those of regions and detections, ``wrong text`` and ``wrong field``."""
        known = {str(outcome): count for outcome, count in self.outcomes.faults.items()}
        return {**known, WRONG_TEXT: len(self.misread), WRONG_FIELD: len(self.wrong_fields)}


def error_page(
    title: str,
    about: Mapping[str, str],
    figures: Mapping[str, float],
    images: Sequence[ImageErrors],
    pictures: int,
    read: Read = read_picture,
) -> str:
    """Render the error report.

    Args:
        title: title of the page.
        about: what was compared, in a few words each.
        figures: over all images, by name; 0 to 1 except for CLEval's counts.
        images: worst first.
        pictures: number of images shown with pictures; all are in the table.
        read: reads a picture.
    """
    colours = "".join(f"--{outcome}: {colour}; " for outcome, colour in COLOURS.items())
    style = f":root {{ {colours}}}\n{(HERE / 'errors.css').read_text(encoding='utf-8')}"
    names = images[0].figures if images else {}
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
        faults=faults_of(images),
        columns=[
            name for name in names if name not in COUNTS and (name.startswith("cleval/") or name.endswith("/hmean"))
        ],
        images=images,
        with_fault=with_fault(images),
        pictures=pictures,
        drawings=(drawing(image, read) for image in images[:pictures]),
    )


def faults_of(images: Sequence[ImageErrors]) -> dict[str, int]:
    """Number of each kind of fault in all images; without those of texts or fields where none were compared."""
    compared = {WRONG_TEXT: any(image.lines for image in images), WRONG_FIELD: any(image.fields for image in images)}
    kinds = [kind for kind in (images[0].faults if images else {}) if compared.get(kind, True)]
    return {kind: sum(image.faults[kind] for image in images) for kind in kinds}


def with_fault(images: Sequence[ImageErrors]) -> dict[str, list[bool]]:
    """For each filter of the images, which it shows: those with a kind of fault, or with a certain field wrong."""
    filters = {kind: [image.faults[kind] > 0 for image in images] for kind in faults_of(images)}
    fields = {field.name for image in images for field in image.fields}
    for name in [*(name for name in FIELDS if name in fields), *sorted(fields - FIELDS.keys())]:
        filters[f"{WRONG_FIELD}: {name}"] = [name in image.wrong_fields for image in images]
    return filters


def in_words(name: str, value: float) -> str:
    """A count as it is, a share as a percentage."""
    return f"{value:.0f}" if name in COUNTS else f"{100 * value:.2f}"


def drawing(image: ImageErrors, read: Read) -> dict[str, object]:
    """The section of one image: its name, its faults, its picture if it can be read, and the outlines."""
    note = address = ""
    try:
        address, size = picture(image.path, read)
    except ImageError as error:
        size = extent(image)
        note = f"The image cannot be read; only the outlines are shown. {error}"
    faults = ", ".join(f"{count} {kind}" for kind, count in image.faults.items() if count) or "no fault"
    return {
        "name": image.name,
        "faults": faults,
        "note": note,
        "address": address,
        "size": size,
        "outlines": outlines(image),
        "fields": image.fields,
    }


def outlines(image: ImageErrors) -> list[dict[str, str]]:
    """The polygons of regions and detections, faults drawn on top, each with a tooltip."""
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
    """A JPEG of the upright image as a ``data:`` URL, and the image's original size (width, height).

    Raises:
        ImageError: the image cannot be read.
    """
    seen = read(path, LONG_SIDE)
    return embedded(fitted(seen.image_HWC, LONG_SIDE), QUALITY), seen.size


def fitted(image_HWC: UInt8Array, long_side: int) -> UInt8Array:
    """The picture, made smaller if its longer side has more pixels."""
    height, width = image_HWC.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1.0:
        return image_HWC
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return np.asarray(cv2.resize(image_HWC, size, interpolation=cv2.INTER_AREA), np.uint8)


def embedded(image_HWC: np.ndarray, quality: int) -> str:
    """A uint8 RGB picture as the ``data:`` URL of a JPEG."""
    _, jpeg = cv2.imencode(".jpg", image_HWC[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg.tobytes()).decode()}"


def dots(points_N2: FloatArray) -> str:
    """A polygon's corners for SVG, to a tenth of a pixel."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points_N2.tolist())


def extent(image: ImageErrors) -> tuple[int, int]:
    """The annotated size (width, height), else one that contains all regions."""
    regions = [region.points_N2 for region in image.regions]
    right, bottom = np.concatenate(regions).max(axis=0) if regions else (1, 1)
    return image.size[0] or max(math.ceil(right), 1), image.size[1] or max(math.ceil(bottom), 1)

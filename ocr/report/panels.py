"""Show the results of several detectors on one receipt side by side, in the colours of the error report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from ocr.metrics.errors import Outcome, outcomes_of
from ocr.report.errors import COLOURS
from ocr.report.overlay import draw_overlay, outline
from ocr.types import Detection, FloatArray, UInt8Array, Word

HEIGHT = 1100
GAP = 8
PAPER = (255, 255, 255)
INK = (20, 20, 20)
QUIET = (Outcome.FOUND, Outcome.IGNORED)
UNCOVERED = (Outcome.MISSED, Outcome.PARTIAL)
"""Faults without a detection to draw: the regions themselves are drawn."""


def draw_outcomes(path: Path, regions: Sequence[Word], detections: Sequence[Detection]) -> UInt8Array:
    """The upright image with each detection, and each missed or partly found region, coloured by outcome.

    Args:
        path: the image file.
        regions: ground truth polygons in the image's pixels.
        detections: polygons in the same frame.

    Returns:
        uint8 RGB (H, W, 3).

    Raises:
        InputError: the image cannot be read.
    """
    image = Image.fromarray(draw_overlay(path, []))
    canvas = ImageDraw.Draw(image)
    width = max(2, round(max(image.size) / 500))
    outcomes = outcomes_of(regions, [detection.points_N2 for detection in detections])
    shapes = [(outcome, found.points_N2) for outcome, found in zip(outcomes.detections, detections, strict=True)]
    shapes += [
        (outcome, region.points_N2)
        for outcome, region in zip(outcomes.regions, regions, strict=True)
        if outcome in UNCOVERED
    ]
    for outcome, points_N2 in sorted(shapes, key=lambda shape: shape[0] not in QUIET):
        red, green, blue = ImageColor.getrgb(COLOURS[outcome])[:3]
        outline(canvas, points_N2, (red, green, blue), width // 2 if outcome in QUIET else width)
    return np.asarray(image)


def text_window(polygons: Sequence[FloatArray], image_HWC: UInt8Array) -> tuple[slice, slice]:
    """Rows and columns of an image that contain all polygons with a margin; the whole image if there are none.

    Args:
        polygons: float32 (N, 2) each, in the image's pixels.
        image_HWC: the image.
    """
    height, width = image_HWC.shape[:2]
    if not polygons:
        return slice(0, height), slice(0, width)
    points_N2, room = np.concatenate(polygons), max(height, width) / 50
    lows, highs = points_N2.min(axis=0) - room, points_N2.max(axis=0) + room
    columns, rows = (
        slice(start := int(np.clip(low, 0, size - 1)), max(int(np.clip(high, 0, size)), start + 1))
        for low, high, size in zip(lows, highs, (width, height), strict=True)
    )
    return rows, columns


def side_by_side(panels: Sequence[tuple[str, UInt8Array]], height: int = HEIGHT) -> UInt8Array:
    """Pictures at one height, from left to right, each under its label, with a legend of the colours below.

    Args:
        panels: label (may have several lines) and uint8 RGB (H, W, 3) of each; at least one.
        height: height of the pictures in pixels.

    Returns:
        uint8 RGB (H, W, 3).
    """
    font = ImageFont.load_default(size=height / 50)
    pictures = []
    for _, image_HWC in panels:
        width = max(round(image_HWC.shape[1] * height / image_HWC.shape[0]), 1)
        pictures.append(Image.fromarray(image_HWC).resize((width, height), Image.Resampling.LANCZOS))
    measure = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    bounds = [measure.multiline_textbbox((0, 0), label, font=font) for label, _ in panels]
    widths = [max(picture.width, round(box[2])) for picture, box in zip(pictures, bounds, strict=True)]
    head = round(max(box[3] for box in bounds)) + 2 * GAP
    foot = round(height / 25)
    sheet = Image.new("RGB", (sum(widths) + GAP * (len(panels) + 1), head + height + foot), PAPER)
    canvas = ImageDraw.Draw(sheet)
    left = GAP
    for (label, _), picture, width in zip(panels, pictures, widths, strict=True):
        canvas.multiline_text((left, GAP), label, fill=INK, font=font)
        sheet.paste(picture, (left, head))
        left += width + GAP
    place = float(GAP)
    for outcome, colour in COLOURS.items():
        canvas.text((place, head + height + GAP), outcome, fill=colour, font=font)
        place += measure.textlength(f"{outcome}   ", font=font)
    return np.asarray(sheet)

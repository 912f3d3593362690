"""What detectors have read, for people and programs: as a picture, and as predictions in the native format."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.standing import Standing
from ocr.formats.common.rounding import as_written
from ocr.formats.common.writing import write_json
from ocr.formats.native_writing import word_entry
from ocr.metrics.lines import match_lines
from ocr.metrics.text import compare_texts
from ocr.report.overlay import FOUND, TRUTH
from ocr.types import Record, UInt8Array, Word


def write_readings(standing: Standing, records: Mapping[str, Record], folder: Path) -> None:
    """Write what a detector has found and read as predictions in the native format, for `runners/evaluate.py`."""
    images = {}
    for name, found in standing.found.items():
        words = {}
        for number, (word, confidence) in enumerate(zip(found.words, found.confidences, strict=True), start=1):
            points_N2 = as_written(word.points_N2)
            if points_N2 is not None:  # a polygon without area in hundredths of a pixel has no place in a file
                entry = word_entry(replace(word, points_N2=points_N2))
                words[f"{number:04d}"] = {**entry, "confidence": round(confidence, 4)}
        images[name] = {"img_w": records[name].width, "img_h": records[name].height, "words": words}
    file = re.sub(r"[^\w.-]+", "_", standing.name)
    write_json({"images": images, "detector": standing.name, "version": standing.version}, folder / f"{file}.json")


def draw_texts(size: tuple[int, int], regions: Sequence[Word], words: Sequence[Word]) -> UInt8Array:
    """What was read, at its place on white: in green if it is right, otherwise in red.

    Args:
        size: rows and columns of the picture.
        regions: ground truth.
        words: what was read.
    """
    picture = Image.new("RGB", size[::-1], "white")
    canvas = ImageDraw.Draw(picture)
    pairs = {read: regions[line].text or "" for line, read in match_lines(regions, words).pairs}
    for number, word in enumerate(words):
        (left, top), (right, bottom) = word.points_N2.min(axis=0).tolist(), word.points_N2.max(axis=0).tolist()
        text = word.text or ""
        font = ImageFont.load_default(max(6, 0.7 * (bottom - top)))
        fitting = min(1.0, max(right - left, 1) / max(font.getlength(text), 1))
        font = ImageFont.load_default(max(6, 0.7 * (bottom - top) * fitting))
        right_read = number in pairs and compare_texts(pairs[number], text).bare_exact
        canvas.text((left, top), text, fill=TRUTH if right_read else FOUND, font=font)
    return np.asarray(picture)

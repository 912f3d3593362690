"""SROIE (Huang et al., ICDAR 2019): one text file an image, one text line a row.

A row is ``x1,y1,x2,y2,x3,y3,x4,y4,transcription``, corners clockwise from top left in the image's pixels; the
transcription may hold commas and quotes. The files lie in ``boxes/*.csv`` beside ``images/``, or, as first
published, in ``box/*.txt`` or ``box/*.csv`` beside ``img/``.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from ocr.formats.base import AnnotationError, ForeignData, images_in
from ocr.types import Record, Word

LAYOUTS = (("images", "boxes"), ("img", "box"))
ENDINGS = (".csv", ".txt")
NUMBERS = 8


def read_sroie(folder: Path) -> ForeignData:
    """Read a SROIE folder. Each row becomes a word that is a line of its own.

    Raises:
        AnnotationError: the layout is another, or a row is wrong; the message names file, row and value.
    """
    layout = next((pair for pair in LAYOUTS if all((folder / name).is_dir() for name in pair)), None)
    if layout is None:
        raise AnnotationError(f"input={folder}: holds neither images/ and boxes/ nor img/ and box/")
    images, boxes = (folder / name for name in layout)
    found = images_in(images)
    annotations = {path.stem: path for path in sorted(boxes.iterdir()) if path.suffix.lower() in ENDINGS}
    left_out = {path: "has no image" for stem, path in annotations.items() if stem not in found}
    left_out |= {path: f"has no annotation in {boxes}" for stem, path in found.items() if stem not in annotations}
    records = [Record(path, read_rows(annotations[stem])) for stem, path in found.items() if stem in annotations]
    return ForeignData(records, left_out)


def read_rows(path: Path) -> dict[str, Word]:
    """The words of one image by their row number."""
    try:
        rows = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise AnnotationError(f"{path}: is not UTF-8 ({error}); save it as UTF-8") from error
    return {
        f"{number:04d}": read_row(row.removesuffix("\r"), f"{path}, row {number}", number)
        for number, row in enumerate(rows, start=1)
        if row.strip()
    }


def read_row(row: str, where: str, number: int) -> Word:
    """One row as a word."""
    *numbers, transcription = row.split(",", NUMBERS)
    try:
        coordinates = [float(value) for value in numbers]
    except ValueError as error:
        raise AnnotationError(f"{where}: {row!r}: {error}; the row must start with {NUMBERS} numbers") from error
    if len(coordinates) != NUMBERS or not all(map(math.isfinite, coordinates)):
        raise AnnotationError(f"{where}: {row!r} must be {NUMBERS} finite numbers and a transcription, by commas")
    return Word(np.array(coordinates, np.float32).reshape(-1, 2), transcription, line=number)

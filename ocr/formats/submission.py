"""The receipt competition's submission: a CSV with one line per image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ocr.formats.common.rounding import plain_points
from ocr.formats.common.writing import write_whole
from ocr.types import Detection
from ocr.utils.csv_text import csv_text


def write_submission(detections: Mapping[str, Sequence[Detection]], path: Path) -> None:
    """Write ``filename,polygons``: polygons separated by ``|``, the coordinates of one by blanks (``x1 y1 x2 y2 ...``).

    A name that a spreadsheet would read as a formula gets a leading apostrophe (`ocr.utils.csv_text`).

    Args:
        detections: those of each image by its name, in the original image's pixels.
        path: the CSV file.
    """
    rows = [["filename", "polygons"]]
    for name, found in detections.items():
        polygons = [plain_points(detection.points_N2) for detection in found]
        rows.append([name, "|".join(" ".join(f"{x} {y}" for x, y in points) for points in polygons)])
    write_whole(csv_text(rows).encode(), path)

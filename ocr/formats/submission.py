"""The receipt competition's submission: a CSV with one line an image."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from ocr.formats.native_writing import write_whole
from ocr.formats.rounding import plain_points
from ocr.types import Detection


def write_submission(detections: Mapping[str, Sequence[Detection]], path: Path) -> None:
    """Write ``filename,polygons``: polygons separated by ``|``, the coordinates of one by blanks (``x1 y1 x2 y2 ...``).

    Args:
        detections: those of each image by its name, in the original image's pixels.
        path: the CSV file.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["filename", "polygons"])
    for name, found in detections.items():
        polygons = [plain_points(detection.points_N2) for detection in found]
        writer.writerow([name, "|".join(" ".join(f"{x} {y}" for x, y in points) for points in polygons)])
    write_whole(text.getvalue().encode(), path)

"""The competition's CSV."""

import csv
from pathlib import Path

import numpy as np

from ocr.formats.submission import write_submission
from ocr.types import Detection


def test_one_line_an_image(tmp_path: Path) -> None:
    square = Detection(np.array([[1, 2], [3.25, 2], [3.25, 4], [1, 4]], np.float32), 0.9)
    other = Detection(square.points_N2 + 10, 0.8)
    write_submission({"a.jpg": [square, other], "b, c.jpg": []}, tmp_path / "out" / "found.csv")
    with (tmp_path / "out" / "found.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows == [
        ["filename", "polygons"],
        ["a.jpg", "1 2 3.25 2 3.25 4 1 4|11 12 13.25 12 13.25 14 11 14"],
        ["b, c.jpg", ""],
    ]

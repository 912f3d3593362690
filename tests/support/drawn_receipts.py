"""Small receipts drawn in a moment, for tests that train or evaluate."""

from pathlib import Path

import cv2
import numpy as np

from ocr.formats.native_writing import write_native
from ocr.types import Record, Word

WIDTH, HEIGHT = 200, 300


def write_drawn_data(root: Path, splits: dict[str, int]) -> Path:
    """A native data folder: receipts of 200 x 300 pixels, four lines of two words each, so many a split."""
    rng = np.random.default_rng(0)
    for split, count in splits.items():
        (root / "images" / split).mkdir(parents=True)
        records = [draw_receipt(root / "images" / split / f"{split}_{number}.png", rng) for number in range(count)]
        write_native(records, root / "jsons" / f"{split}.json")
    return root


def draw_receipt(path: Path, rng: np.random.Generator) -> Record:
    """A light page with dark words; the words' boxes and line numbers are the annotation, and the last is the total."""
    image_HWC = np.full((HEIGHT, WIDTH, 3), 235, np.uint8)
    words = {}
    for line in range(4):
        top = 40 + 60 * line + int(rng.integers(0, 8))
        for place, start in enumerate((20, 110)):
            left = start + int(rng.integers(0, 8))
            cv2.putText(image_HWC, "TOTAL 9", (left, top + 14), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (20, 20, 20), 1)
            corners = [[left, top], [left + 68, top], [left + 68, top + 18], [left, top + 18]]
            key = f"{2 * line + place + 1:04d}"
            field = "total" if key == "0008" else None
            words[key] = Word(np.array(corners, np.float32), "TOTAL 9", ignore=False, line=line, field=field)
    cv2.imwrite(str(path), image_HWC)
    return Record(path, words, WIDTH, HEIGHT)

"""A split of four receipts, and predictions each of whose faults is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

TEXTS = ("TEA HOUSE", "GREEN TEA", "CAKE 4.00", "TOTAL 9.00")
WIDTH, HEIGHT = 300, 400


def corners(left: int, top: int, right: int, bottom: int) -> list[list[int]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def line_box(number: int, left: int = 20, right: int = 220) -> list[list[int]]:
    """The box of a line, from 0."""
    return corners(left, 40 + 80 * number, right, 70 + 80 * number)


def read(number: int, text: str | None = None, points: list[list[int]] | None = None) -> dict[str, Any]:
    text = TEXTS[number] if text is None else text
    return {"points": points or line_box(number), "transcription": text, "confidence": 0.9}


FIELDS = {"company": "TEA HOUSE", "total": "9.00"}
ALL_RIGHT = [read(number) for number in range(4)]
PREDICTED: dict[str, tuple[list[dict[str, Any]], dict[str, str]]] = {
    "right.png": (ALL_RIGHT, FIELDS),
    "missed.png": ([*ALL_RIGHT[1:], read(0, "X", corners(20, 350, 220, 380))], {**FIELDS, "company": "TEA"}),
    "parted.png": (
        [
            read(0, "TEA HOUSE GREEN TEA", corners(20, 40, 220, 150)),  # merges two lines
            read(2, "CAKE", line_box(2, right=118)),  # splits one
            read(2, "4.00", line_box(2, left=122)),
            read(3),
        ],
        FIELDS,
    ),
    "misread.png": ([*ALL_RIGHT[:3], read(3, "TOTAL 8.00")], {**FIELDS, "total": "8.00"}),
}
"""One missed and one false, with a wrong company; one merged and one split; one wrong text and total; none."""


def write_judged_split(root: Path) -> Path:
    """Write the data folder, and the predictions to ``predictions.json`` in it, whose path is returned."""
    (root / "images" / "val").mkdir(parents=True)
    (root / "jsons").mkdir()
    truth, predicted = {}, {}
    for name, (words, fields) in PREDICTED.items():
        image_HWC = np.full((HEIGHT, WIDTH, 3), 240, np.uint8)
        for number, text in enumerate(TEXTS):
            cv2.putText(image_HWC, text, (24, 64 + 80 * number), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 20), 2)
        cv2.imwrite(str(root / "images" / "val" / name), image_HWC)
        size = {"img_w": WIDTH, "img_h": HEIGHT}
        lines = {
            f"{number:04d}": {"points": line_box(number), "transcription": text, "line": number}
            for number, text in enumerate(TEXTS)
        }
        truth[name] = {**size, "words": lines, "fields": FIELDS}
        keyed = {f"{number:04d}": word for number, word in enumerate(words)}
        predicted[name] = {**size, "words": keyed, "fields": fields}
    (root / "jsons" / "val.json").write_text(json.dumps({"images": truth}))
    (root / "predictions.json").write_text(json.dumps({"images": predicted}))
    return root / "predictions.json"

"""CLEval on real receipts: ours against the authors' package.

    .venv-bench/bin/python benchmarks/metric.py

The truth is every fifth receipt of SROIE; the detections are its boxes moved, halved, joined, left out and invented.
SROIE's boxes are upright and so are two thirds of these detections. A photographed receipt's are not: in a second row
each page is turned by up to ten degrees, and each detection by a degree more or less, as a smallest rectangle is.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np

from benchmarks.row import Row, faster, main, sroie
from ocr.metrics import cleval_counts
from ocr.types import FloatArray, Word

Receipt = tuple[list[Word], list[FloatArray]]
TOLERANCE = 1e-9


def read_boxes(file: Path) -> list[Word]:
    """The annotated quads of one receipt."""
    rows = [line.split(",", 8) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Word(np.array(row[:8], dtype=np.float32).reshape(4, 2), row[8]) for row in rows]


def disturbed(quads: list[FloatArray], rng: np.random.Generator) -> list[FloatArray]:
    """Detections as a detector makes them: corners moved, some halved, some joined, some missing, some beside."""
    found: list[FloatArray] = []
    for index, quad in enumerate(quads):
        left, right = quad[[0, 3]], quad[[1, 2]]
        match rng.integers(6):
            case 0 | 1:
                found.append(quad + rng.normal(0, 3, (4, 2)))
            case 2:
                middle = left + (right - left) * rng.uniform(0.2, 0.8)
                found.append(np.stack([left[0], middle[0], middle[1], left[1]]))
                found.append(np.stack([middle[0], right[0], right[1], middle[1]]))
            case 3:
                both = np.concatenate([quad, quads[(index + 1) % len(quads)]])
                (x, y), (x_end, y_end) = both.min(axis=0), both.max(axis=0)
                found.append(np.array([[x, y], [x_end, y], [x_end, y_end], [x, y_end]]))
            case 4:
                found.append(quad + rng.uniform(-40, 40, 2))
    return [np.asarray(quad, dtype=np.float32) for quad in found]


def receipts(folder: Path) -> list[Receipt]:
    """Truth and detections of every fifth receipt."""
    rng = np.random.default_rng(0)
    pairs = []
    for file in sorted((folder / "boxes").glob("*.csv"))[::5]:
        words = read_boxes(file)
        pairs.append((words, disturbed([word.points_N2 for word in words], rng)))
    return pairs


def turned(quad_42: FloatArray, degrees: float, centre_2: FloatArray) -> FloatArray:
    """A quad turned around a point."""
    angle = np.deg2rad(degrees)
    turn_22 = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray((quad_42 - centre_2) @ turn_22 + centre_2, dtype=np.float32)


def photographed(receipt: Receipt, rng: np.random.Generator) -> Receipt:
    """The same page held at an angle, and detections that do not quite agree about it."""
    words, detections = receipt
    centre_2 = np.concatenate([word.points_N2 for word in words]).mean(axis=0)
    degrees = rng.uniform(-10, 10)
    found = [turned(quad, rng.normal(0, 1), quad.mean(axis=0)) for quad in detections]
    truth = [replace(word, points_N2=turned(word.points_N2, degrees, centre_2)) for word in words]
    return truth, [turned(quad, degrees, centre_2) for quad in found]


def package_figures(words: list[Word], detections: list[FloatArray]) -> tuple[float, float, float]:
    """Recall, precision, H-mean of the package, from the same arrays."""
    from cleval.box_types import QUAD
    from cleval.eval_functions import evaluation

    options = SimpleNamespace(
        CASE_SENSITIVE=True,
        VERTICAL_ASPECT_RATIO_THRESH=0.5,
        AREA_PRECISION_CONSTRAINT=0.3,
        RECALL_GRANULARITY_PENALTY_WEIGHT=1.0,
        PRECISION_GRANULARITY_PENALTY_WEIGHT=1.0,
        DUMP_SAMPLE_RESULT=False,
        E2E=False,
        ORIENTATION=False,
    )
    truth = [QUAD(word.points_N2.ravel().tolist(), 0.0, word.transcription, is_dc=word.ignore) for word in words]
    det = evaluation(options, truth, [QUAD(quad.ravel().tolist()) for quad in detections]).stats.det
    return det.recall, det.precision, det.hmean


def our_figures(words: list[Word], detections: list[FloatArray]) -> tuple[float, float, float]:
    """The same of ours."""
    counts = cleval_counts(words, detections)
    return counts.recall, counts.precision, counts.hmean


def measure() -> list[Row]:
    """Compare and time the receipts as they are annotated, then turned."""
    import cleval  # noqa: F401 - fails before any work is done

    cv2.setNumThreads(1)
    upright = receipts(sroie())
    rng = np.random.default_rng(0)
    return [row("", upright), row(", turned", [photographed(receipt, rng) for receipt in upright])]


def row(how: str, pairs: list[Receipt]) -> Row:
    """Compare every receipt, then time all of them in each pair."""
    furthest = max(
        abs(ours - package)
        for receipt in pairs
        for ours, package in zip(our_figures(*receipt), package_figures(*receipt), strict=True)
    )
    assert furthest <= TOLERANCE, f"the figures differ by {furthest}"
    boxes = sum(len(words) for words, _ in pairs) / len(pairs)
    return faster(
        f"CLEval, {len(pairs)} SROIE receipts{how}, {boxes:.0f} boxes each on average",
        "cleval 0.1.1",
        10,
        lambda: [our_figures(*receipt) for receipt in pairs],
        lambda: [package_figures(*receipt) for receipt in pairs],
        pairs=7,
        same=f"recall, precision, H-mean of every receipt equal to {TOLERANCE:g} (at most {furthest:.1g} apart)",
    )


if __name__ == "__main__":
    sys.exit(main(measure))

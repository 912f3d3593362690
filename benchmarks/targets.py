"""DB target maps of 1024 x 1024 pixels with 100 boxes: ours against docTR's DBNet.

.venv-bench/bin/python benchmarks/targets.py
"""

from __future__ import annotations

import sys

import cv2
import numpy as np

from benchmarks.row import Row, faster, main
from ocr.detection.targets.db import DBTargetBuilder
from ocr.types import FloatArray

SIDE, COLUMNS, ROWS = 1024, 5, 20
Maps = tuple[FloatArray, ...]


def boxes(degrees: float) -> list[FloatArray]:
    """100 boxes that do not touch, corners on whole pixels, each turned by up to ``degrees``."""
    rng = np.random.default_rng(0)
    quads = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            centre = np.array([(column + 0.5) * SIDE / COLUMNS, (row + 0.5) * SIDE / ROWS])
            size = (float(rng.uniform(60, 150)), float(rng.uniform(14, 22)))
            turned = cv2.boxPoints((centre.tolist(), size, float(rng.uniform(-degrees, degrees))))
            quads.append(np.roll(np.round(turned), -1, axis=0).astype(np.float32))
    return quads


def compared(ours: dict[str, FloatArray], peer: Maps) -> str:
    """How far the maps agree; raises where they are not maps of the same regions.

    docTR cuts the shrunk and the grown polygon to whole pixels and paints the pixels that their outlines touch; it
    measures distances from whole coordinates where ours does from pixel centres; and a region is masked as a box.
    """
    shrunk, _, threshold, mask = (np.asarray(part, np.float32)[0, 0] for part in peer)
    text = (ours["shrink_map"] > 0, shrunk > 0)
    overlap = (text[0] & text[1]).sum() / (text[0] | text[1]).sum()
    both = (ours["threshold_mask"] > 0) & (mask > 0)
    apart = float(np.abs(ours["threshold_map"] - threshold)[both].mean())
    assert overlap > 0.75, f"the shrink maps share {overlap:.3f} of their pixels"
    assert apart < 0.05, f"the threshold maps are {apart:.3f} apart"
    return (
        f"not equal: docTR rounds shrunk polygons to whole pixels and paints their outline; shrink maps IoU "
        f"{overlap:.2f}, threshold maps {apart:.3f} apart on average"
    )


def measure() -> list[Row]:
    """Compare the maps, then time them."""
    from doctr.models.detection.differentiable_binarization.base import _DBNet

    cv2.setNumThreads(1)
    builder, peer = DBTargetBuilder(), _DBNet()
    rows = []
    for name, degrees in (("upright", 0.0), ("turned by up to 8 degrees", 8.0)):
        quads = boxes(degrees)
        ignore = [False] * len(quads)
        relative = [{"words": np.stack(quads) / np.float32(SIDE)}]
        if not degrees:
            relative = [{"words": np.concatenate([np.stack(quads).min(1), np.stack(quads).max(1)], 1) / SIDE}]
        relative = [{key: value.astype(np.float32) for key, value in target.items()} for target in relative]
        ours = builder(quads, ignore, SIDE, SIDE)
        rows.append(
            faster(
                f"DB target maps, {SIDE} x {SIDE}, {len(quads)} boxes, {name}",
                "docTR 1.1.0, DBNet.build_target",
                10,
                lambda quads=quads, ignore=ignore: builder(quads, ignore, SIDE, SIDE),
                lambda relative=relative: peer.build_target(relative, (1, SIDE, SIDE)),
                pairs=31,
                times=(5, 1),
                same=compared(ours, peer.build_target(relative, (1, SIDE, SIDE))),
            )
        )
    return rows


if __name__ == "__main__":
    sys.exit(main(measure))

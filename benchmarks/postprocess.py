"""Boxes from a probability map of 1024 x 1024 pixels with 100 regions: ours against docTR's DB postprocessor.

.venv-bench/bin/python benchmarks/postprocess.py
"""

from __future__ import annotations

import os
import sys

import cv2
import numpy as np
import shapely

from benchmarks.row import Row, faster, main
from benchmarks.targets import SIDE, boxes
from ocr.detection.postprocess.db import DBPostprocessor
from ocr.detection.targets.db import DBTargetBuilder
from ocr.types import Detection, FloatArray


def probability(degrees: float) -> FloatArray:
    """A map as a trained network makes it: shrunk regions near 1 with soft borders, noise around 0.05 elsewhere."""
    quads = boxes(degrees)
    shrunk = DBTargetBuilder()(quads, [False] * len(quads), SIDE, SIDE)["shrink_map"]
    noise = np.random.default_rng(1).uniform(0, 0.1, shrunk.shape)
    return np.clip(cv2.GaussianBlur(shrunk, (0, 0), 0.7) * 0.9 + noise, 0, 1).astype(np.float32)


def compared(found: list[Detection], peer_N42: FloatArray) -> str:
    """How far the boxes agree; raises where they are not boxes of the same regions.

    docTR opens the binary map first (the outermost pixels of a corner go), takes outlines through pixel centres and
    rounds the grown polygon to whole pixels; ours keeps the pixels' whole area and fractions.
    """
    ours = np.array([shapely.Polygon(detection.points_N2) for detection in found])
    peer = np.array([shapely.Polygon(points) for points in peer_N42])
    assert len(ours) == len(peer), f"{len(ours)} boxes, the peer has {len(peer)}"
    iou = []
    for polygon in ours:
        common, union = shapely.area(shapely.intersection(peer, polygon)), shapely.area(shapely.union(peer, polygon))
        iou.append(float((common / union).max()))
    assert min(iou) > 0.4, f"a box has no partner: IoU {min(iou):.2f}"
    return (
        f"the same {len(ours)} regions, boxes not equal: docTR opens the map and rounds to whole pixels; IoU "
        f"{np.median(iou):.2f} (least {min(iou):.2f})"
    )


def corners(boxes_N: FloatArray) -> FloatArray:
    """DocTR's relative boxes, upright (N, 5) or turned (N, 5, 2) with their scores, as corners (N, 4, 2) in pixels."""
    if boxes_N.ndim == 3:
        return boxes_N[:, :4] * SIDE
    left, top, right, bottom = boxes_N[:, :4].T * SIDE
    return np.stack([left, top, right, top, right, bottom, left, bottom], axis=1).reshape(-1, 4, 2)


def measure() -> list[Row]:
    """Compare the boxes, then time them."""
    os.environ["DOCTR_MULTIPROCESSING_DISABLE"] = "TRUE"
    from doctr.models.detection.differentiable_binarization.base import DBPostProcessor

    cv2.setNumThreads(1)
    rows = []
    for mode, name, degrees in (("upright", "upright", 0.0), ("box", "rotated", 8.0)):
        map_HW = probability(degrees)
        ours = DBPostprocessor(mode=mode, binary_thresh=0.3, box_thresh=0.1, unclip_ratio=1.5, min_size=2.0)
        peer = DBPostProcessor(box_thresh=0.1, bin_thresh=0.3, assume_straight_pages=not degrees)
        found = ours(map_HW, np.eye(3), (SIDE, SIDE))
        ((peer_boxes,),) = peer(map_HW[None, :, :, None])
        rows.append(
            faster(
                f"postprocess, {name} boxes, {SIDE} x {SIDE}, {len(found)} regions",
                "docTR 1.1.0, DBPostProcessor",
                3,
                lambda ours=ours, map_HW=map_HW: ours(map_HW, np.eye(3), (SIDE, SIDE)),
                lambda peer=peer, map_HW=map_HW: peer(map_HW[None, :, :, None]),
                pairs=31,
                times=(5, 5),
                same=compared(found, corners(peer_boxes)),
            )
        )
    return rows


if __name__ == "__main__":
    sys.exit(main(measure))

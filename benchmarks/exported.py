"""Shared by the benchmarks of an exported model: the file, its postprocess, real receipts as network input."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from benchmarks.row import Skipped, sroie
from ocr.data.geometry_transforms import FitLongSide
from ocr.detection.postprocess.db import DBPostprocessor
from ocr.formats.sroie import read_sroie
from ocr.pipeline.inputs import read_sample
from ocr.types import Record, Sample
from ocr.weights.card import ModelCard

MODEL = "OCR_BENCH_MODEL"


def exported_model(given: Mapping[str, str]) -> Path:
    """The file that ``model=`` or ``OCR_BENCH_MODEL`` names.

    Raises:
        Skipped: there is none.
    """
    model = Path(given.get("model") or os.environ.get(MODEL, "receipts.onnx"))
    if not model.is_file():
        raise Skipped(f"no exported model: give model= or {MODEL}; runners/export.py makes one from a checkpoint")
    return model


def postprocess_of(card: ModelCard) -> DBPostprocessor:
    """What an exported file says that follows its network."""
    return DBPostprocessor(**{key: value for key, value in card.postprocess.items() if key != "_target_"})


def receipts() -> list[Record]:
    """SROIE's, by their ids.

    Raises:
        Skipped: there are none.
    """
    return sorted(read_sroie(sroie()).records, key=lambda record: record.name)


def is_held_out(record: Record) -> bool:
    """It is one of those that no training of ours has seen: ids that end in 1 or 6."""
    return record.image_path.stem[-1] in "16"


def sample_of(path: Path, transform: FitLongSide) -> Sample:
    """A receipt as the network gets it.

    Raises:
        RuntimeError: it cannot be read.
    """
    sample = read_sample(path, transform)
    if not isinstance(sample, Sample):
        raise RuntimeError(sample.message)
    return sample

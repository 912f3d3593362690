"""Load an exported model for ONNX Runtime, without importing torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocr.engines.onnx_runtime import OnnxRuntimeEngine, OnnxRuntimeLineEngine, OnnxRuntimeTokenEngine
from ocr.pipeline.detector import Detector, DetectorSettings
from ocr.pipeline.extractor import FactFinder, finder_of
from ocr.pipeline.loading import check_task
from ocr.pipeline.recognizer import LineReader, reader_of
from ocr.weights.parts import changed_postprocess, described, resize_of


def load(path: str, settings: DetectorSettings) -> Detector:
    """Load a detector's graph, and the resize and postprocess from its metadata."""
    engine = OnnxRuntimeEngine(path, settings.threads)
    card = engine.card
    check_task(card.task, "detection", path)
    transform = resize_of(card.transform, settings.long_side, path)
    postprocess = described("postprocess", changed_postprocess(card.postprocess, settings.postprocess), path)
    return Detector(engine, transform, postprocess, card.map_stride or 1)


def load_reader(
    path: str,
    device: str,  # noqa: ARG001 - as for torch
    threads: int | None,
    postprocess: Mapping[str, Any],
) -> LineReader:
    """Load a recogniser's graph, and from its metadata the crop and the postprocess, the latter with changes."""
    engine = OnnxRuntimeLineEngine(path, threads)
    check_task(engine.card.task, "recognition", path)
    # One line at a time: together they are no faster, and 8-bit ranges are measured over all that run together.
    decoding = changed_postprocess(engine.card.postprocess, postprocess)
    return reader_of(engine, engine.card.transform, decoding, path, batch=1)


def load_finder(
    path: str,
    device: str,  # noqa: ARG001 - as for torch
    threads: int | None,
    postprocess: Mapping[str, Any],
) -> FactFinder:
    """Load the graph of a network that finds facts, and from its metadata the postprocess, with changes."""
    engine = OnnxRuntimeTokenEngine(path, threads)
    card = engine.card
    check_task(card.task, "extraction", path)
    return finder_of(engine, card.transform, changed_postprocess(card.postprocess, postprocess), path)

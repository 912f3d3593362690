"""Load a checkpoint or a weights file for torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocr.engines.torch_engine import TorchEngine, TorchLineEngine, TorchTokenEngine, choose_device
from ocr.pipeline.detector import Detector, DetectorSettings
from ocr.pipeline.extractor import FactFinder, finder_of
from ocr.pipeline.loading import check_task
from ocr.pipeline.recognizer import LineReader, reader_of
from ocr.weights.parts import changed_postprocess, described, resize_of
from ocr.weights.stored import load_stored, stored_network

TOGETHER = 64
"""Maximum number of lines that run together; a call of torch costs as much as a short line."""


def load(path: str, settings: DetectorSettings) -> Detector:
    """Load a detector's network, resize and postprocess, without loss and metric."""
    stored = load_stored(path)
    config = stored["config"]
    check_task(config["task"], "detection", path)
    postprocess = described("postprocess", changed_postprocess(config["postprocess"], settings.postprocess), path)
    engine = TorchEngine(stored_network(stored, path), choose_device(settings.device), settings.threads)
    return Detector(engine, resize_of(config["data"]["transform"], settings.long_side, path), postprocess)


def load_reader(path: str, device: str, threads: int | None, postprocess: Mapping[str, Any]) -> LineReader:
    """Load a recogniser's network, crop and postprocess, the latter with changes; without loss and metric."""
    stored = load_stored(path)
    config = stored["config"]
    check_task(config["task"], "recognition", path)
    engine = TorchLineEngine(stored_network(stored, path), choose_device(device), threads)
    decoding = changed_postprocess(config["postprocess"], postprocess)
    return reader_of(engine, config["data"]["transform"], decoding, path, batch=TOGETHER)


def load_finder(path: str, device: str, threads: int | None, postprocess: Mapping[str, Any]) -> FactFinder:
    """Load a network that finds facts and its postprocess, the latter with changes; without loss and metric."""
    stored = load_stored(path)
    config = stored["config"]
    check_task(config["task"], "extraction", path)
    engine = TorchTokenEngine(stored_network(stored, path), choose_device(device), threads)
    return finder_of(engine, config["data"]["transform"], changed_postprocess(config["postprocess"], postprocess), path)
